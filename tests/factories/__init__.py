"""Plain functions that create what a test needs, by means of the verbs."""
