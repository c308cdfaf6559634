"""实名与冻结: the payee's identity and business licence; a freeze and the appeal against it."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from domain import adults, distribution, payouts
from kernel.errors import DomainError, Invalid
from kernel.web.files import private_file
from kernel.web.forms import Form, read_form
from mall_h5.texts import TEXTS
from mall_h5.uploads import takes_upload
from mall_h5.web import Shown, SignedIn, deps, draw, mistake, shown, signed_in

routes = web.RouteTableDef()


@routes.get("/d/identity")
@signed_in
async def identity(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The payee's identity; asked for once, before the first payout."""
    return draw(request, await _identity(me, Form({}), {}))


@routes.post("/d/identity")
@signed_in
async def save_identity(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Store the payee's name and identity number, encrypted."""
    form = await read_form(request)
    try:
        await me.write(payouts.save_identity, me.id, form.raw("name"), form.raw("number"))
    except DomainError as error:
        if error.code == "payee_too_young":
            await me.write(adults.doubt_what_was_told, me.id, "number")
        return draw(request, await _identity(me, form, mistake(error)))
    await me.flash("实名信息已保存")
    mine = await me.read(payouts.payee_view, me.id)
    needs_document = mine is not None and mine.needs_review
    raise web.HTTPSeeOther("/m/d/identity" if needs_document else "/m/d/withdraw")


@routes.post("/d/licence")
@signed_in
@takes_upload
async def licence(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Upload the business licence of a sole trader or company, for finance to compare."""
    using, form = deps(request), await read_form(request)
    try:
        drawn = await using.pictures.redraw(_licence(form))
    except Invalid as error:
        return draw(request, await _identity(me, Form({}), {"licence": TEXTS.of(error)}))
    await payouts.submit_document(me.store, using.documents, me.id, drawn.jpeg)
    lacks = f"。这张图片{TEXTS.text('picture_is_cut')}" if drawn.is_cut else ""
    await me.flash(f"营业执照已上传，审核通过后即可提现{lacks}")
    raise web.HTTPSeeOther("/m/d/identity")


def _licence(form: Form) -> Any:
    """The chosen file. Raises Invalid('licence_missing')."""
    chosen = form.uploads("licence")
    if not chosen:
        raise Invalid("licence_missing", "licence")
    return chosen[0].file


@routes.get("/d/licence.jpg")
@signed_in
async def my_licence(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The member's own uploaded licence."""
    jpeg = await payouts.open_document(me.store, deps(request).documents, me.id)
    return private_file(jpeg, "image/jpeg")


@routes.get("/d/freeze")
@signed_in
async def freeze(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """冻结: why the member's commission is frozen, until when, and the appeal."""
    return draw(request, await _freeze(me, Form({}), {}))


@routes.post("/d/freeze")
@signed_in
async def appeal(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Appeal against the freeze; the merchant answers."""
    form = await read_form(request)
    try:
        await me.write(payouts.appeal_against_freeze, me.id, form.raw("appeal"))
    except DomainError as error:
        return draw(request, await _freeze(me, form, mistake(error)))
    await me.flash("申诉已提交，答复会发到公众号")
    raise web.HTTPSeeOther("/m/d/freeze")


async def _freeze(me: SignedIn, form: Form, errors: dict[str, str]) -> Shown:
    found = await me.read(payouts.freeze_of, me.id)
    if found is None:
        raise web.HTTPFound("/m/d/")
    return shown(
        "h5/seller/freeze.html",
        status=422 if errors else 200,
        freeze=found,
        values=form.values,
        errors=errors,
    )


async def _identity(me: SignedIn, form: Form, errors: dict[str, str]) -> Shown:
    mine = await me.read(distribution.distributor, me.id)
    if mine is None:
        raise web.HTTPFound("/m/d/")
    return shown(
        "h5/seller/identity.html",
        status=422 if errors else 200,
        mine=mine,
        payee=await me.read(payouts.payee_view, me.id),
        values=form.values,
        errors=errors,
    )
