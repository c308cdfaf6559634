"""Notices about the proof of age, to members and the owner (年龄核验通知)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.notices import MemberNotice, Number, Occasion, OwnerNotice, RowNumber

_PAGE = "/m/me/age"


@dataclass(frozen=True, kw_only=True)
class AgeDoubted(MemberNotice):
    """Liquor orders wait until the member proves their age (需核验年龄)."""

    KEY: ClassVar[str] = "age_doubted"
    PAGE: ClassVar[str] = _PAGE
    OCCASION: ClassVar[Occasion | None] = "ticket"
    order_no: Number = ""
    until: datetime


@dataclass(frozen=True, kw_only=True)
class AgeProven(MemberNotice):
    """The member is of age; their orders go on (核验通过)."""

    KEY: ClassVar[str] = "age_proven"
    PAGE: ClassVar[str] = "/m/orders"
    OCCASION: ClassVar[Occasion | None] = "ticket"
    order_no: Number = ""


@dataclass(frozen=True, kw_only=True)
class AgeRefused(MemberNotice):
    """The age was not proven; nothing is sold, what was paid is refunded (核验未通过)."""

    KEY: ClassVar[str] = "age_refused"
    PAGE: ClassVar[str] = _PAGE
    OCCASION: ClassVar[Occasion | None] = "ticket"
    order_no: Number = ""


@dataclass(frozen=True, kw_only=True)
class AgeUnproven(OwnerNotice):
    """A doubt ended without proof: the merchant refunds what was paid (未成年存疑待退款)."""

    KEY: ClassVar[str] = "age_unproven"
    PAGE: ClassVar[str] = "/admin/ages/{doubt_id}"
    doubt_id: RowNumber
