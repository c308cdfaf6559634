"""登录: password, then the one-time code for owner and finance; sign out; one's own account."""

from __future__ import annotations

from aiohttp import web

from admin.guard import SIGNED_IN, for_all, note_failure, requires, staff_of
from admin.texts import TEXTS
from admin.web import done, form_errors, page, read, write
from domain import staff
from domain.staff import find_staff_session
from domain.staff.service import LOCKED, TRIES
from domain.staff.sessions import SignIn
from kernel import context
from kernel.errors import DomainError, LimitReached
from kernel.ids import token
from kernel.web.forms import read_form
from kernel.web.keys import LIMITER
from kernel.web.render import render
from kernel.web.sessions import browser

routes = web.RouteTableDef()
ADDRESS_TRIES = 30
ADDRESS_WINDOW = 900


@routes.get("")
@for_all
async def slash(request: web.Request) -> web.StreamResponse:
    """``/admin`` is ``/admin/``."""
    raise web.HTTPFound("/admin/")


@routes.get("/sign-in")
@for_all
async def show(request: web.Request) -> web.StreamResponse:
    """Login and password."""
    if browser(request).info is not None:
        raise web.HTTPSeeOther("/admin/")
    return _gate(request, next_path=request.query.get("next", ""))


@routes.post("/sign-in")
@for_all
async def enter(request: web.Request) -> web.StreamResponse:
    """Check the password; a wrong one is counted, whatever becomes of this request."""
    form = await read_form(request)
    login, next_path = form.raw("login").strip()[:40], form.raw("next")
    try:
        await _slow_down(request)
        begun: SignIn = await write(
            request, staff.begin_sign_in, login, form.raw("password"), _agent(request)
        )
    except DomainError as error:
        await _count(request, error)
        refused = await _as_if_known(request, login, error)
        return _gate(request, errors={"": TEXTS.of(refused)}, login=login, next_path=next_path,
                     status=refused.http_status)  # fmt: skip
    if begun.cookie is None:
        return _gate(request, ticket=begun.ticket or "", next_path=next_path)
    return await _arrive(request, begun.cookie, next_path)


@routes.post("/sign-in/code")
@for_all
async def enter_code(request: web.Request) -> web.StreamResponse:
    """Check the one-time code."""
    form = await read_form(request)
    ticket, next_path = form.raw("ticket"), form.raw("next")
    try:
        await _slow_down(request)
        cookie = await write(
            request, staff.finish_sign_in, ticket, form.raw("code"), _agent(request)
        )
    except DomainError as error:
        await _count(request, error)
        again = ticket if error.code == "totp_bad" else ""
        return _gate(request, errors={"": TEXTS.of(error)}, ticket=again, next_path=next_path,
                     status=error.http_status)  # fmt: skip
    return await _arrive(request, cookie, next_path)


@routes.post("/logout")
@requires(SIGNED_IN)
async def leave(request: web.Request) -> web.StreamResponse:
    """Sign out of this browser."""
    await write(request, staff.end_session, staff_of(request).id)
    browser(request).take_over(token(), None)
    raise web.HTTPSeeOther("/admin/sign-in")


@routes.get("/me")
@requires(SIGNED_IN)
async def me(request: web.Request) -> web.StreamResponse:
    """One's own account."""
    return await page(request, "admin/me.html", errors={})


@routes.post("/me/password")
@requires(SIGNED_IN)
async def new_password(request: web.Request) -> web.StreamResponse:
    """Choose a new password; every session of the account ends."""
    form = await read_form(request)
    who = staff_of(request)
    old, new = form.text("old", most=200), form.text("new", most=200)
    if form.is_valid and new != form.raw("again"):
        form.fail("again", "password_differs")
    errors = form_errors(form)
    if not errors:
        try:
            await write(request, staff.change_password, who.staff_id, old, new)
        except DomainError as error:
            await _count(request, error)
            errors = {"new" if error.field == "password" else error.field or "": TEXTS.of(error)}
    if errors:
        return await page(request, "admin/me.html", status=422, errors=errors)
    browser(request).take_over(token(), None)
    raise web.HTTPSeeOther("/admin/sign-in")


@routes.post("/me/code")
@requires(SIGNED_IN, fresh=True)
async def confirm(request: web.Request) -> web.StreamResponse:
    """Give the code beforehand, so that the next ten minutes' steps go through."""
    await done(request, "身份已确认，10 分钟内有效", "/admin/me")


async def _arrive(request: web.Request, cookie: str, next_path: str) -> web.StreamResponse:
    info = await read(request, find_staff_session, cookie)
    browser(request).take_over(cookie, info)
    raise web.HTTPSeeOther(_safe(next_path))


async def _slow_down(request: web.Request) -> None:
    limiter = request.config_dict[LIMITER]
    address = context.client_ip.get() or "-"
    await limiter.hit("admin-sign-in", address, most=ADDRESS_TRIES, seconds=ADDRESS_WINDOW)


async def _count(request: web.Request, error: DomainError) -> None:
    staff_id = error.facts.get("staff_id")
    if staff_id is not None:
        await write(request, note_failure, staff_id)


async def _as_if_known(request: web.Request, login: str, error: DomainError) -> DomainError:
    """A login that does not exist is locked like one that does: nobody learns which there are."""
    if error.code != "sign_in_bad" or error.facts.get("staff_id") is not None:
        return error
    limiter, seconds = request.config_dict[LIMITER], LOCKED.seconds
    try:
        await limiter.hit("admin-nobody", login.lower(), most=TRIES, seconds=seconds)
    except LimitReached:
        return LimitReached("sign_in_locked", minutes=seconds // 60)
    return error


def _gate(
    request: web.Request, *, ticket: str = "", login: str = "", next_path: str = "",
    errors: dict[str, str] | None = None, status: int = 200,
) -> web.Response:  # fmt: skip
    return render(
        request,
        "admin/sign_in.html",
        status=status,
        ticket=ticket,
        login=login,
        next=_safe(next_path),
        errors=errors or {},
    )


def _safe(path: str) -> str:
    is_ours = path.startswith("/admin/") and len(path) < 300 and path.isprintable()
    is_ours = is_ours and "\\" not in path and "//" not in path
    return path if is_ours and not path.startswith("/admin/sign-in") else "/admin/"


def _agent(request: web.Request) -> str:
    return request.headers.get("User-Agent", "")[:200]
