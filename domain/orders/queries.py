"""Reads of orders, for the buyer and for the merchant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, get_args

from peewee import fn

from domain import audit
from domain.orders import held, search, statements
from domain.orders.addressing import opened_address
from domain.orders.rules import GIFT, WAITING_STATES
from domain.orders.service import order_id_of
from domain.orders.statements import Tab
from domain.orders.views import (
    LineView,
    LogView,
    OrderCard,
    OrderDetail,
    ParcelView,
    card_values,
    line_view,
)
from kernel import clock
from kernel.errors import NotFound
from kernel.store import UNSORTED, Sorting, sorted_page
from models import Order, OrderLine, OrderLog, Parcel, ParcelLine

ID_MOST = 2**63 - 1
CLOCKS_APART = timedelta(days=1)  # more than the clocks of two machines of one shop ever differ
JUST_PLACED = timedelta(minutes=30)
TABS: tuple[Tab, ...] = get_args(Tab)
OF_BUYERS = tuple(tab for tab in TABS if tab != "gifts")


@dataclass(frozen=True)
class OrderFilter:
    """The merchant's filter; ``domain.orders.search`` says what ``words`` may be."""

    tab: Tab = "all"
    state: str | None = None
    words: str = ""
    member_id: int | None = None
    seller_id: int | None = None
    placed_from: datetime | None = None
    placed_to: datetime | None = None
    is_held: bool = False
    before_id: int | None = None
    limit: int = 30
    sort: Sorting = UNSORTED  # with its own place; ``before_id`` is not used then
    delivery: str | None = None


def list_orders_of_member(
    member_id: int, tab: Tab = "all", *, before_id: int | None = None, limit: int = 10
) -> list[OrderCard]:
    """A buyer's orders, newest first, ``limit`` a page (我的订单)."""
    if before_id is None:
        return _cards(statements.newest_in_tab(tab).all(member_id, limit))
    query = Order.select().where((Order.member == member_id) & statements.in_tab(tab))
    return _cards(query.where(Order.id < before_id).order_by(Order.id.desc()).limit(limit))


def order_just_placed(
    member_id: int, items: Sequence[tuple[int, int]] | None = None
) -> OrderCard | None:
    """A buyer's newest order if it was placed within the last half hour and is not cancelled.

    With ``items``, (sku_id, quantity), only an order of exactly these goods. Who comes back to the
    checkout after paying is led by it.
    """
    newest = list_orders_of_member(member_id, limit=1)
    if not newest or newest[0].state in ("closing", "cancelled"):
        return None
    order = newest[0]
    bought = sorted((line.sku_id, line.quantity) for line in order.lines if not line.is_given)
    if order.created_at < clock.now() - JUST_PLACED or (items and bought != sorted(items)):
        return None
    return order


def is_only_paid_order(order_id: int, member_id: int) -> bool:
    """Whether a buyer paid this order and no other one, ever."""
    paid = Order.select(Order.id).where((Order.member == member_id) & Order.paid_at.is_null(False))
    return [row.id for row in paid.limit(2)] == [order_id]


def tab_counts(member_id: int) -> dict[str, int]:
    """How many of a buyer's orders wait in each tab, for the badges."""
    tabs = [tab for tab in OF_BUYERS if tab not in ("all", "done")]
    mine = Order.member == member_id
    return {tab: Order.select().where(mine & statements.in_tab(tab)).count() for tab in tabs}


def order_detail_for_buyer(order_no: str, member_id: int) -> OrderDetail:
    """The buyer's own order, with its address if it is theirs. Raises NotFound for another's."""
    order_id = order_id_of(order_no, member_id)
    return _page(order_id, address=True)


def order_detail_for_merchant(order_no: str) -> OrderDetail:
    """An order for the merchant, its address masked. Raises NotFound."""
    return _page(order_id_of(order_no), address=False)


def order_by_id(order_id: int) -> OrderCard:
    """One order by its id. Raises NotFound."""
    cards = _cards(Order.select().where(Order.id == order_id))
    if not cards:
        raise NotFound("order_missing")
    return cards[0]


def delivery_address(order_no: str) -> dict[str, str]:
    """The full address and the buyer's note for a parcel's label (查看收货信息).

    Each call is recorded in the audit.
    """
    order = Order.get_by_id(order_id_of(order_no))
    audit.record("order.address", "order", order.id)
    return decrypted_address(order) | {"note": order.note, "greeting": order.greeting}


def list_orders(wanted: OrderFilter) -> list[OrderCard]:
    """The merchant's orders, newest first or as ``sort`` says, ``limit`` a page (订单管理)."""
    chosen = _chosen(wanted)
    if wanted.words.split():
        ids = search.find_order_ids(wanted.words, chosen, wanted.limit, wanted.sort)
        cards = {card.id: card for card in _cards(Order.select().where(Order.id.in_(ids)))}
        return [cards[order_id] for order_id in ids if order_id in cards]
    field = search.SORTS.get(wanted.sort.name, Order.id)
    query = Order.select().where(chosen)
    return _cards(sorted_page(query, field, wanted.sort, Order.id, wanted.limit))


def _chosen(wanted: OrderFilter) -> Any:
    """The condition of every filter except the words."""
    chosen = statements.in_tab(wanted.tab)
    if wanted.tab == "to_ship":
        chosen &= ~statements.waits_for_address()
    if wanted.state is not None:
        chosen &= Order.state == wanted.state
    if wanted.member_id is not None:
        chosen &= Order.member == wanted.member_id
    if wanted.seller_id is not None:
        chosen &= Order.seller == wanted.seller_id
    if wanted.delivery is not None:
        chosen &= Order.delivery == wanted.delivery
    if wanted.placed_from is not None:
        chosen &= (Order.created_at >= wanted.placed_from) & _ids_from(wanted.placed_from)
    if wanted.placed_to is not None:
        chosen &= (Order.created_at < wanted.placed_to) & _ids_to(wanted.placed_to)
    if wanted.is_held:
        chosen &= Order.id.in_(held.held_ids())
    if wanted.before_id is not None:
        chosen &= Order.id < wanted.before_id
    return chosen


def _ids_from(instant: datetime) -> Any:
    """A lower bound for the ids of orders placed since ``instant``, a day's difference allowed.

    Ids rise with time, so the bound spares reading older rows. It is looked up by a query of its
    own because MariaDB makes no range of a subquery.
    """
    since = Order.select(Order.id).where(Order.created_at >= instant - CLOCKS_APART)
    return Order.id >= (since.order_by(Order.created_at).limit(1).scalar() or ID_MOST)


def _ids_to(instant: datetime) -> Any:
    before = Order.select(Order.id).where(Order.created_at < instant + CLOCKS_APART)
    return Order.id <= (before.order_by(Order.created_at.desc()).limit(1).scalar() or 0)


def order_counts() -> dict[str, int]:
    """How many orders wait in each state that is not final, and how many have an open case.

    ``gifts`` are paid gifts that nobody has taken; ``paid`` is without them.
    """
    waiting = Order.select(Order.state, fn.COUNT(Order.id)).where(Order.state.in_(WAITING_STATES))
    query: Any = waiting.group_by(Order.state).tuples()
    counts = {state: int(n) for state, n in query}
    gifts = Order.select().where(statements.waits_for_address()).count()
    if gifts:
        counts |= {"gifts": gifts, "paid": counts["paid"] - gifts}
    return counts | {"refunding": Order.select().where(Order.open_cases > 0).count()}


def order_log(order_id: int) -> list[LogView]:
    """An order's log, oldest first."""
    query = OrderLog.select().where(OrderLog.order == order_id).order_by(OrderLog.id)
    return [LogView(g.from_state, g.to_state, g.actor, g.why, g.facts, g.at) for g in query]


def parcels_of(order_id: int) -> list[ParcelView]:
    """An order's parcels with their contents, oldest first."""
    parcels = list(Parcel.select().where(Parcel.order == order_id).order_by(Parcel.id))
    contents: dict[int, list[tuple[int, int]]] = defaultdict(list)
    if parcels:
        ids = [parcel.id for parcel in parcels]
        query = ParcelLine.select().where(ParcelLine.parcel.in_(ids))
        for row in query.order_by(ParcelLine.id):
            contents[row.parcel_id].append((row.line_id, row.quantity))
    return [
        ParcelView(p.id, p.company, p.tracking_no, p.shipped_at, tuple(contents[p.id]))
        for p in parcels
    ]


def _page(order_id: int, *, address: bool) -> OrderDetail:
    row = Order.get_by_id(order_id)
    lines = tuple(lines_of_orders([order_id])[order_id])
    return OrderDetail(
        **card_values(row, lines, is_own=address),
        parcels=tuple(parcels_of(order_id)),
        log=tuple(order_log(order_id)),
        address=decrypted_address(row) if address and row.delivery != GIFT else None,
    )


def decrypted_address(order: Any) -> dict[str, str]:
    """The full address of an order. Raises NotFound('personal_erased')."""
    return opened_address(order)


def _cards(query: Iterable[Any]) -> list[OrderCard]:
    rows = list(query)
    lines = lines_of_orders([row.id for row in rows])
    return [OrderCard(**card_values(row, tuple(lines[row.id]))) for row in rows]


def lines_of_orders(order_ids: Sequence[int]) -> dict[int, list[LineView]]:
    """The lines of several orders, by order, in order."""
    found: dict[int, list[LineView]] = defaultdict(list)
    if order_ids:
        query = OrderLine.select().where(OrderLine.order.in_(list(order_ids)))
        for row in query.order_by(OrderLine.id):
            found[row.order_id].append(line_view(row))
    return found
