"""The service desk: numbers, owners, time limits, and the member's word at the end."""

from __future__ import annotations

from typing import Any

import pytest

from domain import notices, service_desk
from kernel.errors import Conflict, Invalid, LimitReached, NotFound
from models import AuditEntry, OutboxRow, ServiceTicket
from tests.factories.distribution import pass_time
from tests.factories.members import make_member


def test_a_question_is_answered_and_closed(db: Any) -> None:
    wang = make_member("小王")
    number = service_desk.open_ticket(wang, " 什么时候  发货？ ")
    service_desk.claim_ticket(number, "staff:1")
    service_desk.answer_ticket(number, "今天下午发货。", "staff:1")
    view = service_desk.ticket_detail(number, wang)
    assert (view.text, view.state, view.owner, view.answer) == (
        "什么时候 发货？",
        "answered",
        "staff:1",
        "今天下午发货。",
    )
    told = [r.payload for r in OutboxRow.select()]
    assert [(t["purpose"], t["facts"]) for t in told] == [
        ("ticket_answered", {"ticket_no": number}),
    ]
    notice = notices.resolve_notice(notices.read_notice("ticket_answered", told[0]["facts"]))
    assert notice.facts == {"ticket_no": number, "answer": "今天下午发货。"}
    service_desk.reopen_ticket(number, wang, "还没有发货")
    assert service_desk.ticket_detail(number).state == "open"
    service_desk.answer_ticket(number, "已发出。", "staff:2")
    service_desk.close_ticket(number, f"member:{wang}", wang)
    assert service_desk.ticket_detail(number).state == "closed"
    with pytest.raises(Conflict):
        service_desk.answer_ticket(number, "再答", "staff:1")
    actions = [a.action for a in AuditEntry.select().order_by(AuditEntry.id)]
    assert actions == ["ticket.take", "ticket.answer", "ticket.answer", "ticket.close"]


def test_a_complaint_tells_the_owner_and_has_its_own_limit(db: Any) -> None:
    wang = make_member("小王")
    number = service_desk.open_ticket(wang, "酒瓶破损", "complaint")
    assert [r.payload["purpose"] for r in OutboxRow.select()] == ["complaint_opened"]
    assert service_desk.ticket_counts() == {"open": 1, "answered": 0, "closed": 0, "overdue": 0}
    pass_time(hours=73)
    assert service_desk.ticket_detail(number).is_overdue
    assert service_desk.ticket_counts()["overdue"] == 1


def test_nobody_sees_or_closes_anothers(db: Any) -> None:
    number = service_desk.open_ticket(make_member("小王"), "问题")
    other = make_member("阿慧")
    with pytest.raises(NotFound):
        service_desk.ticket_detail(number, other)
    with pytest.raises(NotFound):
        service_desk.close_ticket(number, "x", other)
    assert ServiceTicket.get().state == "open"
    with pytest.raises(Conflict):
        service_desk.close_ticket(number, "staff:1")


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        (" ", "question", "ticket_empty"),
        ("x" * 1001, "question", "text_too_long"),
        ("x", "wish", "ticket_kind_unknown"),
    ],
)
def test_a_bad_ticket_is_refused(db: Any, text: str, kind: str, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        service_desk.open_ticket(make_member(), text, kind)
    assert ServiceTicket.select().count() == 0


def test_five_open_ones_are_enough(db: Any) -> None:
    wang = make_member()
    for n in range(5):
        service_desk.open_ticket(wang, f"问题{n}")
    with pytest.raises(LimitReached, match="tickets_open"):
        service_desk.open_ticket(wang, "第六个")
    assert [t.text for t in service_desk.list_tickets_of_member(wang, limit=2)] == [
        "问题4",
        "问题3",
    ]
    assert len(service_desk.list_tickets()) == 5
