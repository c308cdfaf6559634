"""Bindings of customers: policies, stored touches, recorded refusals, no cycles."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain import distribution, settings
from domain.distribution.service.binding import chain_of, is_above
from kernel import clock
from kernel.errors import Conflict, Forbidden, Invalid, NotFound
from models import (
    Binding,
    BindingLog,
    Distributor,
    OutboxRow,
    ReferralTree,
    Scene,
    Touch,
    VisitDay,
)
from tests.factories.distribution import (
    make_customer,
    make_distributor,
    pass_time,
    place_sale,
    sell,
)
from tests.factories.members import make_member


def _policy(**values: Any) -> None:
    settings.change(settings.BindingPolicy, values)


def _code(member_id: int) -> str:
    return str(Distributor.get(Distributor.member == member_id).referral_code)


def _told(purpose: str) -> list[dict[str, Any]]:
    return [r.payload for r in OutboxRow.select() if r.payload["purpose"] == purpose]


def test_an_application_is_free_and_approved_at_once_unless_reviews_are_on(db: Any) -> None:
    lin, wang = make_member("小林"), make_member("小王")
    assert distribution.apply_as_distributor(lin, "小林推荐", "individual", "v1") == "active"
    settings.change(settings.Distribution, {"admission": "reviewed"})
    assert distribution.apply_as_distributor(wang, "小王推荐", "company", "v1") == "applied"
    with pytest.raises(Conflict):
        distribution.apply_as_distributor(wang, "小王推荐", "company", "v1")
    with pytest.raises(Invalid, match="reason_missing"):
        distribution.review_application(wang, False, "staff:1")
    distribution.review_application(wang, False, "staff:1", "资料不全")
    view = distribution.distributor(wang)
    assert view is not None
    assert (view.state, view.reason, view.can_earn) == ("rejected", "资料不全", False)
    assert distribution.apply_as_distributor(wang, "小王推荐", "company", "v1") == "applied"
    distribution.review_application(wang, True, "staff:1")
    assert [t["member_id"] for t in _told("distributor_approved")] == [wang]
    settings.change(settings.Distribution, {"admission": "appointed"})
    with pytest.raises(Forbidden):
        distribution.apply_as_distributor(make_member(), "阿慧", "individual", "v1")


def test_somebody_who_is_not_a_member_is_not_appointed(db: Any) -> None:
    """The database refused the row before, and the merchant saw an error page."""
    missing = make_member("小林") + 1
    with pytest.raises(NotFound, match="member_missing"):
        distribution.appoint_distributor(missing, "小林推荐", "individual", "staff:1")
    assert Distributor.select().count() == 0


@pytest.mark.parametrize(
    ("name", "payee", "terms", "code"),
    [
        ("一", "individual", "v1", "display_name_length"),
        ("小林推荐", "friend", "v1", "payee_type_unknown"),
        ("小林推荐", "individual", "", "terms_not_accepted"),
    ],
)
def test_an_invalid_application_stores_nothing(
    db: Any, name: str, payee: str, terms: str, code: str
) -> None:
    with pytest.raises(Invalid, match=code):
        distribution.apply_as_distributor(make_member(), name, payee, terms)
    assert Distributor.select().count() == 0


def test_a_touch_before_sign_in_binds_at_sign_in(db: Any) -> None:
    lin, wang = make_distributor(), make_member("小王")
    first = distribution.record_touch("v-1", _code(lin), "link")
    assert VisitDay.select().count() == 0
    assert distribution.count_visit("v-1", _code(lin), clock.now())
    again = distribution.record_touch("v-1", _code(lin).lower(), "poster")
    assert distribution.count_visit("v-1", _code(lin).lower(), clock.now())
    assert (first.referrer_id, first.is_first, again.is_first) == (lin, True, False)
    assert Binding.select().count() == 0
    result = distribution.apply_touches(wang, "v-1", is_new=True)
    assert result is not None
    assert (result.upline_id, result.is_bound) == (lin, True)
    assert distribution.upline_of(wang) == lin
    day = VisitDay.get()
    assert (day.visits, day.visitors) == (2, 1)
    assert Touch.get().member_id == wang
    assert [t["member_id"] for t in _told("first_visit")] == [lin]
    assert [t["facts"]["customer_id"] for t in _told("new_customer")] == [wang]


def test_an_unknown_code_or_one_s_own_link_stores_no_touch(db: Any) -> None:
    lin = make_distributor()
    assert distribution.record_touch("v", "NOBODY00", "link").referrer_id is None
    assert distribution.record_touch("v", _code(lin), "link", member_id=lin).referrer_id is None
    assert Touch.select().count() == VisitDay.select().count() == 0


def test_a_visit_counts_once_and_a_visitor_once_a_day(db: Any) -> None:
    lin = make_distributor()
    distribution.record_touch("v-1", _code(lin), "link")
    opened = clock.now()
    assert distribution.count_visit("v-1", _code(lin), opened)
    assert not distribution.count_visit("v-1", _code(lin), opened)
    pass_time(days=1)
    distribution.record_touch("v-1", _code(lin), "link")
    assert distribution.count_visit("v-1", _code(lin), clock.now())
    assert [(d.visits, d.visitors) for d in VisitDay.select()] == [(1, 1), (1, 1)]
    assert len(_told("first_visit")) == 1


def test_a_visit_without_a_touch_or_by_one_s_own_link_is_not_counted(db: Any) -> None:
    lin = make_distributor()
    assert not distribution.count_visit("v-1", _code(lin), clock.now())
    assert not distribution.count_visit("v-1", "NOBODY00", clock.now())
    distribution.record_touch("v-1", _code(lin), "link")
    assert not distribution.count_visit("v-1", _code(lin), clock.now(), lin)
    assert VisitDay.select().count() == 0
    assert _told("first_visit") == []


def test_a_scan_in_the_chat_is_counted_at_once(db: Any) -> None:
    lin, wang = make_distributor(), make_member("小王")
    Scene.create(scene="dXYZ", kind="referral", member=lin, created_at=clock.now())
    distribution.record_scene_touch(wang, "oWang", "dXYZ", is_new=True)
    assert (VisitDay.get().visits, VisitDay.get().visitors) == (1, 1)


def test_a_touch_older_than_its_days_binds_nobody(db: Any) -> None:
    lin, wang = make_distributor(), make_member("小王")
    distribution.record_touch("v", _code(lin), "link")
    pass_time(days=31)
    assert distribution.apply_touches(wang, "v", is_new=True) is None
    assert distribution.upline_of(wang) is None


def test_the_latest_touch_binds_or_an_older_one_if_it_cannot(db: Any) -> None:
    lin, hui, wang = make_distributor("小林"), make_distributor("阿慧"), make_member("小王")
    distribution.record_touch("v", _code(lin), "link")
    pass_time(minutes=1)
    distribution.record_touch("v", _code(hui), "link")
    distribution.suspend_distributor(hui, "staff:1", "投诉")
    distribution.apply_touches(wang, "v", is_new=True)
    assert distribution.upline_of(wang) == lin


def test_policy_days_ends_the_binding_after_its_days(db: Any) -> None:
    _policy(kind="days", days=10)
    lin, hui = make_distributor("小林"), make_distributor("阿慧")
    wang = make_customer(lin)
    assert distribution.bind(wang, hui, cause="link").refusal == "bound"
    pass_time(days=10)
    assert distribution.upline_of(wang) is None
    assert chain_of(wang, clock.now()) == []
    assert distribution.bind(wang, hui, cause="link").is_bound
    assert distribution.upline_of(wang) == hui


def test_policy_last_click_waits_for_the_protect_window(db: Any) -> None:
    _policy(kind="last_click", protect_days=3)
    lin, hui = make_distributor("小林"), make_distributor("阿慧")
    wang = make_customer(lin)
    refused = distribution.bind(wang, hui, cause="link")
    assert (refused.refusal, refused.upline_id) == ("protected", lin)
    pass_time(days=3)
    assert distribution.bind(wang, hui, cause="link").is_bound


def test_policy_new_members_binds_new_members_only(db: Any) -> None:
    _policy(kind="new_members")
    lin, wang = make_distributor(), make_member("小王")
    assert distribution.bind(wang, lin, cause="link").refusal == "not_new"
    assert distribution.bind(wang, lin, cause="follow", is_new=True).is_bound


def test_scanning_a_distributors_code_binds(db: Any) -> None:
    lin, wang = make_distributor(), make_member("小王")
    Scene.create(scene="dABC", kind="referral", member=lin, created_at=clock.now())
    result = distribution.record_scene_touch(wang, "oWang", "dABC", is_new=True)
    assert result.binding is not None
    assert result.binding.is_bound
    why = distribution.upline_with_history(wang)
    assert (why.upline_name, why.cause, why.policy, why.is_valid) == (
        "小林推荐",
        "follow",
        "days",
        True,
    )
    assert (
        distribution.record_scene_touch(wang, "oWang", "other", is_new=False).referrer_id is None
    )


def test_a_member_or_their_descendant_never_becomes_their_upline(db: Any) -> None:
    lin = make_distributor("小林")
    zhou = make_distributor("老周")
    hui = make_distributor("阿慧")
    assert distribution.bind(zhou, lin, cause="link").is_bound
    assert distribution.bind(hui, zhou, cause="link").is_bound
    assert distribution.bind(lin, lin, cause="link").refusal == "oneself"
    assert distribution.bind(lin, hui, cause="link").refusal == "descendant"
    with pytest.raises(Invalid, match="binding_refused"):
        distribution.move_upline(lin, zhou, "staff:1", "客户要求")
    assert distribution.upline_of(lin) is None
    refusals = [(r.refusal, r.cause) for r in BindingLog.select().where(BindingLog.member == lin)]
    assert refusals == [("descendant", "refused")]


def test_a_cycle_over_many_levels_is_refused(db: Any) -> None:
    people = [make_distributor(f"第{n}人") for n in range(8)]
    for below, above in zip(people[1:], people, strict=False):
        assert distribution.bind(below, above, cause="link").is_bound
    assert is_above(people[0], descendant_id=people[-1])
    assert not is_above(people[-1], descendant_id=people[0])
    assert distribution.bind(people[0], people[-1], cause="link").refusal == "descendant"


def test_a_move_keeps_the_people_below_the_customer(db: Any) -> None:
    a, b, c, d, e = (make_distributor(f"第{n}人") for n in range(5))
    for below, above in ((b, a), (c, b), (d, c)):
        distribution.bind(below, above, cause="link")
    distribution.move_upline(b, e, "staff:1", "调整")
    rows = {r.member_id: (r.p1_id, r.p2_id, r.p3_id) for r in Binding.select()}
    assert rows[b] == (e, None, None)
    assert rows[c] == (b, e, None)
    assert rows[d] == (c, b, e)
    assert chain_of(d, clock.now()) == [c, b, e]
    assert ReferralTree.get().moves == 1
    distribution.move_upline(b, None, "staff:1", "解除")
    assert Binding.get(Binding.member == d).p3_id is None
    assert distribution.upline_of(b) is None
    with pytest.raises(NotFound):
        distribution.move_upline(999_999, a, "staff:1", "没有此人")


def test_a_refusal_is_recorded_once_a_day(db: Any) -> None:
    lin, hui = make_distributor("小林"), make_distributor("阿慧")
    wang = make_customer(lin)
    for _ in range(3):
        distribution.bind(wang, hui, cause="link")
    refused = BindingLog.refusal == "bound"
    assert BindingLog.select().where(refused).count() == 1
    pass_time(days=1, minutes=1)
    distribution.bind(wang, hui, cause="link")
    assert BindingLog.select().where(refused).count() == 2


def test_a_customer_shows_what_was_bought_from_whom_and_when_again(db: Any) -> None:
    lin, hui = make_distributor("小林"), make_distributor("阿慧")
    wang = make_customer(lin, "小王", agreed=True)
    first = clock.now()
    sell(wang, paid_fen=10000)
    pass_time(days=30)
    sell(wang, paid_fen=5000)
    place_sale(wang, paid_fen=7000)  # an unpaid order is not counted
    (seen,) = distribution.list_customers(lin)
    assert (seen.orders, seen.spent_fen) == (2, 15000)
    assert seen.last_order_at is not None
    assert seen.due_again_at is not None
    month = timedelta(days=30)
    assert month <= seen.last_order_at - first < month + timedelta(minutes=1)
    assert month <= seen.due_again_at - seen.last_order_at < month + timedelta(minutes=1)
    assert distribution.list_customers(hui) == []


def test_my_customers_are_masked_and_page(db: Any) -> None:
    lin = make_distributor()
    for name in ("小王", "阿慧", "老周"):
        make_customer(lin, name, agreed=True)
    first = distribution.list_customers(lin, limit=2)
    assert [c.name for c in first] == ["老*", "阿*"]
    rest = distribution.list_customers(lin, before=first[-1].binding_id)
    assert [(c.name, c.orders, c.spent_fen) for c in rest] == [("小*", 0, 0)]
    assert distribution.customer_count(lin) == 3


def test_only_an_admitted_distributor_is_active(db: Any) -> None:
    lin = make_distributor()
    assert not distribution.is_active(make_member())
    assert distribution.is_active(lin)
    distribution.suspend_distributor(lin, "staff:1", "投诉核实中")
    assert not distribution.is_active(lin)
