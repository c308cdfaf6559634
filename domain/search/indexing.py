"""Writes the terms of products, and counts the pieces that they sold."""

from __future__ import annotations

from typing import Any

from peewee import fn

from domain import catalog
from domain.catalog.events import CategoryRenamed, ProductChanged
from domain.search.terms import terms_of_product
from kernel.store import insert_rows
from models import Product, ProductSearch, ProductTerm, Sku

CUT_BY = 1
"""The form of the rules; with another one the job cuts all products anew."""

AT_ONCE = 200


def on_changed(event: ProductChanged) -> None:
    """Write a changed product's terms, in the transaction that changes it."""
    write_terms(event.product_id)


def on_renamed(event: CategoryRenamed) -> None:
    """Have the job write the terms of a renamed category's products, and of those below it."""
    below = catalog.ids_below(event.category_id)
    products = Product.select(Product.id).where(Product.category.in_(below))
    ProductSearch.update(cut_by=0).where(ProductSearch.product.in_(products)).execute()


def write_terms(product_id: int) -> None:
    """Write the terms of a product anew; unchanged rows stay."""
    wanted = terms_of_product(catalog.texts_of_product(product_id))
    query = ProductTerm.select().where(ProductTerm.product == product_id)
    known = {row.term: (row.id, row.weight) for row in query}
    gone = [row_id for term, (row_id, weight) in known.items() if wanted.get(term) != weight]
    if gone:
        ProductTerm.delete().where(ProductTerm.id.in_(gone)).execute()
    fresh = [
        {"product": product_id, "term": term, "weight": weight}
        for term, weight in wanted.items()
        if known.get(term, (0, None))[1] != weight
    ]
    if fresh:
        insert_rows(ProductTerm, fresh)
    mine = ProductSearch.product == product_id
    if ProductSearch.select().where(mine).exists():
        ProductSearch.update(cut_by=CUT_BY).where(mine).execute()
    else:
        ProductSearch.insert(product=product_id, cut_by=CUT_BY).execute()


def index_missing(limit: int = AT_ONCE) -> int:
    """Write the terms of products that have none by these rules; returns how many."""
    cut = ProductSearch.select(ProductSearch.product).where(ProductSearch.cut_by == CUT_BY)
    query: Any = Product.select(Product.id).where(Product.id.not_in(cut)).order_by(Product.id)
    ids = [row.id for row in query.limit(limit)]
    for product_id in ids:
        write_terms(product_id)
    return len(ids)


def update_sales() -> int:
    """Count the pieces that each product sold; returns how many counts moved."""
    sums: Any = Sku.select(Sku.product, fn.SUM(Sku.sold)).group_by(Sku.product)
    sold = {int(product): int(pieces or 0) for product, pieces in sums.tuples()}
    moved = 0
    for row in ProductSearch.select():
        count = sold.get(row.product_id, 0)
        if count != row.sold:
            ProductSearch.update(sold=count).where(ProductSearch.id == row.id).execute()
            moved += 1
    return moved
