"""Live events for the phones' pages: one numbered stream per phone, with a limited memory."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict, deque
from typing import Any

KEEP = 500


class Hub:
    """Publishes a phone's events to the pages that watch it."""

    def __init__(self) -> None:
        self.seq = 0
        self._past: dict[str, deque[dict[str, Any]]] = defaultdict(lambda: deque(maxlen=KEEP))
        self._news = asyncio.Event()
        self.is_closed = False

    def publish(self, phone: str, kind: str, /, **facts: Any) -> None:
        """Append an event to a phone's stream and wake the pages that wait for it."""
        self.seq += 1
        self._past[phone].append({"seq": self.seq, "type": kind, **facts})
        news, self._news = self._news, asyncio.Event()
        news.set()

    def since(self, phone: str, after: int) -> list[dict[str, Any]]:
        """A phone's events after a number, oldest first."""
        return [event for event in self._past[phone] if event["seq"] > after]

    async def wait(self, phone: str, after: int, timeout_s: float) -> list[dict[str, Any]]:
        """Like `since`, but waits up to `timeout_s` for the first event."""
        deadline = asyncio.get_running_loop().time() + timeout_s
        while not self.is_closed:
            if events := self.since(phone, after):
                return events
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                break
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), left)
        return []

    def close(self) -> None:
        """End every wait, so that a shutdown does not wait for them."""
        self.is_closed = True
        self._news.set()
