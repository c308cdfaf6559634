"""The merchant's texts and answers for the chat, read from the database at most once a second."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from bot.answers import OF_THE_FILES, Answers, answers_of
from domain import chat_answers, legal, settings
from domain.settings import ChatTexts
from kernel.store import Store

FRESH_SECONDS = 1.0


@dataclass(frozen=True)
class Moment:
    """What the merchant has the chat say now."""

    texts: ChatTexts
    answers: Answers


def _of_the_moment(known: Answers) -> Moment:
    """The merchant's texts, and their answers if those changed since they were last read.

    Who the company is is read with them (``legal.last_business``).
    """
    legal.business()
    live = chat_answers.live_answers(known.edition)
    return Moment(settings.fresh(ChatTexts), known if live is None else answers_of(live))


class Choices:
    """Keeps the current ``Moment``; at most one message a second reads it again."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._now = Moment(ChatTexts(), OF_THE_FILES)
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    async def now(self) -> Moment:
        """The moment; while one message reads it again, others get the last one."""
        if time.monotonic() - self._read_at < FRESH_SECONDS:
            return self._now
        if self._reading.locked() and self._read_at > 0:
            return self._now
        async with self._reading:
            if time.monotonic() - self._read_at >= FRESH_SECONDS:
                self._now = await self._store.read(_of_the_moment, self._now.answers)
                self._read_at = time.monotonic()
        return self._now
