"""The time limit of tests that wait; a test must not depend on the speed of its machine."""

from __future__ import annotations

PATIENCE = 60.0
"""Seconds. A machine without other work needs a fraction of one."""
