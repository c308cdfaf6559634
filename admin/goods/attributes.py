"""规格参数: what a product states of the attributes of its category."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from admin.guard import requires
from admin.kit.forms import FormSpec, Present
from admin.kit.steps import ID, Ask
from admin.web import id_of, page, read
from domain import catalog
from kernel.web.forms import Form

routes = web.RouteTableDef()
ONE = f"/products/{ID}/attributes"
PREFIX = "attr-"
FIELDS_MOST = 60
Stated = dict[int, str]


@routes.get(ONE)
@requires("products.see")
async def index(request: web.Request) -> web.StreamResponse:
    """What a product states."""
    return await _page(request, {}, {})


async def _page(
    request: web.Request, values: dict[str, str], errors: dict[str, str]
) -> web.StreamResponse:
    found = await read(request, _load, id_of(request))
    return await page(
        request,
        "admin/goods/attributes.html",
        status=422 if errors else 200,
        errors=errors,
        **(found | {"values": values or found["values"]}),
    )


def _load(product_id: int) -> dict[str, Any]:
    product = catalog.product_detail_for_merchant(product_id)
    stated = catalog.stated_by(product_id)
    present = _present_of(stated, product.version)
    return {
        "product": product, "stated": stated,
        "choices": {each.attribute.id: _choices(each) for each in stated},
        "values": {**present.values, **present.carried},
    }  # fmt: skip


def _choices(each: catalog.StatedAttribute) -> list[tuple[str, str]]:
    """The options of a choice, with what is stated although it is no option any more."""
    options = each.attribute.form.options
    gone = [each.value] if each.value and each.value not in options else []
    return [(text, text) for text in (*options, *gone)]


def _present_of(stated: list[catalog.StatedAttribute], version: int) -> Present:
    values = {f"{PREFIX}{each.attribute.id}": each.value for each in stated}
    return Present(values, version, {})


def _present(ask: Ask) -> Present:
    product = catalog.product_detail_for_merchant(ask.id)
    return _present_of(catalog.stated_by(ask.id), product.version)


def _stated(form: Form) -> Stated:
    """The typed values by attribute; a field of another name is ignored."""
    found: Stated = {}
    for name in form.names(PREFIX)[:FIELDS_MOST]:
        number = name.removeprefix(PREFIX)
        if number.isascii() and number.isdigit() and len(number) < 16:
            found[int(number)] = form.public(name, most=120, required=False)
    return found


def state(ask: Ask, stated: Stated, version: int) -> None:
    """Save what a product states of its attributes."""
    catalog.set_attributes(ask.id, stated, version)


SAVE = FormSpec[Stated](
    ONE, "products.edit", _stated, state, _page, "规格参数已保存",
    "/admin/products/{id}/attributes", present=_present, moved=frozenset({"product_moved"}),
)  # fmt: skip
