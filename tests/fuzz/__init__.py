"""Hostile and broken input: never a server error, never a change in the books."""
