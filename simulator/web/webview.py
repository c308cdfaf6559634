"""The phones' webview: a reverse proxy that shows the shop on a separate origin per phone.

It keeps the phone's cookies on the server, sends WeChat's User-Agent, lets the phone's page frame
the shop's pages, and converts addresses between the origins.
"""

from __future__ import annotations

import html
import re
import zlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Handler
from multidict import CIMultiDict
from yarl import URL

from simulator import hosts
from simulator.sim import SIM, Sim
from simulator.web import jar
from simulator.web.mapping import Mapping
from simulator.world import Phone

CLIENT = web.AppKey("webview_client", aiohttp.ClientSession)
MAX_TEXT = 8 * 1024 * 1024
MAX_FORM = 1024 * 1024
TEXTS = ("text/", "application/json", "application/javascript", "application/xml",
         "application/manifest+json", "image/svg+xml")  # fmt: skip
FORMS = ("application/x-www-form-urlencoded", "application/json", "text/plain")
HOP = {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer",
       "transfer-encoding", "upgrade"}  # fmt: skip
NOT_SENT = HOP | {"host", "cookie", "content-length", "accept-encoding", "user-agent", "forwarded",
                  "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"}  # fmt: skip
NOT_SHOWN = HOP | {"content-length", "content-encoding", "x-frame-options", "set-cookie",
                   "strict-transport-security", "clear-site-data"}  # fmt: skip
HEAD = re.compile(r"<head(?:\s[^>]*)?>", re.IGNORECASE)
DEVICES = (
    ("14", "Pixel 8 Build/UQ1A.240205.004"),
    ("13", "M2102J20SG Build/TKQ1.221013.002"),
    ("12", "LIO-AN00 Build/HUAWEILIO-AN00"),
    ("15", "V2309A Build/AP3A.240905.015.A2"),
    ("14", "PJD110 Build/UKQ1.230924.001"),
)


def setup(app: web.Application) -> None:
    """Put the proxy before every route, with an HTTP client of its own."""
    app.middlewares.append(middleware)
    app.cleanup_ctx.append(_client)


async def _client(app: web.Application) -> AsyncIterator[None]:
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=60)
    async with aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(), timeout=timeout
    ) as session:
        app[CLIENT] = session
        yield


def user_agent(phone: str) -> str:
    """WeChat's User-Agent on the person's Android phone."""
    number = zlib.crc32(phone.encode())
    android, device = DEVICES[number % len(DEVICES)]
    return (
        f"Mozilla/5.0 (Linux; Android {android}; {device}; wv) AppleWebKit/537.36 (KHTML, like "
        "Gecko) Version/4.0 Chrome/122.0.6261.120 Mobile Safari/537.36 XWEB/1220133 "
        f"MMWEBSDK/20240404 MMWEBID/{number % 9000 + 1000} MicroMessenger/8.0.49.2600(0x2800313D) "
        "WeChat/arm64 Weixin NetType/WIFI Language/zh_CN ABI/arm64"
    )


@web.middleware
async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Forward requests on a phone's origin to the shop, except the simulator's own paths."""
    phone = hosts.label_of(request.host)
    if not phone or hosts.is_reserved(request.path):
        return await handler(request)
    sim = request.app[SIM]
    person = sim.world.phones.get(phone)
    if person is None:
        return _page(404, "没有这台手机", f"模拟器里没有编号为 {phone} 的手机。")
    mapping = Mapping(sim, request, phone)
    try:
        return await _forward(request, sim, person, mapping)
    except (aiohttp.ClientError, TimeoutError):
        return _page(502, "无法打开网页", "商城没有应答，请确认它已经启动，然后刷新。")


async def _forward(
    request: web.Request, sim: Sim, person: Phone, mapping: Mapping
) -> web.StreamResponse:
    headers = _request_headers(request, person, mapping)
    now = sim.clock.now()
    if cookies := jar.header(person, request.path, now):
        headers["Cookie"] = cookies
    url = mapping.app + mapping.to_app(request.raw_path)
    body = await _request_body(request, headers, mapping)
    async with request.app[CLIENT].request(
        request.method, _exactly(url), headers=headers, data=body, allow_redirects=False
    ) as answer:
        if '"cookies"' in answer.headers.get("Clear-Site-Data", ""):
            person.cookies.clear()
        jar.store(person, answer.headers.getall("Set-Cookie", []), request.path, now)
        return await _answer(request, answer, mapping)


def _exactly(url: str) -> URL:
    """The URL exactly as the browser wrote it; it is not escaped a second time."""
    return URL(url, encoded=True)


def _request_headers(request: web.Request, person: Phone, mapping: Mapping) -> CIMultiDict[str]:
    headers: CIMultiDict[str] = CIMultiDict()
    for name, value in request.headers.items():
        if name.lower() not in NOT_SENT and not name.lower().startswith("sec-ch-"):
            headers.add(name, mapping.to_app(value))
    headers["User-Agent"] = user_agent(person.id)
    headers["Accept-Encoding"] = "gzip, deflate"
    headers["X-Forwarded-For"] = f"203.0.113.{zlib.crc32(person.id.encode()) % 254 + 1}"
    if headers.get("Sec-Fetch-Dest") == "iframe":
        headers["Sec-Fetch-Dest"] = "document"
    if "/_phone/" in headers.get("Referer", ""):  # opened from the chat: no referring page
        del headers["Referer"]
        headers["Sec-Fetch-Site"] = "none"
    return headers


async def _request_body(request: web.Request, headers: CIMultiDict[str], mapping: Mapping) -> Any:
    """Convert the addresses in forms back to the shop's; stream uploads through unchanged."""
    if not request.body_exists:
        return None
    length = request.content_length
    if length is None or length > MAX_FORM or not request.content_type.startswith(FORMS):
        if length is not None:
            headers["Content-Length"] = str(length)
        return request.content
    raw = await request.read()
    try:
        return mapping.to_app(raw.decode()).encode()
    except UnicodeDecodeError:
        return raw


async def _answer(
    request: web.Request, answer: aiohttp.ClientResponse, mapping: Mapping
) -> web.StreamResponse:
    headers: CIMultiDict[str] = CIMultiDict()
    for name, value in answer.headers.items():
        if name.lower() not in NOT_SHOWN:
            headers.add(name, mapping.to_page(value))
    for name in ("Content-Security-Policy", "Content-Security-Policy-Report-Only"):
        if name in headers:
            headers[name] = open_policy(headers[name])
    if not _is_text(answer):
        return await _stream(request, answer, headers)
    raw = await answer.content.read(MAX_TEXT + 1)
    while len(raw) <= MAX_TEXT and (more := await answer.content.read(MAX_TEXT + 1 - len(raw))):
        raw += more
    if len(raw) > MAX_TEXT:
        return _page(502, "无法打开网页", "网页太大。")
    raw = _mapped(raw, answer, mapping, wants_bridge=_is_document(request, answer))
    return web.Response(status=answer.status, body=raw, headers=headers)


def _mapped(
    raw: bytes, answer: aiohttp.ClientResponse, mapping: Mapping, *, wants_bridge: bool
) -> bytes:
    try:
        charset = answer.get_encoding() or "utf-8"
        text = mapping.to_page(raw.decode(charset))
        if wants_bridge:
            text = with_bridge(text, user_agent(hosts.label_of(mapping.phone.partition("//")[2])))
        return text.encode(charset)
    except (LookupError, UnicodeError, RuntimeError):
        return raw


def _is_text(answer: aiohttp.ClientResponse) -> bool:
    kind = answer.content_type
    return kind.startswith(TEXTS) and kind != "text/event-stream" and answer.status != 206


def _is_document(request: web.Request, answer: aiohttp.ClientResponse) -> bool:
    is_fragment = "HX-Request" in request.headers or "X-Requested-With" in request.headers
    return answer.content_type == "text/html" and not is_fragment


async def _stream(
    request: web.Request, answer: aiohttp.ClientResponse, headers: CIMultiDict[str]
) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status, headers=headers)
    if "Content-Length" in answer.headers and "Content-Encoding" not in answer.headers:
        response.content_length = int(answer.headers["Content-Length"])
    await response.prepare(request)
    async for chunk in answer.content.iter_any():
        await response.write(chunk)
    await response.write_eof()
    return response


def open_policy(policy: str) -> str:
    """A page's CSP, relaxed so that the page can be framed and can load WeChat's bridge.

    A real phone needs neither. The bridge comes from the page's own origin here, so only `'self'`
    is added.
    """
    directives: dict[str, str] = {}
    for part in policy.split(";"):
        name, _, sources = part.strip().partition(" ")
        if name and name.lower() != "frame-ancestors":
            directives.setdefault(name.lower(), sources.strip())
    for name in ("script-src", "connect-src"):
        allowed = directives.get(name, directives.get("default-src", "'self'"))
        if "'self'" not in allowed:
            rest = "" if allowed == "'none'" else f"{allowed} "
            directives[name] = f"{rest}'self'"
    return "; ".join(f"{name} {sources}".strip() for name, sources in directives.items())


def with_bridge(text: str, agent: str) -> str:
    """The page with WeChat's bridge before its own scripts, where WeChat's app puts it."""
    tag = f'<script src="/_phone/bridge.js" data-ua="{html.escape(agent)}"></script>'
    return HEAD.sub(lambda found: found.group(0) + tag, text, count=1)


def _page(status: int, title: str, text: str) -> web.Response:
    body = (
        "<!doctype html><html lang=zh-CN><meta charset=utf-8><meta name=viewport "
        f"content='width=device-width'><title>{html.escape(title)}</title>"
        "<body style='font:16px/1.6 sans-serif;text-align:center;padding:120px 32px;color:#555'>"
        f"<h1 style='font-size:20px;color:#191919'>{html.escape(title)}</h1>"
        f"<p>{html.escape(text)}</p><p><a href='' style='color:#576b95'>刷新</a></p>"
    )
    return web.Response(status=status, text=body, content_type="text/html")
