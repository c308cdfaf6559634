"""The SKU matrix (规格表): up to three specifications, and a SKU for each combination sold.

A SKU that is left out is taken off, never deleted: orders and histories keep it, and it comes back
with the same combination.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from domain import audit
from domain.catalog import rules
from domain.catalog.indexing import update_search_and_price
from domain.catalog.rules import SkuForm
from domain.catalog.skus import insert_sku, is_code_taken, set_price
from domain.catalog.specs import Choices, Spec, combinations, spec_text, specs_of
from kernel.errors import Conflict, Invalid, LimitReached, NotFound
from kernel.store import lock_row
from models import Product, Sku

SPECS_MOST, VALUES_MOST = 3, 20
NAME_MOST, VALUE_MOST = 12, 24


@dataclass(frozen=True)
class MatrixRow:
    """A combination that is sold. ``stock`` is the first stock of a new SKU.

    ``cost_fen`` None keeps the cost that stands.
    """

    choices: Choices
    price_fen: int
    cost_fen: int | None = None
    stock: int = 0
    code: str = ""
    low_stock: int = 10
    weight_g: int = 0

    @property
    def text(self) -> str:
        """What carts and orders show of it."""
        return spec_text(self.choices)


@dataclass(frozen=True)
class MatrixSku:
    """A combination as it stands, with what is not changed here."""

    sku_id: int
    row: MatrixRow
    held: int
    sold: int


@dataclass(frozen=True)
class Matrix:
    """A product's specifications and the combinations that are sold; ``version`` of all this."""

    specs: tuple[Spec, ...]
    skus: tuple[MatrixSku, ...]
    version: int


def matrix_of(product_id: int) -> Matrix:
    """A product's matrix. SKUs named by one text become one specification without a name.

    Raises NotFound.
    """
    product = Product.get_or_none(Product.id == product_id)
    if product is None:
        raise NotFound("product_missing")
    rows = list(_live(product_id))
    specs = specs_of(product.specs)
    if not specs:
        values = tuple(dict.fromkeys(_values_of_old(row)[0] for row in rows))
        specs = (Spec("", values),)
    skus = tuple(_sku(row, specs) for row in rows)
    return Matrix(specs, skus, _version(specs, skus))


def save_matrix(
    product_id: int, specs: Sequence[Spec], rows: Sequence[MatrixRow], version: int | None = None
) -> None:
    """Set the specifications and the combinations that are sold (保存规格表).

    ``version`` prevents a lost update. Raises NotFound, LimitReached, Invalid at the field,
    Conflict('product_moved', 'sku_code_taken').
    """
    if lock_row(Product, product_id) is None:
        raise NotFound("product_missing")
    before = matrix_of(product_id)
    if version is not None and version != before.version:
        raise Conflict("product_moved")
    kept = [Spec(each.name.strip(), each.values) for each in specs]
    check_matrix(kept, rows)
    Product.update(
        specs=[{"name": each.name, "values": list(each.values)} for each in kept],
        version=Product.version + 1,
    ).where(Product.id == product_id).execute()
    known = _known(product_id, len(kept))
    _free_codes(product_id)
    sold = [_save_row(product_id, known, row, place) for place, row in enumerate(rows)]
    gone = (Sku.product == product_id) & Sku.id.not_in(sold) & ~Sku.is_removed
    Sku.update(is_removed=True).where(gone).execute()
    update_search_and_price(product_id)
    audit.record(
        "product.matrix", "product", product_id,
        before={"specs": _said(before.specs), "skus": len(before.skus)},
        after={"specs": _said(kept), "skus": len(rows)},
    )  # fmt: skip


def check_matrix(specs: Sequence[Spec], rows: Sequence[MatrixRow]) -> None:
    """Check specifications and combinations within their limits. Raises as ``save_matrix``."""
    if not 1 <= len(specs) <= SPECS_MOST:
        raise Invalid("specs_count", "spec1_name", limit=SPECS_MOST)
    for place, spec in enumerate(specs, start=1):
        _check_spec(spec, place, {each.name for each in specs[: place - 1]}, len(specs) > 1)
    known = set(combinations(specs))
    if not rows:
        raise Invalid("matrix_empty", "")
    if len(rows) > rules.SKUS_MAX:
        raise LimitReached("too_many_skus", limit=rules.SKUS_MAX)
    if any(row.choices not in known for row in rows) or _repeats(row.choices for row in rows):
        raise Invalid("matrix_stale", "")
    if code := _repeats(row.code for row in rows if row.code):
        raise Conflict("sku_code_taken", "code", sku_code=code)
    for row in rows:
        rules.checked_sku(SkuForm(row.price_fen, row.stock, row.text, row.code or None,
                                  row.low_stock, row.weight_g))  # fmt: skip
        if row.cost_fen is not None:
            rules.checked_price(row.cost_fen)


def _check_spec(spec: Spec, place: int, others: set[str], needs_name: bool) -> None:
    name, values = f"spec{place}_name", f"spec{place}_values"
    if len(spec.name) > NAME_MOST or (needs_name and not spec.name):
        raise Invalid("spec_name_bad", name, limit=NAME_MOST)
    if spec.name and spec.name in others:
        raise Invalid("spec_name_twice", name)
    if not spec.values or len(spec.values) > VALUES_MOST:
        raise Invalid("spec_values_count", values, limit=VALUES_MOST)
    if _repeats(spec.values) is not None:
        raise Invalid("spec_value_twice", values)
    if any(len(each) > VALUE_MOST or (needs_name and not each) for each in spec.values):
        raise Invalid("spec_value_bad", values, limit=VALUE_MOST)


def _repeats(values: Iterable[Any]) -> Any:
    """The first value that stands twice; None if none does."""
    seen: set[Any] = set()
    for each in values:
        if each in seen:
            return each
        seen.add(each)
    return None


def _known(product_id: int, specs: int) -> Mapping[Choices, Any]:
    """The product's SKUs by combination, sold ones before those that were taken off."""
    found: dict[Choices, Any] = {}
    query = Sku.select().where(Sku.product == product_id)
    for row in query.order_by(Sku.is_removed, Sku.id.desc()):
        choices = tuple(row.choices or _values_of_old(row))
        if len(choices) == specs:
            found.setdefault(choices, row)
    return found


def _save_row(product_id: int, known: Mapping[Choices, Any], row: MatrixRow, place: int) -> int:
    """The id of the SKU of a combination, which is changed, put back or made."""
    if row.code and is_code_taken(row.code):
        raise Conflict("sku_code_taken", "code", sku_code=row.code)
    old = known.get(row.choices)
    form = SkuForm(row.price_fen, row.stock, row.text, row.code or None, row.low_stock,
                   row.weight_g)  # fmt: skip
    sku_id = insert_sku(product_id, form, place) if old is None else int(old.id)
    values: dict[str, Any] = {
        "spec_text": row.text, "choices": list(row.choices), "code": row.code or None,
        "low_stock": row.low_stock, "weight_g": row.weight_g, "position": place,
        "is_removed": False,
    }  # fmt: skip
    if row.cost_fen is not None:
        values["cost_fen"] = row.cost_fen
    Sku.update(**values).where(Sku.id == sku_id).execute()
    if old is not None:
        set_price(sku_id, row.price_fen)
    return sku_id


def _free_codes(product_id: int) -> None:
    """Codes may move between the product's SKUs, also from one that was taken off."""
    Sku.update(code=None).where(Sku.product == product_id).execute()


def _live(product_id: int) -> Iterable[Any]:
    mine = (Sku.product == product_id) & ~Sku.is_removed
    found: Iterable[Any] = Sku.select().where(mine).order_by(Sku.position, Sku.id)
    return found


def _values_of_old(row: Any) -> Choices:
    """A SKU that is named by one text has this text as its only choice."""
    return tuple(row.choices or (row.spec_text[:VALUE_MOST],))


def _sku(row: Any, specs: Sequence[Spec]) -> MatrixSku:
    choices = _values_of_old(row)
    form = MatrixRow(choices, row.price_fen, row.cost_fen, row.stock, row.code or "",
                     row.low_stock, row.weight_g)  # fmt: skip
    return MatrixSku(row.id, form, row.held, row.sold)


def _version(specs: Sequence[Spec], skus: Sequence[MatrixSku]) -> int:
    """A figure that changes with what the page of the matrix may change; stock is not among it."""
    rows = [(each.sku_id, replace(each.row, stock=0)) for each in skus]
    return zlib.crc32(repr((tuple(specs), rows)).encode()) & 0x7FFFFFFF


def _said(specs: Iterable[Spec]) -> list[str]:
    return [f"{each.name} {'/'.join(each.values)}".strip() for each in specs]
