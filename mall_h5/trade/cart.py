"""购物车: add, change, choose and remove; works before sign-in."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from domain import cart, members, pricing
from domain.catalog import StockShort
from kernel.errors import DomainError, Invalid
from kernel.web.forms import Form, read_form
from kernel.web.render import is_fragment, render
from kernel.web.sessions import browser
from mall_h5.texts import TEXTS
from mall_h5.trade_words import cart_rows
from mall_h5.web import flash, read, write

routes = web.RouteTableDef()
QUANTITY_MOST = 9_999


async def owner_of(request: web.Request) -> str | None:
    """The key of the cart: the member's, else the browser's; None without a session."""
    found = browser(request)
    if found.member_id is None and found.info is None:
        return None
    return await ensured_owner(request)


async def ensured_owner(request: web.Request) -> str:
    """The key of the cart; a browser without a session gets one."""
    found = browser(request)
    if found.member_id is not None:
        return cart.member_owner(found.member_id)
    session = await found.ensure()
    return cart.session_owner(session.id)


@routes.get("/cart")
async def show(request: web.Request) -> web.StreamResponse:
    """The cart, with what has changed since its lines were added."""
    owner = await owner_of(request)
    template = "h5/trade/_cart.html" if is_fragment(request) else "h5/trade/cart.html"
    return render(request, template, error="", **await _facts(request, owner))


async def _facts(request: web.Request, owner: str | None) -> dict[str, Any]:
    """The cart with its price, freight included to the address that the checkout offers first."""
    if owner is None:
        return {"cart": None}
    member_id = browser(request).member_id
    known = await read(request, members.list_addresses, member_id) if member_id else []
    place = known[0].form.place or known[0].form.province if known else None
    found = await read(request, cart.view, owner, place)
    return {
        "cart": found,
        "rows": cart_rows(found.quote, place),
        "sent_to": known[0].form.province + known[0].form.city if known else "",
    }


@routes.get("/cart/count")
async def count(request: web.Request) -> web.StreamResponse:
    """The number on the cart's tab."""
    owner = await owner_of(request)
    pieces = await read(request, cart.count, owner) if owner else 0
    return render(request, "h5/trade/_cart_count.html", cart_count=pieces)


@routes.post("/cart")
async def put(request: web.Request) -> web.StreamResponse:
    """Add an SKU; with ``to=buy`` go straight to the checkout of that SKU alone."""
    form = await read_form(request)
    sku_id = form.integer("sku", least=1, most=10**15)
    quantity = form.count("qty", least=1, most=QUANTITY_MOST, default=1)
    product_id = form.integer("product", least=0, most=10**15, default=0)
    back = f"/m/p/{product_id}" if product_id else ""
    try:
        form.check()
        if form.raw("to") == "buy":
            await read(request, cart.check_buyable, sku_id, quantity)
            raise web.HTTPSeeOther(f"/m/checkout?sku={sku_id}&qty={quantity}")
        if form.raw("to") == "gift":
            await read(request, cart.check_buyable, sku_id, quantity)
            raise web.HTTPSeeOther(f"/m/checkout?sku={sku_id}&qty={quantity}&delivery=gift")
        owner = await ensured_owner(request)
        now_in = await write(request, cart.add, owner, sku_id, quantity)
    except (Invalid, StockShort) as refused:
        if not product_id:
            raise
        return await _refused(request, form, product_id, sku_id, refused)
    more = f"，购物车里共 {now_in} 件" if now_in != quantity else ""
    await flash(request, f"已加入购物车{more}")
    raise web.HTTPSeeOther(back or "/m/cart")


async def _refused(
    request: web.Request, form: Form, product_id: int, sku_id: int, refused: DomainError
) -> web.StreamResponse:
    """The product's page with the quantity that was typed and the reason for the refusal."""
    found = await read(request, pricing.product_page, product_id)
    known = [sku.id for sku in found.skus]
    return render(
        request,
        "h5/shop/product.html",
        status=422,
        product=found,
        chosen=sku_id if sku_id in known else known[0],
        jssdk=None,
        typed_qty=form.raw("qty"),
        wrong=f"没有加入：{TEXTS.of(refused)}",
    )


@routes.post("/cart/change")
async def change(request: web.Request) -> web.StreamResponse:
    """Store new quantities and choices, or remove lines."""
    form = await read_form(request)
    owner = await ensured_owner(request)
    error = ""
    try:
        await _apply(request, owner, form)
    except DomainError as refused:
        error = TEXTS.of(refused)
    if is_fragment(request):
        status, facts = 422 if error else 200, await _facts(request, owner)
        return render(request, "h5/trade/_cart.html", status=status, error=error, **facts)
    if error:
        await flash(request, error)
    raise web.HTTPSeeOther("/m/cart")


async def _apply(request: web.Request, owner: str, form: Form) -> None:
    found = await read(request, cart.view, owner)
    removed = form.ids("remove")
    if removed:
        await write(request, cart.remove, owner, removed)
        return
    chosen = set(form.ids("pick", QUANTITY_MOST))
    for line in found.lines:
        name = f"q{line.sku_id}"
        try:
            wanted = form.count(name, least=1, most=QUANTITY_MOST, default=line.quantity)
            form.check()
            if wanted != line.quantity:
                await write(request, cart.set_quantity, owner, line.sku_id, wanted)
        except (Invalid, StockShort) as refused:
            typed = form.raw(name).strip()[:12]
            raise Invalid(
                "quantity_kept", title=line.title, typed=typed, kept=line.quantity,
                why=TEXTS.of(refused),
            ) from refused  # fmt: skip
        if line.is_selected != (line.sku_id in chosen):
            is_on = line.sku_id in chosen
            await write(request, cart.select, owner, [line.sku_id], is_selected=is_on)
