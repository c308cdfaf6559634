"""分类: the shelves of the mall, their order, hidden or shown."""

from __future__ import annotations

from typing import NamedTuple

from aiohttp import web

from admin.guard import requires
from admin.kit.steps import ID, Ask, Step
from admin.web import page, read
from domain import catalog
from kernel.web.forms import Form

routes = web.RouteTableDef()
URL = "/admin/categories"


@routes.get("/categories")
@requires("products.see")
async def index(request: web.Request) -> web.StreamResponse:
    """All categories with how many products each has."""
    found = await read(request, catalog.list_categories)
    return await page(request, "admin/goods/categories.html", categories=found)


class Shelf(NamedTuple):
    """A category as it was typed."""

    name: str
    position: int
    is_hidden: bool


def _shelf(form: Form) -> Shelf:
    name = form.public("name", most=24)
    position = form.count("position", least=-10_000, most=10_000, default=0)
    return Shelf(name, position, form.flag("is_hidden"))


def create(_: Ask, it: Shelf) -> str:
    """A new category."""
    catalog.save_category(it.name, position=it.position, is_hidden=it.is_hidden)
    return "分类已保存"


def change(ask: Ask, it: Shelf) -> str:
    """Its name, place, and whether shoppers see it."""
    catalog.save_category(
        it.name, category_id=ask.id, position=it.position, is_hidden=it.is_hidden
    )
    return "分类已保存"


STEPS = (
    Step("/categories", "products.edit", create, URL, _shelf, once=True),
    Step(f"/categories/{ID}", "products.edit", change, URL, _shelf),
)
