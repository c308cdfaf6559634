"""分销商: review, suspend, grade, payee, figures; whose customer somebody is, and why."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from admin import second_look
from admin.approvals import tell_outcome
from admin.as_shown import carried, shows, try_as_shown
from admin.guard import may_act, requires, staff_of
from admin.web import (
    PAGE_SIZE,
    actor,
    chosen,
    done,
    first_url,
    id_of,
    next_url,
    page,
    read,
    refuse_bad,
    try_step,
    typed,
    words,
    write,
)
from domain import approvals, audit, distribution, members, payouts
from domain.payouts import PAYEE_TYPES
from domain.staff import StaffSessionInfo
from kernel.errors import NotFound
from kernel.money import yuan
from kernel.web.forms import read_form
from kernel.web.paging import cursor_of, cut

routes = web.RouteTableDef()
STATES = ("applied", "active", "suspended", "rejected", "left")
NAME_STATES = ("review", "refused", "approved")
PHASES = ("planned", "pending", "released", "void")


@routes.get("/distributors")
@requires("distribution.see")
async def index(request: web.Request) -> web.StreamResponse:
    """Distributors, newest first, with balances and customers."""
    state, name_state = chosen(request, "state", STATES), chosen(request, "name", NAME_STATES)
    wanted = (state, words(request), cursor_of(request), PAGE_SIZE + 1)
    shown = await read(request, _desk, *wanted, name_state=name_state)
    found = cut(shown.pop("rows"), PAGE_SIZE, key=lambda row: row.distributor.member_id)
    return await page(
        request,
        "admin/distributors.html",
        rows=found.items,
        state=state or "",
        name_state=name_state or "",
        words=words(request),
        next=next_url(request, found),
        first=first_url(request),
        payees=PAYEE_TYPES,
        **shown,
    )


def _desk(*wanted: Any, name_state: str | None) -> dict[str, Any]:
    """Everything of the page in one read."""
    return {
        "rows": distribution.distributor_desk(*wanted, name_state=name_state),
        "names_waiting": distribution.names_waiting(),
        "figures": distribution.owed(),
        "sold": distribution.sold_in_a_month(),
        "grades": distribution.grades(),
    }


@routes.get(r"/distributors/{id:\d{1,18}}")
@requires("distribution.see")
async def sheet(request: web.Request) -> web.StreamResponse:
    """One distributor: who, figures, money, upline with why, history."""
    found = await read(request, _sheet, id_of(request), staff_of(request))
    return await page(
        request,
        "admin/distributor.html",
        payees=PAYEE_TYPES,
        shown=await carried(request, "distributor", [id_of(request)]),
        shown_freeze=await carried(request, "freeze", [id_of(request)]),
        **found,
    )


def _sheet(member_id: int, who: StaffSessionInfo) -> dict[str, Any]:
    found = distribution.distributor(member_id)
    if found is None:
        raise NotFound("not_a_distributor")
    can_see_money = who.may("payouts.see")
    return {
        "distributor": found,
        "payee": payouts.payee(member_id),
        "freeze": payouts.freeze_of(member_id),
        "grant": payouts.grant_of(member_id),
        "member": members.profile(member_id),
        "figures": distribution.figures(member_id),
        "entries": distribution.entries(member_id, limit=10),
        "withdrawals": distribution.withdrawals(member_id, limit=5) if can_see_money else [],
        "upline": distribution.why_upline(member_id),
        "customers": distribution.customers(member_id, limit=10),
        "grades": distribution.grades(),
        "proposals": approvals.proposals_of([f"member:{member_id}"], 3),
        "log": audit.timeline("distributor", member_id, limit=20),
    }


@routes.post(r"/distributors/{id:\d{1,18}}/review")
@shows("distributor")
@requires("distribution.review")
async def review(request: web.Request) -> web.StreamResponse:
    """Approve an application, or refuse it with the reason that the person reads."""
    form, member_id = await read_form(request), id_of(request)
    is_approved = form.choice("decision", ("approve", "reject")) == "approve"
    reason = form.text("reason", most=200, required=False)
    form.check()
    url = f"/admin/distributors/{member_id}"
    await try_as_shown(
        request, url, distribution.review, member_id, is_approved, actor(request), reason
    )
    await done(request, "已通过申请" if is_approved else "已驳回申请", url)


@routes.post(r"/distributors/{id:\d{1,18}}/name")
@requires("distribution.review")
async def decide_name(request: web.Request) -> web.StreamResponse:
    """Approve the name that was seen for posters and links, or refuse it with the reason."""
    form, member_id = await read_form(request), id_of(request)
    url = f"/admin/distributors/{member_id}"
    is_approved = form.choice("decision", ("approve", "refuse")) == "approve"
    name = form.text("name", most=30)
    reason = form.text("reason", most=200, required=False)
    await refuse_bad(request, form, url)
    await try_step(
        request, url, distribution.decide_name, member_id, name, is_approved, actor(request),
        reason,
    )  # fmt: skip
    await done(request, "名称已通过" if is_approved else "名称未通过，已通知对方", url)


@routes.post(r"/distributors/{id:\d{1,18}}/suspend")
@requires("distribution.review")
async def suspend(request: web.Request) -> web.StreamResponse:
    """Suspend with a reason: the balance stays, nothing new is earned."""
    form, member_id = await read_form(request), id_of(request)
    url = f"/admin/distributors/{member_id}"
    typed(form, "暂停")
    reason = form.text("reason", most=200)
    await refuse_bad(request, form, url)
    await try_step(request, url, distribution.suspend, member_id, actor(request), reason)
    await done(request, "已暂停该分销商", url)


@routes.post(r"/distributors/{id:\d{1,18}}/restore")
@requires("distribution.review")
async def restore(request: web.Request) -> web.StreamResponse:
    """End a suspension."""
    member_id = id_of(request)
    form = await read_form(request)
    url = f"/admin/distributors/{member_id}"
    reason = form.text("reason", most=200, required=False)
    await try_step(request, url, distribution.restore, member_id, actor(request), reason)
    await done(request, "已恢复", url)


@routes.post(r"/distributors/{id:\d{1,18}}/terms")
@shows("distributor")
@requires("distribution.review", fresh=True)
async def change_terms(request: web.Request) -> web.StreamResponse:
    """Grade and payee type."""
    form, member_id = await read_form(request), id_of(request)
    payee = form.choice("payee_type", PAYEE_TYPES)
    grade = form.integer("grade_id", least=0, most=10**15, default=0)
    form.check()
    url = f"/admin/distributors/{member_id}"
    await try_as_shown(
        request, url, distribution.change_terms, member_id, grade or None, payee, actor(request)
    )
    await done(request, "已保存", url)


@routes.post("/distributors/appoint")
@requires("distribution.review")
async def appoint(request: web.Request) -> web.StreamResponse:
    """Make a member a distributor."""
    form = await read_form(request)
    member_id = form.integer("member_id", least=1, most=10**15)
    name = form.text("display_name", most=20)
    payee = form.choice("payee_type", PAYEE_TYPES)
    await refuse_bad(request, form, f"/admin/members/{member_id}")
    url = f"/admin/members/{member_id}"
    await try_step(request, url, distribution.appoint, member_id, name, payee, actor(request))
    await done(request, "已指定为分销商", f"/admin/distributors/{member_id}")


@routes.post(r"/members/{id:\d{1,18}}/upline")
@shows("binding")
@requires("bindings.propose", fresh=True, acts="bindings.move")
async def move(request: web.Request) -> web.StreamResponse:
    """Move a customer to another distributor or to nobody, with a reason that is kept.

    Who may only propose, or is above a ceiling, asks a second person.
    """
    form, member_id = await read_form(request), id_of(request)
    url = f"/admin/members/{member_id}"
    typed(form, "改绑")
    code = form.text("code", most=16, required=False)
    reason = form.text("reason", most=200)
    await refuse_bad(request, form, url)
    made = await try_as_shown(request, url, distribution.move_or_propose, member_id, code, reason,
        may_act=may_act(request),
    )  # fmt: skip
    await tell_outcome(request, made, "归属已调整", url)


@routes.post(r"/distributors/{id:\d{1,18}}/write-off")
@shows("distributor")
@requires("payouts.review", fresh=True)
async def write_off(request: web.Request) -> web.StreamResponse:
    """A debt that will not be paid is written off, with a reason."""
    form, member_id = await read_form(request), id_of(request)
    url = f"/admin/distributors/{member_id}"
    typed(form, "核销")
    amount = form.fen("amount", least=1)
    reason = form.text("reason", most=200)
    seen_fen = second_look.seen(form)
    await refuse_bad(request, form, url)
    if seen_fen != amount:
        who = await read(request, distribution.distributor, member_id)
        total = f"¥{yuan(amount)}"
        facts = [("分销商", who.display_name if who else ""), ("原因", reason)]
        look = second_look.Look(
            "核对核销", f"将核销 {total}", facts, f"确认核销 {total}", url,
            "核销后这部分由商家承担，不再从对方佣金中抵扣。",
        )  # fmt: skip
        return await second_look.show(request, form, amount, look)
    await try_as_shown(
        request, url, distribution.write_off_debt, member_id, amount, actor(request), reason
    )
    return await done(request, f"已核销欠款 ¥{yuan(amount)}", url)


@routes.get("/commission")
@requires("distribution.see")
async def commission(request: web.Request) -> web.StreamResponse:
    """Every line of commission, with whose it is, why, and when it can be had."""
    state = chosen(request, "state", PHASES)
    rows = await read(
        request, distribution.commission_desk, state, cursor_of(request), PAGE_SIZE + 1
    )
    found = cut(rows, PAGE_SIZE, key=lambda row: row[0].id)
    return await page(
        request,
        "admin/commission.html",
        rows=found.items,
        state=state or "",
        next=next_url(request, found),
        first=first_url(request),
    )


@routes.post("/grades")
@requires("distribution.rules", fresh=True)
async def save_grade(request: web.Request) -> web.StreamResponse:
    """A grade's name and place; rules may differ by grade, never by people recruited."""
    form = await read_form(request)
    name = form.text("name", most=20)
    position = form.count("position", least=0, most=1000, default=0)
    grade_id = form.integer("grade_id", least=0, most=10**15, default=0)
    await refuse_bad(request, form, "/admin/rules#grades")
    await try_step(
        request,
        "/admin/rules#grades",
        distribution.save_grade,
        name,
        position,
        actor(request),
        grade_id or None,
    )
    await done(request, "等级已保存", "/admin/rules#grades")


@routes.post(r"/distributors/{id:\d{1,18}}/identity")
@requires("payouts.review", fresh=True)
async def identity(request: web.Request) -> web.StreamResponse:
    """The payee's real name and number for finance; each look is on record."""
    member_id = id_of(request)
    opened = await write(request, payouts.look_at_identity, member_id)
    return await page(
        request,
        "admin/identity.html",
        opened=opened,
        member_id=member_id,
        distributor=await read(request, distribution.distributor, member_id),
    )
