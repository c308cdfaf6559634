"""What a product row keeps of its SKUs and attributes: its search text and lowest price."""

from __future__ import annotations

from typing import Any, Literal

from domain.catalog.events import ProductChanged
from domain.catalog.searching import search_text
from kernel import events
from models import Attribute, Category, Product, ProductAttribute, Sku

FieldName = Literal["title", "brand", "tags", "category", "more"]
"""The fields of a product whose words count differently in a search."""


def update_search_and_price(product_id: int) -> None:
    """Recompute the product's search text and lowest price; publishes ``ProductChanged``."""
    texts = texts_of_product(product_id)
    parts = [*texts["title"], *texts["brand"], *texts["tags"], *texts["more"]]
    mine = (Sku.product == product_id) & ~Sku.is_removed
    Product.update(
        search_text=search_text(parts),
        from_price_fen=min(sku.price_fen for sku in Sku.select(Sku.price_fen).where(mine)),
    ).where(Product.id == product_id).execute()
    events.publish(ProductChanged(product_id))


def texts_of_product(product_id: int) -> dict[FieldName, list[str]]:
    """The texts in which a product is searched, by field.

    Numbers are left out: nobody searches for "50" to find a bottle's weight.
    """
    product = Product.get_by_id(product_id)
    mine = (Sku.product == product_id) & ~Sku.is_removed
    skus = Sku.select(Sku.spec_text).where(mine).order_by(Sku.position)
    stated: Any = (
        ProductAttribute.select(ProductAttribute.value)
        .join(Attribute)
        .where((ProductAttribute.product == product_id) & (Attribute.kind != "number"))
        .order_by(Attribute.position, Attribute.id)
    )
    category = Category.get_by_id(product.category_id)
    above = Category.get_or_none(Category.id == category.parent_id)
    return {
        "title": [product.title],
        "brand": [product.brand],
        "tags": list(product.tags or ()),
        "category": [category.name, above.name if above else ""],
        "more": [
            product.subtitle, product.strength, *(sku.spec_text for sku in skus),
            *(row.value for row in stated),
        ],
    }  # fmt: skip
