"""How long a test waits for what must come: no test is about the speed of its machine."""

from __future__ import annotations

PATIENCE = 60.0
"""Seconds. A quiet machine needs a fraction of one."""
