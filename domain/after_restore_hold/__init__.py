"""The hold after a restore (恢复保全): nothing is sent until WeChat's bills were read.

A restored database lacks what happened after its backup. ``docs/adr/0041-hold-after-restore.md``
gives the reasons, ``docs/operations.md`` the steps.
"""

from domain.after_restore_hold.service import (
    HELD,
    AfterRestoreHold,
    begin_hold,
    held_since,
    hold_state,
    is_held,
    lift_hold,
    raise_if_held,
    record_reading,
    why_not_lifted,
)
from domain.after_restore_hold.wiring import held_handlers, held_jobs

__all__ = [
    "HELD", "AfterRestoreHold", "begin_hold", "held_handlers", "held_jobs", "held_since",
    "hold_state", "is_held", "lift_hold", "raise_if_held", "record_reading", "why_not_lifted",
]  # fmt: skip
