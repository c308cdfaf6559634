"""Notices about gifts: to the buyer, and without any sum to the friend (送礼通知)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.notices import Company, MemberNotice, Number, Occasion, Text, Title, TrackingNo
from domain.orders import order_no_of
from models import Gift, OrderLine, Parcel

_PAGE = "/m/orders/{order_no}/gift"


def _title_of(order_id: int) -> str:
    """The first goods of a gift."""
    mine = OrderLine.select(OrderLine.title).where(OrderLine.order == order_id)
    return str(mine.order_by(OrderLine.id).first().title)


def _ends_at(order_id: int) -> datetime | None:
    """Until when a friend may take it."""
    found: datetime | None = Gift.get(Gift.order == order_id).expires_at
    return found


@dataclass(frozen=True, kw_only=True)
class GiftReady(MemberNotice):
    """The gift is paid: the buyer may send it to a friend (礼物可以送出)."""

    KEY: ClassVar[str] = "gift_ready"
    PAGE: ClassVar[str] = _PAGE
    order_id: int

    @property
    def order_no(self) -> Number:
        """The order's number."""
        return order_no_of(self.order_id)

    @property
    def title(self) -> Title:
        """The first goods of the gift."""
        return _title_of(self.order_id)

    @property
    def expires_at(self) -> datetime | None:
        """Until when a friend may take it."""
        return _ends_at(self.order_id)


@dataclass(frozen=True, kw_only=True)
class GiftWaits(MemberNotice):
    """Nobody has taken the gift yet; it will be refunded then (礼物待领取)."""

    KEY: ClassVar[str] = "gift_waits"
    PAGE: ClassVar[str] = _PAGE
    order_id: int

    @property
    def order_no(self) -> Number:
        """The order's number."""
        return order_no_of(self.order_id)

    @property
    def title(self) -> Title:
        """The first goods of the gift."""
        return _title_of(self.order_id)

    def is_still_due(self, member_id: int) -> bool:
        """Whether it still waits."""
        return str(Gift.get(Gift.order == self.order_id).state) == "waiting"

    @property
    def expires_at(self) -> datetime | None:
        """Until when a friend may take it."""
        return _ends_at(self.order_id)


@dataclass(frozen=True, kw_only=True)
class GiftAccepted(MemberNotice):
    """A friend took the gift; it may arrive after the wished day (礼物已领取)."""

    KEY: ClassVar[str] = "gift_accepted"
    PAGE: ClassVar[str] = _PAGE
    order_id: int
    is_late: bool = False

    @property
    def order_no(self) -> Number:
        """The order's number."""
        return order_no_of(self.order_id)

    @property
    def title(self) -> Title:
        """The first goods of the gift."""
        return _title_of(self.order_id)


@dataclass(frozen=True, kw_only=True)
class GiftDeclined(MemberNotice):
    """A friend does not take the gift, and what they said (对方没有领取)."""

    KEY: ClassVar[str] = "gift_declined"
    PAGE: ClassVar[str] = _PAGE
    order_id: int
    said: Text = ""

    @property
    def order_no(self) -> Number:
        """The order's number."""
        return order_no_of(self.order_id)

    @property
    def title(self) -> Title:
        """The first goods of the gift."""
        return _title_of(self.order_id)


@dataclass(frozen=True, kw_only=True)
class GiftLapsed(MemberNotice):
    """Nobody took the gift in time; it is being refunded (礼物过期退款)."""

    KEY: ClassVar[str] = "gift_lapsed"
    PAGE: ClassVar[str] = _PAGE
    order_id: int

    @property
    def order_no(self) -> Number:
        """The order's number."""
        return order_no_of(self.order_id)

    @property
    def title(self) -> Title:
        """The first goods of the gift."""
        return _title_of(self.order_id)


@dataclass(frozen=True, kw_only=True)
class GiftShipped(MemberNotice):
    """To the friend: a parcel of the gift is on its way (礼物已发出)."""

    KEY: ClassVar[str] = "gift_shipped"
    PAGE: ClassVar[str] = "/m/gifts/{order_no}"
    OCCASION: ClassVar[Occasion | None] = "order_shipped"
    gift_id: int
    parcel_id: int

    @property
    def order_no(self) -> Number:
        """The order's number."""
        return order_no_of(Gift.get_by_id(self.gift_id).order_id)

    @property
    def company(self) -> Company:
        """The carrier."""
        return str(Parcel.get_by_id(self.parcel_id).company)

    @property
    def tracking_no(self) -> TrackingNo:
        """The number of the parcel."""
        return str(Parcel.get_by_id(self.parcel_id).tracking_no)
