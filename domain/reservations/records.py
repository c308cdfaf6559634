"""Rows ``order_take``: how much an order took of something, and how much of it went back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kernel.errors import Conflict
from kernel.store import insert_once
from models import OrderTake


@dataclass(frozen=True)
class StoredTake:
    """What an order took; ``line_id`` is 0 for the whole order."""

    id: int
    line_id: int
    ref: int
    amount: int
    given_back: int


def takes_of(order_id: int, kind: str) -> list[StoredTake]:
    """What an order took of one kind, sorted by the things taken."""
    mine = (OrderTake.order == order_id) & (OrderTake.kind == kind)
    query = OrderTake.select().where(mine).order_by(OrderTake.ref, OrderTake.line)
    return [StoredTake(t.id, t.line, t.ref, t.amount, t.given_back) for t in query]


def raise_given_back(taken: StoredTake, total: int) -> int:
    """Raise what was given back of a take to ``total``; returns the increase.

    Raises Conflict('take_moved') if the row changed meanwhile.
    """
    more = min(total, taken.amount) - taken.given_back
    if more <= 0:
        return 0
    _move(taken, taken.amount, taken.given_back + more)
    return more


def raise_line_totals(
    order_id: int, line_id: int, kind: str, ref: int, first: int, taken: int, back: int
) -> tuple[int, int]:
    """Raise a line's totals to ``taken`` and ``back``; returns the increase of each.

    For a kind that keeps its own record of takes, like stock: its row is written when the first
    piece comes back, with ``first`` as what the order took. Raises Conflict('take_moved').
    """
    key = {"order": order_id, "line": line_id, "kind": kind, "ref": ref}
    row: Any = OrderTake.get_or_none(**key)
    if row is None:
        insert_once(OrderTake, **key, amount=first, given_back=0)
        row = OrderTake.get(**key)
    before = StoredTake(row.id, row.line, row.ref, row.amount, row.given_back)
    more = (max(taken - before.amount, 0), max(back - before.given_back, 0))
    if any(more):
        _move(before, before.amount + more[0], before.given_back + more[1])
    return more


def _move(taken: StoredTake, amount: int, given_back: int) -> None:
    same = (
        (OrderTake.id == taken.id)
        & (OrderTake.amount == taken.amount)
        & (OrderTake.given_back == taken.given_back)
    )
    values = {"amount": amount, "given_back": given_back}
    if OrderTake.update(**values).where(same).execute() != 1:
        raise Conflict("take_moved", take_id=taken.id)
