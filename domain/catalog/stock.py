"""Stock (库存): every change is one conditional UPDATE and one row of history.

``initial + adjusted = stock + held + sold`` for every SKU at every moment; each move below keeps
it. ``docs/algorithms/stock.md`` is the prose.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from peewee import JOIN, fn

from domain import audit
from domain.catalog import statements
from domain.catalog.errors import StockShort
from domain.catalog.rules import STOCK_MAX
from kernel import clock, context, typed
from kernel.errors import Invalid, NotFound
from kernel.store import insert_rows
from models import Sku, StockMove

Items = Sequence[tuple[int, int]]  # (sku_id, how many), each SKU once or more


def hold_stock(items: Items, source: str) -> None:
    """Put goods aside for an order (占用库存); all or none.

    Raises StockShort('stock_short', sku_id=…, left=…) and the caller's transaction is undone.
    """
    _move(items, "hold", source)


def release_stock(items: Items, source: str) -> None:
    """Give back what was put aside: the order was cancelled (释放库存)."""
    _move(items, "release", source)


def take_stock(items: Items, source: str) -> None:
    """What was put aside is sold: the order was paid (扣减库存)."""
    _move(items, "sold", source)


def return_stock(items: Items, source: str) -> None:
    """What was sold is for sale again (退回库存)."""
    _move(items, "return", source)


def replace_stock(items: Items, source: str) -> None:
    """Goods leave the shelf as a replacement: stock to sold at once (换货出库)."""
    _move(items, "replace", source)


def adjust_stock(sku_id: int, delta: int, why: str) -> None:
    """The merchant counted, received or wrote off goods (调整库存). Raises StockShort, Invalid."""
    if delta == 0 or abs(delta) > STOCK_MAX:
        raise Invalid("stock_delta_bad", "delta", limit=STOCK_MAX)
    why = typed.words(why, 80, "why")
    if not why:
        raise Invalid("reason_missing", "why")
    after = Sku.stock + delta
    changed = (
        Sku.update(stock=after)
        .where((Sku.id == sku_id) & (after >= 0) & (after <= STOCK_MAX))
        .execute()
    )
    if changed != 1:
        raise _short(sku_id)
    _note([(sku_id, delta)], "adjust", "", why)
    audit.record("stock.adjust", "sku", sku_id, after={"delta": delta, "why": why})


def first_stock(sku_id: int, count: int) -> None:
    """The history of a new SKU begins with what was there."""
    if count:
        _note([(sku_id, count)], "initial", "", "")


def identity_gaps() -> list[int]:
    """SKUs whose history and figures differ, see the identity above: none, if all is well.

    One statement, which sees one moment; between two somebody could buy.
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


def _move(items: Items, reason: str, source: str) -> None:
    """Move goods of several SKUs, in the order of their ids so that movers never cross."""
    wanted = _summed(items)
    for sku_id, n in wanted:
        if n <= 0:
            raise Invalid("quantity_bad", "quantity")
        if statements.MOVES[reason].run(sku_id, n) != 1:
            raise _short(sku_id)
    sign = -1 if reason in ("hold", "replace") else 0 if reason == "sold" else 1
    _note([(sku_id, sign * n) for sku_id, n in wanted], reason, source, "", wanted)


def _summed(items: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    sums: dict[int, int] = {}
    for sku_id, n in items:
        sums[sku_id] = sums.get(sku_id, 0) + n
    return sorted(sums.items())


def _note(items: Items, reason: str, source: str, note: str, moved: Items = ()) -> None:
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
                "source": source,
                "note": note,
                "actor": actor,
                "at": now,
            }
            for sku_id, delta in items
        ],
    )


def _short(sku_id: int) -> Exception:
    sku = Sku.get_or_none(Sku.id == sku_id)
    if sku is None:
        return NotFound("sku_missing")
    return StockShort("stock_short", "quantity", sku_id=sku_id, left=sku.stock)
