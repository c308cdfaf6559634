"""登录: password, then the one-time code, which a new account sets up first; sign-out."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from admin import demo_codes, resend
from admin.deps import deps_of
from admin.guard import SIGNED_IN, for_all, requires, staff_of
from admin.texts import TEXTS
from admin.web import read, write
from domain import staff
from domain.staff import Caller, StaffSessionInfo, find_staff_session
from kernel.addresses import caller_key
from kernel.errors import Busy, DomainError
from kernel.ids import token
from kernel.store import Store
from kernel.web.forms import Form, agent_of, cookie_of, query_param, read_form
from kernel.web.keys import LIMITER, STORE
from kernel.web.render import render
from kernel.web.sessions import browser

routes = web.RouteTableDef()
ADDRESS_TRIES = 30
ADDRESS_WINDOW = 900
DEVICE_COOKIE = "fm_admin_device"
DEVICE_SECONDS = 180 * 86_400


@dataclass(frozen=True)
class Errand:
    """The target after sign-in: a page, or a form that was sent after the session had ended."""

    next: str
    kept: str = ""


def _errand(form: Form) -> Errand:
    return Errand(form.raw("next"), form.secret(resend.KEPT))


@routes.get("")
@for_all
async def slash(request: web.Request) -> web.StreamResponse:
    """Redirect ``/admin`` to ``/admin/``."""
    raise web.HTTPFound("/admin/")


@routes.get("/sign-in")
@for_all
async def show(request: web.Request) -> web.StreamResponse:
    """Show the form for login and password."""
    who = browser(request).info
    if who is not None:
        raise web.HTTPSeeOther(_arrives_at("/admin/", who))
    return await _gate(request, Errand(query_param(request, "next", most=600)))


@routes.post("/sign-in")
@for_all
async def enter(request: web.Request) -> web.StreamResponse:
    """Check the password; each try is counted before the check."""
    form = await read_form(request)
    login, errand = form.raw("login").strip(), _errand(form)
    who, pool = _caller(request), deps_of(request).passwords
    store: Store = request.config_dict[STORE]
    try:
        await _slow_down(request, who)
        begun = await staff.sign_in(store, pool, login, form.secret("password"), who)
    except DomainError as error:
        return await _gate(request, errand, refused=error, login=login)
    if begun.enrolment is not None:
        return await _enrol(request, begun.enrolment, errand)
    if begun.arrival is None:
        return await _gate(request, errand, ticket=begun.ticket or "")
    return await _arrive(request, begun.arrival, errand)


@routes.post("/sign-in/code")
@for_all
async def enter_code(request: web.Request) -> web.StreamResponse:
    """Check the one-time code."""
    form = await read_form(request)
    ticket, errand = form.raw("ticket"), _errand(form)
    who = _caller(request)
    store: Store = request.config_dict[STORE]
    try:
        await _slow_down(request, who)
        arrival = await staff.finish_sign_in(store, ticket, form.raw("code"), who)
    except DomainError as error:
        again = ticket if error.code in ("totp_bad", "sign_in_busy") else ""
        return await _gate(request, errand, refused=error, ticket=again)
    return await _arrive(request, arrival, errand)


@routes.post("/sign-in/enrol")
@for_all
async def enrol(request: web.Request) -> web.StreamResponse:
    """Check the first code of an authenticator app, which then belongs to the account."""
    form = await read_form(request)
    ticket, errand = form.raw("ticket"), _errand(form)
    who = _caller(request)
    try:
        await _slow_down(request, who)
        arrival = await write(request, staff.finish_enrolment, ticket, form.raw("code"), who)
    except DomainError as error:
        if error.code == "totp_bad":
            return await _enrol(request, ticket, errand, TEXTS.of(error))
        return await _gate(request, errand, refused=error)
    return await _arrive(request, arrival, errand)


@routes.post("/logout")
@requires(SIGNED_IN)
async def leave(request: web.Request) -> web.StreamResponse:
    """Sign out of this browser; with ``forget`` it is no longer a known device."""
    form, who = await read_form(request), staff_of(request)
    await write(request, staff.end_session, who.id)
    browser(request).take_over(token(), None)
    answer = web.HTTPSeeOther("/admin/sign-in")
    if form.raw("forget") and who.device_id is not None:
        await write(request, staff.forget_device, who.staff_id, who.device_id)
        answer.del_cookie(DEVICE_COOKIE, path="/admin")
    raise answer


async def _arrive(
    request: web.Request, arrival: staff.Arrival, errand: Errand
) -> web.StreamResponse:
    """Lead to the requested page, or ask whether to send again the form that came too late."""
    info = await read(request, find_staff_session, arrival.cookie)
    browser(request).take_over(arrival.cookie, info)
    sent = resend.opened(errand.kept)
    answer: web.Response = (
        web.HTTPSeeOther(_arrives_at(errand.next, info))
        if sent is None or info is None
        else resend.send_again(request, sent, info)
    )
    answer.set_cookie(
        DEVICE_COOKIE,
        arrival.device,
        max_age=DEVICE_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=resend.is_secure(request),
        path="/admin",
    )
    if isinstance(answer, web.HTTPException):
        raise answer
    return answer


def _caller(request: web.Request) -> Caller:
    """The caller by address, and by the device cookie of an earlier sign-in."""
    return Caller(
        caller_key(),
        cookie_of(request, DEVICE_COOKIE)[:200],
        agent_of(request),
    )


async def _slow_down(request: web.Request, who: Caller) -> None:
    """Limit the tries by address; a known device is counted separately from its address."""
    limiter, key = request.config_dict[LIMITER], who.device_hash or who.origin
    await limiter.hit("admin-sign-in", key, most=ADDRESS_TRIES, seconds=ADDRESS_WINDOW)


async def _enrol(
    request: web.Request, ticket: str, errand: Errand, error: str = ""
) -> web.Response:
    """Show the one-time secret as a QR code; the answer is not cached."""
    import segno

    shown = await read(request, staff.enrolment_of, ticket)
    response = render(
        request,
        "admin/enrol.html",
        status=422 if error else 200,
        ticket=ticket,
        next=_safe(errand.next),
        kept=errand.kept,
        errors={"": error} if error else {},
        shown=shown,
        picture=segno.make(shown.uri, error="m").svg_data_uri(scale=5, border=2),
    )
    response.headers["Cache-Control"] = "no-store"
    return response


async def _gate(
    request: web.Request, errand: Errand, *, ticket: str = "", login: str = "",
    refused: DomainError | None = None,
) -> web.Response:  # fmt: skip
    response = render(
        request,
        "admin/sign_in.html",
        status=refused.http_status if refused is not None else 200,
        ticket=ticket,
        demo_code=await demo_codes.code_of_ticket(request, ticket),
        login=login,
        next=_safe(errand.next),
        kept=errand.kept,
        errors={"": TEXTS.of(refused)} if refused is not None else {},
    )
    if isinstance(refused, Busy):
        response.headers["Retry-After"] = str(refused.facts["seconds"])
    return response


def _arrives_at(wanted: str, who: StaffSessionInfo | None) -> str:
    """The page after signing in; a clerk, who may not see 今日, arrives at the counter."""
    path = _safe(wanted)
    if path == "/admin/" and who and not who.may("today.see") and who.may("pickups.verify"):
        return "/admin/pickups"
    return path


def _safe(path: str) -> str:
    is_ours = path.startswith("/admin/") and len(path) < 300 and path.isprintable()
    is_ours = is_ours and "\\" not in path and "//" not in path
    return path if is_ours and not path.startswith("/admin/sign-in") else "/admin/"
