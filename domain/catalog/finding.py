"""Products for the merchant's search (全站查找)."""

from __future__ import annotations

from domain.catalog.listing import list_products
from kernel.finding import Found, Sought
from models import Product, Sku


def find_products(sought: Sought, limit: int) -> list[Found]:
    """By a SKU's whole code, else by words of the title."""
    if not sought.text:
        return []
    codes = Sku.code.in_(sorted({sought.text, sought.number} - {""}))
    rows = list(Sku.select(Sku, Product).join(Product).where(codes).limit(limit))
    if rows:
        return [
            Found(str(row.product_id), row.product.title, f"{row.code} {row.spec_text}".strip(),
                  row.product.state, row.price_fen)
            for row in rows
        ]  # fmt: skip
    return [
        Found(str(each.id), each.title, each.category.name, each.state, each.price_fen)
        for each in list_products(words=sought.text, limit=limit)
    ]
