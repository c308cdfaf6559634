"""Whether agents are on duty: the service hours in the configuration, such as 9:00-21:00."""

from __future__ import annotations

import re
from datetime import datetime

from kernel.clock import SHANGHAI

_HOURS = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*[-–~至]\s*([0-9]{1,2}):([0-9]{2})")


def is_open(hours: str, now: datetime) -> bool:
    """True if ``now`` lies in the hours (Shanghai time, end excluded), or they can't be parsed."""
    match = _HOURS.search(hours)
    if match is None:
        return True
    opens, closes, at = _minutes(match[1], match[2]), _minutes(match[3], match[4]), _now(now)
    return opens <= at < closes if opens < closes else at >= opens or at < closes


def _minutes(hour: str, minute: str) -> int:
    return int(hour) * 60 + int(minute)


def _now(now: datetime) -> int:
    local = now.astimezone(SHANGHAI)
    return local.hour * 60 + local.minute
