"""How far this machine's clock is from another's, by the ``Date`` of its answers.

Beyond five minutes WeChat refuses every signature, and says no more than that one is wrong.
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from kernel import clock

SAME_SECONDS = 30.0


class ClockApart:
    """The last differences seen. One alone may be a slow answer; two that agree are believed."""

    def __init__(self) -> None:
        self.seconds: float | None = None
        self._last: float | None = None

    def look(self, date: str) -> None:
        """Compare with the ``Date`` header of an answer; one that can't be read says nothing."""
        try:
            theirs = parsedate_to_datetime(date)
        except ValueError:
            return
        apart = (theirs - clock.now()).total_seconds() if theirs.tzinfo else None
        if apart is None:
            return
        if self._last is not None and abs(apart - self._last) < SAME_SECONDS:
            self.seconds = apart
        self._last = apart
