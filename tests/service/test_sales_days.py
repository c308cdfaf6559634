"""Closed days are summed once, and the first page's figures equal a recount."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from admin.fault_words import trouble_lines
from app.wiring import subscribe_all
from domain import overview
from domain.orders.service import mark_paid
from domain.overview import BestSeller, DayFigures, sealing
from domain.overview import wiring as overview_wiring
from domain.overview.sealing import KEPT_DAYS
from kernel import clock
from kernel.store import Store
from models import Order, OrderLine, ProductDay, SalesDay, VisitDay
from tests.factories.catalog import Made, make_product
from tests.factories.distribution import make_distributor
from tests.factories.orders import Bought, paid_order, placed_order

pytestmark = pytest.mark.usefixtures("wired")
A_DAY = timedelta(days=1)
EDGE = timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def _wired() -> None:
    """Subscribe all domains to events, so that late payments reopen days."""
    subscribe_all()


def _paid(at: datetime, product: Made, quantity: int = 1) -> Bought:
    bought = paid_order(quantity=quantity, product=product)
    Order.update(paid_at=at).where(Order.id == bought.order_id).execute()
    return bought


def _visits(day: date, *visits: int) -> None:
    for count in visits:
        referrer = make_distributor(f"店{day:%m%d}{count}")
        VisitDay.create(referrer=referrer, day=day.isoformat(), visits=count, visitors=1)


def _today() -> date:
    return clock.business_day(clock.now())


def _recounted_days(count: int) -> list[DayFigures]:
    """The figures of days, counted from all orders and visits."""
    sold: dict[date, list[int]] = defaultdict(list)
    seen: dict[date, int] = defaultdict(int)
    for row in Order.select():
        if row.paid_at is not None:
            sold[clock.business_day(row.paid_at)].append(row.paid_fen)
    for row in VisitDay.select():
        seen[date.fromisoformat(row.day)] += row.visits
    days = [_today() - timedelta(days=n) for n in range(count - 1, -1, -1)]
    return [DayFigures(d, sum(sold[d]), len(sold[d]), seen[d]) for d in days]


def _recounted_sellers(since: datetime) -> list[tuple[int, int, int]]:
    found: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    paid = {row.id: row.paid_at for row in Order.select(Order.id, Order.paid_at)}
    for line in OrderLine.select():
        at = paid[line.order_id]
        if at is not None and at >= since and line.kind == "bought":
            count, fen = found[line.product_id]
            found[line.product_id] = (count + line.quantity, fen + line.paid_fen)
    rows = sorted(found.items(), key=lambda each: (-each[1][1], each[0]))
    return [(product, count, fen) for product, (count, fen) in rows][:5]


def _sellers(since: datetime) -> list[tuple[int, int, int]]:
    found: list[BestSeller] = overview.list_best_sellers(since)
    return [(each.product_id, each.quantity, each.paid_fen) for each in found]


def _agrees(chance: random.Random) -> None:
    for count in (1, 14, 60):
        assert overview.list_days(count) == _recounted_days(count)
    now = clock.now()
    midnight = clock.day_start(_today() - timedelta(days=chance.randint(1, 40)))
    for since in (
        now - timedelta(days=7), now - timedelta(days=30), now, midnight, midnight - EDGE,
        midnight + EDGE, now - timedelta(hours=chance.randint(1, 1_500)),
    ):  # fmt: skip
        assert _sellers(since) == _recounted_sellers(since)


@pytest.mark.parametrize("seed", [6, 28])
def test_figures_equal_a_recount_with_and_without_sums(db: Any, seed: int) -> None:
    """Two months of orders, also at midnight; days pass, late payments, a clock set back."""
    chance = random.Random(seed)
    products = [make_product(stock=500, price_fen=1_000 * n) for n in (1, 2, 3, 5, 8, 13, 21)]
    for _ in range(18):
        age = timedelta(hours=chance.randint(0, 24 * 66))
        at = clock.now() - age
        if chance.random() < 0.3:
            at = clock.day_start(clock.business_day(at)) - chance.choice((EDGE, timedelta(0)))
        _paid(at, chance.choice(products), chance.randint(1, 3))
    _visits(_today() - timedelta(days=3), 5, 2)
    _visits(_today() - timedelta(days=40), 7)
    _visits(_today(), 1)
    _agrees(chance)
    assert overview.seal_due() == KEPT_DAYS
    for step in ("sealed", "late", "sealed again", "a day later", "sealed", "back", "sealed"):
        if step == "late":
            late = placed_order(product=products[0])
            at = clock.now() - timedelta(days=chance.randint(1, 50))
            assert mark_paid(late.order_id, late.payable_fen, at)
        elif step == "a day later":
            clock.set_offset(clock.offset() + A_DAY)
        elif step == "back":
            clock.set_offset(clock.offset() - 3 * A_DAY)
            _paid(clock.now(), products[1])
        elif step.startswith("sealed"):
            overview.seal_due()
        _agrees(chance)
        assert sealing.unsound_days() == [], step


def test_closed_days_are_not_read_again(db: Any) -> None:
    day = _today() - timedelta(days=5)
    bought = _paid(clock.day_start(day), make_product())
    _visits(day, 4)
    overview.seal_due()
    said = overview.list_days(7)[1]
    assert (said.day, said.sales_fen, said.orders, said.visits) == (day, bought.row.paid_fen, 1, 4)
    best = _sellers(clock.now() - timedelta(days=7))
    Order.update(paid_at=None).execute()
    VisitDay.delete().execute()
    assert overview.list_days(7)[1] == said
    assert _sellers(clock.now() - timedelta(days=7)) == best


def test_a_day_is_closed_a_day_after_its_end_and_kept_for_two_months(db: Any) -> None:
    assert overview.seal_due() == KEPT_DAYS
    days = sorted(date.fromisoformat(row.day) for row in SalesDay.select())
    assert days[-1] == _today() - timedelta(days=2)
    assert overview.seal_due() == 0
    clock.set_offset(clock.offset() + 3 * A_DAY)
    assert overview.seal_due() == 3
    assert SalesDay.select().count() == KEPT_DAYS
    assert min(row.day for row in SalesDay.select()) == (days[0] + 3 * A_DAY).isoformat()


def test_a_late_payment_reopens_its_day(db: Any) -> None:
    product, day = make_product(), _today() - timedelta(days=4)
    _paid(clock.day_start(day), product)
    overview.seal_due()
    late, fresh = placed_order(product=product), placed_order(product=product)
    assert mark_paid(fresh.order_id, fresh.payable_fen, clock.now() - timedelta(hours=11))
    assert SalesDay.select().count() == KEPT_DAYS
    assert mark_paid(late.order_id, late.payable_fen, clock.day_start(day) + timedelta(hours=1))
    assert SalesDay.select().where(SalesDay.day == day.isoformat()).count() == 0
    assert ProductDay.select().count() == 0
    assert overview.list_days(7)[2].orders == 2
    assert overview.seal_due() == 1
    assert overview.list_days(7)[2].orders == 2


TAMPERED = [
    lambda: SalesDay.update(orders=SalesDay.orders + 1).where(SalesDay.orders > 0),
    lambda: SalesDay.update(sales_fen=SalesDay.sales_fen - 1).where(SalesDay.orders > 0),
    lambda: SalesDay.update(visits=9).where(SalesDay.orders > 0),
    lambda: ProductDay.update(quantity=ProductDay.quantity + 1),
    lambda: ProductDay.update(paid_fen=1),
    lambda: ProductDay.delete(),
]


@pytest.mark.parametrize("tamper", TAMPERED)
async def test_doctor_finds_a_day_that_differs_and_it_is_summed_anew(
    store: Store, tamper: Any
) -> None:
    day = _today() - timedelta(days=5)
    _paid(clock.day_start(day), make_product())
    await store.write(overview.seal_due)
    assert await overview.check_days(store) == []
    assert tamper().execute() == 1
    assert [(f.code, f.no) for f in await overview.check_days(store)] == [
        ("kept_day", day.isoformat())
    ]
    assert await store.write(sealing.repair_sums) == 1
    assert await overview.check_days(store) == []
    assert overview.list_days(60) == _recounted_days(60)


async def test_the_nightly_job_tells_the_merchant_and_corrects_the_sums(store: Store) -> None:
    day = _today() - timedelta(days=5)
    _paid(clock.day_start(day), make_product())
    await store.write(overview.seal_due)
    SalesDay.update(sales_fen=1).where(SalesDay.orders > 0).execute()
    (look,) = (job for job in overview_wiring.periodic(store) if job.name == "checkup")
    await look.run()
    told = [
        each.text
        for each in trouble_lines(await store.read(overview.list_troubles), {}, lambda _: True)
    ]
    assert any(day.isoformat() in text and "已重新合计" in text for text in told), told
    assert overview.list_days(60) == _recounted_days(60)
    assert await overview.check_days(store) == []
