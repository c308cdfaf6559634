"""Stores as the chat's answers show them: the nearest first, open or not, and what waits there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot import paths
from bot.intent import Asked
from bot.regions import place_of, place_sent_to
from domain import logistics, members, pickups
from domain.logistics import PlaceView
from kernel import clock
from kernel.clock import SHANGHAI

SHOWN = 3


@dataclass(frozen=True)
class Store:
    """A store with whether it is open now, in words."""

    place: PlaceView
    now: str


@dataclass(frozen=True)
class Waiting:
    """An order that waits to be collected, and the page of its code."""

    order_no: str
    store: str
    now: str
    path: str


@dataclass(frozen=True)
class Stores:
    """The nearest stores to the place that is asked about, or to the person's own address."""

    near: tuple[Store, ...]
    count: int
    waiting: tuple[Waiting, ...]


def stores(asked: Asked) -> Stores:
    """The stores that are asked about, and the person's orders that wait there."""
    region = asked.slots.region or place_sent_to(asked.words)
    mine = [] if region else members.list_addresses(asked.member_id)
    place = place_of(region) or (mine[0].form.place if mine else "")
    found = logistics.nearest_places(place)
    return Stores(
        tuple(Store(each, open_now(each.hours)) for each in found[:SHOWN]), len(found),
        tuple(
            Waiting(
                row.order.order_no, row.pickup.place.name,
                "可以取货了" if row.pickup.state == "ready" else "备货中",
                paths.pickup(row.order.order_no),
            )
            for row in pickups.waiting_pickups(asked.member_id)
        ),
    )  # fmt: skip


def open_now(hours: Sequence[str]) -> str:
    """Whether a store is open: 营业中，至 21:00."""
    now = logistics.opening(hours, clock.now())
    if now.at is None:
        return "暂停营业"
    at = now.at.astimezone(SHANGHAI)
    if now.is_open:
        return f"营业中，至 {at:%H:%M}"
    return f"休息中，{at.month}月{at.day}日 {at:%H:%M} 营业"
