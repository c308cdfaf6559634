"""Service tickets: numbers, owners, time limits, answers and closing."""

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


def test_a_member_cannot_see_or_close_another_s_ticket(db: Any) -> None:
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


def test_a_member_has_at_most_five_open_tickets(db: Any) -> None:
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


def test_the_same_text_within_a_day_is_the_same_ticket(db: Any) -> None:
    wang, hui = make_member("小王"), make_member("阿慧")
    first = service_desk.open_ticket_once(wang, "你们骗人", "complaint")
    assert service_desk.open_ticket_once(wang, " 你们骗人 ", "complaint") == first
    assert service_desk.open_ticket_once(wang, "你们骗人！", "complaint") != first
    assert service_desk.open_ticket_once(wang, "你们骗人") != first
    assert service_desk.open_ticket_once(hui, "你们骗人", "complaint") != first
    service_desk.answer_ticket(first, "已核实。", "staff:1")
    assert service_desk.open_ticket_once(wang, "你们骗人", "complaint") == first
    service_desk.close_ticket(first, f"member:{wang}", wang)
    second = service_desk.open_ticket_once(wang, "你们骗人", "complaint")
    assert second != first
    pass_time(hours=25)
    assert service_desk.open_ticket_once(wang, "你们骗人", "complaint") != second


def test_a_topic_has_one_ticket_for_each_order_whatever_the_text(db: Any) -> None:
    wang = make_member("小王")
    first = service_desk.open_ticket_once(wang, "快点发", order_no="ORD1", topic="催发货")
    assert service_desk.ticket_detail(first).text == "催发货：快点发"
    assert service_desk.open_ticket_once(wang, "还没发", order_no="ORD1", topic="催发货") == first
    assert service_desk.open_ticket_once(wang, "还没发", order_no="ORD2", topic="催发货") != first
    assert service_desk.open_ticket_once(wang, "快点发", order_no="ORD1") != first


def test_a_repeated_complaint_is_recognised_at_the_limit_of_open_tickets(db: Any) -> None:
    wang = make_member("小王")
    numbers = [service_desk.open_ticket(wang, f"第{n}条") for n in range(service_desk.MOST_OPEN)]
    assert service_desk.open_ticket_once(wang, "第0条") == numbers[0]
    with pytest.raises(LimitReached):
        service_desk.open_ticket_once(wang, "另一条")


@pytest.mark.parametrize(
    "text", ["喝了住院", "我爸喝了你们的酒中毒了", "你们卖假酒", "喝完看不见东西，在急診"]
)
def test_health_gets_a_number_beside_many_open_ones_until_it_floods(db: Any, text: str) -> None:
    wang = make_member()
    for n in range(service_desk.MOST_OPEN):
        service_desk.open_ticket(wang, f"问题{n}")
    assert service_desk.open_ticket_once(wang, text, "complaint").startswith("TK")
    for n in range(service_desk.MOST_OPEN_OF_HEALTH - service_desk.MOST_OPEN - 1):
        service_desk.open_ticket(wang, f"{text}{n}", "complaint")
    with pytest.raises(LimitReached, match="tickets_open"):
        service_desk.open_ticket(wang, f"再说一次：{text}", "complaint")
