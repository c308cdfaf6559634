"""A distributor sees a customer by name only with that customer's consent (ADR 83)."""

from __future__ import annotations

from typing import Any

import pytest

from app.wiring import subscribe_all
from domain import distribution, members, settings
from domain.distribution import CustomerCounts
from kernel.errors import Conflict, Invalid, NotFound
from models import Binding, Consent, CustomerNote
from tests.factories.distribution import make_customer, make_distributor, make_rule, pass_time
from tests.factories.members import make_member
from tests.factories.orders import paid_order


@pytest.fixture(autouse=True)
def _wired(db: Any) -> None:
    subscribe_all()


def agree(member_id: int, is_agreed: bool = True) -> None:
    """Answer the question of consent about the member's present upline."""
    shown = distribution.shown_to(member_id)
    assert shown is not None
    distribution.decide_names(member_id, shown.version, is_agreed, "v1")


def names_seen(distributor_id: int) -> list[str]:
    """The names of customers that a distributor sees, newest first."""
    return [each.name for each in distribution.list_customers(distributor_id)]


def binding_of(member_id: int) -> int:
    """The id of a member's binding."""
    return int(Binding.get(Binding.member == member_id).id)


def test_without_a_consent_customers_are_counted_and_not_shown() -> None:
    make_rule(1000)
    hui = make_distributor("阿慧")
    lin = make_customer(hui, "林小雨")
    make_customer(hui, "王大明")
    paid_order(lin)
    counts = distribution.customer_counts(hui)
    assert (counts.all, counts.seen, counts.new, counts.buyers, counts.orders) == (2, 0, 2, 1, 1)
    assert names_seen(hui) == []
    assert [entry.buyer for entry in distribution.list_commission_of_member(hui)] == [""]
    assert distribution.has_open_names_question(lin)


def test_a_customer_who_agreed_is_shown_with_a_masked_name_until_the_withdrawal() -> None:
    make_rule(1000)
    hui = make_distributor("阿慧")
    lin, wang = make_customer(hui, "林小雨"), make_customer(hui, "王大明")
    paid_order(lin)
    agree(lin)
    agree(wang, is_agreed=False)
    assert names_seen(hui) == ["林*雨"]
    assert distribution.list_customers(hui)[0].orders == 1
    assert [entry.buyer for entry in distribution.list_commission_of_member(hui)] == ["林*雨"]
    assert not distribution.has_open_names_question(wang)
    assert distribution.customer_counts(hui).seen == 1
    agree(lin, is_agreed=False)
    assert names_seen(hui) == []
    assert [entry.buyer for entry in distribution.list_commission_of_member(hui)] == [""]
    assert (distribution.customer_counts(hui).all, distribution.customer_counts(hui).seen) == (
        2,
        0,
    )
    agree(lin)
    assert names_seen(hui) == ["林*雨"]


@pytest.mark.parametrize(
    ("nickname", "shown"),
    [("林", "林*"), ("小林", "小*"), ("林小雨", "林*雨"), ("欧阳小小雨", "欧**雨"),
     ("👨‍👩‍👧小雨🍶", "👨‍👩‍👧**🍶")],
)  # fmt: skip
def test_a_nickname_keeps_its_ends(nickname: str, shown: str) -> None:
    assert members.mask_middle(nickname) == shown


def test_a_consent_is_given_to_one_distributor() -> None:
    hui, zhou = make_distributor("阿慧"), make_distributor("老周")
    lin = make_customer(hui, "林小雨")
    agree(lin)
    assert names_seen(zhou) == []
    distribution.move_upline(lin, zhou, "staff:1", "顾客要求")
    assert (names_seen(hui), names_seen(zhou)) == ([], [])
    assert distribution.has_open_names_question(lin)
    agree(lin)
    assert (names_seen(hui), names_seen(zhou)) == ([], ["林*雨"])
    distribution.move_upline(lin, hui, "staff:1", "改回")
    assert names_seen(hui) == []  # the consent ended with the former binding
    assert Consent.select().where(Consent.withdrawn_at.is_null()).count() == 0


def test_an_answer_about_a_former_upline_is_refused() -> None:
    hui, zhou = make_distributor("阿慧"), make_distributor("老周")
    lin = make_customer(hui, "林小雨")
    shown = distribution.shown_to(lin)
    assert shown is not None
    assert shown.name == "阿慧推荐"
    distribution.move_upline(lin, zhou, "staff:1", "顾客要求")
    with pytest.raises(Conflict) as refused:
        distribution.decide_names(lin, shown.version, True, "v1")
    assert refused.value.code == "binding_moved"
    assert names_seen(zhou) == []
    with pytest.raises(NotFound):
        distribution.decide_names(make_member("独行"), 1, True, "v1")


def test_after_the_end_of_a_binding_nobody_is_shown_or_asked(db: Any) -> None:
    settings.change(settings.BindingPolicy, {"kind": "days", "days": 10})
    hui = make_distributor("阿慧")
    lin = make_customer(hui, "林小雨")
    agree(lin)
    pass_time(days=11)
    assert names_seen(hui) == []
    assert distribution.shown_to(lin) is None
    assert not distribution.has_open_names_question(lin)
    with pytest.raises(NotFound):
        distribution.note_customer(hui, binding_of(lin), "王姐")


@pytest.mark.parametrize("state", ["suspended", "left"])
def test_a_distributor_who_may_not_sell_sees_no_names(state: str) -> None:
    make_rule(1000)
    hui = make_distributor("阿慧")
    lin = make_customer(hui, "林小雨")
    agree(lin)
    paid_order(lin)
    if state == "left":
        distribution.leave_distribution(hui)
    else:
        distribution.suspend_distributor(hui, "staff:1", "虚假宣传")
    assert names_seen(hui) == []
    assert [entry.buyer for entry in distribution.list_commission_of_member(hui)] == [""]
    assert distribution.customer_counts(hui).all == 1


def test_a_customer_note_is_seen_by_its_distributor_only() -> None:
    hui, zhou = make_distributor("阿慧"), make_distributor("老周")
    lin, wang = make_customer(hui, "林小雨"), make_customer(hui, "王大明")
    agree(lin)
    distribution.note_customer(hui, binding_of(lin), "  林姐\u200b 泸州 ")
    assert [each.note for each in distribution.list_customers(hui)] == ["林姐 泸州"]
    assert "林姐" not in CustomerNote.get().sealed
    assert [each.note for each in distribution.list_customers_for_merchant(hui)] == ["", ""]
    for who, whose in ((zhou, lin), (hui, wang)):
        with pytest.raises(NotFound) as refused:
            distribution.note_customer(who, binding_of(whose), "别人")
        assert refused.value.code == "customer_missing"
    with pytest.raises(Invalid) as long:
        distribution.note_customer(hui, binding_of(lin), "长" * 21)
    assert long.value.code == "text_too_long"
    distribution.note_customer(hui, binding_of(lin), "林老板")
    assert [each.note for each in distribution.list_customers(hui)] == ["林老板"]
    distribution.note_customer(hui, binding_of(lin), " ")
    assert CustomerNote.select().count() == 0


@pytest.mark.parametrize("how", ["withdrawn", "moved", "left"])
def test_a_customer_note_is_deleted_with_the_binding(how: str) -> None:
    hui, zhou = make_distributor("阿慧"), make_distributor("老周")
    lin = make_customer(hui, "林小雨")
    agree(lin)
    distribution.note_customer(hui, binding_of(lin), "林姐")
    match how:
        case "withdrawn":
            agree(lin, is_agreed=False)
        case "moved":
            distribution.move_upline(lin, zhou, "staff:1", "顾客要求")
        case "left":
            distribution.leave_distribution(hui)
    assert CustomerNote.select().count() == 0


def test_the_merchant_sees_the_members_of_every_distributor() -> None:
    hui = make_distributor("阿慧")
    make_customer(hui, "林小雨")
    assert [each.name for each in distribution.list_customers_for_merchant(hui)] == ["林*雨"]
    assert distribution.customer_counts(make_distributor("老周")) == CustomerCounts(
        0, 0, 0, 0, 0, 0
    )
