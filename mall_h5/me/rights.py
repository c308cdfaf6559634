"""我的个人信息: a file of one's own data, correction, objection, deletion with cooling-off."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from domain import legal, members, personal_data, rights
from kernel.errors import Conflict, DomainError, Invalid, NotFound
from kernel.web.forms import Form, read_form
from mall_h5.me.data_page import shown_sections
from mall_h5.me.rights_words import KINDS, STATES, STOPS
from mall_h5.texts import TEXTS
from mall_h5.web import Shown, SignedIn, deps, draw, mistakes, shown, signed_in

routes = web.RouteTableDef()
PAGE = "/m/me/requests"
DELETE = "/m/me/delete"
NO = r"{no:[A-Z0-9]{10,34}}"
A_MINUTE = 6


@routes.get("/me/requests")
@signed_in
async def index(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """What one may ask for, and the earlier requests."""
    return draw(request, await _page(me, Form(request.query), {}))


@routes.post("/me/requests")
@signed_in
async def ask(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Ask for a correction, or object; a repeated tap opens no second request."""
    await me.limit("rights", most=A_MINUTE)
    form = await read_form(request)
    kind = form.choice("kind", rights.WRITTEN)
    text = form.prose("text", most=rights.MOST_TEXT)
    if not form.is_valid:
        return draw(request, await _page(me, form, mistakes(form)))
    try:
        key = me.command_key("open_request", form.idem_key(), [kind, text])
        number = await me.once(key, rights.open_request, me.id, kind, text)
    except DomainError as error:
        return draw(request, await _page(me, form, {error.field or "": TEXTS.of(error)}))
    await me.flash("已收到，可凭编号查看进度")
    raise web.HTTPSeeOther(f"{PAGE}/{number}")


@routes.post("/me/requests/file")
@signed_in
async def ask_for_file(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Ask for a file of one's own data; the page waits for it."""
    await me.limit("rights", most=A_MINUTE)
    await read_form(request)
    number = await me.write(rights.request_file, me.id)
    raise web.HTTPSeeOther(f"{PAGE}/{number}")


@routes.get(f"/me/requests/{NO}")
@signed_in
async def one(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """One request: its state, its day, and the answer."""
    found = await me.read(rights.request_detail, _no(request), me.id)
    page = shown(
        "h5/me/request.html", each=found, kind=KINDS[found.kind], state=STATES[found.state],
        stops=STOPS, kilobytes=-(-found.bytes // 1024),
    )  # fmt: skip
    return draw(request, page)


@routes.post(f"/me/requests/{NO}/take-back")
@signed_in
async def take_back(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Take an open request back."""
    await me.limit("rights", most=A_MINUTE)
    await read_form(request)
    no = _no(request)
    try:
        await me.write(rights.take_back, no, me.id)
        await me.flash("已撤回")
    except Conflict as error:
        await me.flash(TEXTS.of(error))
    raise web.HTTPSeeOther(f"{PAGE}/{no}")


@routes.get(f"/me/requests/{NO}/data")
@signed_in
async def data(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The file's content as a page, also where WeChat downloads nothing."""
    await me.limit("own_data", most=A_MINUTE)
    whole = await _file(request, me)
    sections = shown_sections(personal_data.read_zip(whole))
    found = await me.read(rights.request_detail, _no(request), me.id)
    return draw(request, shown("h5/me/data.html", sections=sections, each=found))


@routes.get(f"/me/requests/{NO}/file")
@signed_in
async def download(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The file itself, for its owner."""
    await me.limit("own_data", most=A_MINUTE)
    whole = await _file(request, me)
    return web.FileResponse(
        whole,
        headers={
            "Content-Type": "application/zip",
            "Content-Disposition": f'attachment; filename="my-data-{_no(request)}.zip"',
            "Cache-Control": "no-store, private",
        },
    )


@routes.get("/me/delete")
@signed_in
async def deletion(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """What a deletion means, what stands against it, and the request that waits."""
    return draw(request, await _deletion(me, {}))


@routes.post("/me/delete")
@signed_in
async def ask_for_deletion(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Ask to be deleted; it waits for the cooling-off period."""
    await me.limit("rights", most=A_MINUTE)
    form = await read_form(request)
    if not form.flag("understood"):
        wrong = TEXTS.of(Invalid("must_understand", "understood"))
        return draw(request, await _deletion(me, {"understood": wrong}, form))
    try:
        gives_up = form.flag("gives_up")
        no = await me.write(rights.request_deletion, me.id, gives_up=gives_up)
    except DomainError as error:
        return draw(request, await _deletion(me, {"": TEXTS.of(error)}, form))
    await me.flash("已申请注销，冷静期内可以撤回")
    raise web.HTTPSeeOther(f"{PAGE}/{no}")


async def _page(me: SignedIn, form: Form, errors: dict[str, str]) -> Shown:
    return shown(
        "h5/me/requests.html",
        status=422 if errors else 200,
        rows=[
            (each, KINDS[each.kind], STATES[each.state])
            for each in await me.read(rights.list_requests_of_member, me.id)
        ],
        kinds=KINDS,
        written=rights.WRITTEN,
        days=(await me.read(legal.times)).request_days,
        values=form.values,
        errors=errors,
    )


async def _deletion(me: SignedIn, errors: dict[str, str], form: Form | None = None) -> Shown:
    return shown(
        "h5/me/delete.html",
        status=422 if errors else 200,
        leaving=await me.read(rights.leaving, me.id),
        waiting=await me.read(rights.open_deletion, me.id),
        times=await me.read(members.rights_times),
        stops=STOPS,
        values=form.values if form else {},
        errors=errors,
    )


async def _file(request: web.Request, me: SignedIn) -> Path:
    """Where the member's own file lies. Raises NotFound('file_gone')."""
    name = await me.read(rights.file_of, _no(request), me.id)
    whole = deps(request).own_files.path(name)
    if whole is None:
        raise NotFound("file_gone")
    return whole


def _no(request: web.Request) -> str:
    return str(request.match_info["no"])
