"""Changes to the catalogue: products, SKUs, prices and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from domain import audit
from domain.catalog import rules
from domain.catalog.attributes import carry_attributes
from domain.catalog.indexing import update_search_and_price
from domain.catalog.pictures import is_shown
from domain.catalog.rules import ProductForm, SkuForm
from domain.catalog.skus import insert_sku
from kernel import clock
from kernel.errors import Conflict, Invalid, LimitReached, NotFound
from kernel.pictures import StoredPicture
from kernel.store import insert_once, lock_row
from models import Category, LoosePicture, Picture, Product, ProductPicture


def create_product(
    form: ProductForm, skus: Sequence[SkuForm], picture_ids: Sequence[int] = ()
) -> int:
    """Create a product as a draft with at least one SKU (新建商品); returns its id.

    Raises Invalid, NotFound, Conflict('sku_code_taken').
    """
    rules.checked_product(form)
    _category(form.category_id)
    if not skus:
        raise Invalid("sku_missing", "skus")
    now = clock.now()
    product_id = int(Product.insert(**_columns(form), created_at=now, updated_at=now).execute())
    for position, sku in enumerate(skus):
        insert_sku(product_id, sku, position)
    if picture_ids:
        set_pictures(product_id, picture_ids)
    update_search_and_price(product_id)
    audit.record("product.create", "product", product_id, after={"title": form.title})
    return product_id


def edit_product(product_id: int, form: ProductForm, version: int | None = None) -> None:
    """Change a product's data. ``version`` prevents a lost update.

    Raises NotFound, Invalid, Conflict('product_moved').
    """
    rules.checked_product(form)
    _category(form.category_id)
    before = _product(product_id)
    wanted = (Product.id == product_id) & (
        Product.version == (before.version if version is None else version)
    )
    values = _columns(form) | {"updated_at": clock.now(), "version": Product.version + 1}
    if Product.update(values).where(wanted).execute() != 1:
        raise Conflict("product_moved")
    if before.category_id != form.category_id:
        carry_attributes(product_id, form.category_id)
    update_search_and_price(product_id)
    old = {name: getattr(before, name) for name in ("title", "subtitle", "category_id")}
    audit.record("product.edit", "product", product_id, before=old, after=asdict(form))


def lock_product(product_id: int) -> None:
    """Keep a product as it is until the transaction ends. Raises NotFound."""
    if lock_row(Product, product_id) is None:
        raise NotFound("product_missing")


def set_state(product_id: int, event: str) -> str:
    """Submit, reject, put on or take off the shelf (上下架). Raises Conflict('product_state')."""
    product = _product(product_id)
    state = rules.next_product_state(product.state, event)
    changed = (
        Product.update(state=state, updated_at=clock.now(), version=Product.version + 1)
        .where((Product.id == product_id) & (Product.state == product.state))
        .execute()
    )
    if changed != 1:
        raise Conflict("product_state", event=event)
    audit.record_either(
        f"product.{event}",
        "product",
        product_id,
        before={"state": product.state},
        after={"state": state},
    )
    return state


def save_picture(stored: StoredPicture, alt: str = "") -> int:
    """The id of a stored picture's row, which is made if the picture has none (图片)."""
    insert_once(
        Picture,
        digest=stored.id,
        width=stored.width,
        height=stored.height,
        color=stored.color,
        widths=list(stored.widths),
        alt=alt[:120],
        created_at=clock.now(),
    )
    picture_id = int(Picture.get(Picture.digest == stored.id).id)
    # it has an owner now
    LoosePicture.delete().where(LoosePicture.picture == picture_id).execute()
    return picture_id


def is_on_a_product(digest: str) -> bool:
    """Whether a product, its rich detail or a category shows this picture."""
    return bool(Picture.select().where((Picture.digest == digest) & is_shown()).exists())


def delete_picture(digest: str) -> None:
    """Delete a picture's row unless the catalogue shows it."""
    Picture.delete().where((Picture.digest == digest) & ~is_shown()).execute()


def set_pictures(product_id: int, picture_ids: Sequence[int]) -> None:
    """Set a product's pictures in this order; the first is the cover (商品图).

    Raises NotFound, LimitReached.
    """
    _product(product_id)
    ids = list(dict.fromkeys(picture_ids))
    if len(ids) > rules.PICTURES_MAX:
        raise LimitReached("too_many_pictures", limit=rules.PICTURES_MAX)
    if Picture.select().where(Picture.id.in_(ids)).count() != len(ids):
        raise NotFound("picture_missing")
    ProductPicture.delete().where(ProductPicture.product == product_id).execute()
    rows = [{"product": product_id, "picture": p, "position": n} for n, p in enumerate(ids)]
    if rows:
        ProductPicture.insert_many(rows).execute()
    audit.record("product.pictures", "product", product_id, after={"pictures": ids})


def add_picture(product_id: int, stored: StoredPicture, alt: str = "") -> int:
    """Add a picture behind a product's others; returns the picture's id."""
    picture_id = save_picture(stored, alt)
    have = [
        row.picture_id
        for row in ProductPicture.select()
        .where(ProductPicture.product == product_id)
        .order_by(ProductPicture.position)
    ]
    set_pictures(product_id, [*have, picture_id])
    return picture_id


def _columns(form: ProductForm) -> dict[str, Any]:
    values = asdict(form)
    values["category"] = values.pop("category_id")
    values["tags"] = list(form.tags)
    values["title"] = form.title.strip()
    return values


def _category(category_id: int) -> None:
    if not Category.select().where(Category.id == category_id).exists():
        raise Invalid("category_missing", "category_id")


def _product(product_id: int) -> Any:
    product = Product.get_or_none(Product.id == product_id)
    if product is None:
        raise NotFound("product_missing")
    return product
