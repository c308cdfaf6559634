"""The merchant's texts for the chat, read from the database at most once a second."""

from __future__ import annotations

import asyncio
import time

from domain import legal, settings
from domain.settings import ChatTexts
from kernel.store import Store

FRESH_SECONDS = 1.0


def _of_the_moment() -> ChatTexts:
    """The merchant's texts; who the company is is read with them (``legal.last_business``)."""
    legal.business()
    return settings.fresh(ChatTexts)


class Choices:
    """Keeps the current ``ChatTexts``; at most one message a second reads them again."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._texts = ChatTexts()
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    async def texts(self) -> ChatTexts:
        """The merchant's texts; while one message reads them again, others get the last ones."""
        if time.monotonic() - self._read_at < FRESH_SECONDS:
            return self._texts
        if self._reading.locked() and self._read_at > 0:
            return self._texts
        async with self._reading:
            if time.monotonic() - self._read_at >= FRESH_SECONDS:
                self._texts = await self._store.read(_of_the_moment)
                self._read_at = time.monotonic()
        return self._texts
