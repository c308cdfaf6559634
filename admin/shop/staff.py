"""员工与权限: accounts, roles, passwords and one-time codes of staff."""

from __future__ import annotations

import segno
from aiohttp import web

from admin.as_shown import refuses_if_changed, shown_facts, try_as_shown
from admin.deps import deps_of
from admin.guard import requires, staff_of
from admin.texts import TEXTS
from admin.web import (
    done,
    errors_of,
    form_errors,
    id_of,
    page,
    read,
    refuse_bad,
    try_step,
    typed,
    write,
)
from domain import staff
from kernel.errors import DomainError, NotFound
from kernel.passwords import PasswordPool
from kernel.store import Store
from kernel.web.forms import read_form
from kernel.web.keys import STORE

routes = web.RouteTableDef()
URL = "/admin/staff"


@routes.get("/staff")
@requires("staff.manage")
async def index(request: web.Request) -> web.StreamResponse:
    """Show all accounts."""
    return await _index(request, {}, {})


@routes.post("/staff")
@requires("staff.manage", fresh=True)
async def create(request: web.Request) -> web.StreamResponse:
    """Create an account; its password and one-time secret are shown only in this answer."""
    form = await read_form(request)
    login, name = form.text("login", most=40), form.text("name", most=30)
    roles = form.all("roles")
    errors = form_errors(form)
    if not errors:
        try:
            made = await staff.create_staff_hashed(*_hashing(request), login, name, roles)
        except DomainError as error:
            errors = errors_of(error)
        else:
            return await _secrets(request, login, name, made.password, made.totp_uri)
    return await _index(request, form.values | {"roles": " ".join(roles)}, errors)


@routes.post(r"/staff/{id:\d{1,18}}/roles")
@refuses_if_changed("roles")
@requires("staff.manage", fresh=True)
async def set_roles(request: web.Request) -> web.StreamResponse:
    """Change an account's roles; if they now need a one-time code, its secret is shown once."""
    form, staff_id = await read_form(request), id_of(request)
    roles = form.all("roles")
    before = await _one(request, staff_id)
    await try_as_shown(request, URL, staff.set_roles, staff_id, roles)
    if staff.needs_totp(roles) and not before.has_totp:
        uri = await write(request, staff.reset_totp, staff_id)
        return await _secrets(request, before.login, before.name, "", uri)
    if staff_id == staff_of(request).staff_id:
        raise web.HTTPSeeOther("/admin/sign-in")
    return await done(request, "角色已修改，对方需要重新登录", URL)


@routes.post(r"/staff/{id:\d{1,18}}/code")
@requires("staff.manage", fresh=True)
async def reset_code(request: web.Request) -> web.StreamResponse:
    """Replace the one-time secret after a phone was lost; the new one is shown once."""
    found = await _one(request, id_of(request))
    uri = await write(request, staff.reset_totp, found.id)
    return await _secrets(request, found.login, found.name, "", uri)


@routes.post(r"/staff/{id:\d{1,18}}/password")
@requires("staff.manage", fresh=True)
async def reset_password(request: web.Request) -> web.StreamResponse:
    """Set a new password for a colleague who forgot theirs; it is shown once.

    One's own password is changed at 我的账号 instead.
    """
    found = await _one(request, id_of(request))
    if found.id == staff_of(request).staff_id:
        await done(request, f"未完成：{TEXTS.text('oneself')}", URL)
    try:
        chosen = await staff.reset_password_hashed(*_hashing(request), found.id)
    except DomainError as error:
        await done(request, f"未完成：{TEXTS.of(error)}", URL)
    return await _secrets(request, found.login, found.name, chosen, None)


@routes.post(r"/staff/{id:\d{1,18}}/sign-out")
@requires("staff.manage", fresh=True)
async def sign_out(request: web.Request) -> web.StreamResponse:
    """End all sessions of a colleague and forget their devices, such as after a theft."""
    found = await _one(request, id_of(request))
    await try_step(request, URL, staff.sign_out_everywhere, found.id)
    if found.id == staff_of(request).staff_id:
        raise web.HTTPSeeOther("/admin/sign-in")
    await done(request, f"{found.name} 的全部登录已退出，设备已移除", URL)


@routes.post(r"/staff/{id:\d{1,18}}/disable")
@requires("staff.manage", fresh=True)
async def disable(request: web.Request) -> web.StreamResponse:
    """Disable an account and end its sessions; one's own account can't be disabled."""
    form, staff_id = await read_form(request), id_of(request)
    typed(form, "停用")
    if staff_id == staff_of(request).staff_id:
        await done(request, f"未完成：{TEXTS.text('oneself')}", URL)
    await refuse_bad(request, form, URL)
    await try_step(request, URL, staff.disable_staff, staff_id)
    await done(request, "账号已停用", URL)


def _hashing(request: web.Request) -> tuple[Store, PasswordPool]:
    return request.config_dict[STORE], deps_of(request).passwords


async def _one(request: web.Request, staff_id: int) -> staff.StaffView:
    found: list[staff.StaffView] = await read(request, staff.list_staff)
    for each in found:
        if each.id == staff_id:
            return each
    raise NotFound("staff_missing")


async def _index(
    request: web.Request, values: dict[str, str], errors: dict[str, str]
) -> web.Response:
    people = await read(request, staff.list_staff)
    return await page(
        request,
        "admin/shop/staff.html",
        status=422 if errors else 200,
        people=people,
        shown=await shown_facts(request, "roles", [each.id for each in people]),
        values=values,
        errors=errors,
    )


async def _secrets(
    request: web.Request, login: str, name: str, password: str, uri: str | None
) -> web.Response:
    picture = segno.make(uri, error="m").svg_data_uri(scale=5, border=2) if uri else ""
    is_own = login == staff_of(request).login
    response = await page(
        request,
        "admin/shop/staff_secrets.html",
        login=login,
        name=name,
        password=password,
        picture=picture,
        uri=uri or "",
        is_own=is_own,
    )
    response.headers["Cache-Control"] = "no-store"
    return response
