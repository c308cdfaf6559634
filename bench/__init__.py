"""Benchmarks: Fenmall's throughput beside that of a minimal implementation in the same run."""
