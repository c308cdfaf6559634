"""A kind of reservation for tests only: tokens, counted by pieces and by money.

Each piece of a line takes one token of sort 1, which is given back with the piece, and 37 tokens
of sort 2, which are given back with the money. It proves that orders and after-sales know no kind
by name, and shows what a kind must implement.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from peewee import Check, IntegerField

from domain import catalog, reservations
from domain.reservations import Back, Claim, Reservation, ReservingOrder, Take
from kernel.errors import Conflict
from kernel.migrate import create_tables
from kernel.money import due
from kernel.store import Table

KIND = "token"
PER_PIECE = {1: 1, 2: 37}


class Pool(Table):
    """The numbers of free, held and used tokens of a sort."""

    sort = IntegerField(unique=True)
    free = IntegerField(constraints=[Check("free >= 0")])
    held = IntegerField(default=0, constraints=[Check("held >= 0")])
    used = IntegerField(default=0, constraints=[Check("used >= 0")])

    class Meta:
        table_name = "test_pool"


@pytest.fixture
def tokens(db: Any) -> Iterator[None]:
    """Register the kind before stock, with an empty pool."""
    create_tables(db, [Pool])
    reservations.install((TOKENS, catalog.STOCK))
    yield
    db.drop_tables([Pool])


def fill(free: int) -> None:
    """Free the tokens for that many pieces."""
    Pool.delete().execute()
    for sort, each in PER_PIECE.items():
        Pool.create(sort=sort, free=free * each)


def claims_for(quantities: Sequence[int]) -> list[Claim]:
    """The claims of an order with these pieces on its lines."""
    return [
        Claim(KIND, sort, each * n, line)
        for line, n in enumerate(quantities)
        for sort, each in PER_PIECE.items()
    ]


def _move(sort: int, n: int, source: str, target: str) -> None:
    before, after = getattr(Pool, source), getattr(Pool, target)
    changed = (
        Pool.update({before: before - n, after: after + n})
        .where((Pool.sort == sort) & (before >= n))
        .execute()
    )
    if changed != 1:
        raise Conflict("tokens_short")


def _hold(_order: ReservingOrder, claims: Sequence[Claim]) -> Sequence[Take]:
    for claim in sorted(claims, key=lambda each: each.ref):
        _move(claim.ref, claim.amount, "free", "held")
    return [Take(claim.ref, claim.amount, claim.line) for claim in claims]


def _take(order: ReservingOrder) -> None:
    for taken in reservations.takes_of(order.order_id, KIND):
        _move(taken.ref, taken.amount, "held", "used")


def _release(order: ReservingOrder) -> None:
    for taken in reservations.takes_of(order.order_id, KIND):
        more = reservations.raise_given_back(taken, taken.amount)
        _move(taken.ref, more, "held", "free")


def _give_back(order: ReservingOrder, back: Back) -> None:
    for taken in reservations.takes_of(order.order_id, KIND):
        if taken.line_id != back.line_id:
            continue
        total = taken.amount
        if taken.ref == 1:
            total = back.quantity_total
        elif back.paid_fen:
            total = due(taken.amount, back.refunded_total_fen, back.paid_fen)
        more = reservations.raise_given_back(taken, total)
        if more:
            _move(taken.ref, more, "used", "free")


TOKENS = Reservation(KIND, hold=_hold, take=_take, release=_release, give_back=_give_back)
