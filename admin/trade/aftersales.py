"""售后与退款: decide cases, receive returns, send replacements; handle abnormal refunds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from aiohttp import web

from admin import confirming
from admin.approvals import code_from, redirect_with_outcome
from admin.as_shown import text_of
from admin.fault_words import call_fault
from admin.guard import may_act, requires
from admin.kit import columns as cols
from admin.kit.details import DetailSpec
from admin.kit.lists import Empty, ListSpec
from admin.kit.steps import Ask, Step, nothing, reason
from admin.kit.wanted import Filter, View, Wanted
from admin.originals import OriginalSpec
from admin.web import (
    id_of,
    people_of,
    read,
    refuse_bad,
    try_step,
)
from admin.words import CASE, CASE_KIND, CASE_REASON, REFUND, REFUND_CAUSE, who
from domain import aftersales, approvals, catalog, members, orders, payments, settings
from domain.aftersales import Answer, CaseView
from domain.payments import RefundView
from kernel.finding import Sought
from kernel.money import yuan_grouped
from kernel.web.forms import Form, read_form

routes = web.RouteTableDef()
ID = r"/aftersales/{id:\d{1,18}}"
STATES = (
    "requested", "approved", "returning", "unconfirmed", "received_back", "refunding", "abnormal",
)  # fmt: skip
FOUND_MOST = 100
"""Rows that may have one number; no order has so many cases."""
REFUND_STATES = ("created", "processing", "abnormal", "succeeded", "settled_by_hand")


class CaseRow(NamedTuple):
    """A case and the pictures of its goods."""

    case: CaseView
    pictures: Mapping[Any, Any]


def find(wanted: Wanted) -> Sequence[CaseRow]:
    """Cases, newest first: open ones, all, or those with the number that was typed."""
    typed = wanted.text("q")
    ids = aftersales.ids_of_cases(Sought.of(typed), FOUND_MOST) if typed else None
    found = aftersales.list_cases(
        state=wanted.view if wanted.view in STATES else None,
        is_open=True if wanted.view == "open" and ids is None else None,
        ids=ids,
        sort=wanted.sort,
        limit=wanted.limit,
    )
    pictures = catalog.pictures_of_lines(found)
    return [CaseRow(case, pictures) for case in found]


LIST = ListSpec[CaseRow](
    query=find,
    key=lambda row: row.case.id,
    columns=(
        cols.code("售后单", lambda row: row.case.case_no, note=lambda row: row.case.created_at),
        cols.when("申请时间", lambda row: row.case.created_at, on_screen=False),
        cols.code("订单", lambda row: row.case.order_no,
                  href=lambda row: f"/admin/orders/{row.case.order_no}"),
        cols.text("类型与原因", lambda row: CASE_KIND[row.case.kind],
                  note=lambda row: CASE_REASON.get(row.case.reason, row.case.reason)),
        cols.text("原因", lambda row: CASE_REASON.get(row.case.reason, row.case.reason),
                  on_screen=False),
        cols.part("商品", "admin/trade/_case_goods.html", lambda row: "；".join(
            f"{line.title} × {line.quantity}" for line in row.case.lines)),
        cols.money("金额", lambda row: row.case.total_fen),
        cols.state("状态", CASE, lambda row: row.case.state),
        cols.when("截止", lambda row: row.case.due_at, sort="due"),
        cols.act(lambda row: "处理" if row.case.is_open else "查看"),
    ),
    unit="单",
    note="逾期未答复的申请会自动同意；未确认收到的退货不会自动退款",
    href=lambda row: f"/admin/aftersales/{row.case.id}",
    views=(
        View("open", "未结束"), *(View(each, CASE[each][0]) for each in STATES),
        View("all", "全部"),
    ),
    counts=lambda _: aftersales.case_counts(),
    filters=(Filter("q", "售后单、订单或快递单号（完整）", is_wide=True),),
    empty=Empty("没有售后", "这里暂时没有需要处理的售后。"),
    has_file=True,
)  # fmt: skip


def _load(ask: Ask) -> dict[str, Any]:
    """A case: the request, its amount, its log, and the steps that may be taken now."""
    case = aftersales.case_detail_for_merchant(ask.id)
    return {
        "companies": orders.COMPANIES,
        "case": case,
        "buyer": members.member_detail(case.member_id),
        "refunds": payments.refunds_of_case(case.id),
        "proposals": approvals.list_proposals_about(
            [f"case:{case.id}", f"order:{case.order_no}"], 3
        ),
        "return_to": settings.get(settings.Returns).line,
        "people": people_of(step.actor for step in case.log),
        "pics": catalog.pictures_of_lines([case]),
    }


DETAIL = DetailSpec(ID, "orders.see", "admin/trade/aftersale.html", _load, {"shown": "case"})


def original(ask: Ask) -> str:
    """What the buyer wrote, with phones; each look is on record."""
    return aftersales.reveal_case_note(ask.id)


ORIGINAL = OriginalSpec(DETAIL, "orders.personal", original)


@routes.post(f"{ID}/approve")
@requires("refunds.propose", acts="orders.refund")
async def approve(request: web.Request) -> web.StreamResponse:
    """Approve a case: the refund begins, or the buyer has to send the goods back."""
    form = await read_form(request)
    note = form.prose("note", most=200, required=False)
    return await _answer(request, form, "approve", note)


@routes.post(f"{ID}/received")
@requires("refunds.propose", acts="orders.refund")
async def received(request: web.Request) -> web.StreamResponse:
    """Record that the goods came back; ``restock`` if they are fit for sale."""
    form = await read_form(request)
    return await _answer(request, form, "received", restock=form.flag("restock"))


@routes.post(f"{ID}/instead")
@requires("refunds.propose", acts="orders.refund")
async def instead(request: web.Request) -> web.StreamResponse:
    """Refund a case instead of exchanging the goods."""
    form = await read_form(request)
    why = form.text("reason", most=200, required=False)
    return await _answer(request, form, "instead", why)


TOLD: dict[Answer, str] = {
    "approve": "已同意", "received": "已收到退货", "instead": "已改为退款",
}  # fmt: skip


async def _answer(
    request: web.Request, form: Form, do: Answer, note: str = "", *, restock: bool = False
) -> web.StreamResponse:
    """Run a step that may refund; the sum has to be confirmed first.

    The step becomes a proposal if the person may only propose, or would exceed a ceiling.
    """
    url, seen_fen = _url(request), confirming.confirmed_fen(form)
    await refuse_bad(request, form, url)
    case = await read(request, aftersales.case_detail_for_merchant, id_of(request))
    pays = _pays(case, do)
    if seen_fen is None and pays and case.total_fen:
        return await _confirm_refund(request, form, case)
    asked = await code_from(request, case.total_fen) if pays else None
    if asked is not None:
        return asked
    made = await try_step(
        request, url, aftersales.answer_case, case.id, do, note, seen_fen,
        restock=restock, may_act=may_act(request),
    )  # fmt: skip
    money = f"，退款 ¥{yuan_grouped(made['fen'])} 已发起" if made["fen"] else ""
    wait = "，等待买家寄回" if do == "approve" and not pays else ""
    return await redirect_with_outcome(request, made, f"{TOLD[do]}{money}{wait}", url)


def _pays(case: Any, do: Answer) -> bool:
    """True if this answer refunds at once."""
    if do == "approve":
        return bool(case.kind == "refund_only")
    return do == "instead" or bool(case.kind != "exchange")


async def _confirm_refund(request: web.Request, form: Form, case: Any) -> web.StreamResponse:
    buyer = await read(request, members.member_detail, case.member_id)
    total = f"¥{yuan_grouped(case.total_fen)}"
    facts = [("退给", f"{buyer.masked_name}（原路退回微信支付）"), ("订单", case.order_no),
             ("售后", case.case_no)]  # fmt: skip
    button = f"{'确认' if may_act(request) else '申请'}退款 {total}"
    look = confirming.ConfirmPage("核对退款", f"将退款 {total}", facts, button, _url(request))
    return await confirming.confirm_page(request, form, case.total_fen, look)


@dataclass(frozen=True)
class RefundRow:
    """A refund, and the shown facts that its steps carry."""

    view: RefundView
    shown: str

    @property
    def is_abnormal(self) -> bool:
        """True if WeChat could not make the refund, so that a person has to act."""
        return self.view.state == "abnormal"


def find_refunds(wanted: Wanted) -> Sequence[RefundRow]:
    """Refunds of a view, newest first, or those with the number that was typed."""
    typed = wanted.text("q")
    found = payments.list_refunds(
        ids=payments.ids_of_refunds(Sought.of(typed), FOUND_MOST) if typed else None,
        state=wanted.view if wanted.view in REFUND_STATES else None,
        is_automatic=True if wanted.view == "auto" else None,
        before_id=wanted.cursor,
        limit=wanted.limit,
    )
    return [
        RefundRow(row, text_of("refund", row.id) if row.state == "abnormal" else "")
        for row in found
    ]


def _refund_note(row: RefundRow) -> str:
    view = row.view
    parts = [view.reason, f"凭证 {view.proof}" if view.proof else ""]
    if view.hand_by and row.is_abnormal:
        parts.append(f"由 {who(view.hand_by)} 登记，待第二人确认")
    return " · ".join(part for part in parts if part)


def _refund_fault(row: RefundRow) -> str:
    view = row.view
    if view.fault is not None:
        asking = "，正在查询，不会重复退款" if view.is_unanswered else ""
        return call_fault(view.fault) + asking
    if view.state == "succeeded" and not view.is_noticed:
        return "微信通知未到，由查询得知"
    return ""


def _refund_order(row: RefundRow) -> str:
    return payments.page_of_payable(row.view.payable)


REFUNDS = ListSpec[RefundRow](
    query=find_refunds,
    key=lambda row: row.view.id,
    columns=(
        cols.code("退款单", lambda row: row.view.out_refund_no,
                  note=lambda row: row.view.created_at),
        cols.when("发起", lambda row: row.view.created_at, on_screen=False),
        cols.code("订单", lambda row: row.view.payable.no, href=_refund_order),
        cols.text("事由", lambda row: REFUND_CAUSE.get(row.view.cause, row.view.cause),
                  note=_refund_note),
        cols.text("说明", _refund_note, on_screen=False),
        cols.money("金额", lambda row: row.view.amount_fen),
        cols.state("状态", REFUND, lambda row: row.view.state, note=_refund_fault),
        cols.when("到账", lambda row: row.view.succeeded_at, on_screen=False),
        cols.part("", "admin/trade/_refund_steps.html", lambda row: "", in_file=False),
    ),
    unit="笔",
    note="结果以微信支付为准，系统会自动查询",
    views=(
        View("all", "全部"), View("abnormal", "异常"), View("processing", "退款中"),
        View("succeeded", "已退款"), View("auto", "自动退回"),
    ),
    filters=(Filter("q", "退款、付款、订单或微信单号（完整）", is_wide=True),),
    empty=Empty("没有退款"),
    template="admin/trade/refunds.html",
    more=lambda _, __: {"odd": payments.list_unmatched_notices(limit=10)},
    has_file=True,
)  # fmt: skip


class Parcel(NamedTuple):
    """A parcel's carrier and tracking number."""

    company: str
    tracking_no: str


def _parcel(form: Form) -> Parcel:
    return Parcel(form.text("company", most=24), form.text("tracking_no", most=40))


def _proof(form: Form) -> str:
    return form.text("proof", most=200)


def reject(ask: Ask, why: str) -> str:
    """Reject a case, with a reason that the buyer reads."""
    aftersales.reject_case(ask.id, why)
    return "已驳回，买家可再次申请或投诉"


def replace(ask: Ask, parcel: Parcel) -> str:
    """Record that the replacement was sent."""
    aftersales.send_replacement(ask.id, parcel.company, parcel.tracking_no)
    return "换货已发出"


def retry(ask: Ask, _: None) -> str:
    """Send an abnormal refund again, under its number."""
    payments.retry_refund(ask.id)
    return "已重新提交退款，金额不变"


def settle(ask: Ask, proof: str) -> str:
    """Record that the money was returned outside WeChat, with a proof."""
    is_done = payments.settle_refund_by_hand(ask.id, proof)
    return "已登记线下退款" if is_done else "已登记凭证，需另一位同事核对后确认"


ONE, ABNORMAL = "/admin/aftersales/{id}", "/admin/refunds?view=abnormal"
STEPS = (
    Step(f"{ID}/reject", "refunds.propose", reject, ONE, reason, word="驳回", shows="case"),
    Step(f"{ID}/replace", "orders.ship", replace, ONE, _parcel),
)
REFUND_STEPS = (
    Step(r"/refunds/{id:\d{1,18}}/retry", "orders.refund", retry, ABNORMAL, nothing,
         shows="refund"),
    Step(r"/refunds/{id:\d{1,18}}/settle", "orders.refund", settle, ABNORMAL, _proof,
         word="已退", fresh=True, shows="refund"),
)  # fmt: skip


def _url(request: web.Request) -> str:
    return f"/admin/aftersales/{id_of(request)}"
