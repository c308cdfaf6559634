"""访问: a visit through a link is counted once its page was seen by a browser with cookies.

The page carries a signed token. Its script posts the token after the page was visible for two
seconds; without a script, the next page of the same browser sends it. The token names the visitor,
so nobody else can use it; the domain drops duplicates. A visit that is not counted gets the same
answer, whatever the reason, so that the answer reveals nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from domain import distribution
from kernel import clock
from kernel.addresses import caller_key
from kernel.crypto import vault
from kernel.errors import Invalid, LimitReached
from kernel.fields import from_micros, to_micros
from kernel.web.forms import cookie_of, read_form
from kernel.web.keys import CONFIG, LIMITER, VISIT
from kernel.web.render import is_fragment, is_machine
from kernel.web.sessions import browser
from mall_h5.web import Page, write

routes = web.RouteTableDef()

COOKIE = "fm_visit"
LEAST = timedelta(seconds=1)
MOST_SECONDS = 30 * 60
MOST = timedelta(seconds=MOST_SECONDS)
HOUR = 3600
BY_ADDRESS, BY_MEMBER, OF_DISTRIBUTOR = 120, 30, 3000
"""Visits counted per hour. Members are counted by id: guests of one hall share an address."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A link that was opened: by which visitor, whose link, when (UTC)."""

    visitor: str
    code: str
    at: datetime


@routes.post("/seen")
async def seen(request: web.Request) -> web.StreamResponse:
    """The script of a page reports that the page was visible for two seconds."""
    form = await read_form(request)
    await _count(request, _opened(request, form.raw("visit")))
    answer = web.Response(status=204)
    answer.del_cookie(COOKIE, path="/m")
    return answer


def token_of(request: web.Request, code: str) -> str:
    """A signed token for a page that a link led to.

    It is made for unknown codes too, and its length does not depend on the code: a page does not
    reveal whether a code exists.
    """
    if not code.isalnum() or is_machine(request):
        return ""
    micros = to_micros(clock.now())
    return vault().sign("visit", f"{browser(request).visitor}:{micros}:{code:_<16}")


def keep_visit_token(
    request: web.Request, answer: web.StreamResponse, token: str, *, shown: bool
) -> None:
    """Keep the token in a cookie for the next page; ``shown``: a page carried it already."""
    if token and not answer.prepared:
        answer.set_cookie(
            COOKIE, f"{'1' if shown else '0'}.{token}", max_age=MOST_SECONDS, path="/m",
            httponly=True, samesite="Lax",
            secure=request.config_dict[CONFIG].public_url.startswith("https://"),
        )  # fmt: skip


async def carry_or_count_visit(request: web.Request, handler: Page) -> web.StreamResponse:
    """A page opened without a link: after sign-in it carries the token, else counts the visit."""
    was_shown, _, token = cookie_of(request, COOKIE).partition(".")
    opened = _opened(request, token) if token and _is_page(request) else None
    if opened is None:
        return await handler(request)
    if was_shown == "0":
        request[VISIT] = token
        answer = await handler(request)
        keep_visit_token(request, answer, token, shown=True)
        return answer
    await _count(request, opened)
    answer = await handler(request)
    answer.del_cookie(COOKIE, path="/m")
    return answer


def _is_page(request: web.Request) -> bool:
    accepts = "text/html" in request.headers.get("Accept", "")
    return request.method == "GET" and accepts and not is_fragment(request)


def _opened(request: web.Request, token: str) -> Opened | None:
    """The content of a token; None if it is another visitor's, too recent or too old."""
    try:
        visitor, micros, code = vault().verify("visit", token).split(":", 2)
    except (Invalid, ValueError):
        return None
    found = browser(request)
    at = from_micros(int(micros))
    in_time = LEAST <= clock.now() - at <= MOST
    is_own = visitor == found.visitor and not found.is_new_visitor and not found.is_new_cookie
    return Opened(visitor, code.rstrip("_"), at) if in_time and is_own else None


async def _count(request: web.Request, opened: Opened | None) -> None:
    """Count a visit within the limits per visitor and per distributor."""
    if opened is None or is_machine(request):
        return
    limiter, member_id = request.config_dict[LIMITER], browser(request).member_id
    key, most = (caller_key(), BY_ADDRESS) if member_id is None else (f"m{member_id}", BY_MEMBER)
    try:
        await limiter.hit("visit", key, most=most, seconds=HOUR)
        await limiter.hit("visit-of", opened.code.upper(), most=OF_DISTRIBUTOR, seconds=HOUR)
    except LimitReached:
        return
    await write(
        request, distribution.count_visit, opened.visitor, opened.code, opened.at, member_id
    )
