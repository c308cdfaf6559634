"""Requests of people about their own data: numbers, owners, clocks, answers; deletion's waits."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from domain import members, notices, rights
from domain.rights.rules import due_after
from kernel import clock
from kernel.errors import Conflict, Invalid, NotFound
from models import AuditEntry, OutboxRow, RightsRequest
from tests.factories.distribution import (
    make_customer,
    make_distributor,
    make_rule,
    pass_time,
    release_sale,
    sell,
)
from tests.factories.members import make_member
from tests.factories.orders import paid_order, placed_order, received_order


def _told() -> list[str]:
    kinds = ("notify.member", "notify.owner")
    rows = OutboxRow.select().where(OutboxRow.kind.in_(kinds)).order_by(OutboxRow.id)
    return [row.payload["purpose"] for row in rows]


def test_a_correction_is_claimed_and_answered_and_the_member_is_told(db: Any) -> None:
    yu = make_member("小雨")
    no = rights.open_request(yu, "correction", " 我的实名写错了 ")
    assert _told() == ["request_came"]
    with pytest.raises(Conflict):
        rights.open_request(yu, "correction", "再来一次")
    rights.claim_request(no, "staff:lisa")
    rights.answer_request(no, "done", "已经更正。", "staff:lisa")
    found = rights.request_detail(no, yu)
    assert (found.state, found.owner, found.answer) == ("done", "staff:lisa", "已经更正。")
    assert _told() == ["request_came", "request_answered"]
    facts = OutboxRow.select().order_by(OutboxRow.id.desc()).get().payload["facts"]
    told = notices.resolve_notice(notices.read_notice("request_answered", facts))
    assert told.facts["answer"] == "已经更正。"
    with pytest.raises(Conflict):
        rights.answer_request(no, "refused", "改主意", "staff:lisa")
    assert rights.open_request(yu, "correction", "还有一处")
    actions = [row.action for row in AuditEntry.select().order_by(AuditEntry.id)]
    assert actions == ["request.open", "request.claim", "request.answer", "request.open"]


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        ("correction", " \u200b ", "request_empty"),
        ("objection", "长" * 501, "text_too_long"),
        ("deletion", "删掉", "request_kind_unknown"),
        ("access", "给我", "request_kind_unknown"),
        ("nonsense", "啊", "request_kind_unknown"),
    ],
)
def test_a_request_without_words_or_of_another_kind_is_refused(
    db: Any, kind: str, text: str, code: str
) -> None:
    with pytest.raises(Invalid, match=code):
        rights.open_request(make_member("小雨"), kind, text)
    assert RightsRequest.select().count() == 0


def test_nobody_sees_or_takes_back_anothers_request(db: Any) -> None:
    no = rights.open_request(make_member("小雨"), "objection", "不要分析我")
    other = make_member("阿慧")
    for act in (rights.request_detail, rights.take_back, rights.file_of):
        with pytest.raises(NotFound):
            act(no, other)
    assert rights.request_detail(no).state == "open"


@pytest.mark.parametrize(
    ("today", "days", "until"),
    [
        (date(2026, 11, 30), 1, date(2026, 12, 2)),  # Monday: the end of Tuesday
        (date(2026, 12, 4), 1, date(2026, 12, 8)),  # Friday: the end of Monday
        (date(2026, 12, 5), 5, date(2026, 12, 12)),  # Saturday: the end of Friday
        (date(2026, 11, 30), 15, date(2026, 12, 22)),
    ],
)
def test_the_day_of_an_answer_counts_working_days(today: date, days: int, until: date) -> None:
    now = clock.day_start(today) + timedelta(hours=13)
    assert due_after(now, days) == clock.day_start(until) - timedelta(minutes=1)


def test_a_request_past_its_day_is_overdue(db: Any) -> None:
    no = rights.open_request(make_member("小雨"), "objection", "不要分析我")
    assert not rights.request_detail(no).is_overdue
    pass_time(days=22)
    assert rights.request_detail(no).is_overdue
    assert rights.request_counts() == {"open": 1, "overdue": 1}
    assert [each.request_no for each in rights.list_requests("overdue")] == [no]


def test_a_deletion_waits_and_can_be_taken_back(db: Any) -> None:
    yu = make_member("小雨")
    no = rights.request_deletion(yu, gives_up=False)
    days, found = members.rights_times().cooling_days, rights.open_deletion(yu)
    assert found is not None
    assert found.ends_at is not None
    assert found.ends_at.date() == (found.created_at + timedelta(days=days)).date()
    assert rights.announce_deletions() == 0
    rights.take_back(no, yu)
    assert rights.open_deletion(yu) is None
    pass_time(days=days + 1)
    assert rights.announce_deletions() == 0
    assert rights.due_deletions() == []
    with pytest.raises(Conflict):
        rights.take_back(no, yu)


def test_the_last_notice_goes_out_before_the_deletion_is_due(db: Any) -> None:
    yu = make_member("小雨")
    no = rights.request_deletion(yu, gives_up=False)
    pass_time(days=members.rights_times().cooling_days, minutes=1)
    assert rights.announce_deletions() == 1
    assert _told() == ["deletion_begins"]
    assert rights.announce_deletions() == 0  # told once
    assert rights.due_deletions() == []
    pass_time(minutes=10)
    assert rights.due_deletions() == [(no, yu)]


def test_open_orders_and_money_stand_against_a_deletion(db: Any, wired: None) -> None:
    buyer = make_member("小雨")
    placed_order(buyer)
    with pytest.raises(Conflict, match="deletion_stopped") as stopped:
        rights.request_deletion(buyer, gives_up=True)
    assert stopped.value.facts["stop"] == "order_open"
    paid = make_member("小林")
    paid_order(paid)
    assert [each.code for each in rights.leaving(paid).obstacles] == ["order_open"]
    had = make_member("阿强")
    received_order(had)
    assert rights.leaving(had).obstacles == ()
    assert rights.leaving(had).returnable == 1


def test_commission_stands_against_a_deletion_unless_it_is_given_up(db: Any) -> None:
    make_rule(1000)
    hui = make_distributor("阿慧")
    sold = sell(make_customer(hui))
    found = rights.leaving(hui)
    assert (found.available_fen, found.pending_fen) == (0, 2980)
    release_sale(sold)
    sell(make_customer(hui, "小丁"))
    found = rights.leaving(hui)
    assert (found.available_fen, found.pending_fen) == (2980, 2980)
    with pytest.raises(Conflict) as stopped:
        rights.request_deletion(hui, gives_up=False)
    assert stopped.value.facts["stop"] == "money_left"
    assert rights.request_deletion(hui, gives_up=True)


def test_what_comes_up_while_cooling_stops_the_deletion_and_is_told_once(db: Any) -> None:
    yu = make_member("小雨")
    no = rights.request_deletion(yu, gives_up=False)
    placed_order(yu)
    pass_time(days=members.rights_times().cooling_days, minutes=1)
    assert rights.announce_deletions() == 0
    assert rights.request_detail(no).stopped_by == ("order_open",)
    assert _told().count("deletion_stopped") == 1
    pass_time(days=1, minutes=1)
    assert rights.announce_deletions() == 0
    assert _told().count("deletion_stopped") == 1
    assert rights.request_detail(no).state == "cooling"


def test_one_file_is_made_at_a_time(db: Any) -> None:
    yu = make_member("小雨")
    no = rights.request_file(yu)
    assert rights.request_file(yu) == no
    made = [row.payload for row in OutboxRow.select().where(OutboxRow.kind == "rights.file")]
    assert made == [{"request_no": no}]
    assert rights.record_file(no, "f" * 32, 2048)
    assert not rights.record_file(no, "e" * 32, 1)
    assert rights.file_of(no, yu) == "f" * 32
    assert rights.request_file(yu) != no
    pass_time(days=members.rights_times().file_days, minutes=1)
    with pytest.raises(NotFound):
        rights.file_of(no, yu)
    assert rights.forget_files() == ["f" * 32]
    assert rights.forget_files() == []
