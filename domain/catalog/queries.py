"""Reads of the catalogue for shoppers: home, shelves, search, product pages, SKUs of a cart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from domain.catalog import statements
from domain.catalog.rules import (
    STRIKE_PRICE_WINDOW,
    STRIKE_SHOWN_FOR,
    PriceStep,
    strike_price,
)
from domain.catalog.searching import search_words
from kernel import clock
from kernel.errors import NotFound
from models import Category, Picture, Product, ProductPicture, Sku

PAGE = 20


@dataclass(frozen=True)
class PictureRef:
    """A picture by its content id; ``kernel.pictures.variants`` gives its addresses."""

    id: str
    width: int
    height: int
    color: str
    widths: tuple[int, ...]
    alt: str = ""


@dataclass(frozen=True)
class CategoryView:
    """A category, shown as a shelf of the mall."""

    id: int
    name: str


@dataclass(frozen=True)
class ProductCard:
    """A product in a list; prices in fen.

    ``strike_fen`` is the strike price, None unless it is lawful to show it. ``label`` and
    ``until`` name the offer and its end where ``price_fen`` is an offer's price
    (``domain.pricing``).
    """

    id: int
    title: str
    subtitle: str
    strength: str
    is_liquor: bool
    price_fen: int
    strike_fen: int | None
    is_sold_out: bool
    sold: int
    cover: PictureRef | None
    label: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class Shelf:
    """A page of products; ``has_more`` says whether another page follows."""

    cards: tuple[ProductCard, ...]
    page: int
    has_more: bool
    category: CategoryView | None = None
    words: str = ""


@dataclass(frozen=True)
class Home:
    """The mall's front page: its shelves and the first products."""

    categories: tuple[CategoryView, ...]
    cards: tuple[ProductCard, ...]


@dataclass(frozen=True)
class SkuView:
    """A specification on the product page; ``label`` and ``until`` as in ``ProductCard``."""

    id: int
    spec_text: str
    price_fen: int
    strike_fen: int | None
    left: int
    is_low: bool
    label: str = ""
    until: datetime | None = None

    @property
    def is_sold_out(self) -> bool:
        """True when the stock is 0."""
        return self.left <= 0


@dataclass(frozen=True)
class ProductPage:
    """Everything that the product page shows."""

    id: int
    title: str
    subtitle: str
    category: CategoryView
    description: str
    usage: str
    strength: str
    is_liquor: bool
    is_return_exempt: bool
    tags: tuple[str, ...]
    state: str
    version: int
    sold: int
    pictures: tuple[PictureRef, ...]
    skus: tuple[SkuView, ...]

    @property
    def price_fen(self) -> int:
        """The lowest price among the specifications."""
        return min(sku.price_fen for sku in self.skus)

    @property
    def is_sold_out(self) -> bool:
        """True when every specification is sold out."""
        return all(sku.is_sold_out for sku in self.skus)


@dataclass(frozen=True)
class SkuLine:
    """A SKU with what cart and order need of its product."""

    sku_id: int
    product_id: int
    category_id: int
    title: str
    spec_text: str
    price_fen: int
    left: int
    is_for_sale: bool
    is_liquor: bool
    is_return_exempt: bool
    weight_g: int
    cover: PictureRef | None


@dataclass(frozen=True)
class PricedSku:
    """A SKU's list price, with the ids that an offer may be limited to (价目)."""

    sku_id: int
    product_id: int
    category_id: int
    price_fen: int


def list_shown_categories() -> list[CategoryView]:
    """The categories that shoppers see, in the merchant's order."""
    return [CategoryView(*row) for row in statements.shown_categories.all()]


def home(limit: int = 12) -> Home:
    """Shelves and the first products of the mall."""
    return Home(
        tuple(list_shown_categories()), tuple(_product_cards(_page_of(None, "", limit, 0)))
    )


def shelf(category_id: int | None = None, words: str = "", page: int = 1) -> Shelf:
    """A page of a category or of a search that finds every word. Raises NotFound."""
    category = _category_view(category_id) if category_id is not None else None
    page = max(page, 1)
    cards = _product_cards(_page_of(category_id, words, PAGE + 1, (page - 1) * PAGE))
    return Shelf(tuple(cards[:PAGE]), page, len(cards) > PAGE, category, words)


def _page_of(category_id: int | None, words: str, limit: int, offset: int) -> list[Any]:
    if words:
        query = with_words(_on_shelf(), words).limit(limit).offset(offset)
        if category_id is not None:
            query = query.where(Product.category == category_id)
        return list(query.objects())
    if category_id is not None:
        ids = statements.ids_of_category.all(category_id, limit, offset)
    else:
        ids = statements.ids_of_all_products.all(limit, offset)
    return statements.product_cards.all([row.id for row in ids]) if ids else []


def search(words: str, limit: int = 5) -> list[ProductCard]:
    """Products in which every word is found, in title, specification, tag or category (搜索)."""
    return _product_cards(_page_of(None, words, limit, 0)) if search_words(words) else []


def product_cards(product_ids: Sequence[int]) -> list[ProductCard]:
    """These products if they are on the shelf, in the order of ``product_ids``."""
    query = _on_shelf().where(Product.id.in_(list(product_ids)))
    found = {c.id: c for c in _product_cards(list(query.objects()))}
    return [found[i] for i in product_ids if i in found]


def best_seller() -> int | None:
    """The product on the shelf that sold most, one in stock before others; None without any."""
    row = statements.best_seller.first()
    return None if row is None else int(row.product_id)


def product_page(product_id: int, *, include_hidden: bool = False) -> ProductPage:
    """A product with pictures, specifications and stock. Raises NotFound if it is off the shelf.

    ``include_hidden`` shows it in any state, for the merchant.
    """
    row = statements.product.first(product_id)
    if row is None or not (include_hidden or row.state == "on_shelf"):
        raise NotFound("product_missing")
    skus = statements.skus_of_product.all(product_id)
    strikes = _strike_prices([sku.id for sku in skus])
    return ProductPage(
        id=row.id,
        title=row.title,
        subtitle=row.subtitle,
        category=CategoryView(row.category_id, row.category_name),
        description=row.description,
        usage=row.usage,
        strength=row.strength,
        is_liquor=row.is_liquor,
        is_return_exempt=row.is_return_exempt,
        tags=tuple(row.tags or ()),
        state=row.state,
        version=row.version,
        sold=sum(sku.sold for sku in skus),
        pictures=pictures_of(product_id),
        skus=tuple(
            SkuView(
                sku.id,
                sku.spec_text,
                sku.price_fen,
                strikes.get(sku.id),
                sku.stock,
                0 < sku.stock <= sku.low_stock,
            )
            for sku in skus
        ),
    )


def pictures_of(product_id: int) -> tuple[PictureRef, ...]:
    """A product's pictures, the cover first."""
    rows = statements.pictures_of_product.all(product_id)
    return tuple(ref for row in rows if (ref := picture_of(row)) is not None)


def pictures(digests: Iterable[str]) -> dict[str, PictureRef]:
    """Pictures by their content ids, which order lines keep; unknown ones are left out."""
    query = Picture.select().where(Picture.digest.in_(sorted(set(digests))))
    return {
        p.digest: PictureRef(p.digest, p.width, p.height, p.color, tuple(p.widths), p.alt)
        for p in query
    }


def unused_pictures_by_alt(alt: str) -> list[str]:
    """Content ids of the pictures stored with this ``alt`` that no product shows."""
    shown = ProductPicture.select(ProductPicture.picture)
    rows = Picture.select(Picture.digest).where((Picture.alt == alt) & Picture.id.not_in(shown))
    return [str(row.digest) for row in rows]


def pictures_of_lines(holders: Iterable[Any]) -> dict[str, PictureRef]:
    """The pictures of the lines of orders or cases, by content id."""
    ids = {line.picture_id for each in holders for line in each.lines if line.picture_id}
    return pictures(ids) if ids else {}


def sku_lines(sku_ids: Iterable[int]) -> dict[int, SkuLine]:
    """SKUs with what cart and order need of their products, by id; unknown ids are left out."""
    ids = sorted(set(sku_ids))
    return {
        row.id: SkuLine(
            sku_id=row.id,
            product_id=row.product_id,
            category_id=row.category_id,
            title=row.title,
            spec_text=row.spec_text,
            price_fen=row.price_fen,
            left=row.stock,
            is_for_sale=row.product_state == "on_shelf" and not row.is_removed,
            is_liquor=row.is_liquor,
            is_return_exempt=row.is_return_exempt,
            weight_g=row.weight_g,
            cover=picture_of(row),
        )
        for row in (statements.sku_lines.all(ids) if ids else [])
    }


def priced_skus(product_ids: Iterable[int]) -> list[PricedSku]:
    """The list price of every specification that these products still have."""
    ids = sorted(set(product_ids))
    found = statements.list_prices_of_products.all(ids) if ids else []
    return [PricedSku(r.id, r.product_id, r.category_id, r.price_fen) for r in found]


def price_histories(sku_ids: Iterable[int]) -> dict[int, list[PriceStep]]:
    """Each SKU's prices and the instants from which they held, oldest first (价格历史)."""
    ids = sorted(set(sku_ids))
    steps: dict[int, list[PriceStep]] = defaultdict(list)
    for row in statements.prices_of.all(ids) if ids else []:
        steps[row.sku_id].append(PriceStep(row.price_fen, row.from_at))
    return steps


def known_ids(scope: str, ids: Iterable[int]) -> set[int]:
    """Which of these ids exist as categories, products or SKUs; none for the scope ``order``."""
    tables: dict[str, Any] = {"category": Category, "product": Product, "sku": Sku}
    table, wanted = tables.get(scope), sorted(set(ids))
    if table is None or not wanted:
        return set()
    return {int(row.id) for row in table.select(table.id).where(table.id.in_(wanted))}


def picture_of(row: Any) -> PictureRef | None:
    """The picture joined to a row, or None."""
    if row.digest is None:
        return None
    return PictureRef(
        row.digest,
        row.picture_width,
        row.picture_height,
        row.color,
        tuple(row.widths),
        row.picture_alt,
    )


def _category_view(category_id: int) -> CategoryView:
    row = Category.get_or_none((Category.id == category_id) & ~Category.is_hidden)
    if row is None:
        raise NotFound("category_missing")
    return CategoryView(row.id, row.name)


def _on_shelf() -> Any:
    return statements.all_products().where(Product.state == "on_shelf")


def with_words(query: Any, words: str) -> Any:
    """Limit a query of products to those that contain every word, in their text or category."""
    for word in search_words(words):
        in_text = fn.LOWER(Product.search_text).contains(word)
        query = query.where(in_text | fn.LOWER(Category.name).contains(word))
    return query


def _product_cards(rows: Sequence[Any]) -> list[ProductCard]:
    skus = defaultdict(list)
    ids = [row.id for row in rows]
    for sku in statements.skus_of_products.all(ids) if ids else []:
        skus[sku.product_id].append(sku)
    cheapest = {i: min(skus[i], key=lambda s: (s.price_fen, s.id)).id for i in ids if skus[i]}
    strikes = _strike_prices(list(cheapest.values()))
    return [
        ProductCard(
            id=row.id,
            title=row.title,
            subtitle=row.subtitle,
            strength=row.strength,
            is_liquor=row.is_liquor,
            price_fen=row.from_price_fen,
            strike_fen=strikes.get(cheapest.get(row.id, 0)),
            is_sold_out=all(sku.stock <= 0 for sku in skus[row.id]),
            sold=sum(sku.sold for sku in skus[row.id]),
            cover=picture_of(row),
        )
        for row in rows
    ]


def _strike_prices(sku_ids: Sequence[int]) -> dict[int, int]:
    """The lawful strike price in fen of each SKU that has one."""
    if not sku_ids:
        return {}
    now = clock.now()
    steps: dict[int, list[PriceStep]] = defaultdict(list)
    since = now - STRIKE_SHOWN_FOR - STRIKE_PRICE_WINDOW
    for row in statements.recent_prices.all(list(sku_ids), since):
        steps[row.sku_id].append(PriceStep(row.price_fen, row.from_at))
    found = {sku_id: strike_price(history, now) for sku_id, history in steps.items()}
    return {sku_id: fen for sku_id, fen in found.items() if fen is not None}
