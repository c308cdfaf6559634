"""审批: proposals of colleagues; a second person approves or refuses each one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

from aiohttp import web

from admin.guard import code_first, may_act, requires
from admin.kit import columns as cols
from admin.kit.details import DetailSpec
from admin.kit.lists import Button, Empty, ListSpec, Tile
from admin.kit.steps import Ask
from admin.kit.wanted import View as kit_view
from admin.kit.wanted import Wanted
from admin.texts import TEXTS
from admin.web import (
    actor,
    done,
    id_of,
    read,
    refuse_bad,
    try_step,
)
from admin.words import CARRIER, PROPOSAL, PROPOSAL_DO, PROPOSAL_KIND, who, why
from domain import approvals, audit, distribution, members, orders, settings, staff
from domain.approvals import ProposalView, View
from kernel.errors import DomainError
from kernel.money import yuan_grouped
from kernel.web.forms import one_of, read_form

routes = web.RouteTableDef()
ID = r"/approvals/{id:\d{1,18}}"
URL = "/admin/approvals"
VIEWS: tuple[View, ...] = ("open", "mine", "decided")
Facts = list[tuple[str, str]]
_PAGES = {
    "order": "/admin/orders/", "case": "/admin/aftersales/", "member": "/admin/members/",
    "campaign": "/admin/push/",
}  # fmt: skip


def find(wanted: Wanted) -> Sequence[ProposalView]:
    """Proposals, newest first; the view selects open ones, the reader's own, or decided ones."""
    view: View = one_of(wanted.view, VIEWS, "open")
    return approvals.list_proposals(view, wanted.actor, wanted.cursor, wanted.limit)


def _counts(wanted: Wanted) -> dict[str, int]:
    return {"open": approvals.count_to_decide(wanted.actor, wanted.who.rights)}


def _decided_by(row: ProposalView) -> str:
    return who(row.decided_by) if row.decided_by else ""


LIST = ListSpec[ProposalView](
    query=find,
    key=lambda row: row.id,
    columns=(
        cols.text("事项", lambda row: PROPOSAL_KIND[row.kind], note=lambda row: row.proposed_at),
        cols.when("申请时间", lambda row: row.proposed_at, on_screen=False),
        cols.text("金额或人数", lambda row: proposal_summary(row)),
        cols.text("原因", lambda row: why(row.reason)),
        cols.text("申请人", lambda row: who(row.proposed_by)),
        cols.state("状态", PROPOSAL, lambda row: row.state, note=_decided_by),
        cols.text("决定人", _decided_by, on_screen=False),
        cols.act(lambda row: "处理" if row.is_open else "查看"),
    ),
    unit="项",
    note="涉及资金与归属的操作，由一人申请、另一人决定",
    href=lambda row: f"{URL}/{row.id}",
    views=(
        kit_view("open", "待审批"), kit_view("mine", "我申请的"), kit_view("decided", "已结束"),
    ),
    counts=_counts,
    tiles=lambda wanted: [Tile(*each) for each in _used(wanted.actor)],
    buttons=(Button("员工操作上限", "/admin/settings/ceilings", "staff.manage"),),
    empty=Empty("没有待审批的事项", "同事提交的退款、改绑和群发申请会出现在这里。"),
    has_file=True,
)  # fmt: skip


def _used(who: str) -> list[tuple[str, str, str, str, bool]]:
    """Today's manual refunds, rebindings and sends of this person and the shop, with ceilings."""
    limits, tiles = settings.get(settings.StaffCeilings), []
    units: tuple[tuple[approvals.Used, str, str], ...] = (
        ("refund", "今日退款", "笔"), ("rebinding", "今日改绑", "次"), ("send", "今日群发", "人"),
    )  # fmt: skip
    for kind, title, unit in units:
        mine, all_of_us = approvals.used_today(kind, who), approvals.used_today(kind, "shop")
        person, shop = approvals.ceilings_of(kind, limits)
        sum_text = f"，¥{yuan_grouped(mine.fen)}" if mine.fen else ""
        note = f"我的上限 {person.times} {unit}{sum_text} · 全店 {all_of_us.times} / {shop.times}"
        tiles.append((title, f"{mine.times} {unit}", note, "", False))
    return tiles


def _load(ask: Ask) -> dict[str, Any]:
    """A proposal: what it does, its reason, and who may decide it."""
    found = approvals.proposal_detail(ask.id)
    return {
        "can_decide": found.is_for(ask.actor, ask.who.rights) and ask.who.may("approvals.decide"),
        "is_mine": found.proposed_by == ask.actor,
        "href": page_of(found),
        "failure": failure_of(found),
        "proposal": found,
        "facts": _facts(found),
        "deciders": staff.holders_of(found.right, except_actor=found.proposed_by),
        "log": audit.timeline("proposal", found.id, limit=10),
    }


DETAIL = DetailSpec(ID, "approvals.see", "admin/approval.html", _load)


@routes.post(f"{ID}/decide")
@requires("approvals.decide", fresh=True)
async def decide(request: web.Request) -> web.StreamResponse:
    """Approve a proposal, which carries it out at once, or refuse it with a reason."""
    form, url = await read_form(request), f"{URL}/{id_of(request)}"
    is_yes = form.choice("decision", ("approve", "refuse")) == "approve"
    reason = form.text("reason", most=200, required=not is_yes)
    await refuse_bad(request, form, url)
    state = await try_step(
        request, url, approvals.decide_proposal, id_of(request), actor(request),
        is_approved=is_yes, reason=reason,
    )  # fmt: skip
    said = {"approved": "已通过并执行", "refused": "已拒绝"}
    await done(request, said.get(state, "未完成：情况已变化，没有执行，原因见下方"), url)


@routes.post(f"{ID}/withdraw")
@requires("approvals.see")
async def withdraw(request: web.Request) -> web.StreamResponse:
    """Withdraw one's own proposal."""
    await try_step(request, URL, approvals.withdraw_proposal, id_of(request), actor(request))
    await done(request, "已撤回", f"{URL}?view=mine")


async def redirect_with_outcome(
    request: web.Request, made: dict[str, Any], done_text: str, url: str
) -> NoReturn:
    """Say on the next page that the step was carried out, or that it waits for approval."""
    waits = "已提交审批，需另一位同事同意后执行"
    await done(request, done_text if made["proposal_id"] is None else waits, url)


async def code_from(request: web.Request, fen: int) -> web.StreamResponse | None:
    """The page that asks for the one-time code, or None if the refund needs none.

    A person who refunds without a second person's approval enters the code if the amount
    reaches the merchant's limit (``refund_code_from_fen``).
    """
    limits = await read(request, settings.get, settings.StaffCeilings)
    if not may_act(request) or fen < limits.refund_code_from_fen:
        return None
    return await code_first(request)


def proposal_summary(found: ProposalView) -> str:
    """A proposal's amount or number of recipients, for the list."""
    asked = found.payload
    if "total_fen" in asked:
        return f"¥{yuan_grouped(int(asked['total_fen']))}"
    return f"{asked['reached']} 人" if "reached" in asked else ""


def page_of(found: ProposalView) -> str:
    """The address of the page of the order, case, member or campaign that a proposal is about."""
    part, _, key = found.subject.partition(":")
    return _PAGES[part] + key


def failure_of(found: ProposalView) -> str:
    """Why an approved proposal was not carried out; '' if it did not fail."""
    if found.state != "failed" or not found.result:
        return ""
    return TEXTS.of(DomainError(found.result["code"], **found.result["facts"]))


def _facts(found: ProposalView) -> Facts:
    asked = found.payload
    makers = {"rebinding": _binding_facts, "send": _send_facts, "case": _case_facts}
    made = makers.get(found.kind, _refund_facts)(asked)
    return [("类型", PROPOSAL_KIND[found.kind]), *made]


def _refund_facts(asked: dict[str, Any]) -> Facts:
    order = orders.order_detail_for_merchant(asked["order_no"])
    titles = {line.id: f"{line.title} {line.spec_text}".strip() for line in order.lines}
    buyer = members.member_detail(order.member_id)
    goods = [
        (titles.get(line_id, "商品"), f"退 {n} 件" if n else "只退金额，不退货")
        for line_id, n in asked["items"]
    ]
    return [
        ("订单", asked["order_no"]), ("退给", f"{buyer.masked_name}（原路退回微信支付）"),
        *(goods or [("范围", "全部未退的商品")]), ("金额", f"¥{yuan_grouped(asked['total_fen'])}"),
        ("给买家的说明", asked.get("told") or "没有写"),
    ]  # fmt: skip


def _case_facts(asked: dict[str, Any]) -> Facts:
    return [
        ("售后单", asked["case_no"]), ("订单", asked["order_no"]),
        ("处理", PROPOSAL_DO[asked["do"]]), ("应退", f"¥{yuan_grouped(asked['total_fen'])}"),
    ]  # fmt: skip


def _binding_facts(asked: dict[str, Any]) -> Facts:
    customer = members.member_detail(asked["member_id"])
    return [
        ("客户", f"{customer.masked_name}（{customer.public_no}）"),
        ("现在的推荐人", _seller(asked["from_member_id"])),
        ("改为", _seller(asked["to_member_id"])),
    ]  # fmt: skip


def _send_facts(asked: dict[str, Any]) -> Facts:
    return [
        ("群发", asked["title"]), ("方式", CARRIER[asked["carrier"]]),
        ("收件人", f"{asked['reached']} 人"),
    ]  # fmt: skip


def _seller(member_id: int | None) -> str:
    if member_id is None:
        return "无"
    found = distribution.distributor(member_id)
    return f"会员 {member_id}" if found is None else found.display_name
