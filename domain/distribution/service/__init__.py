"""Changes to distribution, one file per group."""
