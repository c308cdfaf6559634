"""Changes to the catalogue: categories, products, SKUs, prices and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from domain import audit
from domain.catalog import rules
from domain.catalog.rules import ProductForm, SkuForm
from domain.catalog.searching import search_text
from domain.catalog.stock import record_first_stock
from kernel import clock, context
from kernel.errors import Conflict, Invalid, LimitReached, NotFound
from kernel.pictures import StoredPicture
from kernel.store import insert_once, lock_row
from models import Category, Picture, PriceHistory, Product, ProductPicture, Sku


def save_category(
    name: str, *, category_id: int | None = None, position: int = 0, is_hidden: bool = False
) -> int:
    """Add or change a category (分类); returns its id.

    Raises Invalid, NotFound, Conflict('category_exists').
    """
    if not name.strip() or len(name) > 24:
        raise Invalid("category_name_bad", "name", limit=24)
    values = {"name": name.strip(), "position": position, "is_hidden": is_hidden}
    others = Category.select().where(Category.name == values["name"], Category.id != category_id)
    if others.exists():
        raise Conflict("category_exists", "name")
    if category_id is None:
        category_id = int(Category.insert(**values).execute())
    elif not Category.update(**values).where(Category.id == category_id).execute():
        raise NotFound("category_missing")
    audit.record("category.save", "category", category_id, after=values)
    return category_id


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
        _insert_sku(product_id, sku, position)
    if picture_ids:
        set_pictures(product_id, picture_ids)
    _update_search_and_price(product_id)
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
    _update_search_and_price(product_id)
    old = {name: getattr(before, name) for name in ("title", "subtitle", "category_id")}
    audit.record("product.edit", "product", product_id, before=old, after=asdict(form))


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
    audit.record(
        f"product.{event}",
        "product",
        product_id,
        before={"state": product.state},
        after={"state": state},
    )
    return state


def add_sku(product_id: int, form: SkuForm) -> int:
    """Add a specification to a product; returns its id. Raises NotFound, Invalid, LimitReached."""
    _product(product_id)
    count = Sku.select().where(Sku.product == product_id).count()
    if count >= rules.SKUS_MAX:
        raise LimitReached("too_many_skus", limit=rules.SKUS_MAX)
    sku_id = _insert_sku(product_id, form, count)
    _update_search_and_price(product_id)
    audit.record("sku.add", "product", product_id, after=asdict(form))
    return sku_id


def edit_sku(
    sku_id: int, *, spec_text: str, code: str | None, low_stock: int, weight_g: int
) -> None:
    """Change a SKU's text, code, low-stock mark and weight. Raises Invalid, NotFound, Conflict.

    Price and stock are changed by ``set_price`` and ``adjust_stock``.
    """
    sku = _sku(sku_id)
    form = SkuForm(
        price_fen=sku.price_fen,
        spec_text=spec_text,
        code=code,
        low_stock=low_stock,
        weight_g=weight_g,
    )
    rules.checked_sku(form)
    if code and _is_code_taken(code, sku_id):
        raise Conflict("sku_code_taken", "code", sku_code=code)
    values: dict[str, Any] = {
        "spec_text": spec_text,
        "code": code or None,
        "low_stock": low_stock,
        "weight_g": weight_g,
    }
    Sku.update(**values).where(Sku.id == sku_id).execute()
    _update_search_and_price(sku.product_id)
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
    _update_search_and_price(sku.product_id)
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
    _update_search_and_price(sku.product_id)
    audit.record(
        "sku.price",
        "product",
        sku.product_id,
        before={"sku_id": sku_id, "price_fen": sku.price_fen},
        after={"price_fen": price_fen},
    )


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
    return int(Picture.get(Picture.digest == stored.id).id)


def delete_picture(digest: str) -> None:
    """Delete a picture's row unless a product shows it."""
    shown = ProductPicture.select(ProductPicture.picture)
    Picture.delete().where((Picture.digest == digest) & Picture.id.not_in(shown)).execute()


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


def _insert_sku(product_id: int, form: SkuForm, position: int) -> int:
    rules.checked_sku(form)
    if form.code and _is_code_taken(form.code):
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


def _is_code_taken(code: str, except_sku_id: int = 0) -> bool:
    return bool(Sku.select().where((Sku.code == code) & (Sku.id != except_sku_id)).exists())


def _record_price(sku_id: int, price_fen: int) -> None:
    PriceHistory.insert(
        sku=sku_id, price_fen=price_fen, from_at=clock.now(), by=context.actor.get()
    ).execute()


def _update_search_and_price(product_id: int) -> None:
    """Recompute the product's search text and lowest price from its SKUs."""
    product = _product(product_id)
    mine = (Sku.product == product_id) & ~Sku.is_removed
    skus = list(Sku.select().where(mine).order_by(Sku.position))
    parts = [product.title, product.subtitle, product.strength, *(product.tags or ())]
    parts += [sku.spec_text for sku in skus]
    Product.update(
        search_text=search_text(parts),
        from_price_fen=min(sku.price_fen for sku in skus),
    ).where(Product.id == product_id).execute()


def _category(category_id: int) -> None:
    if not Category.select().where(Category.id == category_id).exists():
        raise Invalid("category_missing", "category_id")


def _product(product_id: int) -> Any:
    product = Product.get_or_none(Product.id == product_id)
    if product is None:
        raise NotFound("product_missing")
    return product


def _sku(sku_id: int) -> Any:
    sku = Sku.get_or_none((Sku.id == sku_id) & ~Sku.is_removed)
    if sku is None:
        raise NotFound("sku_missing")
    return sku


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
