"""Benchmarks: what Fenmall does in a second, and what the bare minimum does in the same run."""
