"""付款: WeChat's cashier (JSAPI), its H5 page, or a QR code outside WeChat.

The server alone decides whether an order is paid. What the page or WeChat's sheet reports is not
trusted: ``/state`` and ``/result`` read the database, and ask WeChat itself at a low rate.
"""

from __future__ import annotations

import io
import logging
import re
from typing import Any

import segno
from aiohttp import web

from domain import invitations, orders
from domain.orders import OrderCard, PrepayView, confirm_order, prepay
from domain.payments import Channel
from domain.payments.ports import PayPort
from kernel import context
from kernel.errors import Conflict, GatewayError, LimitReached
from kernel.web.forms import query_param
from kernel.web.keys import CONFIG
from kernel.web.render import in_wechat, render
from mall_h5.asking import asks_for_name
from mall_h5.web import SignedIn, deps, signed_in

log = logging.getLogger("fenmall.mall")
routes = web.RouteTableDef()
WAITING = ("awaiting_payment", "closing")
PREPAYS_A_MINUTE = 30
ASKS_MOST, ASK_WECHAT_EACH = 1, 2
RELOADS_MOST = 6
_PHONE = re.compile(r"Android|iPhone|iPad|Mobile|HarmonyOS")
NO = r"{no:[A-Z0-9]{12,32}}"


@routes.get(f"/pay/{NO}")
@signed_in
async def pay(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The payment page of an unpaid order."""
    order = await me.read(orders.order_detail_for_buyer, _no(request), me.id)
    if order.state != "awaiting_payment":
        raise web.HTTPFound(_result(order.order_no))
    channel = _channel(request)
    look = await asked_before(me, order)
    opened: PrepayView | None = None
    try:
        opened = await _prepay(request, me, order.order_no, channel)
    except Conflict as refused:
        is_doubted = refused.code == "age_unproven"
        to = "/m/me/age" if is_doubted else _result(order.order_no)
        raise web.HTTPFound(to) from None
    except GatewayError as error:
        log.warning("order %s could not be opened for payment: %s", order.order_no, error)
    return render(
        request,
        "h5/trade/pay.html",
        status=200 if opened else 503,
        order=order,
        channel=channel,
        opened=opened,
        till=_payment_context(order.order_no, opened)
        | {"auto": "now" in request.query and not look},
        look=look,
    )


@routes.get(f"/pay/{NO}/code.svg")
@signed_in
async def code(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The QR code that a phone scans to pay (Native)."""
    opened = await _prepay(request, me, _no(request), "native")
    out = io.BytesIO()
    segno.make(opened.code_url or "", error="m").save(out, kind="svg", scale=6, border=2)
    headers = {"Cache-Control": "no-store"}
    return web.Response(body=out.getvalue(), content_type="image/svg+xml", headers=headers)


@routes.get(f"/pay/{NO}/state")
@signed_in
async def state(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The state that the page polls: pending, paid or closed."""
    order_no = _no(request)
    now = await _known_state(me, deps(request).pay, order_no)
    answer = {"state": "pending" if now in WAITING else _outcome(now), "url": _result(order_no)}
    return web.json_response(answer, headers={"Cache-Control": "no-store"})


@routes.get(f"/pay/{NO}/result")
@signed_in
async def result(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The result page: paid, still being confirmed, or closed."""
    order_no = _no(request)
    await _known_state(me, deps(request).pay, order_no)
    order = await me.read(orders.order_detail_for_buyer, order_no, me.id)
    refunds = await me.read(orders.refunds_of, order.id)
    said = query_param(request, "n")
    turn = int(said) if said.isascii() and said.isdigit() and len(said) < 3 else 0
    return render(
        request,
        "h5/trade/pay_result.html",
        order=order,
        outcome=_outcome(order.state),
        invitation=await me.read(invitations.open_invitation, me.id),
        asks_name=await asks_for_name(me, order),
        came_late=[refund for refund in refunds if refund.is_automatic],
        again=f"{_result(order_no)}?n={turn + 1}" if turn < RELOADS_MOST else "",
        watch={"check": f"/m/pay/{order_no}/state", "watch": True, "tries": 12},
    )


async def asked_before(me: SignedIn, order: OrderCard) -> dict[str, str] | None:
    """What a page polls to learn whether a payment was made that the buyer did not return from."""
    if order.state != "awaiting_payment":
        return None
    is_open = bool(await me.read(orders.open_numbers, order.id))
    return {"check": f"/m/pay/{order.order_no}/state"} if is_open else None


async def _prepay(
    request: web.Request, me: SignedIn, order_no: str, channel: Channel
) -> PrepayView:
    await me.limit("prepay", most=PREPAYS_A_MINUTE)
    public_url = request.config_dict[CONFIG].public_url
    return await prepay(
        me.store,
        deps(request).pay,
        order_no,
        me.id,
        channel,
        public_url=public_url,
        client_ip=context.client_ip.get() or "",
        return_url=f"{public_url}{_result(order_no)}",
    )


async def _known_state(me: SignedIn, pay: PayPort, order_no: str) -> str:
    """The order's state; WeChat is asked about an open payment once in a while."""
    order_id = await me.read(orders.order_id_of, order_no, me.id)
    order = await me.read(orders.order_by_id, order_id)
    if order.state not in WAITING:
        return str(order.state)
    try:
        await me.limiter.hit("confirm", order_no, most=ASKS_MOST, seconds=ASK_WECHAT_EACH)
        return await confirm_order(me.store, pay, order_no, me.id)
    except LimitReached:
        return str(order.state)
    except GatewayError as error:
        log.info("WeChat was not clear about order %s: %s", order_no, error)
        return str(order.state)


def _channel(request: web.Request) -> Channel:
    if in_wechat(request):
        return "jsapi"
    return "h5" if _PHONE.search(request.headers.get("User-Agent", "")) else "native"


def _payment_context(order_no: str, opened: PrepayView | None) -> dict[str, Any]:
    check = {
        "check": f"/m/pay/{order_no}/state",
        "done": _result(order_no),
        "cancelled": "您已取消付款，订单为您保留，可随时继续。",
        "failed": "付款没有完成，请重试或稍后再付。",
    }
    if opened is not None and opened.jsapi is not None:
        return check | {"params": opened.jsapi}
    return check | {"watch": True, "tries": 200}


def _outcome(state: str) -> str:
    if state == "awaiting_payment":
        return "pending"
    return "closed" if state in {"closing", "cancelled"} else "paid"


def _result(order_no: str) -> str:
    return f"/m/pay/{order_no}/result"


def _no(request: web.Request) -> str:
    return str(request.match_info["no"])
