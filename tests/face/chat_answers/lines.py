"""The lines of a chat answer as a person reads them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from kernel import clock
from tests.face.chat import Answer

_LINK = re.compile(r'<a href="[^"]*">([^<]*)</a>')


def shown(answer: Answer) -> list[str]:
    """The lines of a text; a link is its label in brackets."""
    return [line for line in _LINK.sub(r"[\1]", answer.text).splitlines() if line]


def minute(at: datetime) -> str:
    """An instant as the texts show it."""
    return at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")


def day(days: int = 0) -> str:
    """The date of today, or of some days later."""
    return (clock.business_day(clock.now()) + timedelta(days=days)).isoformat()
