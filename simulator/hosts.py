"""Finds the phone that a browser's request comes from, and converts page URLs."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from aiohttp import web

from simulator.sim import Sim

RESERVED = (
    "/_sim/",
    "/_phone/",
    "/open/js/",
    "/connect/",
    "/mp/subscribemsg",
    "/cgi-bin/showqrcode",
    "/cgi-bin/mmpayweb-bin/",
)


def is_reserved(path: str) -> bool:
    """True if the simulator itself serves this path on the phones' origins."""
    return path.startswith(RESERVED)


def label_of(host: str) -> str:
    """The phone's id in `{phone}.localhost[:port]`, else ""."""
    name = host.partition(":")[0].lower()
    return name.removesuffix(".localhost") if name.endswith(".localhost") else ""


def phone_of(request: web.Request) -> str:
    """The phone whose webview sent this request: by origin, else by header or query."""
    label = label_of(request.host)
    return label or request.headers.get("X-Sim-Phone", "") or request.query.get("_phone", "")


def _same_origin(url: str, base: str) -> bool:
    a, b = urlsplit(url), urlsplit(base)
    return (a.scheme, a.netloc) == (b.scheme, b.netloc)


def to_app_url(sim: Sim, url: str) -> str:
    """A page's URL on a phone's origin as the shop's URL."""
    split = urlsplit(url)
    if not label_of(split.netloc):
        return url
    app = urlsplit(sim.settings.app_base_url)
    return urlunsplit(split._replace(scheme=app.scheme, netloc=app.netloc))


def to_phone_url(sim: Sim, url: str, phone: str, request: web.Request) -> str:
    """A URL of the shop on the phone's origin; other addresses are unchanged."""
    if not _same_origin(url, sim.settings.app_base_url):
        return url
    _, colon, port = request.host.partition(":")
    netloc = f"{phone}.localhost{colon}{port}"
    return urlunsplit(urlsplit(url)._replace(scheme=request.scheme, netloc=netloc))
