"""Business time: the system's clock plus one offset that demo and tests may move.

Everything that decides about money or state reads the time here. Time-outs, back-off and metrics
use ``time.monotonic`` and never decide money.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_offset = timedelta(0)


def now() -> datetime:
    """The business instant, aware UTC, cut to microseconds."""
    return datetime.now(UTC) + _offset if _offset else datetime.now(UTC)


def system_now() -> datetime:
    """The system's own instant, aware UTC, whatever the offset: for leases between processes."""
    return datetime.now(UTC)


def timestamp() -> int:
    """Seconds since 1970 of ``now()``; what signatures and WeChat's CreateTime use."""
    return int(time.time() + _offset.total_seconds())


def offset() -> timedelta:
    """How far business time is from the system's clock."""
    return _offset


def set_offset(value: timedelta) -> None:
    """Move business time. Configuration refuses an offset outside demo and test."""
    global _offset
    _offset = value


def business_day(instant: datetime) -> date:
    """The day in Shanghai: statements, bills and quotas are cut at its midnight."""
    return instant.astimezone(SHANGHAI).date()


def day_start(day: date) -> datetime:
    """The first instant of a business day, as aware UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).astimezone(UTC)
