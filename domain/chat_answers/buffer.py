"""Collects what the chat was asked in memory without waiting, and writes it two seconds later."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from dataclasses import replace

from domain.chat_answers.facts import Heard, MissedReport
from domain.chat_answers.heard import DayKey, record_heard
from domain.chat_answers.masking import example_of, form_of, masked
from kernel import clock
from kernel.store import Store

log = logging.getLogger(__name__)
WRITE_INTERVAL_SECONDS = 2.0
KINDS_MOST = 500
"""The most counts (day, outcome, intent) that wait to be written."""
MISSED_MOST = 200
"""The most different sentences that wait to be written."""
OF_ONE_MOST, OF_ONE_SECONDS = 10, 600.0
"""The most sentences of one member that are taken in ten minutes."""
PEOPLE_MOST = 10_000
SHORTEST = 2


class AskedBuffer:
    """Implements ``domain.chat_answers.ports.AskedBook`` for one process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._counts: Counter[DayKey] = Counter()
        self._missed: dict[str, MissedReport] = {}
        self._said: Counter[int] = Counter()
        self._said_since = time.monotonic()

    def record(self, heard: Heard) -> None:
        """Count a message, and keep its sentence, without personal data, if there is one."""
        key = (clock.business_day(clock.now()).isoformat(), heard.outcome, heard.intent[:40])
        if key in self._counts or len(self._counts) < KINDS_MOST:
            self._counts[key] += 1
        if heard.sentence and self._may_say(heard.member_id):
            sentence = masked(heard.sentence)
            form = form_of(example_of(sentence))
            if len(form) >= SHORTEST:
                self._keep(MissedReport(form, sentence, heard.outcome, 1, clock.now()))

    async def flush(self) -> None:
        """Write what has gathered; an error loses nothing that there is room for."""
        counts, self._counts = self._counts, Counter()
        missed, self._missed = self._missed, {}
        if not counts and not missed:
            return
        try:
            await self._store.write(record_heard, counts, tuple(missed.values()))
        except Exception:
            self._counts.update(counts)
            for report in missed.values():
                self._keep(report)
            raise

    async def run(self) -> None:
        """Write every two seconds until cancelled; ``app`` starts it as a task."""
        while True:
            await asyncio.sleep(WRITE_INTERVAL_SECONDS)
            await self.close()

    async def close(self) -> None:
        """Write what has gathered; an error is only logged."""
        try:
            await self.flush()
        except Exception:
            log.exception("what the chat was asked could not be written; trying again")

    def _keep(self, report: MissedReport) -> None:
        before = self._missed.get(report.form)
        if before is not None:
            times = before.times + report.times
            self._missed[report.form] = replace(before, times=times, at=max(before.at, report.at))
        elif len(self._missed) < MISSED_MOST:
            self._missed[report.form] = report

    def _may_say(self, member_id: int) -> bool:
        """Whether a sentence of this member is taken; one person can't fill the table."""
        now = time.monotonic()
        if now - self._said_since >= OF_ONE_SECONDS:
            self._said, self._said_since = Counter(), now
        if member_id not in self._said and len(self._said) >= PEOPLE_MOST:
            return False
        self._said[member_id] += 1
        return self._said[member_id] <= OF_ONE_MOST
