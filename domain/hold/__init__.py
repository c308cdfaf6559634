"""The hold after a restore (恢复保全): nothing is sent until WeChat's bills were read.

A restored database lacks what happened after its backup. ``docs/adr/0041-hold-after-restore.md``
gives the reasons, ``docs/operations.md`` the steps.
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
