"""Small plain functions that make what a test needs, through the verbs."""
