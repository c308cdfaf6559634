"""Orders with a step that is due by time; each list is limited and oldest first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from domain import after_restore_hold
from kernel import clock
from models import Order

Verb = Callable[[int], bool]


def unpaid_ids(limit: int) -> list[int]:
    """Orders whose time to pay is over."""
    waiting = Order.state == "awaiting_payment"
    restored_at = after_restore_hold.held_since()
    if restored_at is not None:
        # An older order may be paid without the restored database knowing; WeChat's bills will
        # show it (ADR 0041).
        waiting &= Order.created_at >= restored_at
    return _ids(waiting & (Order.pay_by_at <= clock.now()), Order.pay_by_at, limit)


def closing_ids(older_than: timedelta, limit: int) -> list[int]:
    """Orders that have been ``closing`` for longer than ``older_than``."""
    stuck = (Order.state == "closing") & (Order.closing_at <= clock.now() - older_than)
    return _ids(stuck, Order.closing_at, limit)


def receivable_ids(limit: int) -> list[int]:
    """Shipped orders whose time for receipt is over and that have no open case."""
    shipped = (Order.state == "shipped") & (Order.open_cases == 0)
    return _ids(shipped & (Order.receive_by_at <= clock.now()), Order.receive_by_at, limit)


def completable_ids(limit: int) -> list[int]:
    """Received orders whose time for returns is over and that have no open case."""
    received = (Order.state == "received") & (Order.open_cases == 0)
    return _ids(received & (Order.complete_by_at <= clock.now()), Order.complete_by_at, limit)


def state_of(order_id: int) -> str:
    """An order's state."""
    return str(Order.get_by_id(order_id).state)


def _ids(where: Any, by: Any, limit: int) -> list[int]:
    return [row.id for row in Order.select(Order.id).where(where).order_by(by).limit(limit)]
