"""设置: the groups of settings; two people's changes of one group don't overwrite each other."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial, wraps
from typing import Any

from aiohttp import web

from admin.guard import requires, staff_of
from admin.kit.forms import FormSpec, Present
from admin.kit.page import Part
from admin.kit.steps import Ask
from admin.shop.settings_fields import (
    BY_KEY,
    GROUPS,
    Group,
    choices,
    field_texts,
    parse_group,
    setting_error_text,
)
from admin.uploads import WithPicture
from admin.web import errors_of, page, read
from domain import approvals, catalog, legal, settings
from kernel.errors import DomainError

routes = web.RouteTableDef()
SHOP = (
    "trade",
    "service",
    "freight",
    "pickups",
    "push",
    "returns",
    "storefront",
    "search",
    "adults",
    "legal",
)
SELLING = ("binding", "distribution", "names", "invitations")


@routes.get("/settings")
@requires("settings.see")
async def shop(request: web.Request) -> web.StreamResponse:
    """Show the settings of trade, freight and push campaigns."""
    return await _groups(request, SHOP, "交易与规则")


@routes.get("/settings/distribution")
@requires("distribution.see")
async def selling(request: web.Request) -> web.StreamResponse:
    """Show the settings of binding, admission, settlement and withdrawal."""
    return await _groups(request, SELLING, "分销设置")


@routes.get("/settings/brakes")
@requires("payouts.see")
async def ceilings(request: web.Request) -> web.StreamResponse:
    """Show the ceilings of payouts and of refunds."""
    return await _groups(request, ("brakes", "refund_brakes"), "付款与退款上限")


@routes.get("/settings/ceilings")
@requires("approvals.see")
async def of_staff(request: web.Request) -> web.StreamResponse:
    """Show the ceilings of what staff do by hand, at once and in a day."""
    return await _groups(request, ("ceilings",), "员工操作上限")


@routes.get("/legal/business")
@requires("settings.see")
async def business(request: web.Request) -> web.StreamResponse:
    """Show the company's name, permits, numbers and complaint address."""
    return await _groups(request, ("business",), "证照与联系方式")


def _present(group: Group, _: Ask | None = None) -> Present:
    """The current values of a group's settings in the form."""
    is_company = group.switches is legal.Business  # its first values come from config.yaml
    now = legal.business_form() if is_company else settings.fresh(group.switches)
    version = settings.all_versions().get(group.switches.KEY, 0)
    return Present(field_texts(group, now), version, choices(group))


def _change(group: Group, _: Ask, values: dict[str, Any], version: int) -> None:
    """Save a group's settings."""
    approvals.change_switches(group.switches, values, version=version)


def _errors(group: Group, error: DomainError) -> dict[str, str]:
    return {error.field: setting_error_text(group, error)} if error.field else errors_of(error)


def _form(group: Group) -> FormSpec[dict[str, Any]]:
    """The form of a group."""
    save = wraps(_change)(partial(_change, group))
    save.__name__ = f"change_{group.key}"
    return FormSpec(
        f"/settings/{group.key}", group.right, partial(parse_group, group), save,
        partial(_one, group), f"{group.title}已保存", f"{group.back}#g-{group.key}",
        present=partial(_present, group), moved=frozenset({"setting_moved"}),
        errors=partial(_errors, group), fresh=True,
    )  # fmt: skip


async def _groups(request: web.Request, keys: tuple[str, ...], title: str) -> web.Response:
    forms: list[tuple[Group, dict[str, str], dict[str, str]]] = []
    for key in keys:
        group = BY_KEY[key]
        now = await read(request, _present, group)
        forms.append((group, {**now.values, **now.carried}, {}))
    return await page(
        request,
        "admin/shop/settings.html",
        forms=forms,
        pics=await _pics(request, forms),
        title=title,
        can_edit=staff_of(request).may(BY_KEY[keys[0]].right),
    )


async def _pics(
    request: web.Request, forms: list[tuple[Group, dict[str, str], dict[str, str]]]
) -> Mapping[str, Any]:
    """The stored pictures that the forms hold, by their ids."""
    ids = [
        values.get(field.name, "")
        for group, values, _ in forms
        for field in group.fields
        if field.kind == "picture"
    ]
    wanted = [each for each in ids if each]
    return await read(request, catalog.pictures, wanted) if wanted else {}


async def _one(
    group: Group, request: web.Request, values: dict[str, str], errors: dict[str, str]
) -> web.Response:
    forms = [(group, values, errors)]
    return await page(
        request,
        "admin/shop/settings.html",
        status=422,
        forms=forms,
        pics=await _pics(request, forms),
        title=group.title,
        can_edit=True,
    )


def _mark() -> str:
    """The text across pictures of licences."""
    return f"仅用于{legal.shop_name()}证照公示"


def _part(group: Group) -> Part:
    pictures = tuple(field.name for field in group.fields if field.kind == "picture")
    return WithPicture(_form(group), pictures, _mark) if pictures else _form(group)


FORMS = tuple(_part(group) for group in GROUPS)
