"""Access to pages: every route names the right that it needs, or says that it is for all.

``requires("payouts.review", fresh=True)`` asks for the one-time code again before the step. The
page that asks carries the fields of the step, so that only the code has to be typed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from urllib.parse import quote

from aiohttp import web

from admin import demo_codes, resend
from admin.texts import TEXTS
from domain import staff
from domain.staff import StaffSessionInfo
from kernel import context
from kernel.errors import DomainError, Forbidden
from kernel.web.forms import read_form
from kernel.web.keys import LIMITER, STORE
from kernel.web.middleware import SAFE
from kernel.web.render import is_fragment, render
from kernel.web.sessions import browser

Page = Callable[[web.Request], Awaitable[web.StreamResponse]]
RIGHT = "admin_right"
FRESH = "admin_fresh"
ACTS = "admin_acts"
FOR_ALL = "for all"
SIGNED_IN = "signed in"
CODE_TRIES = 10
CODE_WINDOW = 900


def for_all(page: Page) -> Page:
    """Mark a page that is shown without signing in."""
    setattr(page, RIGHT, FOR_ALL)
    return page


def requires(right: str, *, fresh: bool = False, acts: str = "") -> Callable[[Page], Page]:
    """Guard a page with a right; ``fresh`` asks for the one-time code before the step.

    With ``acts``, a person who has ``acts`` carries out the step; a person who has only ``right``
    proposes it.
    """
    for name in (right, acts or right):
        if name != SIGNED_IN and name not in staff.RIGHTS:
            raise ValueError(f"no such right: {name}")

    def wrap(page: Page) -> Page:
        @wraps(page)
        async def guarded(request: web.Request) -> web.StreamResponse:
            who = browser(request).info
            if who is None:
                return await _to_sign_in(request)
            context.actor.set(actor_of(who))
            if right != SIGNED_IN and not who.may(right):
                raise Forbidden("right_missing", right=right)
            if fresh and request.method not in SAFE and not who.is_fresh():
                asked = await _ask_code(request, who)
                if asked is not None:
                    return asked
            return await page(request)

        setattr(guarded, RIGHT, right)
        setattr(guarded, FRESH, fresh)
        setattr(guarded, ACTS, acts)
        return guarded

    return wrap


def staff_of(request: web.Request) -> StaffSessionInfo:
    """The person who is signed in; only for handlers guarded by ``requires``."""
    found: StaffSessionInfo = browser(request).info
    return found


def may_act(request: web.Request) -> bool:
    """True if the person who is signed in may carry out this step, not only propose it."""
    acts = getattr(request.match_info.handler, ACTS, "")
    return bool(acts) and staff_of(request).may(acts)


async def code_first(request: web.Request) -> web.StreamResponse | None:
    """The page that asks for the one-time code, or None if one was accepted recently."""
    who = staff_of(request)
    return None if who.is_fresh() else await _ask_code(request, who)


def actor_of(who: StaffSessionInfo) -> str:
    """A person's name in the audit log, such as ``staff:lisa``."""
    return f"staff:{who.login}"


async def _to_sign_in(request: web.Request) -> web.StreamResponse:
    """Answer with the sign-in; it keeps the requested address, or the form that was sent."""
    sent = await resend.sent_by_hand(request)
    if sent is not None and request.path != "/admin/logout" and not is_fragment(request):
        return resend.sign_in_first(request, sent)
    wanted = request.path_qs if request.method == "GET" else "/admin/"
    url = f"/admin/sign-in?next={quote(wanted, safe='')}"
    if is_fragment(request):
        return web.Response(status=401, headers={"HX-Redirect": url})
    raise web.HTTPSeeOther(url)


async def _ask_code(request: web.Request, who: StaffSessionInfo) -> web.StreamResponse | None:
    """None if the form has the correct code; else the page that asks for it."""
    form = await read_form(request)
    code, error = form.raw("_code"), ""
    if code:
        try:
            await check_code(request, who, code)
        except DomainError as refused:
            error = TEXTS.of(refused)
        else:
            return None
    kept = {name: form.all(name) for name in form.values if name not in ("_code", "_csrf")}
    return render(
        request,
        "admin/confirm.html",
        status=422 if error else 403,
        fields=kept,
        error=error,
        who=who,
        demo_code=await demo_codes.code_of(request, who.login),
    )


async def check_code(request: web.Request, who: StaffSessionInfo, code: str) -> None:
    """Check a one-time code of a signed-in person; each try is counted before the check."""
    limiter = request.config_dict[LIMITER]
    await limiter.hit("admin-code", str(who.id), most=CODE_TRIES, seconds=CODE_WINDOW)
    await staff.confirm_by_code(request.config_dict[STORE], who, code)
