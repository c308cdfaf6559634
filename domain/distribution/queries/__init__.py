"""Reads of distribution, for pages; they return the frozen dataclasses of ``views``."""
