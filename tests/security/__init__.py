"""Security, proven: who may do what, what leaks, what a hostile sender achieves."""
