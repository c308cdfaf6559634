"""到店自提: what waits at the places, and the page of the counter that checks codes (核销)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from admin.guard import requires, staff_of
from admin.kit import columns as cols
from admin.kit.lists import Button, Empty, ListSpec
from admin.kit.steps import ID, Ask, Step, ask_of, nothing
from admin.kit.wanted import View, Wanted, Who
from admin.texts import TEXTS
from admin.web import page, people_of, read
from admin.words import PICKUP, PICKUP_AGE, PICKUP_REFUSAL
from domain import logistics, pickups
from domain.pickups import PickupRow
from kernel.errors import DomainError
from kernel.web.forms import Form, read_form
from kernel.web.keys import LIMITER

routes = web.RouteTableDef()
URL = "/admin/pickups"
RIGHT = "pickups.verify"
CODES_A_MINUTE = 60


def _places(who: Who, actor: str) -> frozenset[int] | None:
    """The places that a person sees: all for who ships orders, else those where they work."""
    if who.may("orders.ship"):
        return None
    return logistics.places_of_staff(actor.removeprefix("staff:"))


def find(wanted: Wanted) -> Sequence[PickupRow]:
    """Pickups of a view, newest first."""
    state = "" if wanted.view == "all" else wanted.view
    places = _places(wanted.who, wanted.actor)
    return pickups.list_pickups(state, places, wanted.cursor, wanted.limit)


def _waiting(wanted: Wanted) -> Mapping[str, int]:
    return pickups.count_pickups(_places(wanted.who, wanted.actor))


def _goods(row: PickupRow) -> str:
    return "；".join(f"{line.title} × {line.quantity}" for line in row.order.lines)


LIST = ListSpec[PickupRow](
    query=find,
    key=lambda row: row.pickup.id,
    columns=(
        cols.text("订单", lambda row: row.order.order_no, note=lambda row: row.order.paid_at),
        cols.text("商品", _goods),
        cols.text("提货人", lambda row: row.order.masked_address),
        cols.text("门店", lambda row: row.pickup.place.name),
        cols.state("状态", PICKUP, lambda row: row.pickup.state, badges=lambda row: (
            [("售后中", "warn")] if row.order.is_refunding else [])),
        cols.when("提货期限", lambda row: row.pickup.collect_by_at),
        cols.act(lambda row: {"preparing": "备货", "ready": "交付"}.get(row.pickup.state, "查看")),
    ),
    unit="单",
    note="备好货后通知顾客；顾客凭提货码取货，逾期未取自动退款",
    href=lambda row: f"{URL}/{row.pickup.id}",
    views=(View("preparing", "待备货"), View("ready", "待提货"), View("collected", "已提货"),
           View("lapsed", "逾期退款"), View("all", "全部")),
    counts=_waiting,
    buttons=(Button("核销提货码", f"{URL}/verify", RIGHT, "primary"),),
    empty=Empty("没有自提订单", "顾客选择到店自提并付款后会出现在这里。"),
)  # fmt: skip


@routes.get("/pickups/verify")
@requires(RIGHT)
async def ask_code(request: web.Request) -> web.StreamResponse:
    """The field for a code: typed, pasted, or from a scanner that types."""
    return await page(request, "admin/trade/pickup_verify.html", values={}, errors={})


@routes.post("/pickups/verify")
@requires(RIGHT)
async def find_code(request: web.Request) -> web.StreamResponse:
    """Lead to the order of a code, or say why there is none."""
    form, who = await read_form(request), staff_of(request)
    await request.config_dict[LIMITER].hit(
        "pickup-code", str(who.id), most=CODES_A_MINUTE, seconds=60
    )
    try:
        places = await read(request, _places, who, ask_of(request).actor)
        found = await read(request, pickups.pickup_by_code, form.raw("code"), places)
    except DomainError as error:
        return await page(
            request, "admin/trade/pickup_verify.html", status=422, values={},
            errors={"code": TEXTS.of(error)},
        )  # fmt: skip
    raise web.HTTPSeeOther(f"{URL}/{found}")


@routes.get(f"/pickups/{ID}")
@requires(RIGHT)
async def detail(request: web.Request) -> web.StreamResponse:
    """An order at the counter: its goods, who collects it, and what may be done."""
    return await page(
        request, "admin/trade/pickup.html", **await read(request, _load, ask_of(request))
    )


def _load(ask: Ask) -> dict[str, Any]:
    desk = pickups.pickup_detail(ask.id, _places(ask.who, ask.actor))
    problem = desk.problem
    return {
        "desk": desk,
        "problem": TEXTS.of(problem) if problem else "",
        "ages": [(code, text, "") for code, text in PICKUP_AGE.items()],
        "reasons": [(code, text, "") for code, text in PICKUP_REFUSAL.items()],
        "people": people_of([*(by for _, _, by in desk.refusals), desk.pickup.collected_by]),
    }


def ready(ask: Ask, _: None) -> str:
    """The goods are ready; the buyer is told."""
    pickups.mark_ready(ask.id, _places(ask.who, ask.actor))
    return "已备好货，已通知顾客"


def hand_over(ask: Ask, age: str) -> str:
    """Hand the goods over."""
    order_no = pickups.hand_over(ask.id, age, _places(ask.who, ask.actor))
    return f"已交付订单 {order_no}"


def refuse(ask: Ask, reason: str) -> str:
    """Record that liquor was not handed over."""
    pickups.refuse(ask.id, reason, _places(ask.who, ask.actor))
    return "已记录拒绝交付，订单仍在等待提货"


def _age(form: Form) -> str:
    return form.raw("age")[:8]


def _reason(form: Form) -> str:
    return form.choice("reason", pickups.REFUSALS)


STEPS = (
    Step(f"/pickups/{ID}/ready", RIGHT, ready, URL + "/{id}", nothing),
    Step(f"/pickups/{ID}/collect", RIGHT, hand_over, URL + "/{id}", _age),
    Step(f"/pickups/{ID}/refuse", RIGHT, refuse, URL + "/{id}", _reason),
)
