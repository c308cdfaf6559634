"""What the benchmarks share: processes, load, a filled shop, and the line that each prints."""
