"""收货地址: list, add, change and delete; the checkout links here and is returned to."""

from __future__ import annotations

import re
from dataclasses import asdict

from aiohttp import web

from domain import members
from domain.members import AddressForm
from kernel.errors import DomainError, NotFound
from kernel.web.forms import Form, query_param, read_form
from kernel.web.render import render
from mall_h5.me.address_form import FIELDS, PARTS, Understood, form_facts, is_step, stepped
from mall_h5.sharing import sign
from mall_h5.web import SignedIn, mistake, signed_in

routes = web.RouteTableDef()
LISTS = {
    "hx-get": "/m/addresses/regions",
    "hx-include": "[name=province],[name=city],[name=district]",
    "hx-target": "#region-lists",
    "hx-swap": "outerHTML",
}
"""How a choice in one list brings the next one, as attributes of the lists."""
OPEN_ADDRESS = ("openAddress",)
_CHECKOUT = re.compile(r"/m/checkout(\?sku=[0-9]{1,15}&qty=[0-9]{1,4})?")


@routes.get("/addresses")
@signed_in
async def index(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """All addresses; with ``next`` (a checkout) the buyer chooses one of them."""
    found = await me.read(members.list_addresses, me.id)
    back = _checkout(query_param(request, "next", most=600))
    picks = {each.id: checkout_with_address(back, each.id) for each in found} if back else {}
    return render(request, "h5/me/addresses.html", addresses=found, picks=picks, next=back)


@routes.get("/addresses/new")
@signed_in
async def new(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The form for a new address."""
    return await _form(request, None, dict.fromkeys(FIELDS, ""), {})


@routes.get("/addresses/regions")
async def lists(request: web.Request) -> web.StreamResponse:
    """The lists of cities and districts for what was chosen so far, for the form's script."""
    values = {name: query_param(request, name) for name in PARTS}
    return render(request, "h5/me/_regions.html", send=LISTS, **form_facts(values))


@routes.get(r"/addresses/{id:\d{1,18}}")
@signed_in
async def edit(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The form for one of the member's own addresses."""
    found = await me.read(members.address_of, me.id, _id(request))
    values = asdict(found.form) | {"is_default": "1" if found.is_default else ""}
    return await _form(request, found.id, values, {})


@routes.post("/addresses/new")
@signed_in
async def create(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Store a new address."""
    return await _save(request, me, None)


@routes.post(r"/addresses/{id:\d{1,18}}")
@signed_in
async def change(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Store a changed address."""
    return await _save(request, me, _id(request))


@routes.post(r"/addresses/{id:\d{1,18}}/delete")
@signed_in
async def delete(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Delete an address."""
    await me.write(members.delete_address, me.id, _id(request))
    await me.flash("地址已删除")
    raise web.HTTPSeeOther("/m/addresses")


async def _save(request: web.Request, me: SignedIn, address_id: int | None) -> web.StreamResponse:
    form = await read_form(request)
    if is_step(form):
        values, understood = stepped(form)
        return await _form(request, address_id, values, {}, understood=understood)
    typed = AddressForm(**{name: form.raw(name) for name in FIELDS})
    try:
        saved = await me.write(
            members.save_address,
            me.id,
            typed,
            address_id=address_id,
            is_default=form.flag("is_default"),
        )
    except NotFound:
        raise
    except DomainError as error:
        return await _form(request, address_id, form.values, mistake(error), status=422)
    await me.flash("地址已保存")
    raise web.HTTPSeeOther(_after(form, saved))


def _after(form: Form, address_id: int) -> str:
    back = _checkout(form.raw("next"))
    return checkout_with_address(back, address_id) if back else "/m/addresses"


def _checkout(path: str) -> str:
    """The path if it is a checkout, else ""; prevents an open redirect."""
    return path if _CHECKOUT.fullmatch(path) else ""


def checkout_with_address(back: str, address_id: int) -> str:
    """The path of a checkout with the chosen delivery address."""
    return f"{back}{'&' if '?' in back else '?'}address={address_id}"


async def _form(
    request: web.Request, address_id: int | None, values: dict[str, str],
    errors: dict[str, str], status: int = 200, understood: Understood | None = None,
) -> web.Response:  # fmt: skip
    return render(
        request,
        "h5/me/address.html",
        status=status,
        address_id=address_id,
        values=values,
        errors=errors,
        send=LISTS,
        next=_checkout(values.get("next") or query_param(request, "next", most=600)),
        jssdk=await sign(request, OPEN_ADDRESS),
        **form_facts(values, understood),
    )


def _id(request: web.Request) -> int:
    return int(request.match_info["id"])
