"""Holds calls at a named point until they are released: tests of races need no waiting times."""

from __future__ import annotations

import asyncio
from collections import Counter

from aiohttp import web


class Holds:
    """The labels, the calls that wait at each, and the labels that were released."""

    def __init__(self) -> None:
        self._gates: dict[str, asyncio.Event] = {}
        self._waiting: Counter[str] = Counter()
        self._arrived = asyncio.Event()
        self.is_closed = False

    async def wait(self, label: str) -> None:
        """Wait until the label is released; if the simulator closes, the call is cut off."""
        self._waiting[label] += 1
        arrived, self._arrived = self._arrived, asyncio.Event()
        arrived.set()
        try:
            await self._gate(label).wait()
        finally:
            self._waiting[label] -= 1
        if self.is_closed:
            raise web.HTTPServiceUnavailable

    async def arrival(self, label: str, timeout_s: float) -> int:
        """The number of calls at a label, as soon as there is one or the time is over."""
        try:
            async with asyncio.timeout(timeout_s):
                while not self._waiting[label]:
                    await self._arrived.wait()
        except TimeoutError:
            pass
        return self._waiting[label]

    def release(self, label: str) -> int:
        """Release a label for good; returns how many calls waited there."""
        count = self._waiting[label]
        self._gate(label).set()
        return count

    def waiting(self) -> dict[str, int]:
        """The number of waiting calls by label."""
        return {label: count for label, count in self._waiting.items() if count}

    def clear(self) -> None:
        """Release all calls and forget which labels were released."""
        for gate in self._gates.values():
            gate.set()
        self._gates = {}

    def close(self) -> None:
        """Cut off every waiting call, so that a shutdown does not wait for them."""
        self.is_closed = True
        self.clear()

    def _gate(self, label: str) -> asyncio.Event:
        return self._gates.setdefault(label, asyncio.Event())
