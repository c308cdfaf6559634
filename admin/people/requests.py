"""个人信息请求: access, correction, deletion, objection, each with owner, clock and outcome."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from admin.kit import columns as cols
from admin.kit.details import DetailSpec
from admin.kit.lists import Empty, ListSpec
from admin.kit.steps import Ask, Step, nothing
from admin.kit.wanted import Filter, View, Wanted
from admin.originals import OriginalSpec
from admin.people import clearing
from admin.words import KEPT_GROUND, KEPT_SUBJECT, REQUEST, REQUEST_KIND, who
from domain import legal, members, rights
from domain.members import KeptText
from domain.rights import Outcome, RequestView
from kernel.clock import business_day
from kernel.text import number_of, shortened
from kernel.web.forms import Form

NO = r"/requests/{no:[0-9A-Za-z]{4,40}}"
ONE = "/admin/requests/{no}"


def find(wanted: Wanted) -> Sequence[RequestView]:
    """Requests of a view, newest first; a typed number is searched in all views."""
    return rights.list_requests(
        wanted.view, wanted.cursor, wanted.limit, kind=wanted.choice("kind") or "",
        number=number_of(wanted.text("q")),
    )  # fmt: skip


def _note(_: Wanted) -> str:
    late = rights.request_counts()["overdue"]
    days = legal.times().request_days
    return f"收到后 {days} 个工作日内答复" + (f"；已有 {late} 个超时" if late else "")


def _late(row: RequestView) -> Sequence[cols.Badge]:
    return [("已超时", "bad")] if row.is_overdue else []


LIST = ListSpec[RequestView](
    query=find,
    key=lambda row: row.id,
    columns=(
        cols.code("请求", lambda row: row.request_no, note=lambda row: row.created_at),
        cols.text("会员", lambda row: row.name),
        cols.state("种类", REQUEST_KIND, lambda row: row.kind),
        cols.state("状态", REQUEST, lambda row: row.state),
        cols.text("要求", lambda row: shortened(row.text, 60, 60), in_file=False),
        cols.text("负责人", lambda row: who(row.owner) if row.owner else ""),
        cols.when("时限", lambda row: row.due_at, badges=_late),
        cols.when("办结", lambda row: row.closed_at),
        cols.act(lambda row: "处理"),
    ),
    unit="个",
    note=_note,
    href=lambda row: f"/admin/requests/{row.request_no}",
    views=(
        View("open", "待处理"), View("overdue", "已超时"), View("done", "已办结"),
        View("refused", "未通过"), View("withdrawn", "已撤回"),
    ),
    counts=lambda _: rights.request_counts(),
    filters=(
        Filter("q", "请求编号（完整）", is_wide=True),
        Filter("kind", "种类", "choice",
               options=(("", "全部种类"), *((k, REQUEST_KIND[k].name) for k in rights.KINDS))),
    ),
    empty=Empty("没有请求", "会员在“我的 - 隐私与授权”或聊天里提出的要求会出现在这里。"),
    has_file=True,
)  # fmt: skip


def _load(ask: Ask) -> dict[str, Any]:
    """A request, and what stands against a deletion now."""
    found = rights.request_detail(ask.places["no"])
    is_waiting = found.kind == "deletion" and found.state == "cooling"
    return {
        "each": found,
        "is_written": found.kind in rights.WRITTEN,
        "clearing": rights.clearing(found.request_no) if is_waiting else None,
        "pages": clearing.PAGES,
    }


DETAIL = DetailSpec(NO, "tickets.see", "admin/people/request.html", _load)


def original(ask: Ask) -> str:
    """What the member wrote; of a deletion that was carried out, what law keeps of them."""
    found = rights.request_detail(ask.places["no"])
    if found.kind != "deletion":
        return rights.reveal_request(found.request_no)
    kept = members.reveal_kept(found.member_id, ask.actor)
    return "\n".join(map(_kept, kept)) or "没有封存的内容"


def _kept(each: KeptText) -> str:
    """A sealed copy in one line, with the ground and the day of its end."""
    said = " ".join(str(value) for value in json.loads(each.text).values())
    until = f"{KEPT_GROUND[each.ground]}，封存到 {business_day(each.until_at)}"
    return f"{KEPT_SUBJECT[each.subject]} {each.subject_id}：{said}（{until}）"


ORIGINAL = OriginalSpec(DETAIL, "orders.personal", original)


def take(ask: Ask, _: None) -> str:
    """Become the owner of a request."""
    rights.claim_request(ask.places["no"], ask.actor)
    return "已认领"


def answer(ask: Ask, said: tuple[Outcome, str]) -> str:
    """Answer a request; the member is notified."""
    rights.answer_request(ask.places["no"], said[0], said[1], ask.actor)
    return "已答复，会员会收到提醒"


def _answer(form: Form) -> tuple[Outcome, str]:
    outcomes: tuple[Outcome, ...] = ("done", "refused")
    chosen = form.choice("outcome", outcomes)
    return ("done" if chosen == "done" else "refused"), form.prose("answer", most=500)


STEPS = (
    Step(f"{NO}/take", "tickets.answer", take, ONE, nothing),
    Step(f"{NO}/answer", "tickets.answer", answer, ONE, _answer),
)
