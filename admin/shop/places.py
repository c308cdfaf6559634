"""自提点: stores where orders are collected, their hours and areas, and who works there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from admin.guard import requires
from admin.kit import columns as cols
from admin.kit.forms import FormSpec, Present
from admin.kit.lists import Button, Empty, ListSpec
from admin.kit.steps import ID, Ask, Step, ask_of, nothing
from admin.kit.wanted import Wanted
from admin.web import id_of, page, read
from admin.words import PLACE, PLACE_DAY
from domain import audit, logistics, staff
from domain.logistics import DAYS, PlaceForm, PlaceView
from kernel.web.forms import Form

routes = web.RouteTableDef()
URL = "/admin/places"
RIGHT, SEES = "settings.edit", "settings.see"
CLOSED = ("休", "休息", "不营业", "-")
MOVED = frozenset({"place_moved"})
_BETWEEN = re.compile(r"[\s,，、;；/]+")
EMPTY = {
    "name": "", "province": "", "city": "", "district": "", "address": "", "phone": "",
    "ready_minutes": "120", "map_url": "", "point": "", "serves": "",
    **{f"hours{day}": "09:00-21:00" for day in range(DAYS)},
}  # fmt: skip


def _said(form: Form) -> PlaceForm:
    return PlaceForm(
        name=form.public("name", most=30),
        province=form.text("province", most=20),
        city=form.text("city", most=20),
        district=form.text("district", most=20, required=False),
        address=form.public("address", most=100),
        phone=form.text("phone", most=20),
        hours=tuple(_hours_of(form, day) for day in range(DAYS)),
        ready_minutes=form.count("ready_minutes", least=0, most=7 * 24 * 60),
        map_url=form.text("map_url", most=300, required=False),
        point=form.text("point", most=40, required=False),
        serves=tuple(word for word in _BETWEEN.split(form.raw("serves")) if word),
    )


def _hours_of(form: Form, day: int) -> str:
    said = form.text(f"hours{day}", most=20, required=False)
    return "" if said in CLOSED else said


def add(_: Ask, form: PlaceForm, __: int) -> int:
    """Add a place where orders are collected."""
    return logistics.add_place(form)


def edit(ask: Ask, form: PlaceForm, version: int) -> None:
    """Change a place."""
    logistics.edit_place(ask.id, form, version)


def _hours(view: PlaceView) -> str:
    """The hours of a week in one line: days with the same hours together."""
    days: list[tuple[str, list[str]]] = []
    for number, text in enumerate(view.hours):
        name = PLACE_DAY[str(number)]
        if days and days[-1][0] == text:
            days[-1][1].append(name)
        else:
            days.append((text, [name]))
    return "，".join(
        f"{names[0]}{f'至{names[-1]}' if len(names) > 1 else ''} {text or '休息'}"
        for text, names in days
    )


def find(_: Wanted) -> Sequence[PlaceView]:
    """All places."""
    return logistics.list_places()


LIST = ListSpec[PlaceView](
    query=find,
    key=lambda row: row.id,
    columns=(
        cols.text("门店", lambda row: row.name, note=lambda row: row.phone),
        cols.text("地址", lambda row: row.address),
        cols.text("营业时间", _hours),
        cols.text("优先地区", lambda row: "、".join(row.serves)),
        cols.number("备货分钟", lambda row: row.ready_minutes),
        cols.state("状态", PLACE, lambda row: row.state),
        cols.act(lambda _: "修改"),
    ),
    unit="个",
    note="顾客下单时按收货地区由近到远选择，免运费",
    href=lambda row: f"{URL}/{row.id}",
    buttons=(Button("新建自提点", f"{URL}/new", RIGHT, "primary"),),
    empty=Empty("还没有自提点", "新建以后，顾客下单时可以选择到店自提。"),
)


@routes.get("/places/new")
@requires(RIGHT)
async def new(request: web.Request) -> web.StreamResponse:
    """The form for a new place."""
    return await _show_new(request, EMPTY, {})


async def _show_new(
    request: web.Request, values: dict[str, str], errors: dict[str, str]
) -> web.StreamResponse:
    return await _draw(request, values, errors, None)


@routes.get(f"/places/{ID}")
@requires(SEES)
async def detail(request: web.Request) -> web.StreamResponse:
    """A place with its form, its staff and what was done to it."""
    shown = await read(request, _present, ask_of(request))
    return await _show_edit(request, {**shown.values, **shown.carried}, {})


async def _show_edit(
    request: web.Request, values: dict[str, str], errors: dict[str, str]
) -> web.StreamResponse:
    found = await read(request, _load, id_of(request))
    return await _draw(request, values, errors, found)


async def _draw(
    request: web.Request, values: dict[str, str], errors: dict[str, str],
    found: dict[str, Any] | None,
) -> web.StreamResponse:  # fmt: skip
    return await page(
        request, "admin/shop/place.html", status=422 if errors else 200, values=values,
        errors=errors, **(found or {"found": None}),
    )  # fmt: skip


def _load(place_id: int) -> dict[str, Any]:
    return {
        "found": logistics.place(place_id),
        "people": [each for each in staff.list_staff() if each.state == "active"],
        "working": logistics.staff_of_place(place_id),
        "log": audit.timeline("place", place_id, limit=20),
    }


def _present(ask: Ask) -> Present:
    found = logistics.place(ask.id)
    hours = {f"hours{day}": text for day, text in enumerate(found.hours)}
    values = {
        "name": found.name, "province": found.province, "city": found.city,
        "district": found.district, "address": found.street, "phone": found.phone,
        "ready_minutes": str(found.ready_minutes), "map_url": found.map_url,
        "point": found.point, "serves": "、".join(found.serves), **hours,
    }  # fmt: skip
    return Present(values, found.version, {})


def close(ask: Ask, _: None) -> str:
    """Take no new orders at a place."""
    logistics.close_place(ask.id)
    return "已停止接单，已下的订单仍可提货"


def reopen(ask: Ask, _: None) -> str:
    """Take new orders at a place again."""
    logistics.reopen_place(ask.id)
    return "已恢复接单"


def employ(ask: Ask, staff_ids: tuple[int, ...]) -> str:
    """Say who works at a place."""
    logistics.set_staff(ask.id, staff_ids)
    return "店员已保存"


def _staff(form: Form) -> tuple[int, ...]:
    return tuple(form.ids("staff"))


ADD = FormSpec("/places", RIGHT, _said, add, _show_new, "自提点已保存", URL + "/{new}", fresh=True)
EDIT = FormSpec(
    f"/places/{ID}", RIGHT, _said, edit, _show_edit, "自提点已保存", URL + "/{id}",
    present=_present, moved=MOVED, fresh=True,
)  # fmt: skip
FORMS = (ADD, EDIT)
STEPS = (
    Step(f"/places/{ID}/close", RIGHT, close, URL + "/{id}", nothing, fresh=True),
    Step(f"/places/{ID}/reopen", RIGHT, reopen, URL + "/{id}", nothing, fresh=True),
    Step(f"/places/{ID}/staff", "staff.manage", employ, URL + "/{id}", _staff, fresh=True),
)
