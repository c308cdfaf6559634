"""我的账号: change the password; known devices, open sessions and wrong sign-in tries."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from aiohttp import web

from admin.deps import deps_of
from admin.guard import SIGNED_IN, requires, staff_of
from admin.texts import TEXTS
from admin.web import done, form_errors, id_of, page, read, try_step, write
from domain import staff
from domain.staff import Guessed, StaffSessionInfo
from kernel.errors import Busy, DomainError
from kernel.ids import token
from kernel.web.forms import read_form
from kernel.web.keys import STORE
from kernel.web.sessions import browser

routes = web.RouteTableDef()
URL = "/admin/me"
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("HarmonyOS", "鸿蒙手机"), ("Android", "安卓手机"),
    ("Windows", "Windows 电脑"), ("Macintosh", "Mac 电脑"), ("Linux", "Linux 电脑"),
)  # fmt: skip
_PROGRAMS = (
    ("MicroMessenger", "微信"), ("Edg", "Edge"), ("Firefox", "Firefox"),
    ("QQBrowser", "QQ 浏览器"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A known device or an open session of the account.

    ``session_id`` is set only for a session that belongs to no known device.
    """

    name: str
    ip: str
    seen_at: datetime
    is_here: bool
    is_signed_in: bool
    device_id: int | None
    session_id: int | None


@routes.get("/me")
@requires(SIGNED_IN)
async def me(request: web.Request) -> web.StreamResponse:
    """Show the account of the person who is signed in."""
    return await _me(request)


@routes.post("/me/password")
@requires(SIGNED_IN)
async def new_password(request: web.Request) -> web.StreamResponse:
    """Change the password; every session of the account ends."""
    form = await read_form(request)
    who = staff_of(request)
    old, new = form.secret("old"), form.secret("new")
    if new != form.secret("again"):
        form.fail("again", "password_differs")
    errors = form_errors(form)
    if errors:
        return await _me(request, errors, status=422)
    pool = deps_of(request).passwords
    try:
        await staff.change_password(request.config_dict[STORE], pool, who, old, new)
    except Busy as busy:
        answer = await _me(request, {"": TEXTS.of(busy)}, status=503)
        answer.headers["Retry-After"] = str(busy.facts["seconds"])
        return answer
    except DomainError as error:
        name = "new" if error.field == "password" else error.field or ""
        return await _me(request, {name: TEXTS.of(error)}, status=422)
    return _leave(request)


@routes.post("/me/code")
@requires(SIGNED_IN, fresh=True)
async def confirm(request: web.Request) -> web.StreamResponse:
    """Confirm with a one-time code in advance: steps ask for none in the next ten minutes."""
    await done(request, "身份已确认，10 分钟内有效", URL)


@routes.post(r"/me/devices/{id:\d{1,18}}/forget")
@requires(SIGNED_IN, fresh=True)
async def forget(request: web.Request) -> web.StreamResponse:
    """Remove a known device, such as a lost phone; its sessions end."""
    who, device_id = staff_of(request), id_of(request)
    await try_step(request, URL, staff.forget_device, who.staff_id, device_id)
    if device_id == who.device_id:
        _leave(request)
    await done(request, "已移除这台设备，它上面的登录已退出", URL)


@routes.post(r"/me/sessions/{id:\d{1,18}}/end")
@requires(SIGNED_IN)
async def end(request: web.Request) -> web.StreamResponse:
    """End one of the account's other sessions."""
    await write(request, staff.end_own_session, staff_of(request).staff_id, id_of(request))
    await done(request, "已退出那里的登录", URL)


def device_name(user_agent: str) -> str:
    """The name of a browser for the merchant, such as ``iPhone · 微信``."""
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "其他设备")
    program = next((name for mark, name in _PROGRAMS if re.search(mark, user_agent)), "")
    return f"{system} · {program}" if program else system


def _leave(request: web.Request) -> NoReturn:
    browser(request).take_over(token(), None)
    raise web.HTTPSeeOther("/admin/sign-in")


async def _me(
    request: web.Request, errors: dict[str, str] | None = None, *, status: int = 200
) -> web.Response:
    found = await read(request, _account, staff_of(request))
    return await page(request, "admin/me.html", status=status, errors=errors or {}, **found)


def _account(who: StaffSessionInfo) -> dict[str, Any]:
    wrong: list[Guessed] = [g for g in staff.list_guessed(least=1) if g.staff_id == who.staff_id]
    return {"places": _places(who), "wrong": wrong[0] if wrong else None}


def _places(who: StaffSessionInfo) -> list[Place]:
    """Known devices, then sessions that belong to no known device; each last used first."""
    found = [
        Place(
            device_name(each.user_agent), each.ip, each.seen_at, each.id == who.device_id,
            each.sessions > 0, each.id, None,
        )
        for each in staff.list_devices(who.staff_id)
    ]  # fmt: skip
    found += [
        Place(
            device_name(each.user_agent), each.ip, each.seen_at, each.id == who.id, True,
            None, each.id,
        )
        for each in staff.list_sessions(who.staff_id)
        if each.device_id is None
    ]  # fmt: skip
    return found
