"""Shared by the benchmarks: processes, load, a filled shop, and the printed line."""
