"""Pickups for the buyer, the merchant and the clerk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from peewee import fn

from domain import logistics, members, orders
from domain.logistics import PlaceView
from domain.orders import OrderCard
from domain.pickups import rules, statements
from domain.pickups.service import CODE, CONTEXT, Places, facts_of, has_liquor, may_see
from kernel import clock
from kernel.crypto import vault
from kernel.errors import DomainError, NotFound
from models import Order, Pickup, PickupRefusal

Ailment = Literal["no_code", "not_refunded", "not_received", "no_pickup"]
SPARE = timedelta(hours=1)
"""How much later than its time a pickup may be refunded before the doctor speaks of it."""


@dataclass(frozen=True)
class PickupView:
    """A pickup with its place."""

    id: int
    order_id: int
    state: str
    place: PlaceView
    ready_at: datetime | None
    collect_by_at: datetime | None
    collected_at: datetime | None
    collected_by: str
    age_check: str

    @property
    def can_change_place(self) -> bool:
        """True as long as the goods are not ready."""
        return self.state in ("waiting", "preparing")

    @property
    def has_code(self) -> bool:
        """True while the code is worth something."""
        return self.state in ("preparing", "ready")


@dataclass(frozen=True)
class PickupRow:
    """A pickup in the clerk's list, with its order."""

    pickup: PickupView
    order: OrderCard


@dataclass(frozen=True)
class Desk:
    """What a clerk sees before the goods are handed over; ``problem`` is why they can't be."""

    pickup: PickupView
    order: OrderCard
    has_liquor: bool
    problem: DomainError | None
    refusals: tuple[tuple[datetime, str, str], ...]  # when, why, by whom


PickupCounts = dict[str, int]


def pickup_of_order(order_id: int) -> PickupView | None:
    """How an order is collected; None for one that goes by parcel."""
    row = statements.of_order.first(order_id)
    return None if row is None else _view(row)


def code_of_buyer(order_no: str, member_id: int) -> str:
    """The buyer's own code while it is worth something, else "". Raises NotFound."""
    row = statements.of_order.first(orders.order_id_of(order_no, member_id))
    if row is None:
        raise NotFound("pickup_missing")
    if row.sealed_code is None or row.state not in ("preparing", "ready"):
        return ""
    return members.open_for(member_id, row.sealed_code, CONTEXT)


def waiting_pickups(member_id: int, limit: int = 3) -> list[PickupRow]:
    """A buyer's paid orders that wait to be collected, newest first."""
    mine = (Order.member == member_id) & (Order.state == "paid")
    query = Pickup.select().join(Order).where(mine & Pickup.state.in_(("preparing", "ready")))
    return _rows(query.order_by(Pickup.id.desc()).limit(limit))


def list_pickups(
    state: str = "", places: Places = None, before_id: int | None = None, limit: int = 30
) -> list[PickupRow]:
    """Pickups of paid orders, newest first, at some places or at all."""
    chosen = Pickup.state == state if state else Pickup.state != "waiting"
    if places is not None:
        chosen &= Pickup.place.in_(sorted(places))
    if before_id is not None:
        chosen &= Pickup.id < before_id
    return _rows(Pickup.select().where(chosen).order_by(Pickup.id.desc()).limit(limit))


def count_pickups(places: Places = None) -> PickupCounts:
    """How many pickups are to be prepared, and how many wait to be collected."""
    waiting = Pickup.state.in_(("preparing", "ready"))
    if places is not None:
        waiting &= Pickup.place.in_(sorted(places))
    query: Any = Pickup.select(Pickup.state, fn.COUNT(Pickup.id)).where(waiting)
    return {state: int(n) for state, n in query.group_by(Pickup.state).tuples()}


def pickup_by_code(typed: str, places: Places = None) -> int:
    """The id of the pickup whose code was typed or scanned (验码).

    Raises NotFound('pickup_code_unknown'), Forbidden('pickup_other_place').
    """
    code = rules.code_typed(typed)
    hashes = vault().blinds(CODE, code)
    row = Pickup.get_or_none(Pickup.code_hash.in_(list(hashes))) if code else None
    if row is None:
        raise NotFound("pickup_code_unknown", "code")
    may_see(row.place_id, places)
    return int(row.id)


def pickup_detail(pickup_id: int, places: Places = None) -> Desk:
    """A pickup for who hands it over. Raises NotFound, Forbidden('pickup_other_place')."""
    row = Pickup.get_or_none(Pickup.id == pickup_id)
    if row is None:
        raise NotFound("pickup_missing")
    may_see(row.place_id, places)
    order = orders.order_by_id(row.order_id)
    query = PickupRefusal.select().where(PickupRefusal.pickup == pickup_id)
    return Desk(
        _view(row), order, has_liquor(order.id), rules.why_not(facts_of(row, order), clock.now()),
        tuple((each.at, each.reason, each.by) for each in query.order_by(PickupRefusal.id)),
    )  # fmt: skip


def check_pickups(limit: int = 50) -> list[tuple[str, Ailment]]:
    """What is wrong with pickups, as (order's number, ailment), for the doctor.

    no_code: paid, and nobody can collect it. not_refunded: its time is over for an hour.
    not_received: handed over, and the order does not say so. no_pickup: a paid order without one.
    """
    late = clock.now() - SPARE
    no_code = Pickup.state.in_(("preparing", "ready")) & Pickup.code_hash.is_null()
    over = (Pickup.state == "ready") & (Pickup.collect_by_at <= late)
    gone = (Pickup.state == "collected") & (Order.state == "paid")
    found: list[tuple[str, Ailment]] = []
    looks: tuple[tuple[Ailment, Any], ...] = (
        ("no_code", no_code),
        ("not_refunded", over & (Order.open_cases == 0)),
        ("not_received", gone),
    )
    for ailment, where in looks:
        query: Any = Pickup.select(Order.order_no).join(Order).where(where).limit(limit)
        found += [(no, ailment) for (no,) in query.tuples()]
    known = Pickup.select(Pickup.order)
    alone = (Order.delivery == rules.PICKUP) & Order.id.not_in(known)
    without: Any = Order.select(Order.order_no).where(alone).limit(limit)
    return found + [(no, "no_pickup") for (no,) in without.tuples()]


def _rows(query: Any) -> list[PickupRow]:
    rows: Sequence[Any] = list(query)
    return [PickupRow(_view(row), orders.order_by_id(row.order_id)) for row in rows]


def _view(row: Any) -> PickupView:
    return PickupView(
        row.id, row.order_id, row.state, logistics.place(row.place_id), row.ready_at,
        row.collect_by_at, row.collected_at, row.collected_by or "", row.age_check,
    )  # fmt: skip
