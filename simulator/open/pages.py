"""WeChat's pages around sign-in: consent, one-time subscription, error pages."""

from __future__ import annotations

import html
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from aiohttp import web

from simulator import hosts
from simulator.errors import SimMissing
from simulator.open import oauth
from simulator.people import phones
from simulator.sim import SIM, Sim
from simulator.world import Phone

PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>{title}</title>
<style>body{{font:16px/1.6 sans-serif;margin:2rem 1.5rem;color:#222}}h1{{font-size:1.25rem}}
a.b,button{{display:block;width:100%;box-sizing:border-box;margin:.75rem 0;padding:.75rem;
border:0;border-radius:.5rem;background:#eee;color:#222;font:inherit;text-align:center;
text-decoration:none}}a.p,button.p{{background:#07c160;color:#fff}}small{{color:#777}}</style></head>
<body><h1>{title}</h1>{body}</body></html>"""


def setup(app: web.Application) -> None:
    """Routes of the pages that phones open on WeChat's own host."""
    app.router.add_get("/connect/oauth2/authorize", authorize)
    app.router.add_get("/mp/subscribemsg", subscribe_once)


def page(title: str, body: str, status: int = 200) -> web.Response:
    """A plain page in WeChat's style."""
    text = PAGE.format(title=html.escape(title), body=body)
    return web.Response(text=text, status=status, content_type="text/html")


def _with(url: str, **extra: str) -> str:
    split = urlsplit(url)
    query = {k: v[0] for k, v in parse_qs(split.query, keep_blank_values=True).items()}
    return urlunsplit(split._replace(query=urlencode(query | extra)))


def which_phone(sim: Sim, request: web.Request) -> Phone | web.Response:
    """The phone that asks; other browsers get a page that says to open the link in WeChat."""
    key = hosts.phone_of(request)
    try:
        return phones.get_or_raise(sim, key)
    except SimMissing:
        links = "".join(
            f'<a class="b" data-sim="as-{html.escape(p.id)}" '
            f'href="{html.escape(_with(request.path_qs, _phone=p.id))}">{html.escape(p.name)}</a>'
            for p in sim.world.phones.values()
        )
        note = "<p>模拟器：选择用哪一部手机打开。</p>"
        return page("请在微信客户端打开链接", note + links, 403)


async def authorize(request: web.Request) -> web.StreamResponse:
    """The consent page for snsapi_userinfo; snsapi_base is redirected at once (静默授权)."""
    sim = request.app[SIM]
    try:
        ask = oauth.read_authorize(sim, request.path_qs)
    except oauth.AuthorizePageError as error:
        return page("授权出错", f"<p>{error.message}</p><p>错误码 {error.code}</p>", 400)
    phone = which_phone(sim, request)
    if isinstance(phone, web.Response):
        return phone
    decision = request.query.get("_decision", "")
    if ask.scope == "snsapi_base":
        decision = decision or "allow"
    elif not decision and not _is_tapped(request):
        decision = "snapshot"
    if not decision:
        return _consent(sim, request, phone)
    granted = oauth.grant(sim, phone, ask, decision)
    return _redirect(sim, request, phone, granted["location"])


def _is_tapped(request: web.Request) -> bool:
    """False if a browser says that no act of the person led here; WeChat then gives a snapshot.

    Programs say nothing of it, and count as people.
    """
    headers = request.headers
    return headers.get("Sec-Fetch-Mode") != "navigate" or headers.get("Sec-Fetch-User") == "?1"


def _redirect(sim: Sim, request: web.Request, phone: Phone, location: str) -> web.Response:
    if hosts.label_of(request.host):
        location = hosts.to_phone_url(sim, location, phone.id, request)
    return web.Response(status=302, headers={"Location": location})


def _consent(sim: Sim, request: web.Request, phone: Phone) -> web.Response:
    choices = (("allow", "允许", "p"), ("snapshot", "仅浏览（快照页）", ""), ("deny", "拒绝", ""))
    links = "".join(
        f'<a class="b {style}" data-sim="oauth-{key}" '
        f'href="{html.escape(_with(request.path_qs, _decision=key))}">{text}</a>'
        for key, text, style in choices
    )
    name, account = html.escape(phone.nickname), html.escape(sim.settings.account_name)
    picture = html.escape(sim.own_url(f"/_sim/phones/{phone.id}/avatar"))
    person = f'<p><img src="{picture}" width="48" height="48" alt=""> <b>{name}</b></p>'
    body = f"<p>{account} 申请获取并使用您的昵称、头像</p>{person}{links}"
    return page("微信登录", body)


# --- one-time subscription message -------------------------------------------------------
def answer_once(sim: Sim, phone: Phone, url: str, *, accepts: bool) -> dict[str, Any]:
    """Confirm or cancel a one-time subscription (一次性订阅消息) and go back to the shop."""
    query = {k: v[0] for k, v in parse_qs(urlsplit(url).query).items()}
    redirect = query.get("redirect_url", "")
    domain = sim.settings.oauth_domain or sim.settings.app_domain()
    if query.get("appid") != sim.settings.appid or urlsplit(redirect).netloc != domain:
        raise oauth.AuthorizePageError(10003, "redirect_url 域名与后台配置不一致")
    scene = query.get("scene", "")
    if not scene.isdigit() or int(scene) > 10_000:
        raise oauth.AuthorizePageError(10004, "scene 应为 0 至 10000")
    template_id = query.get("template_id", "")
    if accepts:
        key = f"once:{phone.openid}:{template_id}:{scene}"
        sim.world.counters[key] = sim.world.counters.get(key, 0) + 1
    back = {
        "openid": phone.openid,
        "template_id": template_id,
        "action": "confirm" if accepts else "cancel",
        "scene": scene,
        "reserved": query.get("reserved", ""),
    }
    return {"location": _with(redirect, **back), "code": "", "state": "", "scope": "",
            "openid": phone.openid}  # fmt: skip


async def subscribe_once(request: web.Request) -> web.StreamResponse:
    """The page that asks the person whether the account may send one message."""
    sim = request.app[SIM]
    phone = which_phone(sim, request)
    if isinstance(phone, web.Response):
        return phone
    decision = request.query.get("_decision", "")
    if not decision:
        links = "".join(
            f'<a class="b {style}" data-sim="subscribe-{key}" '
            f'href="{html.escape(_with(request.path_qs, _decision=key))}">{text}</a>'
            for key, text, style in (("accept", "允许", "p"), ("reject", "取消", ""))
        )
        name = html.escape(sim.settings.account_name)
        return page("接收通知", f"<p>{name} 申请向您发送一条消息</p>{links}")
    try:
        answer = answer_once(sim, phone, request.path_qs, accepts=decision == "accept")
    except oauth.AuthorizePageError as error:
        return page("链接出错", f"<p>{error.message}</p><p>错误码 {error.code}</p>", 400)
    return _redirect(sim, request, phone, answer["location"])
