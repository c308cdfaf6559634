"""Prepared SQL of shoppers' pages and of stock moves."""

from __future__ import annotations

from functools import partial
from typing import Any

from peewee import JOIN, Case, fn

from kernel.store import prepared
from models import (
    Attribute,
    Category,
    Picture,
    PriceHistory,
    Product,
    ProductAttribute,
    ProductPicture,
    ProductStory,
    Sku,
)

PICTURE = (
    Picture.digest, Picture.width.alias("picture_width"), Picture.height.alias("picture_height"),
    Picture.color, Picture.widths, Picture.alt.alias("picture_alt"),
)  # fmt: skip
COVER = (ProductPicture.product == Product.id) & (ProductPicture.position == 0)


def all_products() -> Any:
    """Products with their categories and covers, in the merchant's order."""
    return (
        Product.select(
            Product.id,
            Product.title,
            Product.subtitle,
            Product.strength,
            Product.is_liquor,
            Product.from_price_fen,
            Product.state,
            Product.tags,
            Product.category,
            Category.name.alias("category_name"),
            *PICTURE,
        )
        .join(Category)
        .switch(Product)
        .join(ProductPicture, JOIN.LEFT_OUTER, on=COVER)
        .join(Picture, JOIN.LEFT_OUTER, on=(ProductPicture.picture == Picture.id))
        .order_by(Product.position, Product.id.desc())
    )


@prepared
def shown_categories() -> Any:
    """The categories that shoppers see, in the merchant's order."""
    return (
        Category.select(Category.id, Category.name, Category.parent_id, *PICTURE)
        .join(Picture, JOIN.LEFT_OUTER, on=(Category.picture == Picture.digest))
        .where(~Category.is_hidden)
        .order_by(Category.position, Category.id)
    )


@prepared
def shown_below(category_id: Any) -> Any:
    """The categories that shoppers see below one."""
    return Category.select(Category.id).where(
        (Category.parent_id == category_id) & ~Category.is_hidden
    )


@prepared
def ids_of_all_products(limit: Any, offset: Any) -> Any:
    """Ids of a page of products. Only ids, so that skipped rows are read from the index alone."""
    mine = Product.select(Product.id).where(Product.state == "on_shelf")
    return mine.order_by(Product.position, Product.id.desc()).limit(limit).offset(offset)


@prepared
def ids_of_category(category_id: Any, limit: Any, offset: Any) -> Any:
    """Ids of a page of one category's products, as in ``ids_of_all_products``."""
    mine = Product.select(Product.id).where(
        (Product.category == category_id) & (Product.state == "on_shelf")
    )
    return mine.order_by(Product.position, Product.id.desc()).limit(limit).offset(offset)


@prepared
def ids_of_categories(category_ids: Any, limit: Any, offset: Any) -> Any:
    """Ids of a page of the products of several categories, as in ``ids_of_all_products``."""
    mine = Product.select(Product.id).where(
        Product.category.in_(category_ids) & (Product.state == "on_shelf")
    )
    return mine.order_by(Product.position, Product.id.desc()).limit(limit).offset(offset)


@prepared
def attributes_of_product(product_id: Any) -> Any:
    """What one product states, in the merchant's order."""
    return (
        ProductAttribute.select(Attribute.name, Attribute.unit, ProductAttribute.value)
        .join(Attribute)
        .where(ProductAttribute.product == product_id)
        .order_by(Attribute.position, Attribute.id)
    )


@prepared
def best_seller() -> Any:
    """The product on the shelf of which most was sold, those in stock first."""
    sold, stock = fn.SUM(Sku.sold), fn.SUM(Sku.stock)
    return (
        Sku.select(Sku.product)
        .join(Product)
        .where((Product.state == "on_shelf") & ~Sku.is_removed)
        .group_by(Sku.product, Product.position)
        .order_by(
            Case(None, [(stock > 0, 0)], 1), sold.desc(), Product.position, Sku.product.desc()
        )
        .limit(1)
    )


@prepared
def best_sellers(limit: Any) -> Any:
    """The products on the shelf of which most was sold, the first ones of them."""
    return (
        Sku.select(Sku.product)
        .join(Product)
        .where((Product.state == "on_shelf") & ~Sku.is_removed)
        .group_by(Sku.product, Product.position)
        .order_by(fn.SUM(Sku.sold).desc(), Product.position, Sku.product.desc())
        .limit(limit)
    )


@prepared
def goods_on_shelf(limit: Any) -> Any:
    """Name, words, strength and list price of the products on the shelf, without more reads."""
    return (
        Product.select(
            Product.id,
            Product.title,
            Product.search_text,
            Product.strength,
            Product.is_liquor,
            Product.from_price_fen,
            Category.name.alias("category_name"),
        )
        .join(Category)
        .where(Product.state == "on_shelf")
        .order_by(Product.position, Product.id.desc())
        .limit(limit)
    )


WORDS_MOST = 3


@prepared
def on_shelf_with(first: Any, second: Any, third: Any, limit: Any) -> Any:
    """What lists show of products whose text or category is like each of three patterns."""
    query = all_products().where(Product.state == "on_shelf")
    for pattern in (first, second, third):
        in_text = fn.LOWER(Product.search_text).ilike(pattern)
        query = query.where(in_text | fn.LOWER(Category.name).ilike(pattern))
    return query.limit(limit)


@prepared
def product_cards(product_ids: Any) -> Any:
    """What lists show of some products."""
    return all_products().where(Product.id.in_(product_ids))


@prepared
def product(product_id: Any) -> Any:
    """What the product page shows of one product."""
    return (
        Product.select(
            Product.id,
            Product.title,
            Product.subtitle,
            Product.category,
            Product.description,
            Product.usage,
            Product.strength,
            Product.is_liquor,
            Product.is_return_exempt,
            Product.brand,
            Product.specs,
            Product.tags,
            Product.state,
            Product.version,
            Category.name.alias("category_name"),
            ProductStory.html.alias("story"),
        )
        .join(Category)
        .switch(Product)
        .join(ProductStory, JOIN.LEFT_OUTER, on=(ProductStory.product == Product.id))
        .where(Product.id == product_id)
    )


@prepared
def skus_of_product(product_id: Any) -> Any:
    """The specifications of one product, without removed ones."""
    return (
        Sku.select(
            Sku.id,
            Sku.spec_text,
            Sku.choices,
            Sku.price_fen,
            Sku.stock,
            Sku.sold,
            Sku.low_stock,
        )
        .where((Sku.product == product_id) & ~Sku.is_removed)
        .order_by(Sku.position, Sku.id)
    )


@prepared
def skus_of_products(product_ids: Any) -> Any:
    """Prices and stock of the specifications of several products."""
    return Sku.select(Sku.id, Sku.product, Sku.price_fen, Sku.stock, Sku.sold).where(
        Sku.product.in_(product_ids) & ~Sku.is_removed
    )


@prepared
def list_prices_of_products(product_ids: Any) -> Any:
    """List prices of several products' specifications, with the ids an offer may be limited to."""
    return (
        Sku.select(Sku.id, Sku.product, Sku.price_fen, Product.category.alias("category_id"))
        .join(Product)
        .where(Sku.product.in_(product_ids) & ~Sku.is_removed)
        .order_by(Sku.product, Sku.position, Sku.id)
    )


@prepared
def prices_of(sku_ids: Any) -> Any:
    """All prices of some SKUs and the instants from which they held."""
    return (
        PriceHistory.select(PriceHistory.sku, PriceHistory.price_fen, PriceHistory.from_at)
        .where(PriceHistory.sku.in_(sku_ids))
        .order_by(PriceHistory.id)
    )


@prepared
def pictures_of_product(product_id: Any) -> Any:
    """One product's pictures, the cover first."""
    return (
        Picture.select(*PICTURE)
        .join(ProductPicture, on=ProductPicture.picture == Picture.id)
        .where(ProductPicture.product == product_id)
        .order_by(ProductPicture.position)
    )


@prepared
def sku_lines(sku_ids: Any) -> Any:
    """SKUs with what cart and order need of their products."""
    return (
        Sku.select(
            Sku.id,
            Sku.product,
            Sku.spec_text,
            Sku.price_fen,
            Sku.stock,
            Sku.is_removed,
            Sku.weight_g,
            Product.title,
            Product.category.alias("category_id"),
            Product.state.alias("product_state"),
            Product.is_liquor,
            Product.is_return_exempt,
            *PICTURE,
        )
        .join(Product)
        .join(ProductPicture, JOIN.LEFT_OUTER, on=COVER)
        .join(Picture, JOIN.LEFT_OUTER, on=(ProductPicture.picture == Picture.id))
        .where(Sku.id.in_(sku_ids))
    )


@prepared
def recent_prices(sku_ids: Any, since: Any) -> Any:
    """All prices of those SKUs whose price changed since ``since``; a first price is no change."""
    lately, before = PriceHistory.alias("lately"), PriceHistory.alias("before")
    earlier = before.select(before.id).where((before.sku == lately.sku) & (before.id < lately.id))
    changed = lately.select(lately.sku).where(
        lately.sku.in_(sku_ids) & (lately.from_at > since) & fn.EXISTS(earlier)
    )
    return (
        PriceHistory.select(PriceHistory.sku, PriceHistory.price_fen, PriceHistory.from_at)
        .where(PriceHistory.sku.in_(changed))
        .order_by(PriceHistory.id)
    )


def _change(reason: str, sku_id: Any, n: Any) -> Any:
    """The UPDATE of a stock move; its bound keeps the counts from going below 0."""
    values, bound = {
        "hold": ({"stock": Sku.stock - n, "held": Sku.held + n}, Sku.stock >= n),
        "release": ({"stock": Sku.stock + n, "held": Sku.held - n}, Sku.held >= n),
        "sold": ({"held": Sku.held - n, "sold": Sku.sold + n}, Sku.held >= n),
        "return": ({"stock": Sku.stock + n, "sold": Sku.sold - n}, Sku.sold >= n),
        "replace": ({"stock": Sku.stock - n, "sold": Sku.sold + n}, Sku.stock >= n),
    }[reason]
    return Sku.update(**values).where((Sku.id == sku_id) & bound)


MOVES = {
    reason: prepared(partial(_change, reason))
    for reason in ("hold", "release", "sold", "return", "replace")
}
"""The UPDATE of a SKU's counts for each reason."""
