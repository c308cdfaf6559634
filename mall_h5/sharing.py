"""分享: records whose link a visitor opened, and puts the sharer's code into shared links.

A link with ``?r=CODE`` records a touch (触达) for the visitor; ``visits`` counts the visit once
the page was seen. Inside WeChat the visitor is then signed in silently at once, so that the touch
is joined to a member and not lost.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from aiohttp import web

from domain import distribution
from kernel.errors import GatewayError
from kernel.text import number_of
from kernel.web.forms import query_param
from kernel.web.keys import COMPANY, CONFIG, VISIT
from kernel.web.render import in_wechat, is_fragment, seen_target
from kernel.web.sessions import browser
from kernel.web.templates import picture_view
from mall_h5 import visits
from mall_h5.web import Page, deps, login_url, read, write

log = logging.getLogger("fenmall.mall")

SHARE_APIS = ("updateAppMessageShareData", "updateTimelineShareData", "hideMenuItems")
CODE_MOST = 16


@web.middleware
async def note_referrer(request: web.Request, handler: Page) -> web.StreamResponse:
    """Record whose link was opened, before the page is shown."""
    said = query_param(request, "r")
    code = number_of(said) if said else ""
    is_page = request.method == "GET" and not is_fragment(request)
    if not code or not is_page or len(code) > CODE_MOST or not code.isascii():
        return await visits.carry_or_count_visit(request, handler)
    found = browser(request)
    source = "poster" if query_param(request, "s") == "poster" else "link"
    product = request.match_info.get("id", "")
    await write(
        request,
        distribution.record_touch,
        found.visitor,
        code,
        source,
        int(product) if product.isdecimal() and len(product) < 18 else None,
        found.member_id,
    )
    request[VISIT] = token = visits.token_of(request, code)
    if found.member_id is None and in_wechat(request):
        on = web.HTTPFound(login_url(_without_referrer(request)))
        visits.keep_visit_token(request, on, token, shown=False)
        raise on
    answer = await handler(request)
    visits.keep_visit_token(request, answer, token, shown=True)
    return answer


def _without_referrer(request: web.Request) -> str:
    kept = [(k, v) for k, v in parse_qsl(request.query_string) if k not in {"r", "s"}]
    return request.path + (f"?{urlencode(kept)}" if kept else "")


async def page_config(
    request: web.Request, *, title: str, text: str = "", picture: Sequence[Any] = (),
    apis: Sequence[str] = SHARE_APIS, path: str | None = None,
) -> dict[str, Any] | None:  # fmt: skip
    """The JS-SDK config of this page; None outside WeChat or if WeChat can't be reached.

    If the member may sell, the shared link carries their own referral code.
    """
    if not in_wechat(request):
        return None
    config = request.config_dict[CONFIG]
    page_url = config.public_url + seen_target(request)
    try:
        signed = await deps(request).pages.page_config(page_url, apis)
    except GatewayError as error:
        log.warning("the page can't be signed, sharing is left to WeChat: %s", error)
        return None
    view = picture_view(picture[0]) if picture else None
    icon = f"{config.public_url}{view.src}" if view is not None else ""
    link = await share_link(request, path or request.path)
    share = {
        "title": title,
        "desc": text or request[COMPANY].legal_name,
        "link": link,
        "image": icon,
    }
    return {"config": signed, "share": share, "hide": []}


async def share_link(request: web.Request, path: str) -> str:
    """The full address of a mall path, with the member's referral code if they may sell."""
    url = f"{request.config_dict[CONFIG].public_url}{path}"
    member_id = browser(request).member_id
    if member_id is None:
        return url
    mine = await read(request, distribution.distributor, member_id)
    if mine is None or not mine.can_earn:
        return url
    return f"{url}?r={mine.referral_code}"
