"""Notices to buyers about what they collect (自提通知)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain import logistics, orders
from domain.notices import Fen, MemberNotice, Number, Occasion, Text
from domain.pickups import statements

_PAGE = "/m/orders/{order_no}/pickup"


@dataclass(frozen=True, kw_only=True)
class PickupReady(MemberNotice):
    """The goods can be collected (可以提货)."""

    KEY: ClassVar[str] = "pickup_ready"
    PAGE: ClassVar[str] = _PAGE
    OCCASION: ClassVar[Occasion | None] = "order_shipped"
    order_id: int
    until: datetime

    @property
    def order_no(self) -> Number:
        """The order's number."""
        return orders.order_no_of(self.order_id)

    @property
    def place(self) -> Text:
        """Where the goods are."""
        return _place_of(self.order_id)


@dataclass(frozen=True, kw_only=True)
class PickupWaits(MemberNotice):
    """The goods were not collected yet (等您提货)."""

    KEY: ClassVar[str] = "pickup_waits"
    PAGE: ClassVar[str] = _PAGE
    OCCASION: ClassVar[Occasion | None] = "order_shipped"
    order_id: int
    until: datetime

    @property
    def order_no(self) -> Number:
        """The order's number."""
        return orders.order_no_of(self.order_id)

    @property
    def place(self) -> Text:
        """Where the goods are."""
        return _place_of(self.order_id)


@dataclass(frozen=True, kw_only=True)
class PickupLapsed(MemberNotice):
    """Nobody collected the goods in time: what was paid goes back (逾期退款)."""

    KEY: ClassVar[str] = "pickup_lapsed"
    PAGE: ClassVar[str] = "/m/orders/{order_no}"
    OCCASION: ClassVar[Occasion | None] = "refund"
    order_id: int
    fen: Fen

    @property
    def order_no(self) -> Number:
        """The order's number."""
        return orders.order_no_of(self.order_id)


def _place_of(order_id: int) -> str:
    row = statements.of_order.first(order_id)
    return "" if row is None else logistics.place(row.place_id).name
