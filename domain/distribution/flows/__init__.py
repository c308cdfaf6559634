"""Flows of distribution that call the outside; each may be run again from any step."""
