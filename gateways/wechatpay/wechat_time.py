"""What WeChat's clock shows, where that was proven (微信时间); else this machine's own.

A machine whose clock is minutes off would have every call refused. The only proof that counts is
an answer to a question of ours that WeChat signed: its ``Wechatpay-Timestamp`` is under that
signature. The HTTP ``Date`` is not, and a notification may be an old one sent again by anybody:
neither moves this clock. docs/adr/0050-wechats-time.md has the reasons.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from kernel import clock

MOST_SECONDS = 900
"""A machine further off is not corrected: somebody must look at it."""

LEAST_SECONDS = 60
KEPT_SECONDS = 600.0
"""A proof holds so long; each verified answer that agrees renews it."""

GUESSES = (0, 420, -420, 840, -840)
"""Tried in this order: WeChat takes what is within five minutes, so these cover nineteen."""

REACH_SECONDS = 330
BACK_SECONDS = 60


class WechatTime:
    """Seconds since 1970 as WeChat counts them, as far as this process could prove it."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._apart: int | None = None
        self._until = 0.0
        self._floor: tuple[int, float] | None = None
        self.measured: float | None = None
        """The last proven difference in seconds, also one too large to go by."""

    def timestamp(self) -> int:
        """Now, for signatures and for the age of what WeChat signed."""
        return clock.timestamp() + self.apart

    @property
    def apart(self) -> int:
        """By how many seconds WeChat is ahead of this machine; 0 while nothing is proven."""
        if self._apart is None or self._monotonic() >= self._until:
            return 0
        return self._apart if abs(self._apart) >= LEAST_SECONDS else 0

    def prove(self, signed_at: int, guess: int) -> bool:
        """Take over the time of a verified answer to a question signed ``guess`` seconds ahead.

        False if it proves nothing: it doesn't fit the question, it is older than what WeChat
        showed before (an answer kept and sent again), or it is beyond the bounds.
        """
        apart = signed_at - clock.timestamp()
        if abs(apart - guess) > REACH_SECONDS or self._runs_back(signed_at):
            return False
        self.measured = float(apart)
        if abs(apart) > MOST_SECONDS:
            self._apart = None
            return False
        self._apart, self._until = apart, self._monotonic() + KEPT_SECONDS
        self._note(signed_at)
        return True

    def confirm(self, signed_at: int) -> None:
        """Any verified answer that agrees keeps the proof alive; another moves nothing."""
        apart = signed_at - clock.timestamp()
        self.measured = float(apart)
        if self._apart is not None and abs(apart - self._apart) < LEAST_SECONDS:
            self._until = self._monotonic() + KEPT_SECONDS
        self._note(signed_at)

    def _note(self, signed_at: int) -> None:
        """WeChat's time goes forward: from here on nothing older proves anything."""
        if not self._runs_back(signed_at, slack=0):
            self._floor = signed_at, self._monotonic()

    def _runs_back(self, signed_at: int, slack: int = BACK_SECONDS) -> bool:
        if self._floor is None:
            return False
        then, at = self._floor
        return signed_at < then + (self._monotonic() - at) - slack
