"""Products for tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain import catalog
from domain.catalog import CategoryForm, ProductForm, SkuForm
from kernel.pictures import StoredPicture
from models import Category, Sku
from tests.factories.numbers import next_number


@dataclass(frozen=True)
class Made:
    """A product that a test created, with its SKUs."""

    product_id: int
    sku_ids: tuple[int, ...]

    @property
    def sku_id(self) -> int:
        """The first SKU."""
        return self.sku_ids[0]


def make_category(name: str = "白酒", **more: Any) -> int:
    """A category of this name; created once per test."""
    found = Category.get_or_none(Category.name == name)
    return int(found.id) if found else catalog.add_category(CategoryForm(name, **more))


def make_picture(digit: str = "a", alt: str = "") -> int:
    """The database row of a picture; there is no file."""
    stored = StoredPicture(digit * 64, 800, 600, "#112233", (320, 640, 800))
    return catalog.save_picture(stored, alt)


def make_product(  # noqa: PLR0913, RUF100 - a test names only what it is about
    title: str = "",
    *,
    price_fen: int = 29800,
    stock: int = 100,
    skus: list[SkuForm] | None = None,
    state: str = "on_shelf",
    category: str = "白酒",
    **more: Any,
) -> Made:
    """A product on the shelf with one SKU, unless the arguments say otherwise."""
    title = title or f"陈酿{next_number('product')}"
    forms = skus or [SkuForm(price_fen=price_fen, stock=stock, spec_text="500ml")]
    form = ProductForm(title=title, category_id=make_category(category), **more)
    product_id = catalog.create_product(form, forms)
    if state in ("on_shelf", "off_shelf"):
        catalog.set_state(product_id, "put_on_shelf")
    if state == "off_shelf":
        catalog.set_state(product_id, "take_off_shelf")
    rows = Sku.select().where(Sku.product == product_id).order_by(Sku.position)
    return Made(product_id, tuple(row.id for row in rows))
