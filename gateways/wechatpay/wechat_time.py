"""WeChat's time (微信时间) where it was proven, else this machine's.

With a clock that is minutes wrong every call would be refused. The only accepted proof is a signed
answer to a query of ours, because the signature covers ``Wechatpay-Timestamp``. The HTTP ``Date``
is not signed, and a notification may be a replay, so neither is used. Reasons:
docs/adr/0050-wechats-time.md.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from kernel import clock

MOST_SECONDS = 900
"""A larger difference is not corrected; a person must set the clock."""

LEAST_SECONDS = 60
KEPT_SECONDS = 600.0
"""How long a proof is valid; each verified answer that agrees renews it."""

GUESSES = (0, 420, -420, 840, -840)
"""Offsets tried in this order; WeChat accepts ±5 minutes, so they cover ±19 minutes."""

REACH_SECONDS = 330
BACK_SECONDS = 60


class WechatTime:
    """WeChat's time in seconds since 1970, as far as this process could prove it."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._apart: int | None = None
        self._until = 0.0
        self._floor: tuple[int, float] | None = None
        self.measured: float | None = None
        """The last proven difference in seconds, even if it is too large to be used."""

    def timestamp(self) -> int:
        """The present time, for signatures and for the age of what WeChat signed."""
        return clock.timestamp() + self.apart

    @property
    def apart(self) -> int:
        """By how many seconds WeChat is ahead of this machine; 0 if nothing is proven."""
        if self._apart is None or self._monotonic() >= self._until:
            return 0
        return self._apart if abs(self._apart) >= LEAST_SECONDS else 0

    def prove(self, signed_at: int, guess: int) -> bool:
        """Adopt the time of a verified answer to a query that was signed ``guess`` seconds ahead.

        Returns False if the answer proves nothing: it does not fit the guess, it is older than an
        earlier one (a replay), or the difference is over MOST_SECONDS.
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
        """Renew the proof by a verified answer that agrees; one that differs changes nothing."""
        apart = signed_at - clock.timestamp()
        self.measured = float(apart)
        if self._apart is not None and abs(apart - self._apart) < LEAST_SECONDS:
            self._until = self._monotonic() + KEPT_SECONDS
        self._note(signed_at)

    def _note(self, signed_at: int) -> None:
        """Record the newest time of WeChat's; older answers are no proof from now on."""
        if not self._runs_back(signed_at, slack=0):
            self._floor = signed_at, self._monotonic()

    def _runs_back(self, signed_at: int, slack: int = BACK_SECONDS) -> bool:
        if self._floor is None:
            return False
        then, at = self._floor
        return signed_at < then + (self._monotonic() - at) - slack
