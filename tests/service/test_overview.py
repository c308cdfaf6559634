"""The first page's figures: sales by day in Shanghai, orders to ship and the oldest one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain import overview
from models import Order
from tests.factories.orders import paid_order, placed_order, shipped_order

pytestmark = pytest.mark.usefixtures("wired")
MIDNIGHT = datetime(2026, 3, 1, 16, tzinfo=UTC)  # the start of 2 March in Shanghai


def test_sales_are_counted_by_day_in_shanghai(db: Any) -> None:
    moment = timedelta(microseconds=1)
    sold = {-moment: 1, timedelta(0): 2, timedelta(days=1) - moment: 4, timedelta(days=1): 8}
    for away, fen in sold.items():
        bought = paid_order()
        Order.update(paid_at=MIDNIGHT + away, paid_fen=fen).where(
            Order.id == bought.order_id
        ).execute()
    placed_order()
    shown = overview.list_days(4, until=date(2026, 3, 4))
    assert [(d.day.day, d.sales_fen, d.orders) for d in shown] == [
        (1, 1, 1), (2, 6, 2), (3, 8, 1), (4, 0, 0),
    ]  # fmt: skip
    assert overview.list_days(1, until=date(2026, 3, 2))[0].sales_fen == 6


def test_orders_to_ship_are_counted_with_the_oldest_time(db: Any) -> None:
    assert (overview.todo().to_ship, overview.todo().oldest_to_ship_at) == (0, None)
    first, _, _ = paid_order(), paid_order(), shipped_order()
    Order.update(paid_at=MIDNIGHT).where(Order.id == first.order_id).execute()
    waiting = overview.todo()
    assert (waiting.to_ship, waiting.oldest_to_ship_at) == (2, MIDNIGHT)
