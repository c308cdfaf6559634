"""Stock (库存): every change is one conditional UPDATE and one row of history.

``initial + adjusted = stock + held + sold`` holds for every SKU at every moment; each move below
keeps it. See ``docs/algorithms/stock.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, get_args

from peewee import JOIN, fn

from domain import audit
from domain.catalog import statements
from domain.catalog.errors import StockShort
from domain.catalog.rules import STOCK_MAX
from kernel import clock, context, typed
from kernel.errors import Invalid, NotFound
from kernel.store import insert_rows
from models import Sku, StockMove

Items = Sequence[tuple[int, int]]  # (sku_id, pieces); a SKU may be named more than once
Cause = Literal["arrival", "count", "damage", "sample", "other"]
"""Why stock was adjusted (调整原因)."""

CAUSES: tuple[Cause, ...] = get_args(Cause)
ADDS: tuple[Cause, ...] = ("arrival",)
TAKES: tuple[Cause, ...] = ("damage", "sample")


def hold_stock(items: Items, source: str) -> None:
    """Reserve goods for an order (占用库存), all or none.

    Raises StockShort('stock_short', sku_id=…, left=…); the caller's transaction is rolled back.
    """
    _move(items, "hold", source)


def release_stock(items: Items, source: str) -> None:
    """Free the reserved goods of a cancelled order (释放库存)."""
    _move(items, "release", source)


def take_stock(items: Items, source: str) -> None:
    """Count the reserved goods of a paid order as sold (扣减库存)."""
    _move(items, "sold", source)


def return_stock(items: Items, source: str) -> None:
    """Put sold goods back into stock (退回库存)."""
    _move(items, "return", source)


def replace_stock(items: Items, source: str) -> None:
    """Move replacements from stock to sold (换货出库). Raises StockShort."""
    _move(items, "replace", source)


def adjust_stock(sku_id: int, delta: int, why: str, cause: Cause = "other") -> None:
    """Add ``delta`` pieces after a count, an arrival or a write-off (调整库存).

    Only the cause ``other`` needs words. An arrival adds; damage and a sample take away. Raises
    StockShort, Invalid, NotFound.
    """
    if delta == 0 or abs(delta) > STOCK_MAX:
        raise Invalid("stock_delta_bad", "delta", limit=STOCK_MAX)
    if cause not in CAUSES:
        raise Invalid("stock_cause_bad", "cause")
    if (cause in ADDS and delta < 0) or (cause in TAKES and delta > 0):
        raise Invalid("stock_sign_bad", "delta", cause=cause)
    why = typed.words(why, 80, "why")
    if not why and cause == "other":
        raise Invalid("reason_missing", "why")
    after = Sku.stock + delta
    changed = (
        Sku.update(stock=after)
        .where((Sku.id == sku_id) & (after >= 0) & (after <= STOCK_MAX))
        .execute()
    )
    if changed != 1:
        raise _stock_short_error(sku_id)
    _record_moves([(sku_id, delta)], "adjust", "", why, cause=cause)
    facts = {"delta": delta, "cause": cause} | ({"why": why} if why else {})
    audit.record("stock.adjust", "sku", sku_id, after=facts)


def record_first_stock(sku_id: int, count: int) -> None:
    """Write the first row of a new SKU's stock history."""
    if count:
        _record_moves([(sku_id, count)], "initial", "", "")


def skus_out_of_balance() -> list[int]:
    """Ids of the SKUs whose history and counts break the identity above; normally none.

    It is one statement, so that it sees one moment; between two statements stock may move.
    """
    came: Any = (
        StockMove.select(StockMove.sku.alias("sku"), fn.SUM(StockMove.delta).alias("total"))
        .where(StockMove.reason.in_(("initial", "adjust")))
        .group_by(StockMove.sku)
        .alias("came")
    )
    rows: Any = (
        Sku.select(Sku.id)
        .join(came, JOIN.LEFT_OUTER, on=(Sku.id == came.c.sku))
        .where(fn.COALESCE(came.c.total, 0) != Sku.stock + Sku.held + Sku.sold)
        .order_by(Sku.id)
        .tuples()
    )
    return [number for (number,) in rows]


Reason = Literal["initial", "adjust", "hold", "release", "sold", "return", "replace"]


def _move(items: Items, reason: str, source: str) -> None:
    """Move several SKUs in the order of their ids, so that two moves can't deadlock."""
    wanted = _sum_by_sku(items)
    for sku_id, n in wanted:
        if n <= 0:
            raise Invalid("quantity_not_positive", "quantity")
        if statements.MOVES[reason].run(sku_id, n) != 1:
            raise _stock_short_error(sku_id)
    sign = -1 if reason in ("hold", "replace") else 0 if reason == "sold" else 1
    _record_moves([(sku_id, sign * n) for sku_id, n in wanted], reason, source, "", wanted)


def _sum_by_sku(items: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    sums: dict[int, int] = {}
    for sku_id, n in items:
        sums[sku_id] = sums.get(sku_id, 0) + n
    return sorted(sums.items())


def _record_moves(
    items: Items, reason: str, source: str, note: str, moved: Items = (),
    cause: Cause | None = None,
) -> None:  # fmt: skip
    now, actor = clock.now(), context.actor.get()
    counts = dict(moved)
    insert_rows(
        StockMove,
        [
            {
                "sku": sku_id,
                "delta": delta,
                "quantity": counts.get(sku_id, abs(delta)),
                "reason": reason,
                "cause": cause,
                "source": source,
                "note": note,
                "actor": actor,
                "at": now,
            }
            for sku_id, delta in items
        ],
    )


def _stock_short_error(sku_id: int) -> Exception:
    sku = Sku.get_or_none(Sku.id == sku_id)
    if sku is None:
        return NotFound("sku_missing")
    return StockShort("stock_short", "quantity", sku_id=sku_id, left=sku.stock)
