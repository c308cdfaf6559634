"""Counts over all parts of the shop, and the sales of each day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from peewee import SQL, fn

from domain import after_restore_hold, gifts, orders, payments, payouts
from domain.overview import sealing, statements
from domain.overview.sealing import A_DAY, Sums
from kernel import clock
from models import Order, Product, Sku

EVER_AFTER = datetime(9999, 1, 1, tzinfo=UTC)
TO_SHIP = ("paid", "partly_shipped")


@dataclass(frozen=True)
class Todo:
    """Work that waits for a person (待办), and since when the oldest order waits to be shipped."""

    to_ship: int
    oldest_to_ship_at: datetime | None
    cases: int
    refunds_abnormal: int
    withdrawals: int
    withdrawals_fen: int
    applications: int
    low_stock: int
    tickets: int
    tickets_late: int
    requests: int
    requests_late: int
    dead: int
    is_stopped: bool
    stopped_why: str
    stop_cause: str
    is_held: bool
    differences: int
    payees: int = 0
    freezes: int = 0
    refunds_stopped: bool = False
    returns_unconfirmed: int = 0
    ages: int = 0  # members whose age waits for a proof
    pictures: int = 0  # pictures of people that wait for a review
    missed: int = 0  # sentences that the chat did not understand
    to_decide: int = 0  # for the signed-in person, whom the face knows


@dataclass(frozen=True)
class DayFigures:
    """One business day: fen paid, orders, visits by shared links."""

    day: date
    sales_fen: int
    orders: int
    visits: int


@dataclass(frozen=True)
class BestSeller:
    """A product with its sales of a time."""

    product_id: int
    title: str
    quantity: int
    paid_fen: int
    stock: int
    is_low: bool


def todo() -> Todo:
    """The work that waits for a person now."""
    to_ship, oldest = _to_ship()
    stop = payouts.payout_stop()
    return Todo(
        to_ship=to_ship,
        oldest_to_ship_at=oldest,
        is_stopped=stop.is_stopped,
        stopped_why=stop.why,
        stop_cause=stop.cause,
        is_held=after_restore_hold.is_held(),
        payees=len(payouts.payees_to_review()),
        freezes=payouts.count_freezes_to_review(),
        refunds_stopped=payments.refund_stop().is_stopped,
        **{
            name: int(count)
            for name, count in statements.todo_counts.first(clock.now())._asdict().items()
        },
    )


def list_days(count: int, until: date | None = None) -> list[DayFigures]:
    """The last ``count`` business days, oldest first; days without an order are zero.

    Closed days are read from their stored sums; the others are summed now.
    """
    now = clock.now()
    last = until or clock.business_day(now)
    wanted = [last - timedelta(days=n) for n in range(count - 1, -1, -1)]
    sums = _sealed(wanted[0], min(last, _last_closed(now)))
    missing = [day for day in wanted if day not in sums]
    if missing:
        sums |= sealing.sums_of(missing)
    return [DayFigures(d, sums[d].sales_fen, sums[d].orders, sums[d].visits) for d in wanted]


def list_best_sellers(since: datetime, limit: int = 5) -> list[BestSeller]:
    """Products by fen paid since an instant, the most first."""
    rows = _best_sold(since, clock.now(), limit)
    ids = [int(row.product_id) for row in rows]
    named = Product.select(Product.id, Product.title).where(Product.id.in_(ids))
    titles = {product.id: product.title for product in named}
    stock: dict[int, int] = dict.fromkeys(ids, 0)
    low: set[int] = set()
    columns = (Sku.product, Sku.stock, Sku.low_stock)
    for sku in Sku.select(*columns).where(Sku.product.in_(ids) & ~Sku.is_removed):
        stock[sku.product_id] += sku.stock
        if sku.stock <= sku.low_stock:
            low.add(sku.product_id)
    return [
        BestSeller(i, titles[i], int(row.pieces), int(row.fen), stock[i], i in low)
        for i, row in zip(ids, rows, strict=True)
    ]


def _last_closed(now: datetime) -> date:
    return sealing.closed_until(now) - A_DAY


def _sealed(first: date, last: date) -> dict[date, Sums]:
    rows = statements.closed_days.all(first.isoformat(), last.isoformat())
    return {date.fromisoformat(r.day): Sums(r.sales_fen, r.orders, r.visits) for r in rows}


def _best_sold(since: datetime, now: datetime, limit: int) -> list[Any]:
    """Closed days by their stored sums; the time before and after them by orders.

    If a day was closed or reopened meanwhile, everything is read again.
    """
    first = clock.business_day(since - timedelta(microseconds=1)) + A_DAY  # the first whole day
    last = _last_closed(now)
    while True:
        closed = _closed_run(first, last)
        span = (closed[0].day, closed[-1].day) if closed else ("", "")
        until, after = _around(since, *span)
        before, later = sealing.ends_of_orders(since, until, after, EVER_AFTER)
        rows = statements.best_sold.all(
            *span, *before, since, until, *later, after, EVER_AFTER, limit
        )
        seen = (len(closed), sum(row.id for row in closed))
        if all((row.days, row.ids) == seen for row in rows) and (
            rows or closed == _closed_run(first, last)
        ):
            return rows


def _closed_run(first: date, last: date) -> list[Any]:
    """The unbroken run of closed days that ends at ``last``, oldest first."""
    found: list[Any] = []
    by_day = {row.day: row for row in statements.closed_days.all(str(first), str(last))}
    while (row := by_day.get((last - len(found) * A_DAY).isoformat())) is not None:
        found.append(row)
    return found[::-1]


def _around(since: datetime, first: str, last: str) -> tuple[datetime, datetime]:
    """The instants between which closed days lie; both are ``since`` if there are none."""
    if not first:
        return since, since
    over = clock.day_start(date.fromisoformat(last) + A_DAY)
    return clock.day_start(date.fromisoformat(first)), over


def _to_ship() -> tuple[int, datetime | None]:
    """How many orders wait to be shipped and since when, without gifts that nobody took."""
    query: Any = Order.select(fn.COUNT(SQL("1")), fn.MIN(Order.paid_at))
    chosen = Order.state.in_(TO_SHIP)
    if gifts.count_waiting():  # they wait for an address; without any the index answers alone
        chosen &= (Order.delivery != orders.GIFT) | Order.recipient.is_null(False)
    count, oldest = query.where(chosen).tuples().get()
    return int(count), oldest
