"""商品: list, create, edit, specifications, prices with their history, on and off the shelf."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

from aiohttp import web

from admin import confirming
from admin.guard import requires
from admin.kit import columns as cols
from admin.kit import stale
from admin.kit.forms import FormSpec, Present
from admin.kit.lists import Button, Empty, ListSpec
from admin.kit.steps import Ask, Step, nothing
from admin.kit.wanted import Filter, View, Wanted
from admin.texts import TEXTS
from admin.web import (
    done,
    id_of,
    page,
    read,
    refuse_bad,
    try_step,
    write,
)
from admin.words import PRODUCT
from domain import audit, catalog, distribution
from domain.catalog import ProductForm, ProductRow, SkuForm
from kernel.errors import DomainError
from kernel.money import yuan_grouped
from kernel.web.forms import Form, read_form

routes = web.RouteTableDef()
STATES = ("on_shelf", "draft", "submitted", "off_shelf")
EVENTS = {
    "put_on_shelf": "已上架", "take_off_shelf": "已下架", "submit": "已提交审核",
    "reject": "已退回草稿",
}  # fmt: skip
MOST_FEN = 100_000_000
FIELDS = (
    "title", "subtitle", "category_id", "brand", "strength", "position", "tags", "description",
    "usage", "is_liquor", "is_return_exempt",
)  # fmt: skip
TICKS = {"1": "是", "": "否"}


def find(wanted: Wanted) -> Sequence[ProductRow]:
    """Products, newest first."""
    state = None if wanted.view == "all" else wanted.view
    return catalog.list_products(
        state=state, words=wanted.text("q"), sort=wanted.sort, limit=wanted.limit
    )


LIST = ListSpec[ProductRow](
    query=find,
    key=lambda row: row.id,
    columns=(
        cols.part("商品", "admin/goods/_product_title.html", lambda row: row.title),
        cols.code("编号", lambda row: row.id, on_screen=False),
        cols.text("分类", lambda row: row.category.name),
        cols.money("最低价", lambda row: row.price_fen, sort="price"),
        cols.number("可售", lambda row: row.stock),
        cols.number("占用", lambda row: row.held),
        cols.number("已售", lambda row: row.sold),
        cols.state("状态", PRODUCT, lambda row: row.state),
        cols.act(lambda row: "查看"),
    ),
    unit="件",
    note="上架前请核对价格、规格与图片",
    href=lambda row: f"/admin/products/{row.id}",
    views=(View("all", "全部"), *(View(each, PRODUCT[each][0]) for each in STATES)),
    filters=(Filter("q", "名称 / 规格 / 标签", is_wide=True),),
    buttons=(
        Button("规格清单", "/admin/products/skus", "products.see"),
        Button("批量导入", "/admin/products/sheet", "products.edit"),
        Button("新建商品", "/admin/products/new", "products.edit", tone="primary"),
    ),
    empty=Empty("没有商品", "新建一件商品，上架后出现在商城里。"),
    template="admin/goods/products.html",
    has_file=True,
)


@routes.get("/products/new")
@requires("products.edit")
async def new(request: web.Request) -> web.StreamResponse:
    """The form for a new product."""
    values = {"low_stock": "10", "is_liquor": "1", "position": "0"}
    return await _new_page(request, values, {})


@routes.get(r"/products/{id:\d{1,18}}")
@requires("products.see")
async def detail(request: web.Request) -> web.StreamResponse:
    """The page of a product."""
    return await _detail_page(request, id_of(request))


@routes.post(r"/products/{id:\d{1,18}}/state")
@requires("products.edit")
async def change_state(request: web.Request) -> web.StreamResponse:
    """Put a product on or off the shelf; returns to the list or the product."""
    form, product_id = await read_form(request), id_of(request)
    event = form.choice("event", EVENTS)
    form.check()
    url = "/admin/products" if form.raw("back") == "list" else f"/admin/products/{product_id}"
    await try_step(request, url, catalog.set_state, product_id, event)
    await done(request, EVENTS[event], url)


@routes.post("/products/state")
@requires("products.edit")
async def change_many(request: web.Request) -> web.StreamResponse:
    """Put several products on or off the shelf; reports how many could not be changed."""
    form = await read_form(request)
    event = form.choice("event", EVENTS)
    form.check()
    ids = form.ids("ids")
    failed: list[str] = []
    for product_id in ids:
        try:
            await write(request, catalog.set_state, product_id, event)
        except DomainError as error:
            failed.append(TEXTS.of(error))
    text = f"{EVENTS[event]} {len(ids) - len(failed)} 件"
    text += f"，{len(failed)} 件未完成：{failed[0]}" if failed else ""
    await done(request, text, "/admin/products")


@routes.post(r"/products/{id:\d{1,18}}/skus/{sku:\d{1,18}}")
@requires("products.edit")
async def edit_sku(request: web.Request) -> web.StreamResponse:
    """Change a specification's text, marks and price; a new price is added to its history."""
    form, product_id = await read_form(request), id_of(request)
    url = f"/admin/products/{product_id}#skus"
    sku_id, sku = id_of(request, "sku"), _sku(form)
    await refuse_bad(request, form, url)
    product = await read(request, catalog.product_detail_for_merchant, product_id)
    for mine in product.skus:
        if mine.id == sku_id:
            look = await _confirm_price(
                request, form, sku.price_fen, sku.spec_text, mine.form.price_fen
            )
            if look is not None:
                return look
    await try_step(request, url, catalog.edit_sku_of_product, product_id, sku_id, sku)
    return await done(request, f"规格已保存，售价 ¥{yuan_grouped(sku.price_fen)}", url)


async def _confirm_price(
    request: web.Request, form: Form, price_fen: int, what: str, old_fen: int | None = None
) -> web.StreamResponse | None:
    """The page that asks to confirm a price of 0 or a large change of price; else None."""
    if confirming.confirmed_fen(form) == price_fen or not catalog.is_large_price_change(
        old_fen, price_fen
    ):
        return None
    price = f"¥{yuan_grouped(price_fen)}"
    facts = [("商品", what or "默认规格")]
    facts += [("原售价", f"¥{yuan_grouped(old_fen)}")] if old_fen is not None else []
    free, far = "0 元商品可以直接下单，不用付款。", "与原售价相差较大，请核对小数点。"
    back = "" if old_fen is None else f"/admin/products/{id_of(request)}#skus"
    look = confirming.ConfirmPage(
        "核对售价", f"售价 {price}", facts, f"确认售价 {price}", back, far if price_fen else free
    )
    return await confirming.confirm_page(request, form, price_fen, look)


def remove_sku(ask: Ask, _: None) -> str:
    """Stop selling a specification."""
    catalog.remove_sku_of_product(ask.id, ask.number("sku"))
    return "规格已移除"


REMOVE_SKU = Step(
    r"/products/{id:\d{1,18}}/skus/{sku:\d{1,18}}/remove", "products.edit", remove_sku,
    "/admin/products/{id}#skus", nothing,
)  # fmt: skip


@routes.get(r"/products/{id:\d{1,18}}/prices")
@requires("products.see")
async def prices(request: web.Request) -> web.StreamResponse:
    """Each specification's price history, which determines the lawful strike price."""
    found = await read(request, _prices, id_of(request))
    return await page(request, "admin/goods/product_prices.html", **found)


def _prices(product_id: int) -> dict[str, Any]:
    product = catalog.product_detail_for_merchant(product_id)
    return {
        "product": product,
        "histories": [(sku, catalog.list_prices(sku.id)) for sku in product.skus],
    }


def _product_form(form: Form) -> ProductForm:
    """The typed values of a product."""
    words = form.publish("tags", form.raw("tags").replace("，", " ").replace(",", " "))
    tags = words.split()
    return ProductForm(
        title=form.public("title", most=80),
        category_id=form.integer("category_id", least=1, most=10**15),
        subtitle=form.public("subtitle", most=160, required=False),
        description=form.public_prose("description", most=20_000, required=False),
        usage=form.public_prose("usage", most=5_000, required=False),
        strength=form.public("strength", most=20, required=False),
        is_liquor=form.flag("is_liquor"),
        is_return_exempt=form.flag("is_return_exempt"),
        tags=tuple(dict.fromkeys(tags)),
        position=form.count("position", least=-10_000, most=10_000, default=0),
        brand=form.public("brand", most=40, required=False),
    )


def _sku(form: Form) -> SkuForm:
    """The typed values of a specification."""
    return SkuForm(
        price_fen=form.fen("price", most=MOST_FEN),
        stock=form.count("stock", least=0, most=10_000_000, default=0),
        spec_text=form.public("spec_text", most=80, required=False),
        code=form.text("code", most=40, required=False) or None,
        low_stock=form.count("low_stock", least=0, most=1_000_000, default=10),
        weight_g=form.count("weight_g", least=0, most=1_000_000, default=0),
    )


class NewProduct(NamedTuple):
    """The typed values of a product and its first specification."""

    said: ProductForm
    sku: SkuForm


def create(_: Ask, it: NewProduct, __: int) -> int:
    """Save a new product as a draft, with its first specification."""
    return catalog.create_product(it.said, [it.sku])


def edit(ask: Ask, said: ProductForm, version: int) -> None:
    """Save the changed texts of a product."""
    catalog.edit_product(ask.id, said, version)


def add_sku(ask: Ask, sku: SkuForm, _: int) -> int:
    """Add a specification."""
    return catalog.add_sku(ask.id, sku)


async def _look_new(request: web.Request, form: Form, it: NewProduct) -> web.StreamResponse | None:
    if confirming.wants_edit(form):
        return await _new_page(request, form.values, {})
    return await _confirm_price(request, form, it.sku.price_fen, it.said.title)


async def _look_sku(request: web.Request, form: Form, sku: SkuForm) -> web.StreamResponse | None:
    if confirming.wants_edit(form):
        return await _sku_page(request, form.values, {})
    return await _confirm_price(request, form, sku.price_fen, sku.spec_text)


def _present(ask: Ask) -> Present:
    """The current values of a product in the form."""
    product = catalog.product_detail_for_merchant(ask.id)
    shelves = {str(each.id): each.name for each in catalog.list_categories()}
    names = {"category_id": shelves, "is_liquor": TICKS, "is_return_exempt": TICKS}
    values = _values(product)
    return Present({name: values[name] for name in FIELDS}, product.version, names)


async def _new_page(
    request: web.Request, values: dict[str, str], errors: dict[str, str]
) -> web.Response:
    shelves = await read(request, _shelves)
    return await page(
        request,
        "admin/goods/product_new.html",
        status=422 if errors else 200,
        values=values,
        errors=errors,
        shelves=shelves,
    )


async def _edit_page(
    request: web.Request, values: dict[str, str], errors: dict[str, str]
) -> web.Response:
    return await _detail_page(request, id_of(request), values, errors)


async def _sku_page(
    request: web.Request, values: dict[str, str], errors: dict[str, str]
) -> web.Response:
    return await _detail_page(request, id_of(request), sku=values, sku_errors=errors)


async def _detail_page(
    request: web.Request, product_id: int, values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None, sku: dict[str, str] | None = None,
    sku_errors: dict[str, str] | None = None,
) -> web.Response:  # fmt: skip
    found = await read(request, _detail_context, product_id)
    return await page(
        request,
        "admin/goods/product.html",
        status=422 if errors or sku_errors else 200,
        errors=errors or {},
        values=values or _values(found["product"]),
        sku_values=sku or {},
        sku_errors=sku_errors or {},
        **found,
    )


def _detail_context(product_id: int) -> dict[str, Any]:
    product = catalog.product_detail_for_merchant(product_id)
    return {
        "product": product,
        "pictures": catalog.list_product_pictures(product_id),
        "shelves": _shelves(),
        "stated": [each for each in catalog.stated_by(product_id) if each.value],
        "story": catalog.story_of(product_id),
        "log": audit.timeline("product", product_id, limit=12),
        "commission": distribution.preview_commission(product_id),
    }


def _shelves() -> list[tuple[int, str]]:
    """The categories, those below another after it with its name."""
    found = catalog.list_categories()
    names = {each.id: each.name for each in found}
    return [
        (each.id, f"{names[each.form.parent_id]} / {each.name}" if each.form.parent_id
         else each.name)
        for each in found
    ]  # fmt: skip


def _values(product: Any) -> dict[str, Any]:
    kept = asdict(product.form)
    values = kept | {
        "tags": " ".join(product.form.tags),
        "version": product.version,
        "is_liquor": "1" if product.form.is_liquor else "",
        "is_return_exempt": "1" if product.form.is_return_exempt else "",
    }
    return values | {stale.WAS: stale.carried({name: values[name] for name in FIELDS})}


ONE = r"/products/{id:\d{1,18}}"
FORMS = (
    FormSpec[NewProduct](
        "/products/new", "products.edit",
        lambda form: NewProduct(_product_form(form), _sku(form)), create, _new_page,
        "已保存为草稿，请上传图片后上架", "/admin/products/{new}", look=_look_new,
    ),
    FormSpec[ProductForm](
        ONE, "products.edit", _product_form, edit, _edit_page,
        "商品信息已保存", "/admin/products/{id}",
        present=_present, moved=frozenset({"product_moved"}),
    ),
    FormSpec[SkuForm](
        f"{ONE}/skus", "products.edit", _sku, add_sku, _sku_page, "规格已新增",
        "/admin/products/{id}#skus", look=_look_sku,
    ),
)  # fmt: skip
