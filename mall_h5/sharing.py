"""分享: whose link a visitor opened and by what, and the card that a shared page shows.

A link with ``?r=CODE`` records a touch (触达) for the visitor; ``visits`` counts the visit once
the page was seen. Inside WeChat the visitor is then signed in silently at once, so that the touch
is joined to a member and not lost.

A page that a distributor may share has their code in its own address, so that a share carries it
even if the JS-SDK can't be configured (ADR 82).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from aiohttp import web

from domain import distribution, orders
from domain.catalog import PictureRef, ProductCard, ProductPage
from kernel.errors import GatewayError
from kernel.pictures import picture_path
from kernel.text import number_of
from kernel.web.forms import query_param
from kernel.web.keys import CONFIG, VISIT
from kernel.web.render import in_wechat, is_fragment, seen_target
from kernel.web.sessions import browser
from mall_h5 import visits
from mall_h5.trade_words import TEXT
from mall_h5.web import Page, deps, login_url, peek, write

log = logging.getLogger("fenmall.mall")

SHARE_APIS = ("updateAppMessageShareData", "updateTimelineShareData")
CODE_MOST = 16
ICON_LEAST = 200
"""Pixels: WeChat shows a card's picture smaller than that."""

IN_LINKS = ("link", "poster", "card", "moments")
"""What a link may say of itself; a scan is reported by WeChat."""

LINE_MOST = 60
QUERY_MOST = 300
"""Longer queries, which no page of ours makes, stay as they are."""

BY_WECHAT = {"singlemessage": "card", "groupmessage": "card", "timeline": "moments"}
"""What WeChat adds as ``from=`` to an address that somebody sent on."""

CARD = TEXT.names("share")
SELLER_PAGES = "/m/d/"
SHARED = frozenset({"/m/", "/m/offers", "/m/category", "/m/search", SELLER_PAGES})
OWN_CODE: web.RequestKey[str] = web.RequestKey("own_code", str)
_OURS = frozenset({"r", "s", "from", "isappinstalled"})


@web.middleware
async def note_referrer(request: web.Request, handler: Page) -> web.StreamResponse:
    """Record whose link was opened and by what, before the page is shown."""
    if request.method != "GET" or is_fragment(request):
        return await visits.carry_or_count_visit(request, handler)
    own = await _own_code(request) if is_shared(request) else ""
    code = _code(request)
    if code and code != own:
        token = await _note_touch(request, code)
        if (own and len(request.query_string) <= QUERY_MOST) or _is_seller_page(request):
            return _to_own_address(request, own, token)
        answer = await handler(request)
        visits.keep_visit_token(request, answer, token, shown=True)
        return answer
    await _note_way_in(request)
    if own and not code and len(request.query_string) <= QUERY_MOST:
        return _to_own_address(request, own, "")
    return await visits.carry_or_count_visit(request, handler)


def is_shared(request: web.Request) -> bool:
    """Whether others may open this page too: the shop's, and the first one of 分销中心."""
    path = request.path
    return path in SHARED or path.startswith("/m/p/")


def _is_seller_page(request: web.Request) -> bool:
    return request.path.startswith(SELLER_PAGES)


async def _note_touch(request: web.Request, code: str) -> str:
    """Record the touch; returns the token of the visit. Raises HTTPFound to the sign-in."""
    found = browser(request)
    product = request.match_info.get("id", "")
    await write(
        request, distribution.record_touch, found.visitor, code, _by_what(request),
        int(product) if product.isdecimal() and len(product) < 18 else None, found.member_id,
    )  # fmt: skip
    request[VISIT] = token = visits.token_of(request, code)
    if found.member_id is None and in_wechat(request):
        on = web.HTTPFound(login_url(_without_referrer(request)))
        visits.keep_visit_token(request, on, token, shown=False)
        raise on
    return token


async def _note_way_in(request: web.Request) -> None:
    """Record that a member came in by the account's menu or by a link in its messages."""
    medium, member_id = query_param(request, "s"), browser(request).member_id
    if member_id is not None and medium in orders.OF_THE_ACCOUNT:
        await write(request, distribution.record_arrival, member_id, medium)


def _to_own_address(request: web.Request, own: str, token: str) -> web.Response:
    """Redirect to the page's address with the member's own code, or of a private page to the shop.

    The visit of somebody else's link is counted by the page after it.
    """
    path = _without_referrer(request)
    if own:
        path += f"{'&' if '?' in path else '?'}r={own}"
    on = web.Response(status=302, headers={"Location": path})
    visits.keep_visit_token(request, on, token, shown=False)
    return on


def _code(request: web.Request) -> str:
    """The code of the link that was opened; "" without one."""
    said = query_param(request, "r")
    code = number_of(said).upper() if said else ""
    return code if code.isascii() and len(code) <= CODE_MOST else ""


def _by_what(request: web.Request) -> str:
    """By what a link was met: as WeChat says, as the link says, else a link."""
    by_wechat = BY_WECHAT.get(query_param(request, "from"))
    said = query_param(request, "s")
    return by_wechat or (said if said in IN_LINKS else orders.LINK)


def _without_referrer(request: web.Request) -> str:
    """The page's path without what links and WeChat added; the shop for a page of sellers."""
    if _is_seller_page(request) and _code(request):
        return "/m/"
    kept = [(k, v) for k, v in parse_qsl(request.query_string) if k not in _OURS]
    return request.path + (f"?{urlencode(kept)}" if kept else "")


async def _own_code(request: web.Request) -> str:
    """The code that this member's shares carry inside WeChat; "" for whoever may not sell."""
    known: str | None = request.get(OWN_CODE)
    if known is not None:
        return known
    member_id, code = browser(request).member_id, None
    if member_id is not None and in_wechat(request):
        code = await peek(request, distribution.own_referral_code, member_id)
    request[OWN_CODE] = code or ""
    return code or ""


@dataclass(frozen=True, slots=True)
class Card:
    """What a shared page shows: title, selling line, picture, and the path that it opens."""

    title: str
    line: str
    picture: PictureRef | None
    path: str


def card_of_product(product: ProductPage) -> Card:
    """The card of a product: its selling line is the subtitle, else how the description begins."""
    first = product.description.strip().partition("\n")[0]
    picture = product.pictures[0] if product.pictures else None
    return Card(
        product.title, product.subtitle or first[:LINE_MOST], picture, f"/m/p/{product.id}"
    )


def card_of_shop(title: str, cards: Sequence[ProductCard]) -> Card:
    """The card of the shop, with its best-selling product."""
    best = max(cards, key=lambda card: (not card.is_sold_out, card.sold), default=None)
    if best is None:
        return Card(title, "", None, "/m/")
    line = CARD["best"].format(title=best.title, subtitle=best.subtitle)
    return Card(title, line.rstrip("，"), best.cover, "/m/")


async def page_config(request: web.Request, card: Card) -> dict[str, Any] | None:
    """The JS-SDK's config and the cards of a page that others may open; None as for ``sign``."""
    signed = await sign(request, SHARE_APIS)
    return None if signed is None else signed | await cards(request, card)


async def sign(request: web.Request, apis: Sequence[str]) -> dict[str, Any] | None:
    """The JS-SDK's config of a page; None outside WeChat, or if the page can't be signed."""
    if not in_wechat(request):
        return None
    config = request.config_dict[CONFIG]
    page_url = config.public_url + seen_target(request)
    try:
        signed = await deps(request).pages.page_config(page_url, apis)
        return {"sdk": config.wechat.jssdk_url, "config": signed}
    except GatewayError as error:
        log.warning("the page can't be signed, sharing is left to WeChat: %s", error)
        return None


async def cards(
    request: web.Request, card: Card, *, has_code: bool = True
) -> dict[str, dict[str, str]]:
    """The card for a friend and the one for Moments, which shows the title only.

    With a distributor's code it is an advertisement (广告) and says so.
    """
    config = request.config_dict[CONFIG]
    own = await _own_code(request) if has_code else ""
    line = card.line or CARD["line"].format(name=config.site.name)
    mark = CARD["ad"] if own else ""
    icon = f"{config.public_url}{_icon(card.picture)}" if card.picture is not None else ""
    shown = {"imgUrl": icon}
    return {
        "friend": shown | {
            "title": card.title, "desc": mark + line, "link": _link(request, card, own, "card"),
        },
        "moments": shown | {
            "title": f"{mark}{card.title}｜{line}", "link": _link(request, card, own, "moments"),
        },
    }  # fmt: skip


def _link(request: web.Request, card: Card, own: str, medium: str) -> str:
    tail = f"?r={own}&s={medium}" if own else ""
    return f"{request.config_dict[CONFIG].public_url}{card.path}{tail}"


def _icon(picture: PictureRef) -> str:
    """The path of the smallest JPEG that is large enough."""
    fitting = [width for width in picture.widths if width >= ICON_LEAST]
    width = min(fitting, default=max(picture.widths))
    return f"/uploads/{picture_path(picture.id, width, 'jpg')}"
