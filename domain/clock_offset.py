"""The row with the clock's offset, by which demo and tests move business time in all processes."""

from __future__ import annotations

from datetime import timedelta

from kernel import clock
from kernel.errors import Forbidden
from kernel.store import after_commit, insert_once
from models import ClockOffset

ROW = 1


def load_offset() -> timedelta:
    """The offset of business time from system time."""
    row = ClockOffset.get_or_none(ClockOffset.id == ROW)
    return timedelta(microseconds=row.offset_us) if row is not None else timedelta(0)


def move_clock(offset: timedelta, environment: str) -> timedelta:
    """Set the offset. Raises Forbidden('clock_fixed') outside demo and test."""
    if environment not in {"demo", "test"}:
        raise Forbidden("clock_fixed")
    micros = offset // timedelta(microseconds=1)
    insert_once(ClockOffset, id=ROW, offset_us=0)
    ClockOffset.update(offset_us=micros, is_moved=micros != 0).where(
        ClockOffset.id == ROW
    ).execute()
    after_commit(lambda: clock.set_offset(offset))
    return offset
