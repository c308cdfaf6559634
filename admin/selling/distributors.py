"""分销商: review, suspension, grades, payee types, figures; bindings of customers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from aiohttp import web

from admin import confirming
from admin.approvals import redirect_with_outcome
from admin.as_shown import refuses_if_changed, try_as_shown
from admin.guard import may_act, requires
from admin.kit import columns as cols
from admin.kit.details import DetailSpec
from admin.kit.lists import Empty, ListSpec, Tile
from admin.kit.steps import Ask, Step, reason
from admin.kit.wanted import Filter, View, Wanted
from admin.web import (
    actor,
    done,
    id_of,
    page,
    read,
    refuse_bad,
    try_step,
    typed,
    write,
)
from admin.words import COMMISSION, DISTRIBUTOR, PAYEE, origin
from domain import approvals, audit, distribution, invitations, members, payouts
from domain.distribution import CommissionView, DistributorRow, OriginFigures
from domain.payouts import PAYEE_TYPES
from kernel.errors import NotFound
from kernel.money import yuan_grouped
from kernel.web.forms import Form, read_form
from kernel.web.templates import day, when

routes = web.RouteTableDef()
ORIGIN_DAYS = 30
INVITED_DAYS = 30
STATES = ("applied", "active", "suspended", "rejected", "left")
PHASES = ("planned", "pending", "released", "void")


def find(wanted: Wanted) -> Sequence[DistributorRow]:
    """Distributors, newest first, with balances and customers."""
    is_name = wanted.view == "name"
    return distribution.list_distributors(
        None if is_name or wanted.view == "all" else wanted.view,
        wanted.text("q"), wanted.cursor, wanted.limit, name_state="review" if is_name else None,
    )  # fmt: skip


def _counts(_: Wanted) -> dict[str, int]:
    return {
        "applied": distribution.owed_figures().applications,
        "name": distribution.count_names_in_review(),
    }


def _tiles(_: Wanted) -> Sequence[Tile]:
    owed, sold = distribution.owed_figures(), distribution.sold_in_a_month()
    asked = invitations.invitation_figures(INVITED_DAYS)
    return (
        Tile("近 30 日分享成交", f"¥{yuan_grouped(sold.sales_fen)}", f"{sold.orders} 单"),
        Tile("近 30 日佣金", f"¥{yuan_grouped(sold.commission_fen)}", href="/admin/commission"),
        Tile("待结佣金", f"¥{yuan_grouped(owed.pending_fen)}"),
        Tile("可提现", f"¥{yuan_grouped(owed.available_fen)}"),
        Tile("欠款", f"¥{yuan_grouped(owed.debt_fen)}", "退款收回后待抵扣"),
        Tile("待审核", owed.applications, href="/admin/distributors?view=applied",
             is_due=owed.applications > 0),
        Tile("近 30 日邀请顾客", asked.invited,
             f"加入 {asked.joined} · 转给朋友 {asked.passed_on} · 拒绝 {asked.refused}",
             href="/admin/settings/distribution#g-invitations"),
    )  # fmt: skip


def _name_badges(row: DistributorRow) -> Sequence[cols.Badge]:
    state = row.distributor.name_state
    if state == "review":
        return [("名称待审", "warn")]
    return [("名称未通过", "")] if state == "refused" else []


def _to_do(row: DistributorRow) -> str:
    waits = row.distributor.state == "applied" or row.distributor.name_state == "review"
    return "审核" if waits else "详情"


LIST = ListSpec[DistributorRow](
    query=find,
    key=lambda row: row.distributor.member_id,
    columns=(
        cols.text("分销商", lambda row: row.distributor.display_name,
                  note=lambda row: f"{row.name} · {day(row.distributor.applied_at)}"),
        cols.code("推荐码", lambda row: row.distributor.referral_code),
        cols.text("等级", lambda row: row.distributor.grade_name),
        cols.text("收款主体",
                  lambda row: PAYEE.get(row.distributor.payee_type, row.distributor.payee_type)),
        cols.number("客户", lambda row: row.customers),
        cols.money("待结", lambda row: row.pending_fen),
        cols.money("可提", lambda row: row.available_fen),
        cols.money("欠款", lambda row: row.debt_fen or None),
        cols.state("状态", DISTRIBUTOR, lambda row: row.distributor.state, badges=_name_badges),
        cols.day("申请", lambda row: row.distributor.applied_at, on_screen=False),
        cols.act(_to_do),
    ),
    unit="位",
    note="免费申请，不以购买为条件，不按发展人数计酬",
    href=lambda row: f"/admin/distributors/{row.distributor.member_id}",
    views=(
        View("all", "全部"), *(View(each, DISTRIBUTOR[each][0]) for each in STATES),
        View("name", "名称待审"),
    ),
    counts=_counts,
    filters=(Filter("q", "名称 / 推荐码", is_wide=True),),
    tiles=_tiles,
    empty=Empty(
        "没有分销商", "会员在公众号里回复“申请分销”即可申请；也可在会员详情页指定。",
        "/admin/members", "去会员列表",
    ),
    has_file=True,
)  # fmt: skip


ONE = r"/distributors/{id:\d{1,18}}"


def _load(ask: Ask) -> dict[str, Any]:
    """A distributor: person, figures, money, upline with its history, log."""
    member_id = ask.id
    found = distribution.distributor(member_id)
    if found is None:
        raise NotFound("not_a_distributor")
    can_see_money = ask.who.may("payouts.see")
    origins = distribution.origin_figures(member_id, ORIGIN_DAYS)
    return {
        "payees": PAYEE_TYPES,
        "distributor": found,
        "payee": payouts.payee_view(member_id),
        "freeze": payouts.freeze_of(member_id),
        "grant": payouts.grant_of(member_id),
        "member": members.member_detail(member_id),
        "figures": distribution.distributor_figures(member_id),
        "entries": distribution.list_commission_of_member(member_id, limit=10),
        "withdrawals": distribution.list_withdrawals_of_member(member_id, limit=5)
        if can_see_money
        else [],
        "origins": [(origin(row.code), _origin(row)) for row in origins],
        "upline": distribution.upline_with_history(member_id),
        "customers": distribution.list_customers_for_merchant(member_id, limit=10),
        "grades": distribution.list_grades(),
        "proposals": approvals.list_proposals_about([f"member:{member_id}"], 3),
        "log": audit.timeline("distributor", member_id, limit=20),
    }


def _origin(row: OriginFigures) -> str:
    return f"{row.people} 人，{row.orders} 单，¥{yuan_grouped(row.sales_fen)}"


DETAIL = DetailSpec(
    ONE, "distribution.see", "admin/selling/distributor.html", _load,
    {"shown": "distributor", "shown_freeze": "freeze"},
)  # fmt: skip


class Decision(NamedTuple):
    """A decision about an application or a name, and the reason that the person reads."""

    is_yes: bool
    reason: str
    name: str = ""


class Terms(NamedTuple):
    """A distributor's grade and payee type."""

    payee_type: str
    grade_id: int | None


def _reason_if_any(form: Form) -> str:
    return form.text("reason", most=200, required=False)


def _review(form: Form) -> Decision:
    is_yes = form.choice("decision", ("approve", "reject")) == "approve"
    return Decision(is_yes, form.text("reason", most=200, required=False))


def _name(form: Form) -> Decision:
    is_yes = form.choice("decision", ("approve", "refuse")) == "approve"
    name = form.publish("name", form.text("name", most=30), is_name=True)
    return Decision(is_yes, form.text("reason", most=200, required=False), name)


def _terms(form: Form) -> Terms:
    grade_id = form.integer("grade_id", least=0, most=10**15, default=0)
    return Terms(form.choice("payee_type", PAYEE_TYPES), grade_id or None)


def review(ask: Ask, it: Decision) -> str:
    """Approve an application, or refuse it with the reason that the person reads."""
    distribution.review_application(ask.id, it.is_yes, ask.actor, it.reason)
    return "已通过申请" if it.is_yes else "已驳回申请"


def decide_name(ask: Ask, it: Decision) -> str:
    """Approve the name that was seen for posters and links, or refuse it with the reason."""
    distribution.review_display_name(ask.id, it.name, it.is_yes, ask.actor, it.reason)
    return "名称已通过" if it.is_yes else "名称未通过，已通知对方"


def suspend(ask: Ask, why: str) -> str:
    """Suspend a distributor with a reason; they keep the balance and earn nothing new."""
    distribution.suspend_distributor(ask.id, ask.actor, why)
    return "已暂停该分销商"


def restore(ask: Ask, why: str) -> str:
    """End a suspension."""
    distribution.restore_distributor(ask.id, ask.actor, why)
    return "已恢复"


def change_terms(ask: Ask, it: Terms) -> str:
    """Change a distributor's grade and payee type."""
    distribution.set_grade_and_payee_type(ask.id, it.grade_id, it.payee_type, ask.actor)
    return "已保存"


PERSON = "/admin/distributors/{id}"
STEPS = (
    Step(f"{ONE}/review", "distribution.review", review, PERSON, _review, shows="distributor"),
    Step(f"{ONE}/name", "distribution.review", decide_name, PERSON, _name),
    Step(f"{ONE}/suspend", "distribution.review", suspend, PERSON, reason, word="暂停"),
    Step(f"{ONE}/restore", "distribution.review", restore, PERSON, _reason_if_any),
    Step(f"{ONE}/terms", "distribution.review", change_terms, PERSON, _terms,
         fresh=True, shows="distributor"),
)  # fmt: skip


@routes.post("/distributors/appoint")
@requires("distribution.review")
async def appoint(request: web.Request) -> web.StreamResponse:
    """Make a member a distributor."""
    form = await read_form(request)
    member_id = form.integer("member_id", least=1, most=10**15)
    name = form.publish("display_name", form.text("display_name", most=20), is_name=True)
    payee = form.choice("payee_type", PAYEE_TYPES)
    await refuse_bad(request, form, f"/admin/members/{member_id}")
    url = f"/admin/members/{member_id}"
    await try_step(
        request, url, distribution.appoint_distributor, member_id, name, payee, actor(request)
    )
    await done(request, "已指定为分销商", f"/admin/distributors/{member_id}")


@routes.post(r"/members/{id:\d{1,18}}/upline")
@refuses_if_changed("binding")
@requires("bindings.propose", fresh=True, acts="bindings.move")
async def move(request: web.Request) -> web.StreamResponse:
    """Move a customer to another distributor or to nobody, with a reason.

    The move becomes a proposal if the person may only propose, or would exceed a ceiling.
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
    await redirect_with_outcome(request, made, "归属已调整", url)


@routes.post(r"/distributors/{id:\d{1,18}}/write-off")
@refuses_if_changed("distributor")
@requires("payouts.review", fresh=True)
async def write_off(request: web.Request) -> web.StreamResponse:
    """Write off a distributor's debt, with a reason."""
    form, member_id = await read_form(request), id_of(request)
    url = f"/admin/distributors/{member_id}"
    typed(form, "核销")
    amount = form.fen("amount", least=1)
    reason = form.text("reason", most=200)
    seen_fen = confirming.confirmed_fen(form)
    await refuse_bad(request, form, url)
    if seen_fen != amount:
        who = await read(request, distribution.distributor, member_id)
        total = f"¥{yuan_grouped(amount)}"
        facts = [("分销商", who.display_name if who else ""), ("原因", reason)]
        look = confirming.ConfirmPage(
            "核对核销", f"将核销 {total}", facts, f"确认核销 {total}", url,
            "核销后这部分由商家承担，不再从对方佣金中抵扣。",
        )  # fmt: skip
        return await confirming.confirm_page(request, form, amount, look)
    await try_as_shown(
        request, url, distribution.write_off_debt, member_id, amount, actor(request), reason
    )
    return await done(request, f"已核销欠款 ¥{yuan_grouped(amount)}", url)


class Earned(NamedTuple):
    """A line of commission and the name of its earner."""

    entry: CommissionView
    earner: str


def find_commission(wanted: Wanted) -> Sequence[Earned]:
    """Lines of commission of a phase, newest first, with the names of their earners."""
    phase = None if wanted.view == "all" else wanted.view
    found = distribution.list_commission(phase, wanted.cursor, wanted.limit)
    return [Earned(*each) for each in found]


def _frozen(row: Earned) -> str:
    until = row.entry.frozen_until
    return f"至 {when(until)}" if until and row.entry.phase == "frozen" else ""


COMMISSION_LIST = ListSpec[Earned](
    query=find_commission,
    key=lambda row: row.entry.id,
    columns=(
        cols.code("订单", lambda row: row.entry.order_no, note=lambda row: row.entry.created_at),
        cols.when("下单", lambda row: row.entry.created_at, on_screen=False),
        cols.text("分销商", lambda row: row.earner),
        cols.text("买家", lambda row: row.entry.buyer),
        cols.text("商品", lambda row: f"{row.entry.title} × {row.entry.quantity}"),
        cols.number("级", lambda row: row.entry.level),
        cols.money("基数", lambda row: row.entry.base_fen),
        cols.money("佣金", lambda row: row.entry.amount_fen),
        cols.money("收回", lambda row: row.entry.taken_fen or None),
        cols.state("状态", COMMISSION, lambda row: row.entry.phase, note=_frozen),
    ),
    unit="条",
    note="下单时按当时的规则固定下来，之后改规则不影响",
    href=lambda row: f"/admin/orders/{row.entry.order_no}",
    views=(View("all", "全部"), *(View(each, COMMISSION[each][0]) for each in PHASES)),
    empty=Empty("没有佣金", "分销商带来的订单付款后，会出现在这里。"),
    has_file=True,
)


class Grade(NamedTuple):
    """The typed name and position of a grade; without an id it is a new one."""

    name: str
    position: int
    id: int | None


def _grade(form: Form) -> Grade:
    name = form.public("name", most=20)
    position = form.count("position", least=0, most=1000, default=0)
    return Grade(name, position, form.integer("grade_id", least=0, most=10**15, default=0) or None)


def save_grade(ask: Ask, it: Grade) -> str:
    """Save a grade's name and position; rules may depend on grades, never on recruited people."""
    distribution.save_grade(it.name, it.position, ask.actor, it.id)
    return "等级已保存"


SAVE_GRADE = Step("/grades", "distribution.rules", save_grade, "/admin/rules#grades", _grade,
                  fresh=True, once=True)  # fmt: skip


@routes.post(r"/distributors/{id:\d{1,18}}/identity")
@requires("payouts.review", fresh=True)
async def identity(request: web.Request) -> web.StreamResponse:
    """Show the payee's real name and id number to finance; each view is recorded."""
    member_id = id_of(request)
    opened = await write(request, payouts.reveal_identity, member_id)
    return await page(
        request,
        "admin/selling/identity.html",
        opened=opened,
        member_id=member_id,
        distributor=await read(request, distribution.distributor, member_id),
    )
