"""设置: the groups of switches, each guarded against a lost update."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from admin.guard import Page, requires, staff_of
from admin.kit import stale
from admin.settings_fields import BY_KEY, GROUPS, Group, choices, out_of, shown, taken
from admin.web import done, errors_of, form_errors, page, read, write
from domain import approvals, settings
from domain.settings import Switches
from kernel.errors import DomainError
from kernel.web.forms import Form, read_form

routes = web.RouteTableDef()
SHOP = ("trade", "freight", "push", "returns")
SELLING = ("binding", "distribution", "names")


@routes.get("/settings")
@requires("settings.see")
async def shop(request: web.Request) -> web.StreamResponse:
    """Trade, freight and push rules."""
    return await _groups(request, SHOP, "交易与规则")


@routes.get("/settings/distribution")
@requires("distribution.see")
async def selling(request: web.Request) -> web.StreamResponse:
    """Binding, admission, settlement and withdrawal."""
    return await _groups(request, SELLING, "分销设置")


def _changer(group: Group) -> Page:
    @requires(group.right, fresh=True)
    async def change(request: web.Request) -> web.StreamResponse:
        """Keep a group's switches."""
        form = await read_form(request)
        values = taken(group, form)
        version = form.integer("version", least=0, most=2**31, default=0)
        errors = form_errors(form)
        if not errors:
            try:
                await write(
                    request, approvals.change_switches, group.switches, values, version=version
                )
            except DomainError as error:
                if error.code == "setting_moved":
                    return await _moved(request, group, form)
                errors = {error.field: out_of(group, error)} if error.field else errors_of(error)
            else:
                await done(request, f"{group.title}已保存", f"{group.back}#g-{group.key}")
        return await _one(request, group, form.values, errors)

    change.__name__ = f"change_{group.key}"
    return change


for _group in GROUPS:
    routes.post(f"/settings/{_group.key}")(_changer(_group))


@routes.get("/settings/brakes")
@requires("payouts.see")
async def ceilings(request: web.Request) -> web.StreamResponse:
    """The ceilings of payouts and of refunds."""
    return await _groups(request, ("brakes", "refund_brakes"), "付款与退款上限")


@routes.get("/settings/ceilings")
@requires("approvals.see")
async def of_staff(request: web.Request) -> web.StreamResponse:
    """How much one person may do by hand, alone and in a day."""
    return await _groups(request, ("ceilings",), "员工操作上限")


async def _moved(request: web.Request, group: Group, form: Form) -> web.Response:
    """Somebody saved meanwhile: what was typed, and field by field what they changed."""
    now = await read(request, _values, group)
    merged = stale.merge(form, shown(group, now.present), choices(group))
    values = merged.values | {"version": now.carried["version"]}
    return await _one(request, group, values, merged.errors)


@dataclass(frozen=True)
class _Now:
    """A group's switches, and what a form of them carries."""

    present: Switches
    carried: dict[str, str]


def _values(group: Group) -> _Now:
    present = settings.fresh(group.switches)
    version = settings.all_versions().get(group.switches.KEY, 0)
    was = stale.carried(shown(group, present))
    return _Now(present, {"version": str(version), stale.WAS: was})


async def _groups(request: web.Request, keys: tuple[str, ...], title: str) -> web.Response:
    forms: list[tuple[Group, dict[str, str], dict[str, str]]] = []
    for key in keys:
        group = BY_KEY[key]
        now = await read(request, _values, group)
        forms.append((group, shown(group, now.present) | now.carried, {}))
    return await page(
        request,
        "admin/settings.html",
        forms=forms,
        title=title,
        can_edit=staff_of(request).may(BY_KEY[keys[0]].right),
    )


async def _one(
    request: web.Request, group: Group, values: dict[str, str], errors: dict[str, str]
) -> web.Response:
    return await page(
        request,
        "admin/settings.html",
        status=422,
        forms=[(group, values, errors)],
        title=group.title,
        can_edit=True,
    )
