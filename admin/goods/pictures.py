"""商品图: upload several at once, reorder them, remove one."""

from __future__ import annotations

from aiohttp import web

from admin.deps import deps_of
from admin.guard import requires
from admin.texts import TEXTS
from admin.web import done, id_of, read, takes_upload, try_step, write
from domain import catalog
from kernel.errors import DomainError
from kernel.web.forms import read_form

routes = web.RouteTableDef()
AT_ONCE = 9


@routes.post(r"/products/{id:\d{1,18}}/pictures")
@takes_upload
@requires("products.edit")
async def add(request: web.Request) -> web.StreamResponse:
    """Store uploaded pictures in web sizes, after the product's other pictures."""
    product_id = id_of(request)
    url = f"/admin/products/{product_id}#pictures"
    files = (await read_form(request)).uploads("pictures")
    if not files:
        await done(request, f"未完成：{TEXTS.text('picture_none')}", url)
    had = {row_id for row_id, _ in await read(request, catalog.list_product_pictures, product_id)}
    cut: list[str] = []
    wrong = [f"“{each.filename[:30]}”一次最多 {AT_ONCE} 张" for each in files[AT_ONCE:][:1]]
    for each in files[:AT_ONCE]:
        try:
            stored = await deps_of(request).pictures.take(each.file)
            await write(request, catalog.add_picture, product_id, stored)
            if stored.is_cut:
                cut.append(f"“{each.filename[:30]}”{TEXTS.text('picture_is_cut')}")
        except DomainError as error:
            wrong.append(f"“{each.filename[:30]}”{TEXTS.of(error)}")
    now = await read(request, catalog.list_product_pictures, product_id)
    kept = sum(row_id not in had for row_id, _ in now)
    if wrong:
        text = f"未完成：{'；'.join(wrong)[:400]}" + (f"。其余 {kept} 张已添加" if kept else "")
    else:
        text = f"已添加 {kept} 张图片" if kept else "这些图片已经在商品里了"
    await done(request, "。".join((text, *cut))[:600], url)


@routes.post(r"/products/{id:\d{1,18}}/pictures/order")
@requires("products.edit")
async def arrange(request: web.Request) -> web.StreamResponse:
    """Make a picture the cover, move it forward or back, or remove it."""
    form, product_id = await read_form(request), id_of(request)
    picture_id = form.integer("picture", least=1, most=10**15)
    move = form.choice("move", ("first", "left", "right", "remove"))
    form.check()
    url = f"/admin/products/{product_id}#pictures"
    have = [row_id for row_id, _ in await read(request, catalog.list_product_pictures, product_id)]
    if picture_id not in have:
        await done(request, f"未完成：{TEXTS.text('picture_missing')}", url)
    await try_step(request, url, catalog.set_pictures, product_id, moved(have, picture_id, move))
    await done(request, "图片已更新", url)


def moved(ids: list[int], one: int, move: str) -> list[int]:
    """The order of pictures after a move."""
    at = ids.index(one)
    rest = [each for each in ids if each != one]
    if move == "remove":
        return rest
    to = {"first": 0, "left": max(at - 1, 0), "right": min(at + 1, len(rest))}[move]
    return [*rest[:to], one, *rest[to:]]
