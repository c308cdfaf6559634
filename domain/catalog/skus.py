"""SKUs of a product (规格): add, change, price, take off."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from domain import audit
from domain.catalog import rules
from domain.catalog.indexing import update_search_and_price
from domain.catalog.rules import SkuForm
from domain.catalog.stock import record_first_stock
from kernel import clock, context
from kernel.errors import Conflict, LimitReached, NotFound
from kernel.store import lock_row
from models import PriceHistory, Product, Sku


def add_sku(product_id: int, form: SkuForm) -> int:
    """Add a specification to a product; returns its id.

    Raises NotFound, Invalid, LimitReached, Conflict('sku_of_matrix') if it has a matrix.
    """
    product = Product.get_or_none(Product.id == product_id)
    if product is None:
        raise NotFound("product_missing")
    if product.specs:
        raise Conflict("sku_of_matrix")
    count = Sku.select().where(Sku.product == product_id).count()
    if count >= rules.SKUS_MAX:
        raise LimitReached("too_many_skus", limit=rules.SKUS_MAX)
    sku_id = insert_sku(product_id, form, count)
    update_search_and_price(product_id)
    audit.record("sku.add", "product", product_id, after=asdict(form))
    return sku_id


def edit_sku(
    sku_id: int, *, spec_text: str, code: str | None, low_stock: int, weight_g: int
) -> None:
    """Change a SKU's text, code, low-stock mark and weight. Raises Invalid, NotFound, Conflict.

    Price and stock are changed by ``set_price`` and ``adjust_stock``.
    """
    sku = _sku(sku_id)
    if sku.choices and spec_text != sku.spec_text:
        raise Conflict("sku_of_matrix", "spec_text")
    form = SkuForm(
        price_fen=sku.price_fen,
        spec_text=spec_text,
        code=code,
        low_stock=low_stock,
        weight_g=weight_g,
    )
    rules.checked_sku(form)
    if code and is_code_taken(code, sku_id):
        raise Conflict("sku_code_taken", "code", sku_code=code)
    values: dict[str, Any] = {
        "spec_text": spec_text,
        "code": code or None,
        "low_stock": low_stock,
        "weight_g": weight_g,
    }
    Sku.update(**values).where(Sku.id == sku_id).execute()
    update_search_and_price(sku.product_id)
    audit.record("sku.edit", "product", sku.product_id, after={"sku_id": sku_id} | values)


def remove_sku(sku_id: int) -> None:
    """Stop selling a SKU; orders and histories keep it.

    Raises NotFound, Conflict('last_sku') for a product's only one.
    """
    sku = _sku(sku_id)
    others = Sku.select().where(
        (Sku.product == sku.product_id) & (Sku.id != sku_id) & ~Sku.is_removed
    )
    if not others.exists():
        raise Conflict("last_sku")
    Sku.update(is_removed=True).where(Sku.id == sku_id).execute()
    update_search_and_price(sku.product_id)
    audit.record("sku.remove", "product", sku.product_id, before={"sku_id": sku_id})


def set_price(sku_id: int, price_fen: int) -> None:
    """Set a SKU's price from now on; its history keeps it (改价). Raises Invalid, NotFound."""
    rules.checked_price(price_fen)
    sku = lock_row(Sku, sku_id)
    if sku is None or sku.is_removed:
        raise NotFound("sku_missing")
    if sku.price_fen == price_fen:
        return
    Sku.update(price_fen=price_fen).where(Sku.id == sku_id).execute()
    _record_price(sku_id, price_fen)
    update_search_and_price(sku.product_id)
    audit.record(
        "sku.price",
        "product",
        sku.product_id,
        before={"sku_id": sku_id, "price_fen": sku.price_fen},
        after={"price_fen": price_fen},
    )


def set_cost(sku_id: int, cost_fen: int) -> None:
    """Set what a piece of a SKU costs the merchant (成本). Raises Invalid, NotFound."""
    rules.checked_price(cost_fen)
    sku = _sku(sku_id)
    Sku.update(cost_fen=cost_fen).where(Sku.id == sku_id).execute()
    audit.record(
        "sku.cost", "product", sku.product_id,
        before={"sku_id": sku_id, "cost_fen": sku.cost_fen}, after={"cost_fen": cost_fen},
    )  # fmt: skip


def edit_sku_of_product(product_id: int, sku_id: int, form: SkuForm) -> None:
    """Change a SKU of this product: text, marks and price. Raises Invalid, NotFound."""
    _check_sku_of_product(product_id, sku_id)
    edit_sku(
        sku_id,
        spec_text=form.spec_text,
        code=form.code,
        low_stock=form.low_stock,
        weight_g=form.weight_g,
    )
    set_price(sku_id, form.price_fen)


def remove_sku_of_product(product_id: int, sku_id: int) -> None:
    """Stop selling a SKU of this product. Raises NotFound, Conflict('last_sku')."""
    _check_sku_of_product(product_id, sku_id)
    remove_sku(sku_id)


def _check_sku_of_product(product_id: int, sku_id: int) -> None:
    mine = (Sku.id == sku_id) & (Sku.product == product_id) & ~Sku.is_removed
    if not Sku.select().where(mine).exists():
        raise NotFound("sku_missing")


def insert_sku(product_id: int, form: SkuForm, position: int) -> int:
    """Insert a SKU with its first price and stock; returns its id. Raises Invalid, Conflict."""
    rules.checked_sku(form)
    if form.code and is_code_taken(form.code):
        raise Conflict("sku_code_taken", "code", sku_code=form.code)
    sku_id = int(
        Sku.insert(
            product=product_id,
            spec_text=form.spec_text.strip(),
            code=form.code or None,
            price_fen=form.price_fen,
            stock=form.stock,
            low_stock=form.low_stock,
            weight_g=form.weight_g,
            position=position,
        ).execute()
    )
    _record_price(sku_id, form.price_fen)
    record_first_stock(sku_id, form.stock)
    return sku_id


def is_code_taken(code: str, except_sku_id: int = 0) -> bool:
    """True if another SKU has this code."""
    return bool(Sku.select().where((Sku.code == code) & (Sku.id != except_sku_id)).exists())


def _record_price(sku_id: int, price_fen: int) -> None:
    PriceHistory.insert(
        sku=sku_id, price_fen=price_fen, from_at=clock.now(), by=context.actor.get()
    ).execute()


def _sku(sku_id: int) -> Any:
    sku = Sku.get_or_none((Sku.id == sku_id) & ~Sku.is_removed)
    if sku is None:
        raise NotFound("sku_missing")
    return sku
