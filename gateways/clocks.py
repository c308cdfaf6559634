"""Measures the difference to another system's clock, by the ``Date`` header of its answers.

With a difference over five minutes WeChat Pay refuses every signature as merely wrong.
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from kernel import clock

SAME_SECONDS = 30.0


class ClockDifference:
    """The clock difference in seconds (theirs minus ours).

    A single value may come from a slow answer, so two successive ones must agree.
    """

    def __init__(self) -> None:
        self.seconds: float | None = None
        self._last: float | None = None

    def look(self, date: str) -> None:
        """Compare with the ``Date`` header of an answer; a malformed one is ignored."""
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
