"""Arrivals (到货): pieces of one lot are added to stock, and the lot is kept with its day.

Which lot a parcel was packed from is not recorded. What is left of each lot is therefore an
estimate: the oldest lot is taken to leave first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from domain import catalog
from domain.warehouse.counting import pieces_in_house
from kernel import clock, context, typed
from kernel.errors import Invalid
from kernel.text import clean_line
from models import StockLot

LOT_NO_MOST = 40
NOTE_MOST = 80
OLDEST = date(1950, 1, 1)


@dataclass(frozen=True)
class Arrival:
    """What arrived: pieces, lot number, day of production; the day may be unknown."""

    quantity: int
    lot_no: str
    made_on: date | None = None
    note: str = ""


@dataclass(frozen=True)
class LotView:
    """A lot that arrived, and an estimate of the pieces that are left of it."""

    id: int
    lot_no: str
    made_on: date | None
    quantity: int
    left: int
    note: str
    actor: str
    at: datetime


def record_arrival(sku_id: int, it: Arrival) -> int:
    """Add the pieces to stock and keep their lot; returns the lot's id (到货入库).

    Raises Invalid('quantity_not_positive', 'lot_no_missing', 'made_on_bad') and as
    ``catalog.adjust_stock``.
    """
    if it.quantity <= 0:
        raise Invalid("quantity_not_positive", "quantity")
    lot_no = clean_line(typed.words(it.lot_no, LOT_NO_MOST, "lot_no"))
    if not lot_no:
        raise Invalid("lot_no_missing", "lot_no")
    if it.made_on is not None and not OLDEST <= it.made_on <= clock.business_day(clock.now()):
        raise Invalid("made_on_bad", "made_on")
    note = typed.words(it.note, NOTE_MOST, "note")
    catalog.adjust_stock(sku_id, it.quantity, f"{lot_no} {note}".strip()[:80], "arrival")
    return int(
        StockLot.insert(
            sku=sku_id, lot_no=lot_no, made_on=it.made_on.isoformat() if it.made_on else None,
            quantity=it.quantity, note=note, actor=context.actor.get(), at=clock.now(),
        ).execute()
    )  # fmt: skip


def list_lots(sku_id: int, limit: int = 50) -> list[LotView]:
    """A SKU's lots, newest arrival first, each with what is left of it by estimate."""
    rows = StockLot.select().where(StockLot.sku == sku_id).order_by(StockLot.id.desc())
    found = list(rows.limit(limit))
    in_house = pieces_in_house([sku_id]).get(sku_id, 0)
    left = left_of_lots([row.quantity for row in found], in_house)
    return [
        LotView(
            row.id, row.lot_no, date.fromisoformat(row.made_on) if row.made_on else None,
            row.quantity, pieces, row.note, row.actor, row.at,
        )
        for row, pieces in zip(found, left, strict=True)
    ]  # fmt: skip


def left_of_lots(quantities: Sequence[int], in_house: int) -> list[int]:
    """Pieces left of each lot, newest first, if the oldest leave first."""
    left = []
    for quantity in quantities:
        left.append(min(quantity, max(in_house, 0)))
        in_house -= quantity
    return left
