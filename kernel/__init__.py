"""The kernel: money, time, ids, errors, configuration, the store seam.

Imports nothing above it.
"""
