"""Products as their sheet shows them, read for many at once."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain import catalog
from domain.catalog import ProductForm, Spec
from domain.product_sheets import rules
from kernel.money import yuan
from models import Attribute, Product, ProductAttribute, Sku

AT_ONCE = 400
OWN_LINE = " / "


@dataclass(frozen=True)
class SkuGoods:
    """A SKU with everything that its row may change."""

    sku_id: int
    choices: tuple[str, ...]
    spec_text: str
    code: str
    price_fen: int
    cost_fen: int | None
    low_stock: int
    weight_g: int


@dataclass(frozen=True)
class Goods:
    """A product with its SKUs; ``specs`` is empty for one whose SKUs are named by one text."""

    id: int
    form: ProductForm
    state: str
    specs: tuple[Spec, ...]
    stated: Mapping[str, str]
    skus: tuple[SkuGoods, ...]

    @property
    def mark(self) -> int:
        """A figure that changes with whatever a sheet may change."""
        said = (self.form, self.specs, sorted(self.stated.items()), self.skus)
        return zlib.crc32(repr(said).encode()) & 0x7FFFFFFF


@dataclass(frozen=True)
class SheetLine:
    """A SKU of the sheet: its cells by name, and what is only told."""

    sku_id: int
    product_id: int
    cells: Mapping[str, str]
    price_fen: int
    cost_fen: int | None
    state: str
    stock: int


def written(goods: Goods, sku: SkuGoods, category: str) -> dict[str, str]:
    """The cells of a SKU's row. The first stock is empty: stock is changed by stocktaking."""
    form = goods.form
    return {
        "product_id": str(goods.id), "title": form.title, "subtitle": form.subtitle,
        "category": category, "brand": form.brand, "strength": form.strength,
        "tags": " ".join(form.tags), "attributes": rules.stated_text(goods.stated),
        "is_liquor": rules.YES if form.is_liquor else rules.NO,
        "is_return_exempt": rules.YES if form.is_return_exempt else rules.NO,
        "position": str(form.position), "sku_id": str(sku.sku_id),
        "spec_names": rules.joined([spec.name for spec in goods.specs]),
        "spec": rules.joined(sku.choices) if goods.specs else sku.spec_text,
        "code": sku.code, "price": yuan(sku.price_fen),
        "cost": "" if sku.cost_fen is None else yuan(sku.cost_fen), "stock": "",
        "low_stock": str(sku.low_stock), "weight_g": str(sku.weight_g),
    }  # fmt: skip


def category_names() -> dict[int, str]:
    """Categories by id, those below another with its name: 白酒 / 酱香."""
    rows = catalog.list_categories()
    names = {row.id: row.form.name for row in rows}
    return {
        row.id: f"{names[row.form.parent_id]}{OWN_LINE}{row.form.name}"
        if row.form.parent_id else row.form.name
        for row in rows
    }  # fmt: skip


def read_goods(product_ids: Iterable[int]) -> dict[int, Goods]:
    """Products by id, in a few queries."""
    found: dict[int, Goods] = {}
    for some in pieces(sorted(set(product_ids))):
        found |= _goods_of(some)
    return found


def _goods_of(ids: Sequence[int]) -> dict[int, Goods]:
    skus: dict[int, list[SkuGoods]] = defaultdict(list)
    live = Sku.product.in_(ids) & ~Sku.is_removed
    for row in Sku.select().where(live).order_by(Sku.position, Sku.id):
        skus[row.product_id].append(_sku(row))
    stated: dict[int, dict[str, str]] = defaultdict(dict)
    query: Any = (
        ProductAttribute.select(ProductAttribute.product, Attribute.name, ProductAttribute.value)
        .join(Attribute)
        .where(ProductAttribute.product.in_(ids))
        .order_by(Attribute.position, Attribute.id)
    )
    for product_id, name, value in query.tuples():
        stated[product_id][name] = value
    return {
        row.id: Goods(
            row.id, _form(row), row.state,
            tuple(Spec(each["name"], tuple(each["values"])) for each in row.specs or ()),
            stated[row.id], tuple(skus[row.id]),
        )
        for row in Product.select().where(Product.id.in_(ids))
    }  # fmt: skip


def lines_of_products(
    ids: Sequence[int] = (), after_id: int = 0, limit: int = 100
) -> list[list[SheetLine]]:
    """The lines of products by id, after a product's id; ``ids`` chooses among them."""
    chosen = Product.id > after_id
    if ids:
        chosen &= Product.id.in_(list(ids))
    wanted = [
        row.id
        for row in Product.select(Product.id).where(chosen).order_by(Product.id).limit(limit)
    ]
    return _lines(wanted, {})


def list_lines(
    *, state: str | None = None, words: str = "", before_id: int | None = None, limit: int = 50
) -> list[SheetLine]:
    """Lines of SKUs, newest SKU first, for a list; words are found in title, text and code."""
    query: Any = Sku.select(Sku.id, Sku.product, Sku.stock).join(Product).where(~Sku.is_removed)
    if state is not None:
        query = query.where(Product.state == state)
    if words:
        named = Product.title.contains(words) | Sku.spec_text.contains(words)
        query = query.where(named | (Sku.code == words))
    if before_id is not None:
        query = query.where(Sku.id < before_id)
    rows = list(query.order_by(Sku.id.desc()).limit(limit))
    stock = {row.id: row.stock for row in rows}
    made = {line.sku_id: line for lines in _lines([row.product_id for row in rows], stock)
            for line in lines}  # fmt: skip
    return [made[row.id] for row in rows if row.id in made]


def _lines(product_ids: Iterable[int], stock: Mapping[int, int]) -> list[list[SheetLine]]:
    found, names = read_goods(product_ids), category_names()
    return [
        [
            SheetLine(
                sku.sku_id, goods.id, written(goods, sku, names[goods.form.category_id]),
                sku.price_fen, sku.cost_fen, goods.state, stock.get(sku.sku_id, 0),
            )
            for sku in goods.skus
        ]
        for _, goods in sorted(found.items())
    ]  # fmt: skip


def _form(row: Any) -> ProductForm:
    return ProductForm(
        row.title, row.category_id, row.subtitle, row.description, row.usage, row.strength,
        row.is_liquor, row.is_return_exempt, tuple(row.tags or ()), row.position, row.brand,
    )  # fmt: skip


def _sku(row: Any) -> SkuGoods:
    return SkuGoods(
        row.id, tuple(row.choices or ()), row.spec_text, row.code or "", row.price_fen,
        row.cost_fen, row.low_stock, row.weight_g,
    )  # fmt: skip


def pieces(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    """Values in parts that fit into one query."""
    return (values[at : at + AT_ONCE] for at in range(0, len(values), AT_ONCE))
