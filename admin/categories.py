"""分类: the shelves of the mall, their order, hidden or shown."""

from __future__ import annotations

from aiohttp import web

from admin.guard import requires
from admin.web import done, id_of, page, read, refuse_bad, try_step
from domain import catalog
from kernel.web.forms import Form, read_form

routes = web.RouteTableDef()
URL = "/admin/categories"


@routes.get("/categories")
@requires("products.see")
async def index(request: web.Request) -> web.StreamResponse:
    """All categories with how many products each has."""
    found = await read(request, catalog.category_desk)
    return await page(request, "admin/categories.html", categories=found)


@routes.post("/categories")
@requires("products.edit")
async def create(request: web.Request) -> web.StreamResponse:
    """A new category."""
    return await _save(request, None)


@routes.post(r"/categories/{id:\d{1,18}}")
@requires("products.edit")
async def change(request: web.Request) -> web.StreamResponse:
    """Its name, place, and whether shoppers see it."""
    return await _save(request, id_of(request))


async def _save(request: web.Request, category_id: int | None) -> web.StreamResponse:
    form: Form = await read_form(request)
    name = form.text("name", most=24)
    position = form.count("position", least=-10_000, most=10_000, default=0)
    await refuse_bad(request, form, URL)
    await try_step(
        request,
        URL,
        catalog.save_category,
        name,
        category_id=category_id,
        position=position,
        is_hidden=form.flag("is_hidden"),
    )
    await done(request, "分类已保存", URL)
