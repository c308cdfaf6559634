"""Reads of the catalogue for shoppers: home, shelves, search, product pages, SKUs of a cart."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from domain.catalog import statements
from domain.catalog.attributes import facts_of
from domain.catalog.categories import (
    CategoryView,
    ids_below,
    list_shown_categories,
    shown_category,
)
from domain.catalog.filters import Chosen, narrowed
from domain.catalog.pictures import PictureRef, picture_of
from domain.catalog.rules import (
    STRIKE_PRICE_WINDOW,
    STRIKE_SHOWN_FOR,
    PriceStep,
    strike_price,
)
from domain.catalog.searching import search_words
from domain.catalog.specs import Spec, specs_of
from domain.catalog.stories import pictures_of_story
from kernel import clock
from kernel.errors import NotFound
from models import Category, Product, Sku

_WILD = re.compile(r"[%_\\]")
"""Characters that LIKE would take for patterns."""
PAGE = 20


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
    most_left: int = 0
    """The stock of the specification that has most."""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shelf:
    """A page of products; ``has_more`` says whether another page follows."""

    cards: tuple[ProductCard, ...]
    page: int
    has_more: bool
    category: CategoryView | None = None
    words: str = ""
    chosen: Chosen = ()
    nearness: str = ""
    """How near a search's products are: '' has every word; 'sound', 'part' (domain/search)."""
    price_from_fen: int | None = None
    price_to_fen: int | None = None


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
    choices: tuple[str, ...] = ()
    """What it chooses of each of the product's ``specs``."""

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
    brand: str = ""
    specs: tuple[Spec, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    """Its attributes (规格参数): (name, value with unit)."""
    story: str = ""
    """Its rich detail as stored HTML (图文详情); the pictures that it names are in the next."""
    story_pictures: tuple[PictureRef, ...] = ()

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


def home(limit: int = 12) -> Home:
    """Shelves and the first products of the mall."""
    return Home(tuple(list_shown_categories()), tuple(_product_cards(_page_of(None, limit, 0))))


def shelf(category_id: int | None = None, page: int = 1, chosen: Chosen = ()) -> Shelf:
    """A page of a category, or of all products, with the chosen filters; 20 a page.

    A category of the first level has the products of those below it. Raises NotFound.
    """
    category = shown_category(category_id) if category_id is not None else None
    page = max(page, 1)
    rows = _page_of(category_id, PAGE + 1, (page - 1) * PAGE, chosen)
    cards = _product_cards(rows)
    return Shelf(tuple(cards[:PAGE]), page, len(cards) > PAGE, category, "", chosen)


def _page_of(category_id: int | None, limit: int, offset: int, chosen: Chosen = ()) -> list[Any]:
    if chosen:
        query = narrowed(_on_shelf(), chosen).limit(limit).offset(offset)
        if category_id is not None:
            query = query.where(Product.category.in_(ids_below(category_id)))
        return list(query.objects())
    if category_id is not None:
        found = ids_below(category_id)
        if len(found) == 1:
            ids = statements.ids_of_category.all(category_id, limit, offset)
        else:
            ids = statements.ids_of_categories.all(found, limit, offset)
    else:
        ids = statements.ids_of_all_products.all(limit, offset)
    return statements.product_cards.all([row.id for row in ids]) if ids else []


def search(words: str, limit: int = 5) -> list[ProductCard]:
    """Products in which every word is found, in title, specification, tag or category (搜索)."""
    wanted = search_words(words)
    if not wanted:
        return []
    if len(wanted) > statements.WORDS_MOST or any(_WILD.search(word) for word in wanted):
        return _product_cards(list(with_words(_on_shelf(), words).limit(limit).objects()))
    patterns = [f"%{word}%" for word in wanted]
    patterns += ["%"] * (statements.WORDS_MOST - len(patterns))
    return _product_cards(statements.on_shelf_with.all(*patterns, limit))


def product_cards(product_ids: Sequence[int]) -> list[ProductCard]:
    """These products if they are on the shelf, in the order of ``product_ids``."""
    rows = statements.product_cards.all(list(product_ids)) if product_ids else []
    found = {c.id: c for c in _product_cards([r for r in rows if r.state == "on_shelf"])}
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
        brand=row.brand,
        specs=specs_of(row.specs),
        facts=facts_of(product_id),
        story=row.story or "",
        story_pictures=pictures_of_story(row.story or ""),
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
                choices=tuple(sku.choices or ()),
            )
            for sku in skus
        ),
    )


def pictures_of(product_id: int) -> tuple[PictureRef, ...]:
    """A product's pictures, the cover first."""
    rows = statements.pictures_of_product.all(product_id)
    return tuple(ref for row in rows if (ref := picture_of(row)) is not None)


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
            most_left=max((sku.stock for sku in skus[row.id]), default=0),
            tags=tuple(row.tags or ()),
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
