"""The kernel: money, time, ids, errors, configuration, the store seam.

It imports no other package of ours.
"""
