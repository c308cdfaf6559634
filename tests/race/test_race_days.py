"""Payments that arrive late while their days are summed up are included in the sums."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from domain import overview
from domain.overview import sealing
from domain.payments.service import settle
from kernel import clock
from models import Order, SalesDay
from tests.factories.catalog import make_product
from tests.factories.orders import Bought, begin, paid_result, placed_order
from tests.race.crowd import at_once

pytestmark = pytest.mark.slow
LATE, SEALERS = 8, 3
AN_HOUR = timedelta(hours=1)


async def test_sums_of_days_include_payments_that_are_booked_meanwhile(store: Any) -> None:
    start = clock.day_start(clock.business_day(clock.now()) - timedelta(days=6))

    def prepare() -> list[tuple[Bought, str]]:
        product = make_product(stock=LATE)
        placed = [placed_order(product=product) for _ in range(LATE)]
        return [(each, begin(each)) for each in placed]

    placed = await store.write(prepare)
    hours = [20 * number if number < 5 else 1 for number in range(LATE)]
    late = [
        partial(settle, paid_result(number, bought.payable_fen, success_at=start + hour * AN_HOUR))
        for (bought, number), hour in zip(placed, hours, strict=True)
    ]
    found = await at_once(store, [*late, *[overview.seal_due] * SEALERS])
    assert found[:LATE] == ["booked"] * LATE
    assert [each for each in found if isinstance(each, BaseException)] == []
    assert await store.read(Order.select().where(Order.paid_at.is_null(False)).count) == LATE
    assert await store.read(sealing.unsound_days) == []
    assert sum(day.orders for day in await store.read(overview.list_days, 10)) == LATE
    await store.write(overview.seal_due)
    assert await store.read(sealing.unsound_days) == []
    assert await store.read(SalesDay.select().count) == sealing.KEPT_DAYS
    assert sum(day.orders for day in await store.read(overview.list_days, 10)) == LATE
