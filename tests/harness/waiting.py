"""The time limit of tests that wait, long enough for a busy machine."""

from __future__ import annotations

PATIENCE = 60.0
"""Seconds. A machine without other work needs a fraction of one."""
