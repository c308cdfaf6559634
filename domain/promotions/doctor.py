"""Faults of promotions that are on, for ``doctor offers``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from domain.promotions.kinds import KINDS
from domain.promotions.live import live_of
from domain.promotions.offers import QuoteLine
from domain.promotions.queries import goods_of
from domain.promotions.service import form_of
from kernel import clock
from models import OfferRow

OVERDUE = timedelta(minutes=10)
FaultCode = Literal["unreadable", "overdue", "nothing_for_sale", "lowers_nothing"]


@dataclass(frozen=True)
class OfferFault:
    """A promotion and its fault.

    unreadable: its rules don't fit its kind; overdue: it ended more than ten minutes ago and is
    not marked, so the job does not run; nothing_for_sale: none of its goods is; lowers_nothing: no
    price is below the list price.
    """

    offer_id: int
    title: str
    ailment: FaultCode


def check_offers() -> list[OfferFault]:
    """The faults of all promotions that are on, by id (活动体检)."""
    rows = OfferRow.select().where(OfferRow.state == "on").order_by(OfferRow.id)
    return [OfferFault(row.id, row.title, ailment) for row in rows if (ailment := _fault_of(row))]


def _fault_of(row: OfferRow) -> FaultCode | None:
    live = live_of(row)
    if live is None:
        return "unreadable"
    if clock.now() - row.ends_at > OVERDUE:
        return "overdue"
    unit_price = KINDS[row.kind].unit_price
    if row.scope not in ("product", "sku") or unit_price is None:
        return None
    skus = [sku for sku in goods_of(form_of(row)) if sku.is_for_sale]
    lines = [QuoteLine(s.sku_id, s.product_id, 1, s.price_fen, s.category_id) for s in skus]
    if not lines:
        return "nothing_for_sale"
    lowered = [unit_price(live.rules, line.sku_id, line.unit_price_fen) for line in lines]
    return None if any(price is not None for price in lowered) else "lowers_nothing"
