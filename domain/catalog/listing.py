"""What the merchant reads of the catalogue: lists, stock watch, price and stock history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from peewee import fn

from domain.catalog.categories import CategoryView
from domain.catalog.pictures import PictureRef, picture_of
from domain.catalog.queries import with_words
from domain.catalog.rules import ProductForm, SkuForm
from domain.catalog.statements import all_products
from kernel import clock
from kernel.errors import NotFound
from kernel.store import UNSORTED, Sorting, sorted_page
from models import (
    Picture,
    PriceHistory,
    Product,
    ProductPicture,
    Sku,
    StockMove,
)

StockWatch = Literal["all", "low", "soon_out", "slow"]
SALES_RATE_DAYS = 14
SOON_DAYS = 7
SLOW_DAYS = 30


@dataclass(frozen=True)
class ProductRow:
    """A product in the merchant's list."""

    id: int
    title: str
    category: CategoryView
    state: str
    price_fen: int
    stock: int
    held: int
    sold: int
    cover: PictureRef | None


@dataclass(frozen=True)
class SkuDetail:
    """A SKU with everything that the merchant may change."""

    id: int
    form: SkuForm
    held: int
    sold: int


@dataclass(frozen=True)
class ProductDetail:
    """A product with everything that the merchant may change."""

    id: int
    form: ProductForm
    state: str
    version: int
    skus: tuple[SkuDetail, ...]
    has_matrix: bool = False


@dataclass(frozen=True)
class StockRow:
    """A SKU in the stock watch (库存预警).

    ``days_left`` is how long the stock lasts at the sales of the last 14 days; None without sales.
    """

    sku_id: int
    product_id: int
    title: str
    spec_text: str
    stock: int
    held: int
    low_stock: int
    sold_lately: int
    days_left: int | None


@dataclass(frozen=True)
class StockEntry:
    """A row of a SKU's stock history."""

    id: int
    at: datetime
    reason: str
    cause: str | None  # of an adjustment
    quantity: int
    delta: int
    source: str
    note: str
    actor: str


@dataclass(frozen=True)
class PriceEntry:
    """A row of a SKU's price history."""

    price_fen: int
    from_at: datetime
    by: str


def list_products(
    *, state: str | None = None, words: str = "", sort: Sorting = UNSORTED, limit: int = 30
) -> list[ProductRow]:
    """The merchant's products, newest first or sorted by ``price``, ``limit`` a page."""
    query = with_words(all_products(), words).objects()
    if state is not None:
        query = query.where(Product.state == state)
    field = {"price": Product.from_price_fen}.get(sort.name, Product.id)
    rows = sorted_page(query, field, sort, Product.id, limit)
    sums = _stock_sums([row.id for row in rows])
    return [
        ProductRow(
            row.id,
            row.title,
            CategoryView(row.category_id, row.category_name),
            row.state,
            row.from_price_fen,
            *sums.get(row.id, (0, 0, 0)),
            picture_of(row),
        )
        for row in rows
    ]


def product_detail_for_merchant(product_id: int) -> ProductDetail:
    """A product for its editing page. Raises NotFound."""
    row = Product.get_or_none(Product.id == product_id)
    if row is None:
        raise NotFound("product_missing")
    form = ProductForm(
        row.title,
        row.category_id,
        row.subtitle,
        row.description,
        row.usage,
        row.strength,
        row.is_liquor,
        row.is_return_exempt,
        tuple(row.tags or ()),
        row.position,
        row.brand,
    )
    mine = (Sku.product == product_id) & ~Sku.is_removed
    skus = tuple(
        SkuDetail(
            s.id,
            SkuForm(s.price_fen, s.stock, s.spec_text, s.code, s.low_stock, s.weight_g),
            s.held,
            s.sold,
        )
        for s in Sku.select().where(mine).order_by(Sku.position, Sku.id)
    )
    return ProductDetail(row.id, form, row.state, row.version, skus, bool(row.specs))


def list_watched_stock(
    watch: StockWatch = "all", *, after_id: int = 0, limit: int = 50
) -> list[StockRow]:
    """SKUs on the shelf whose stock needs attention (库存预警), by id after ``after_id``.

    low: at or below the SKU's mark; soon_out: sold out within a week at the sales of the last 14
    days; slow: in stock, and none sold for thirty days.
    """
    rows: list[StockRow] = []
    while len(rows) < limit:
        page = _stock_page(after_id, limit)
        if not page:
            break
        rows += [row for row in page if _is_watched(row, watch)]
        after_id = page[-1].sku_id
    if watch == "slow":
        sold = _sold_since([row.sku_id for row in rows], SLOW_DAYS)
        rows = [row for row in rows if not sold.get(row.sku_id)]
    return rows[:limit]


def list_stock_moves(
    sku_id: int, *, before_id: int | None = None, limit: int = 50
) -> list[StockEntry]:
    """A SKU's stock history, newest first."""
    query = StockMove.select().where(StockMove.sku == sku_id)
    if before_id is not None:
        query = query.where(StockMove.id < before_id)
    return [
        StockEntry(m.id, m.at, m.reason, m.cause, m.quantity, m.delta, m.source, m.note, m.actor)
        for m in query.order_by(StockMove.id.desc()).limit(limit)
    ]


def list_prices(sku_id: int, limit: int = 50) -> list[PriceEntry]:
    """A SKU's prices, each with the instant from which it held, newest first."""
    query = PriceHistory.select().where(PriceHistory.sku == sku_id)
    newest = query.order_by(PriceHistory.from_at.desc(), PriceHistory.id.desc()).limit(limit)
    return [PriceEntry(p.price_fen, p.from_at, p.by) for p in newest]


def _is_watched(row: StockRow, watch: StockWatch) -> bool:
    if watch == "low":
        return row.stock <= row.low_stock
    if watch == "soon_out":
        return row.days_left is not None and row.days_left < SOON_DAYS
    if watch == "slow":
        return row.stock > 0 and row.sold_lately == 0
    return True


def _stock_page(after_id: int, limit: int) -> list[StockRow]:
    query = (
        Sku.select(Sku, Product.title)
        .join(Product)
        .where((Sku.id > after_id) & ~Sku.is_removed & (Product.state == "on_shelf"))
        .order_by(Sku.id)
        .limit(limit)
    )
    skus: list[Any] = list(query.objects())
    sold = _sold_since([sku.id for sku in skus], SALES_RATE_DAYS)
    return [
        StockRow(
            s.id,
            s.product_id,
            s.title,
            s.spec_text,
            s.stock,
            s.held,
            s.low_stock,
            sold.get(s.id, 0),
            s.stock * SALES_RATE_DAYS // sold[s.id] if sold.get(s.id) else None,
        )
        for s in skus
    ]


def _sold_since(sku_ids: Iterable[int], days: int) -> dict[int, int]:
    since = clock.now() - timedelta(days=days)
    query: Any = (
        StockMove.select(StockMove.sku, fn.SUM(StockMove.quantity))
        .where(StockMove.sku.in_(list(sku_ids)))
        .where((StockMove.reason == "sold") & (StockMove.at >= since))
        .group_by(StockMove.sku)
    )
    return {sku: int(total) for sku, total in query.tuples()}


def _stock_sums(product_ids: Iterable[int]) -> dict[int, tuple[int, int, int]]:
    query: Any = (
        Sku.select(Sku.product, fn.SUM(Sku.stock), fn.SUM(Sku.held), fn.SUM(Sku.sold))
        .where(Sku.product.in_(list(product_ids)) & ~Sku.is_removed)
        .group_by(Sku.product)
    )
    return {p: (int(a), int(b), int(c)) for p, a, b, c in query.tuples()}


def list_product_pictures(product_id: int) -> list[tuple[int, PictureRef]]:
    """A product's pictures with their row ids, in order, for arranging them (图片管理)."""
    query = (
        Picture.select()
        .join(ProductPicture, on=ProductPicture.picture == Picture.id)
        .where(ProductPicture.product == product_id)
        .order_by(ProductPicture.position)
    )
    return [
        (p.id, PictureRef(p.digest, p.width, p.height, p.color, tuple(p.widths), p.alt))
        for p in query
    ]
