"""The command line, wiring and processes. It may import every other package."""
