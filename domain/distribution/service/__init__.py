"""Distribution's verbs, one file per group."""
