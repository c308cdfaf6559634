"""H5 支付: the cashier outside WeChat, opened from the shop's domain within five minutes."""

from __future__ import annotations

import html
from urllib.parse import urlsplit

from aiohttp import web

from simulator.errors import SimMissing
from simulator.open.pages import page, which_phone
from simulator.pay import cashier
from simulator.sim import SIM
from simulator.world import Order, Phone

PATH = "/cgi-bin/mmpayweb-bin/checkmweb"


def setup(app: web.Application) -> None:
    """Routes of the H5 cashier."""
    app.router.add_get(PATH, show)
    app.router.add_post(PATH, act)


def _problem(request: web.Request) -> str:
    if "MicroMessenger" in request.headers.get("User-Agent", ""):
        return "请在微信外打开订单，进行支付"
    referer = urlsplit(request.headers.get("Referer", "")).netloc
    own = request.app[SIM].settings.app_domain()
    if referer not in (own, request.host):
        return "商家参数格式有误，请联系商家解决（支付域名未授权）"
    return ""


def _find(request: web.Request) -> Order | web.Response:
    try:
        return cashier.find(request.app[SIM], {"h5_url": request.path_qs})
    except (cashier.Refused, SimMissing) as error:
        return page("无法支付", f"<p>{html.escape(str(error))}</p>", 400)


async def show(request: web.Request) -> web.StreamResponse:
    """The page with the order, its amount, and the buttons to pay or leave."""
    if problem := _problem(request):
        return page("无法支付", f"<p>{problem}</p>", 403)
    order = _find(request)
    if isinstance(order, web.Response):
        return order
    phone = which_phone(request.app[SIM], request)
    if isinstance(phone, web.Response):
        return phone
    cashier.sheet(request.app[SIM], phone, order)
    name = html.escape(request.app[SIM].settings.merchant_name)
    amount = f"¥{order.total_fen // 100}.{order.total_fen % 100:02d}"
    buttons = "".join(
        f'<button class="{style}" name="result" value="{key}" data-sim="pay-{key}">{text}</button>'
        for key, text, style in (("ok", "立即支付", "p"), ("cancel", "取消", ""))
    )
    body = (
        f"<p>{name}</p><p>{html.escape(order.description)}</p><h1>{amount}</h1>"
        f'<form method="post" action="{html.escape(request.path_qs)}">{buttons}</form>'
    )
    return page("微信支付", body)


async def act(request: web.Request) -> web.StreamResponse:
    """Pay or leave, then return to the shop's redirect_url if there is one."""
    phone = which_phone(request.app[SIM], request)
    if isinstance(phone, web.Response):
        return phone
    return await _pay(request, phone)


async def _pay(request: web.Request, phone: Phone) -> web.StreamResponse:
    sim = request.app[SIM]
    form = await request.post()
    wish = "ok" if form.get("result") == "ok" else "cancel"
    done = cashier.act(sim, phone, {"h5_url": request.path_qs, "result": wish})
    back = request.query.get("redirect_url", "")
    if back and urlsplit(back).netloc == sim.settings.app_domain():
        return web.Response(status=302, headers={"Location": back})
    title = {"ok": "支付成功", "cancel": "已取消"}.get(done["result"], "支付失败")
    return page(title, f"<p>{html.escape(done['reason'])}</p>")
