"""Runs many verbs at the same time, each in a transaction on a separate connection."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from kernel.errors import DomainError, GatewayError
from kernel.store import CommandKey, Store, is_sqlite

CONNECTIONS = 20  # two test workers together stay well below a server's usual hundred
_GATE_SECONDS = 20

Call = Callable[[], Any]


async def at_once(store: Store, calls: Sequence[Call], key: CommandKey | None = None) -> list[Any]:
    """Run all calls at the same time; returns results and errors in order.

    On a server the first ``CONNECTIONS`` calls wait inside their transactions until all of them
    have begun. SQLite's one writer takes all calls into its queue at once.
    """
    gate = None if is_sqlite() else threading.Barrier(min(len(calls), CONNECTIONS))
    first = [_gated(gate, call) for call in calls[:CONNECTIONS]]
    verbs = [*first, *calls[CONNECTIONS:]]
    if key is not None:  # a call with a stored answer never reaches the barrier
        verbs = list(calls)
    return await asyncio.gather(*(store.once(key, verb) for verb in verbs), return_exceptions=True)


def outcomes(answers: Sequence[Any]) -> dict[str, int]:
    """The number of answers by outcome: ``ok`` or an error's code. Other errors are raised."""
    counts: Counter[str] = Counter()
    for answer in answers:
        if isinstance(answer, DomainError | GatewayError):
            counts[answer.code] += 1
        elif isinstance(answer, BaseException):
            raise answer
        else:
            counts["ok"] += 1
    return dict(counts)


def _gated(gate: threading.Barrier | None, call: Call) -> Call:
    """The call with a wait at the barrier on its first run; a retry by the store does not wait."""
    waited: list[bool] = []

    def run() -> Any:
        if gate is not None and not waited:
            waited.append(True)
            gate.wait(_GATE_SECONDS)
        return call()

    return run
