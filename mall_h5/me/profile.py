"""我的: the member's page: orders, addresses, care mode, promotions on or off, sign out."""

from __future__ import annotations

from aiohttp import web

from domain import catalog, invitations, legal, members, orders, rights
from kernel.errors import Conflict, DomainError, Invalid
from kernel.ids import token
from kernel.web.forms import Form, read_form
from kernel.web.render import render
from kernel.web.sessions import browser
from mall_h5.texts import TEXTS
from mall_h5.uploads import photos_of, takes_upload
from mall_h5.web import Shown, SignedIn, draw, mistakes, path_of_ours, shown, signed_in, write

routes = web.RouteTableDef()


@routes.get("/me")
@signed_in
async def mine(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The member's page."""
    member, picture = await _known(me)
    waiting = await me.read(orders.tab_counts, member.id)
    return render(
        request,
        "h5/me/me.html",
        member=member,
        picture=picture,
        waiting=waiting,
        waiting_deletion=await me.read(rights.open_deletion, me.id),
        invitation=await me.read(invitations.open_invitation, me.id),
    )


@routes.get("/me/profile")
@signed_in
async def profile(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Name, picture and promotions; each is given by the member's own act."""
    member, picture = await _known(me)
    return render(
        request, "h5/me/profile.html", member=member, picture=picture, errors={}, values={},
        review=await me.read(members.avatar_review, me.id),
    )  # fmt: skip


@routes.post("/me/profile")
@signed_in
async def save_profile(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Store the name, and whether promotions are wanted."""
    form = await read_form(request)
    nickname = form.text("nickname", most=20, room=64)
    form.publish("nickname", nickname, is_name=True)
    if form.is_valid:
        try:
            await me.write(members.set_nickname, me.id, nickname)
        except DomainError as refused:
            form.errors[refused.field or ""] = refused
    if not form.is_valid:
        return draw(request, await _refused(me, mistakes(form), form))
    await me.write(legal.consent_to_profile, me.id)
    await me.write(
        members.agree_to_promotions if form.flag("promotions") else members.stop_promotions, me.id
    )
    await me.flash("已保存")
    raise web.HTTPSeeOther("/m/me")


@routes.post("/me/name")
@signed_in
async def decline_name(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Answer the question for a name with no; it is not asked again."""
    form = await read_form(request)
    await me.write(members.decline_name, me.id)
    await me.flash("好的，不再询问")
    raise web.HTTPSeeOther(path_of_ours(form.raw("next")))


@routes.post("/me/avatar")
@signed_in
@takes_upload
async def save_avatar(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Store the picture for the member's posters (头像)."""
    photos = await photos_of(request, await read_form(request), "avatar", "会员头像")
    if photos.wrong is not None or not photos.kept:
        wrong = photos.wrong or Invalid("field_missing", "avatar")
        return draw(request, await _refused(me, {"avatar": TEXTS.of(wrong)}, Form({})))
    try:
        state = await me.write(members.submit_avatar, me.id, photos.kept[-1].id)
    except Conflict as error:
        return draw(request, await _refused(me, {"avatar": TEXTS.of(error)}, Form({})))
    await me.write(legal.consent_to_profile, me.id)
    await me.flash(photos.told("已保存" if state == "shown" else "已提交，审核通过后别人才看得到"))
    raise web.HTTPSeeOther("/m/me")


async def _refused(me: SignedIn, errors: dict[str, str], form: Form) -> Shown:
    member, picture = await _known(me)
    return shown(
        "h5/me/profile.html",
        status=422,
        member=member,
        picture=picture,
        review=await me.read(members.avatar_review, me.id),
        errors=errors,
        values=form.values,
    )


async def _known(me: SignedIn) -> tuple[members.MemberView, catalog.PictureRef | None]:
    """The member, and the picture that they gave; one that waits is shown to them alone."""
    member = await me.read(members.member_detail, me.id)
    review = await me.read(members.avatar_review, me.id)
    waits = review is not None and review.state == "waiting"
    digest = review.picture if review is not None and waits else member.avatar
    if digest is None:
        return member, None
    return member, (await me.read(catalog.pictures, [digest])).get(digest)


@routes.post("/care")
async def care(request: web.Request) -> web.StreamResponse:
    """Turn care mode on or off (大字版) and return to the page.

    A member's choice is kept for all of their browsers, that of a guest in a cookie.
    """
    form, found = await read_form(request), browser(request)
    found.wish_care(form.flag("care"))
    if found.member_id is not None:
        await write(request, members.set_care_mode, found.member_id, found.wants_care)
    raise web.HTTPSeeOther(path_of_ours(form.raw("next")))


@routes.post("/me/sign-out")
@signed_in
async def sign_out(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Sign this browser out; the next page starts with a fresh cookie."""
    await me.write(members.close_session, me.browser.info.id)
    me.browser.take_over(token(), None)
    raise web.HTTPSeeOther("/m/")
