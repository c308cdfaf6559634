"""Whether agents are on duty: the service hours in the configuration, such as 9:00-21:00."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from kernel.clock import SHANGHAI

_HOURS = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*[-–~至]\s*([0-9]{1,2}):([0-9]{2})")
_DAILY = re.compile(rf"\s*(?:每天|每日|周一至周日)?\s*{_HOURS.pattern}\s*")
_A_DAY = 24 * 60


@dataclass(frozen=True)
class Duty:
    """Whether somebody is there now, until when, and when they come next."""

    is_open: bool
    until: str
    """The end of the present hours, such as '21:00'; "" when closed, or open day and night."""
    again: str
    """The next beginning, such as '明天 9:00'; "" when open."""


def is_open(hours: str, now: datetime) -> bool:
    """True if ``now`` lies in the hours (Shanghai time, end excluded), or they can't be parsed."""
    match = _HOURS.search(hours)
    if match is None:
        return True
    opens, closes, at = _minutes(match[1], match[2]), _minutes(match[3], match[4]), _now(now)
    return opens <= at < closes if opens < closes else at >= opens or at < closes


def duty(hours: str, now: datetime) -> Duty | None:
    """What can be said of this moment; None if the hours name more than a time of every day."""
    match = _DAILY.fullmatch(hours)
    if match is None:
        return None
    opens, closes, at = _minutes(match[1], match[2]), _minutes(match[3], match[4]), _now(now)
    begins, ends = f"{match[1]}:{match[2]}", f"{match[3]}:{match[4]}"
    if not is_open(hours, now):
        return Duty(is_open=False, until="", again=f"{'今天' if at < opens else '明天'} {begins}")
    if (closes - opens) % _A_DAY == 0:
        return Duty(is_open=True, until="", again="")
    is_tomorrow = closes < opens <= at
    return Duty(is_open=True, until=f"{'明天 ' if is_tomorrow else ''}{ends}", again="")


def _minutes(hour: str, minute: str) -> int:
    return int(hour) * 60 + int(minute)


def _now(now: datetime) -> int:
    local = now.astimezone(SHANGHAI)
    return local.hour * 60 + local.minute
