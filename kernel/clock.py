"""Business time: the system's clock plus one offset, which demo and tests may set.

Code that decides about money or state reads the time here. Time-outs, back-off and metrics use
``time.monotonic``.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_offset = timedelta(0)


def now() -> datetime:
    """The present instant of business time, aware UTC, in microseconds."""
    return datetime.now(UTC) + _offset if _offset else datetime.now(UTC)


def system_now() -> datetime:
    """The system's present instant, aware UTC, without the offset: for leases of processes."""
    return datetime.now(UTC)


def timestamp() -> int:
    """``now()`` as whole seconds since 1970, as signatures and WeChat's CreateTime use it."""
    return int(time.time() + _offset.total_seconds())


def offset() -> timedelta:
    """Business time minus system time."""
    return _offset


def set_offset(value: timedelta) -> None:
    """Set the offset of business time. Configuration refuses one outside demo and test."""
    global _offset
    _offset = value


def business_day(instant: datetime) -> date:
    """The day in Shanghai; statements, bills and quotas begin at its midnight."""
    return instant.astimezone(SHANGHAI).date()


def day_start(day: date) -> datetime:
    """The first instant of a business day, as aware UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).astimezone(UTC)
