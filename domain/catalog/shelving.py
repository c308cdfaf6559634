"""A product goes on and off the shelf at planned instants (定时上下架); a copy of a product."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from domain import audit
from domain.catalog.attributes import set_attributes, stated_by
from domain.catalog.listing import list_product_pictures, product_detail_for_merchant
from domain.catalog.matrix import matrix_of, save_matrix
from domain.catalog.service import create_product, set_state
from domain.catalog.stories import copy_story
from kernel import clock
from kernel.errors import Conflict, Invalid, NotFound
from models import Product

AT_ONCE = 50


@dataclass(frozen=True)
class ShelfPlan:
    """When a product goes on and off the shelf; None: not planned. ``version`` of the product."""

    on_at: datetime | None = None
    off_at: datetime | None = None
    version: int = 0


def plan_of(product_id: int) -> ShelfPlan:
    """What is planned for a product. Raises NotFound."""
    row = Product.get_or_none(Product.id == product_id)
    if row is None:
        raise NotFound("product_missing")
    return ShelfPlan(row.on_shelf_at, row.off_shelf_at, row.version)


def plan_shelf(
    product_id: int, on_at: datetime | None, off_at: datetime | None, version: int | None = None
) -> None:
    """Plan when a product goes on and off the shelf. ``version`` prevents a lost update.

    Raises NotFound, Conflict('product_moved'), Invalid('plan_past', 'plan_order', 'plan_shelved').
    """
    before, now = plan_of(product_id), clock.now()
    for field, at, was in (("on_at", on_at, before.on_at), ("off_at", off_at, before.off_at)):
        if at is not None and at <= now and at != was:
            raise Invalid("plan_past", field)
    if on_at and off_at and off_at <= on_at:
        raise Invalid("plan_order", "off_at")
    if on_at and Product.get_by_id(product_id).state == "on_shelf":
        raise Invalid("plan_shelved", "on_at")
    wanted = (Product.id == product_id) & (
        Product.version == (before.version if version is None else version)
    )
    values = {"on_shelf_at": on_at, "off_shelf_at": off_at, "version": Product.version + 1}
    if Product.update(**values).where(wanted).execute() != 1:
        raise Conflict("product_moved")
    audit.record(
        "product.plan", "product", product_id,
        before=_facts(before.on_at, before.off_at), after=_facts(on_at, off_at),
    )  # fmt: skip


def carry_out_plans() -> dict[str, int]:
    """Put products on and off the shelf whose instant has come; returns how many of each.

    A plan that the product's state forbids meanwhile is dropped and counted as ``dropped``.
    """
    done = {"on": 0, "off": 0, "dropped": 0}
    now = clock.now()
    for name, event, column in (
        ("on", "put_on_shelf", Product.on_shelf_at),
        ("off", "take_off_shelf", Product.off_shelf_at),
    ):
        due = Product.select(Product.id).where(column <= now).order_by(column).limit(AT_ONCE)
        for row in list(due):
            cleared: dict[Any, Any] = {column: None}
            Product.update(cleared).where(Product.id == row.id).execute()
            try:
                set_state(row.id, event)
            except Conflict:
                done["dropped"] += 1
            else:
                done[name] += 1
    return done


def copy_product(product_id: int, title: str) -> int:
    """A draft with the same texts, details, pictures, attributes and specifications (复制商品).

    It has no stock and no codes. Returns its id. Raises NotFound, Invalid.
    """
    old = product_detail_for_merchant(product_id)
    form = replace(old.form, title=title)
    skus = [replace(sku.form, code=None, stock=0) for sku in old.skus]
    pictures = [row_id for row_id, _ in list_product_pictures(product_id)]
    made = create_product(form, skus[:1] if old.has_matrix else skus, pictures)
    if old.has_matrix:
        matrix = matrix_of(product_id)
        rows = [replace(each.row, code="", stock=0) for each in matrix.skus]
        save_matrix(made, matrix.specs, rows)
    stated = {each.attribute.id: each.value for each in stated_by(product_id) if each.value}
    set_attributes(made, stated)
    copy_story(product_id, made)
    audit.record("product.copy", "product", made, after={"product_id": product_id})
    return made


def _facts(on_at: datetime | None, off_at: datetime | None) -> dict[str, str | None]:
    found = (("on_at", on_at), ("off_at", off_at))
    return {name: at.isoformat() if at else None for name, at in found}
