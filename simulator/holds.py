"""Calls that are held at a named point until somebody lets them go: races without a clock."""

from __future__ import annotations

import asyncio
from collections import Counter

from aiohttp import web


class Holds:
    """Labels, who waits at each, and which were opened."""

    def __init__(self) -> None:
        self._gates: dict[str, asyncio.Event] = {}
        self._waiting: Counter[str] = Counter()
        self._arrived = asyncio.Event()
        self.is_closed = False

    async def wait(self, label: str) -> None:
        """Stay until the label is opened; a closing simulator cuts the call instead."""
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
        """How many wait at a label, as soon as one does or when the time is over."""
        try:
            async with asyncio.timeout(timeout_s):
                while not self._waiting[label]:
                    await self._arrived.wait()
        except TimeoutError:
            pass
        return self._waiting[label]

    def release(self, label: str) -> int:
        """Open a label for good; returns how many had waited."""
        count = self._waiting[label]
        self._gate(label).set()
        return count

    def waiting(self) -> dict[str, int]:
        """Every label at which calls wait now."""
        return {label: count for label, count in self._waiting.items() if count}

    def clear(self) -> None:
        """Let everybody go and forget which labels were opened."""
        for gate in self._gates.values():
            gate.set()
        self._gates = {}

    def close(self) -> None:
        """Cut every call that waits, so that a shutdown need not."""
        self.is_closed = True
        self.clear()

    def _gate(self, label: str) -> asyncio.Event:
        return self._gates.setdefault(label, asyncio.Event())
