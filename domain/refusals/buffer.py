"""Collects refusals in memory without waiting, and writes them a second later."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import datetime

from domain.refusals import service
from domain.refusals.service import ReportedRefusal
from kernel import clock
from kernel.refusals import Side, find, is_of_all_calls, is_shown
from kernel.store import Store

log = logging.getLogger(__name__)
WRITE_INTERVAL_SECONDS = 1.0
READ_EVERY_NTH = 10
EVERY_CALL = "*"
MOST = 500
"""The most refusals that wait to be written, and the most calls whose success is remembered."""

Key = tuple[Side, str, str]


class RefusalBuffer:
    """Implements ``domain.refusals.ports.RefusalBook`` for one process.

    Refusals and successes keep their instant. A success ends the refusals before it, in whatever
    order and by whichever process they are written. A success is written only if a refusal of the
    same call is open; refusals written by other processes are read every ten seconds.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._refused: dict[tuple[Key, str], ReportedRefusal] = {}
        self._passed: dict[Key, datetime] = {}
        self._open: dict[Key, datetime] = {}

    def record_refusal(
        self, side: Side, call: str, code: str, *, detail: str = "", subject: str = ""
    ) -> None:
        """Keep a refusal for the next writing; equal ones are counted."""
        if not is_shown(side, code):
            return
        if find(side, code).scope != "template":
            subject = ""
        call = EVERY_CALL if is_of_all_calls(side, code) else call[:80]
        self._keep(ReportedRefusal(side, call, code, subject[:64], detail))

    def record_success(self, side: Side, call: str, *, subject: str = "") -> None:
        """Remember the success of a call and subject; only the last one is kept."""
        now = clock.now()
        for key in {
            (side, call[:80], subject[:64]),
            (side, call[:80], ""),
            (side, EVERY_CALL, ""),
        }:
            self._passed.pop(key, None)  # moved to the end; the longest unused is dropped first
            self._passed[key] = now
        while len(self._passed) > MOST:
            del self._passed[next(iter(self._passed))]

    async def flush(self) -> None:
        """Write refusals, and the ends of those that a success ended; errors lose nothing."""
        refused, self._refused = self._refused, {}
        try:
            if refused:
                await self._store.write(service.record_refusals, list(refused.values()))
        except Exception:
            newer, self._refused = self._refused, refused
            for one in newer.values():
                self._keep(one)
            raise
        for (key, _), one in refused.items():
            self._open[key] = min(one.at, self._open.get(key, one.at))
        for key in self._over():
            side, call, subject = key
            await self._store.write(
                service.record_success, side, call, subject, at=self._passed[key]
            )
            self._open.pop(key, None)

    async def read_open_refusals(self) -> None:
        """Read the open refusals of all processes."""
        self._open = await self._store.read(service.refused_calls)

    def _keep(self, one: ReportedRefusal) -> None:
        key = ((one.side, one.call, one.subject), one.code)
        before = self._refused.get(key)
        if before is not None:
            self._refused[key] = replace(one, count=before.count + one.count)
        elif len(self._refused) < MOST:
            self._refused[key] = one

    def _over(self) -> list[Key]:
        return [
            key for key, refused_at in self._open.items()
            if key in self._passed and refused_at <= self._passed[key]
        ]  # fmt: skip

    async def run(self) -> None:
        """Run until cancelled; ``app`` starts it as a task."""
        turn = 0
        while True:
            try:
                if turn % READ_EVERY_NTH == 0:
                    await self.read_open_refusals()
                await self.flush()
            except Exception:
                log.exception("refusals could not be written; trying again")
            turn += 1
            await asyncio.sleep(WRITE_INTERVAL_SECONDS)
