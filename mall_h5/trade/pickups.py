"""提货码: the code of an order that is collected, where it is, and another place for it."""

from __future__ import annotations

import io

import segno
from aiohttp import web

from domain import logistics, orders, pickups
from kernel.errors import DomainError, NotFound
from kernel.web.forms import read_form
from kernel.web.render import render
from mall_h5.texts import TEXTS
from mall_h5.trade.orders import CHANGES_A_MINUTE, NO
from mall_h5.web import SignedIn, signed_in

routes = web.RouteTableDef()


@routes.get(f"/orders/{NO}/pickup")
@signed_in
async def show(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The code of the member's own order, and the place."""
    return await _drawn(request, me, {})


async def _drawn(request: web.Request, me: SignedIn, errors: dict[str, str]) -> web.StreamResponse:
    order = await me.read(orders.order_detail_for_buyer, request.match_info["no"], me.id)
    pickup = await me.read(pickups.pickup_of_order, order.id)
    if pickup is None:
        raise NotFound("pickup_missing")
    places = []
    if pickup.can_change_place:
        places = await me.read(logistics.nearest_places, pickup.place.region)
    return render(
        request,
        "h5/trade/pickup.html",
        status=422 if errors else 200,
        order=order,
        pickup=pickup,
        code=await me.read(pickups.code_of_buyer, order.order_no, me.id),
        has_liquor=any(line.is_liquor for line in order.lines),
        places=places,
        errors=errors,
    )


@routes.get(f"/orders/{NO}/pickup/code.svg")
@signed_in
async def picture(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The QR code of the code; it holds nothing else, so that a scan opens no page."""
    code = await me.read(pickups.code_of_buyer, request.match_info["no"], me.id)
    if not code:
        raise NotFound("pickup_missing")
    out = io.BytesIO()
    segno.make(code, error="m").save(out, kind="svg", scale=6, border=2)
    return web.Response(body=out.getvalue(), content_type="image/svg+xml")


@routes.post(f"/orders/{NO}/pickup/place")
@signed_in
async def change(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Collect the order at another place, before it is ready."""
    form, no = await read_form(request), request.match_info["no"]
    await me.limit("order", most=CHANGES_A_MINUTE)
    wanted = form.integer("place", least=0, most=10**15, default=0)
    form.check()
    try:
        await me.write(pickups.change_place, no, me.id, wanted)
    except DomainError as error:
        return await _drawn(request, me, {"place": TEXTS.of(error)})
    await me.flash("已更换自提门店")
    raise web.HTTPSeeOther(f"/m/orders/{no}/pickup")
