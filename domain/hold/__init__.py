"""The hold after a restore (恢复保全): nothing leaves until WeChat's bills were read.

A restored book has forgotten what happened after its backup. ``docs/adr/0041-hold.md`` says why
each thing stops, ``docs/operations.md`` what to do.
"""

from domain.hold.service import (
    HELD,
    Hold,
    begin,
    held_since,
    is_held,
    lift,
    record_reading,
    refuse_while_held,
    state,
    why_not_lifted,
)
from domain.hold.wiring import held_handlers, held_jobs

__all__ = [
    "HELD", "Hold", "begin", "held_handlers", "held_jobs", "held_since", "is_held", "lift",
    "record_reading", "refuse_while_held", "state", "why_not_lifted",
]  # fmt: skip
