"""Notices to the owner about stopped refunds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from domain.notices import Fen, OwnerNotice, Reason

RefundLimit = Literal["refund_per_hour", "refund_per_day"]


@dataclass(frozen=True, kw_only=True)
class RefundsStopped(OwnerNotice):
    """Refunds were stopped (暂停退款)."""

    KEY: ClassVar[str] = "refunds_stopped"
    PAGE: ClassVar[str] = "/admin/brakes"
    why: Reason
    actor: str = ""


@dataclass(frozen=True, kw_only=True)
class RefundBraked(OwnerNotice):
    """A ceiling of refunds was reached; further refunds wait (退款达到上限)."""

    KEY: ClassVar[str] = "refund_braked"
    PAGE: ClassVar[str] = "/admin/brakes"
    code: RefundLimit
    limit_fen: Fen
    already_fen: Fen
