"""重新同意: a new version of a document that everybody is asked to agree to, with what changed."""

from __future__ import annotations

from aiohttp import web

from domain import legal
from kernel.errors import DomainError
from kernel.web.forms import Form, query_param, read_form
from mall_h5.legal import NAMES
from mall_h5.web import Shown, SignedIn, draw, mistake, path_of_ours, shown, signed_in

routes = web.RouteTableDef()
KIND = r"{kind:terms|privacy}"


@routes.get(f"/agree/{KIND}")
@signed_in
async def ask(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The new version, what changed, and the tick; who has agreed goes on."""
    kind = legal.checked_kind(request.match_info["kind"])
    onward = path_of_ours(query_param(request, "next", most=300, default="/m/"))
    page = await _page(me, kind, onward, {})
    if not page.facts["asked"].is_due:
        raise web.HTTPFound(onward)
    return draw(request, page)


@routes.post(f"/agree/{KIND}")
@signed_in
async def agree(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Keep the consent to the version that was shown, and go on."""
    kind = legal.checked_kind(request.match_info["kind"])
    form: Form = await read_form(request)
    onward = path_of_ours(form.raw("next"))
    seen = form.integer("shown", least=0, most=10**6, default=0)
    try:
        form.check()
        await me.write(legal.agree, me.id, kind, seen, is_ticked=form.flag("agree"))
    except DomainError as refused:
        return draw(request, await _page(me, kind, onward, mistake(refused)))
    raise web.HTTPSeeOther(onward)


async def _page(me: SignedIn, kind: legal.Kind, onward: str, errors: dict[str, str]) -> Shown:
    return shown(
        "h5/me/agree.html", status=422 if errors else 200, kind=kind, name=NAMES[kind],
        asked=await me.read(legal.asking, me.id, kind), onward=onward, errors=errors,
    )  # fmt: skip
