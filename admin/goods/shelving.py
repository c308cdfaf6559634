"""定时上下架: when a product goes on and off the shelf by itself; and copies of products."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from admin.guard import requires
from admin.kit.forms import FormSpec, Present
from admin.kit.steps import ID, Ask
from admin.moments import shown_moment, typed_moment
from admin.web import id_of, page, read
from domain import catalog
from domain.catalog import ShelfPlan
from kernel.web.forms import Form

routes = web.RouteTableDef()
EDIT = "products.edit"
ONE = f"/products/{ID}/plan"


@routes.get(ONE)
@requires("products.see")
async def index(request: web.Request) -> web.StreamResponse:
    """What is planned for a product."""
    return await _page(request, {}, {})


async def _page(
    request: web.Request, values: dict[str, str], errors: dict[str, str]
) -> web.StreamResponse:
    found = await read(request, _load, id_of(request))
    return await page(
        request,
        "admin/goods/plan.html",
        status=422 if errors else 200,
        errors=errors,
        **(found | {"values": values or found["values"]}),
    )


def _load(product_id: int) -> dict[str, Any]:
    present = _present_of(catalog.plan_of(product_id))
    product = catalog.product_detail_for_merchant(product_id)
    return {"product": product, "values": {**present.values, **present.carried}}


def _present_of(plan: ShelfPlan) -> Present:
    values = {"on_at": shown_moment(plan.on_at), "off_at": shown_moment(plan.off_at)}
    return Present(values, plan.version, {})


def _present(ask: Ask) -> Present:
    return _present_of(catalog.plan_of(ask.id))


def _plan(form: Form) -> ShelfPlan:
    return ShelfPlan(
        typed_moment(form, "on_at", required=False), typed_moment(form, "off_at", required=False)
    )


def plan(ask: Ask, it: ShelfPlan, version: int) -> None:
    """Plan when the product goes on and off the shelf."""
    catalog.plan_shelf(ask.id, it.on_at, it.off_at, version)


def _title(form: Form) -> str:
    return form.public("title", most=80)


def copy(ask: Ask, title: str, _: int) -> int:
    """Copy the product as a draft."""
    return catalog.copy_product(ask.id, title)


PLAN = FormSpec[ShelfPlan](
    ONE, EDIT, _plan, plan, _page, "定时上下架已保存", "/admin/products/{id}/plan",
    present=_present, moved=frozenset({"product_moved"}),
)  # fmt: skip
COPY = FormSpec[str](
    f"/products/{ID}/copy", EDIT, _title, copy, _page, "已复制为草稿，请核对后上架",
    "/admin/products/{new}",
)  # fmt: skip
