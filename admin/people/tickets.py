"""客服与投诉: tickets, each with a number, an owner and a time limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from admin.kit import columns as cols
from admin.kit.details import DetailSpec
from admin.kit.lists import Empty, ListSpec
from admin.kit.steps import Ask, Step, nothing
from admin.kit.wanted import Filter, View, Wanted
from admin.originals import OriginalSpec
from admin.words import TICKET_TYPE, who
from domain import orders, service_desk
from domain.service_desk import TicketView
from kernel.errors import NotFound
from kernel.text import number_of, shortened
from kernel.web.forms import Form

NO = r"/tickets/{no:[0-9A-Za-z]{4,40}}"


def find(wanted: Wanted) -> Sequence[TicketView]:
    """Tickets of a view, newest first; a typed number is searched in all views."""
    number = number_of(wanted.text("q"))
    state = None if number else wanted.view
    return service_desk.list_tickets(state, wanted.cursor, wanted.limit, number=number)


def _counts(_: Wanted) -> dict[str, int]:
    return {k: n for k, n in service_desk.ticket_counts().items() if k in ("open", "answered")}


def _note(_: Wanted) -> str:
    late = service_desk.ticket_counts()["overdue"]
    return "咨询 24 小时、投诉 72 小时内答复" + (f"；已有 {late} 张超时" if late else "")


def _late(row: TicketView) -> Sequence[cols.Badge]:
    return [("已超时", "brand")] if row.is_overdue else []


LIST = ListSpec[TicketView](
    query=find,
    key=lambda row: row.id,
    columns=(
        cols.code("工单", lambda row: row.ticket_no, note=lambda row: row.created_at),
        cols.text("会员", lambda row: row.name),
        cols.state("类型", TICKET_TYPE, lambda row: row.kind),
        cols.text(
            "内容",
            lambda row: shortened(row.text, 60, 60),
            in_file=False,
            note=lambda row: row.order_no and f"订单 {row.order_no}",
        ),
        cols.text("订单", lambda row: row.order_no, on_screen=False),
        cols.text("内容", lambda row: row.text, on_screen=False),
        cols.text("负责人", lambda row: who(row.owner) if row.owner else ""),
        cols.when("时限", lambda row: row.due_at, badges=_late),
        cols.when("提交", lambda row: row.created_at, on_screen=False),
        cols.act(lambda row: "处理"),
    ),
    unit="张",
    note=_note,
    href=lambda row: f"/admin/tickets/{row.ticket_no}",
    views=(View("open", "待答复"), View("answered", "已答复"), View("closed", "已结束")),
    counts=_counts,
    filters=(Filter("q", "工单号或订单号（完整）", is_wide=True),),
    empty=Empty("没有工单", "会员发来的问题会出现在这里。"),
    has_file=True,
)


def _load(ask: Ask) -> dict[str, Any]:
    """A ticket, and whether the order that it names belongs to the member who wrote it."""
    found = service_desk.ticket_detail(ask.places["no"])
    is_own = bool(found.order_no) and _is_own(found.order_no, found.member_id)
    return {"ticket": found, "is_own": is_own}


DETAIL = DetailSpec(NO, "tickets.see", "admin/people/ticket.html", _load)


def original(ask: Ask) -> str:
    """What the member wrote, with phones; each look is on record."""
    return service_desk.reveal_ticket(ask.places["no"])


ORIGINAL = OriginalSpec(DETAIL, "orders.personal", original)


def _is_own(order_no: str, member_id: int) -> bool:
    """True if the order belongs to the member."""
    try:
        orders.order_detail_for_buyer(order_no, member_id)
    except NotFound:
        return False
    return True


def take(ask: Ask, _: None) -> str:
    """Become the owner of a ticket."""
    service_desk.claim_ticket(ask.places["no"], ask.actor)
    return "已认领"


def answer(ask: Ask, text: str) -> str:
    """Answer a ticket; the member is notified."""
    service_desk.answer_ticket(ask.places["no"], text, ask.actor)
    return "已答复，会员会收到提醒"


def close(ask: Ask, _: None) -> str:
    """Close an answered ticket."""
    service_desk.close_ticket(ask.places["no"], ask.actor)
    return "工单已结束"


def _answer(form: Form) -> str:
    return form.prose("answer", most=1000)


ONE = "/admin/tickets/{no}"
STEPS = (
    Step(f"{NO}/take", "tickets.answer", take, ONE, nothing),
    Step(f"{NO}/answer", "tickets.answer", answer, ONE, _answer),
    Step(f"{NO}/close", "tickets.answer", close, ONE, nothing),
)
