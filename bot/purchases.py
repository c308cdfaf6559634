"""A person's orders as the chat's answers show them: state, parcels, and what can be done next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import paths
from bot.intent import Asked
from bot.numbers import order_number_in
from domain import gifts, orders, pickups, promises
from domain.orders import Hold, OrderCard, ParcelView, Tab
from domain.pickups import PICKUP, PickupView
from kernel import clock
from kernel.errors import NotFound

SHOWN = 3
SENT = frozenset({"partly_shipped", "shipped", "received"})


@dataclass(frozen=True)
class Shown:
    """An order with its parcels; none if nothing was shipped yet.

    ``ship_by_at`` is when the rest leaves at the latest; None unless something waits to be sent.
    ``pickup`` is how it is collected, if it does not go by parcel.
    """

    order: OrderCard
    parcels: tuple[ParcelView, ...]
    ship_by_at: datetime | None = None
    holds: tuple[Hold, ...] = ()
    pickup: PickupView | None = None

    @property
    def is_age_held(self) -> bool:
        """True while a doubt about the buyer's age holds the order."""
        return "age" in self.holds

    @property
    def is_late(self) -> bool:
        """True if it should have left by now."""
        return bool(self.ship_by_at and self.ship_by_at < clock.now() and not self.is_age_held)

    @property
    def claim_path(self) -> str:
        """The page where an after-sales case for this order begins; "" if none can be opened.

        An order that has not left is refunded as a whole; of several goods the order's page asks
        which.
        """
        order = self.order
        if order.can_cancel_paid:
            return paths.claim(order.order_no)
        if not order.can_claim:
            return ""
        left = [line for line in order.lines if line.can_claim]
        if len(left) == 1 and left[0].shipped:
            return paths.claim(order.order_no, left[0].id)
        return paths.order(order.order_no)


def shown(*cards: OrderCard) -> list[Shown]:
    """Orders with their parcels, promises and what holds them."""
    holds = orders.holds_of(card.id for card in cards)
    return [_shown(card, holds.get(card.id, ())) for card in cards]


def _shown(card: OrderCard, holds: tuple[Hold, ...]) -> Shown:
    parcels = orders.parcels_of(card.id) if card.state in SENT else []
    if card.delivery == PICKUP:
        return Shown(card, (), holds=holds, pickup=pickups.pickup_of_order(card.id))
    ship_by_at = None
    since = _ready_at(card)
    if since is not None and card.state in ("paid", "partly_shipped"):
        ship_by_at = since + timedelta(hours=promises.current().ship_within_hours)
    return Shown(card, tuple(parcels), ship_by_at, holds)


def _ready_at(card: OrderCard) -> datetime | None:
    """Since when an order can be sent: a gift only once a friend gave the address."""
    if card.delivery != orders.GIFT:
        return card.paid_at
    gift = gifts.gift_of_order(card.id)
    return gift.accepted_at if gift is not None else None


def latest(member_id: int, tab: Tab = "all", limit: int = SHOWN) -> list[Shown]:
    """A person's newest orders of one tab."""
    found = orders.list_orders_of_member(member_id, tab, limit=limit)
    return shown(*found)


def with_number(order_no: str, member_id: int) -> Shown:
    """The person's own order with a number. Raises NotFound for another's."""
    (found,) = shown(orders.order_by_id(orders.order_id_of(order_no, member_id)))
    return found


def named(asked: Asked) -> Shown | None:
    """The order whose number stands in the question, if it is the person's own."""
    order_no = order_number_in(asked.words)
    if not order_no:
        return None
    try:
        return with_number(order_no, asked.member_id)
    except NotFound:
        return None


def asked_about(
    asked: Asked, *tabs: Tab, fits: Callable[[Shown], bool] = lambda _: True
) -> list[Shown]:
    """The order that the question names, else the newest that fit, of the first tab with any.

    If the order that it names is not the person's own, there is none.
    """
    if order_number_in(asked.words):
        one = named(asked)
        return [one] if one is not None else []
    for tab in tabs:
        found = [each for each in latest(asked.member_id, tab, 2 * SHOWN) if fits(each)]
        if found:
            return found[:SHOWN]
    return []
