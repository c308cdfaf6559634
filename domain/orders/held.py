"""Orders that are held (被暂停的订单), each with the reasons why.

A doubt about the buyer's age holds liquor that is not shipped. A refund may wait for a second
person, or for the gate: the hold after a restore, the stop of refunds, a ceiling.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Literal

from domain import adults, approvals
from domain.orders.paying import payable_kinds
from domain.payments import REFUND_WAITS
from models import Order, OrderLine, Payment, Refund

Hold = Literal["age", "second_person", "refund_waits"]
MOST = 2000
"""More held orders than this are not listed at once."""

_BY_AGE = ("awaiting_payment", "paid", "partly_shipped")


def held_ids() -> list[int]:
    """The ids of all orders that something holds, newest first."""
    found = {*_ids(_by_age()), *_ids(_by_person()), *_ids(_by_gate())}
    return sorted(found, reverse=True)[:MOST]


def holds_of(order_ids: Iterable[int]) -> dict[int, tuple[Hold, ...]]:
    """What holds each of these orders; orders that nothing holds are left out."""
    wanted = list(order_ids)
    if not wanted:
        return {}
    chosen = Order.id.in_(wanted)
    found: dict[int, list[Hold]] = defaultdict(list)
    ways: tuple[tuple[Hold, Any], ...] = (
        ("age", _by_age()), ("second_person", _by_person()), ("refund_waits", _by_gate()),
    )  # fmt: skip
    for name, condition in ways:
        if condition is not None:
            for row in Order.select(Order.id).where(condition & chosen):
                found[row.id].append(name)
    return {order_id: tuple(names) for order_id, names in found.items()}


def _ids(condition: Any) -> list[int]:
    if condition is None:
        return []
    rows = Order.select(Order.id).where(condition).order_by(Order.id.desc()).limit(MOST)
    return [row.id for row in rows]


def _by_age() -> Any:
    """The condition of orders held for age; None if nobody's age is in doubt."""
    people = [row.open_for for row in adults.held_members()]
    if not people:
        return None
    liquor = OrderLine.select(OrderLine.order).where(
        OrderLine.is_liquor == True  # noqa: E712 - SQL
    )
    mine = liquor.where(OrderLine.order == Order.id)
    doubted = Order.member.in_(people) | Order.recipient.in_(people)
    return Order.state.in_(_BY_AGE) & doubted & Order.id.in_(mine)


def _by_person() -> Any:
    numbers = sorted(approvals.orders_that_wait())
    return Order.order_no.in_(numbers) if numbers else None


def _by_gate() -> Any:
    waits: Any = Refund.select(Payment.payable_id).join(Payment)
    held: Any = waits.where(
        (Refund.state == "created") & Refund.last_error.in_(REFUND_WAITS)
        & Payment.payable_kind.in_(payable_kinds())
    )  # fmt: skip
    ids = [row[0] for row in held.tuples()]
    return Order.id.in_(ids) if ids else None
