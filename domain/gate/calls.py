"""The only place that calls a port's moving methods: into the gate, the call, out again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from domain.gate import service
from domain.gate.rules import Pass, Problem
from kernel.errors import Refused, Retryable
from kernel.store import Store

MOVING = ("transfer", "transfer_granted", "cancel_transfer", "refund", "close_payment")
"""Methods of ``PayPort`` that can move money; an architecture test finds other callers."""

_METHODS = {
    "transfer": "transfer",
    "granted": "transfer_granted",
    "cancel": "cancel_transfer",
    "refund": "refund",
    "close": "close_payment",
}


@dataclass(frozen=True)
class Call:
    """A call that may move money: kind, row, who asks, and the verb that books the answer.

    ``book`` runs in the transaction in which the call leaves the gate, so that the next call finds
    the row with the answer booked. ``using`` is passed to the check.
    """

    kind: str
    row_id: int
    asked_by: str
    book: Callable[[Any], Any]
    using: Any = None


async def move_money(store: Store, port: Any, call: Call) -> Any:
    """Make one call that may move money; returns what ``book`` returns, or the Problem.

    Raises the gateway's errors. After ``Refused`` and ``Retryable`` it is certain that nothing was
    done. After ``Unknown``, a cancelled request or a crash the call stays open.
    """
    passed = await store.write(
        service.enter_gate, call.kind, call.row_id, call.asked_by, call.using
    )
    if isinstance(passed, Problem):
        return passed
    method: Callable[[Any], Awaitable[Any]] = getattr(port, _METHODS[call.kind])
    try:
        answer = await method(passed.request)
    except (Refused, Retryable) as error:
        await store.write(service.leave_gate, passed, error.code)
        raise
    return await store.write(_answered, passed, call.book, answer)


def _answered(passed: Pass, book: Callable[[Any], Any], answer: Any) -> Any:
    service.leave_gate(passed, "answered")
    return book(answer)
