"""年龄核验: a member whose age is in doubt gives name and id number, which are not kept."""

from __future__ import annotations

from aiohttp import web

from domain import adults
from kernel import catalogues
from kernel.errors import DomainError
from kernel.web.forms import Form, read_form
from mall_h5.web import Shown, SignedIn, deps, draw, mistake, mistakes, shown, signed_in

routes = web.RouteTableDef()
PAGE = "/m/me/age"
CHECKS_A_MINUTE = 5
RESULT = catalogues.of("mall").names("age.result")


@routes.get("/me/age")
@signed_in
async def age(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The state of the member's proof of age, with the form while it is asked for."""
    return draw(request, await _page(request, me, Form({}), {}))


@routes.post("/me/age")
@signed_in
async def prove(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Compare name and number with the register once; what was typed stays in the form only."""
    form = await read_form(request)
    name, number = form.text("name", most=30), form.text("number", most=40)
    if not form.flag("agree"):
        form.fail("agree", "age_agree_missing")
    if not form.is_valid:
        return draw(request, await _page(request, me, form, mistakes(form)))
    await me.limit("age", most=CHECKS_A_MINUTE)
    try:
        result = await adults.check_age(me.store, deps(request).identity, me.id, name, number)
    except DomainError as error:
        return draw(request, await _page(request, me, form, mistake(error)))
    if result in RESULT:
        return draw(request, await _page(request, me, form, {"": RESULT[result]}))
    raise web.HTTPSeeOther(PAGE)


async def _page(request: web.Request, me: SignedIn, form: Form, errors: dict[str, str]) -> Shown:
    doubt = await me.read(adults.doubt_of, me.id)
    return shown(
        "h5/me/age.html",
        status=422 if errors else 200,
        doubt=doubt,
        is_online=deps(request).identity is not None,
        values=form.values,
        errors=errors,
    )
