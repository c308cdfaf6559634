"""我的: the member's page: orders, addresses, care mode, promotions on or off, sign out."""

from __future__ import annotations

from aiohttp import web

from domain import members, orders
from kernel.errors import Invalid
from kernel.ids import token
from kernel.web.forms import read_form
from kernel.web.render import render
from kernel.web.sessions import browser
from mall_h5.texts import TEXTS
from mall_h5.uploads import photos_of, takes_upload
from mall_h5.web import flash, member_of, read, signed_in, write

routes = web.RouteTableDef()


@routes.get("/me")
@signed_in
async def me(request: web.Request) -> web.StreamResponse:
    """The member's page."""
    member = await read(request, members.profile, member_of(request))
    waiting = await read(request, orders.tab_counts, member.id)
    return render(request, "h5/me/me.html", member=member, waiting=waiting)


@routes.get("/me/profile")
@signed_in
async def profile(request: web.Request) -> web.StreamResponse:
    """The form: name, promotions, care mode."""
    member = await read(request, members.profile, member_of(request))
    return render(request, "h5/me/profile.html", member=member, errors={}, values={})


@routes.post("/me/profile")
@signed_in
async def save_profile(request: web.Request) -> web.StreamResponse:
    """Store the name, and whether promotions are wanted."""
    form = await read_form(request)
    member_id = member_of(request)
    nickname = form.text("nickname", most=20, room=64)
    if not form.is_valid:
        member = await read(request, members.profile, member_id)
        errors = {name: TEXTS.of(error) for name, error in form.errors.items()}
        return render(
            request,
            "h5/me/profile.html",
            status=422,
            member=member,
            errors=errors,
            values=form.values,
        )
    await write(request, members.set_nickname, member_id, nickname)
    await write(
        request, members.agree_push if form.flag("promotions") else members.stop_push, member_id
    )
    await flash(request, "已保存")
    raise web.HTTPSeeOther("/m/me")


@routes.post("/me/avatar")
@signed_in
@takes_upload
async def save_avatar(request: web.Request) -> web.StreamResponse:
    """Store the picture for the member's posters (头像)."""
    form = await read_form(request)
    member_id = member_of(request)
    photos = await photos_of(request, form, "avatar", "会员头像")
    if photos.wrong is not None or not photos.kept:
        member = await read(request, members.profile, member_id)
        errors = {"avatar": TEXTS.of(photos.wrong or Invalid("field_missing", "avatar"))}
        return render(
            request, "h5/me/profile.html", status=422, member=member, errors=errors, values={}
        )
    await write(request, members.set_avatar, member_id, photos.kept[-1].id)
    await flash(request, photos.told("已保存"))
    raise web.HTTPSeeOther("/m/me")


@routes.post("/care")
async def care(request: web.Request) -> web.StreamResponse:
    """Turn care mode on or off (大字版) and return to the page."""
    form = await read_form(request)
    session = await browser(request).ensure()
    await write(request, members.set_care_mode, session.id, form.flag("care"))
    raise web.HTTPSeeOther(_back(form.raw("next")))


@routes.post("/me/sign-out")
@signed_in
async def sign_out(request: web.Request) -> web.StreamResponse:
    """Sign this browser out; the next page starts with a fresh cookie."""
    found = browser(request)
    await write(request, members.close_session, found.info.id)
    found.take_over(token(), None)
    raise web.HTTPSeeOther("/m/")


def _back(path: str) -> str:
    is_ours = path.startswith(("/m/", "/legal/")) and len(path) < 300
    return path if is_ours and "\\" not in path and "//" not in path else "/m/"
