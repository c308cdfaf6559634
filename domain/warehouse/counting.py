"""Stocktaking (盘点): a sheet of what should be in the house is counted and sent back.

In the house are the pieces on sale, those reserved for unpaid orders, and those sold but not yet
shipped. A row is refused if this number has moved since the sheet was made: the difference could
then be a parcel and no loss.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from domain import audit, catalog, orders
from domain.imports import Verdict
from kernel import typed
from kernel.errors import Conflict, Invalid
from kernel.text import number_of
from models import Product, Sku

CountFault = Literal[
    "sku_unknown", "book_missing", "count_moved", "count_sold", "sku_twice",
]  # fmt: skip
"""Why a row of a stocktake is refused, beside figures that can't be read."""

WHY_MOST = 80
_ID_DIGITS = 18


class CountRow(NamedTuple):
    """A row as it was filled in."""

    sku_id: str
    book: str
    counted: str
    why: str


@dataclass(frozen=True)
class ToCount:
    """A specification to count, with the pieces that should be in the house."""

    sku_id: int
    title: str
    spec_text: str
    code: str
    in_house: int
    to_ship: int  # of these, sold and not yet shipped


def list_to_count(ids: Sequence[int] = (), after_id: int = 0, limit: int = 200) -> list[ToCount]:
    """Specifications by id after an id; ``ids`` chooses among them. Removed ones are left out."""
    chosen = ~Sku.is_removed & (Sku.id > after_id)
    if ids:
        chosen &= Sku.id.in_(list(ids))
    columns = (Sku.id, Sku.spec_text, Sku.code, Sku.stock, Sku.held, Product.title)
    query = Sku.select(*columns).join(Product).where(chosen).order_by(Sku.id)
    rows: list[Any] = list(query.limit(limit).objects())
    waiting = orders.pieces_to_ship(row.id for row in rows)
    return [
        ToCount(
            row.id, row.title, row.spec_text, row.code or "",
            row.stock + row.held + waiting.get(row.id, 0), waiting.get(row.id, 0),
        )
        for row in rows
    ]  # fmt: skip


def pieces_in_house(sku_ids: Iterable[int]) -> dict[int, int]:
    """Pieces of each SKU that should be in the warehouse now (账面数)."""
    return {each.sku_id: each.in_house for each in _known(sku_ids).values()}


def check_count_rows(rows: Sequence[CountRow]) -> list[Verdict]:
    """What would come of each row now; nothing is changed."""
    ids = [_id(row.sku_id) for row in rows]
    known = _known(each for each in ids if each)
    stock = {row.id: row.stock for row in Sku.select().where(Sku.id.in_(list(known)))}
    times = Counter(i for i, row in zip(ids, rows, strict=True) if row.counted.strip())
    return [
        _verdict(row, known.get(sku_id), stock.get(sku_id, 0), times[sku_id])
        for row, sku_id in zip(rows, ids, strict=True)
    ]


def save_count_row(row: CountRow, shown: Mapping[str, Any]) -> None:
    """Adjust stock by the difference that the preview showed; without one only record the count.

    Raises Conflict with the reason of a verdict, or as ``catalog.adjust_stock``.
    """
    (verdict,) = check_count_rows([row])
    if verdict.state != "good":
        raise Conflict(verdict.why, verdict.cell, **verdict.facts)
    sku_id, delta = verdict.shown["sku_id"], verdict.shown["delta"]
    if delta != shown["delta"]:
        raise Conflict("count_sheet_moved", "book", book=row.book, now=verdict.shown["book"])
    if delta:
        catalog.adjust_stock(sku_id, delta, row.why, "count")
    audit.record("stock.count", "sku", sku_id, after={"counted": row.counted, "delta": delta})


def _verdict(row: CountRow, it: ToCount | None, stock: int, times: int) -> Verdict:
    if not row.counted.strip():
        return Verdict("blank")
    if it is None:
        return _wrong("sku_unknown", "sku_id")
    if times > 1:
        return _wrong("sku_twice", "sku_id")
    try:
        typed.words(row.why, WHY_MOST, "why")
        book = typed.count(row.book, "book") if row.book.strip() else None
        counted = typed.count(row.counted, "counted")
    except Invalid as error:
        return Verdict("wrong", error.code, error.field or "", error.facts)
    if book is None:
        return _wrong("book_missing", "book")
    if book != it.in_house:
        return _wrong("count_moved", "book", book=book, now=it.in_house)
    delta = counted - it.in_house
    if stock + delta < 0:
        return _wrong("count_sold", "counted", least=it.in_house - stock)
    shown = {
        "sku_id": it.sku_id, "goods": f"{it.title} {it.spec_text}".strip(), "book": book,
        "delta": delta,
    }  # fmt: skip
    return Verdict("good", shown=shown)


def _wrong(why: CountFault, cell: str, **facts: Any) -> Verdict:
    return Verdict("wrong", why, cell, facts)


def _id(text: str) -> int:
    number = number_of(text)
    return int(number) if number.isdigit() and len(number) <= _ID_DIGITS else 0


def _known(sku_ids: Iterable[int]) -> dict[int, ToCount]:
    ids = sorted(set(sku_ids))
    found = list_to_count(ids, limit=len(ids)) if ids else []
    return {each.sku_id: each for each in found}
