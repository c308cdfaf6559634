"""What stands in the way of a deletion, and the one step that refunds what has not left."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain import adults, approvals, orders, rights, settings
from domain.orders import OrderFilter
from domain.rights import Behalf
from kernel import clock, context
from kernel.errors import Conflict, DomainError, Invalid, NotFound
from models import AfterSale, OutboxRow, Proposal, Refund, RightsRequest
from tests.factories.catalog import make_product
from tests.factories.members import make_member
from tests.factories.orders import Bought, paid_order, placed_order, ship_all, shipped_order
from tests.factories.staff import make_staff

ASKED = Behalf("deletion", "请删掉我的账号", "phone", "facts", "答对了最近两单的日期和商品")


@pytest.fixture(autouse=True)
def _staff(db: Any, wired: Any) -> Any:
    token = context.actor.set("staff:lisa")
    yield
    context.actor.reset(token)


def _refund(no: str, bought: Bought, fen: int, *, may_act: bool = True) -> Any:
    return rights.refund_unshipped(
        no, bought.order_no, fen, "会员注销", told="为您退款", may_act=may_act
    )


def _next(no: str) -> dict[str, str]:
    return {each.no: each.next for each in rights.clearing(no).things if each.kind == "order"}


def test_all_that_has_not_left_is_refunded_once(db: Any) -> None:
    yu, other = make_member("小雨"), make_member("阿慧")
    whole, unpaid, gone = paid_order(yu), placed_order(yu), shipped_order(yu)
    part = paid_order(yu, quantity=3, product=make_product("小酒", price_fen=9_900))
    ship_all(part, (part.line_ids[0], 1))
    no = rights.open_on_behalf(yu, ASKED, "staff:lisa")
    found = rights.clearing(no)
    assert _next(no) == {
        whole.order_no: "refund", part.order_no: "refund", unpaid.order_no: "unpaid",
        gone.order_no: "on_the_way",
    }  # fmt: skip
    sums = {each.no: each.fen for each in found.to_refund}
    assert sums[whole.order_no] == whole.payable_fen
    assert 0 < sums[part.order_no] < part.payable_fen
    assert found.fen == sum(sums.values())
    for each in (whole, part):
        assert _refund(no, each, sums[each.order_no])["fen"] == sums[each.order_no]
        with pytest.raises(Conflict):
            _refund(no, each, sums[each.order_no])
    assert sorted(row.amount_fen for row in Refund.select()) == sorted(sums.values())
    after = rights.clearing(no)
    assert (after.begun, after.begun_fen, after.arrived) == (2, sum(sums.values()), 0)
    assert not after.to_refund
    strange = paid_order(other)
    with pytest.raises(NotFound):
        _refund(no, strange, strange.payable_fen)


def test_a_sum_that_changed_refunds_nothing(db: Any) -> None:
    bought = paid_order(make_member("小雨"))
    no = rights.open_on_behalf(bought.member_id, ASKED, "staff:lisa")
    with pytest.raises(Conflict, match="sum_changed"):
        _refund(no, bought, bought.payable_fen - 1)
    assert AfterSale.select().count() == Refund.select().count() == 0


def test_who_may_only_propose_makes_one_proposal_per_order(db: Any) -> None:
    bought = paid_order(make_member("小雨"))
    no = rights.open_on_behalf(bought.member_id, ASKED, "staff:lisa")
    assert _refund(no, bought, bought.payable_fen, may_act=False)["proposal_id"]
    assert Refund.select().count() == 0
    assert _next(no) == {bought.order_no: "second_person"}
    assert orders.holds_of([bought.order_id]) == {bought.order_id: ("second_person",)}
    with pytest.raises(Conflict, match="proposal_open"):
        _refund(no, bought, bought.payable_fen, may_act=False)
    make_staff("boss", ["owner"])
    context.actor.set("staff:boss")
    approvals.decide_proposal(Proposal.get().id, "staff:boss", is_approved=True)
    assert Refund.get().amount_fen == bought.payable_fen
    assert orders.held_ids() == []


def test_above_a_ceiling_a_second_person_decides(db: Any) -> None:
    bought = paid_order(make_member("小雨"), product=make_product("坛酒", price_fen=60_000))
    assert bought.payable_fen > settings.get(settings.StaffCeilings).refund_single_fen
    no = rights.open_on_behalf(bought.member_id, ASKED, "staff:lisa")
    assert _refund(no, bought, bought.payable_fen)["proposal_id"]
    assert Refund.select().count() == 0


def test_a_request_taken_back_refunds_nothing(db: Any) -> None:
    bought = paid_order(make_member("小雨"))
    no = rights.open_on_behalf(bought.member_id, ASKED, "staff:lisa")
    rights.take_back(no, bought.member_id)
    with pytest.raises(Conflict, match="state_moved"):
        _refund(no, bought, bought.payable_fen)


def test_held_orders_are_found_with_their_reasons(db: Any) -> None:
    bought = paid_order(make_member("小雨"))
    water = paid_order(bought.member_id, product=make_product("水", is_liquor=False))
    assert orders.held_ids() == []
    adults.doubt_by_staff(bought.member_id, "像孩子")
    assert orders.holds_of([bought.order_id, water.order_id]) == {bought.order_id: ("age",)}
    found = orders.list_orders(OrderFilter(is_held=True))
    assert [each.order_no for each in found] == [bought.order_no]
    Refund.insert(
        payment=water.payment_id, cause="case", out_refund_no="RF1", amount_fen=1, total_fen=1,
        reason="", created_at=clock.now(), last_error="refunds_stopped",
    ).execute()  # fmt: skip
    assert orders.holds_of(orders.held_ids()) == {
        bought.order_id: ("age",), water.order_id: ("refund_waits",),
    }  # fmt: skip


def test_a_request_on_behalf_keeps_who_asked_and_tells_the_member(db: Any) -> None:
    yu = make_member("小雨")
    day = clock.business_day(clock.now()) - timedelta(days=3)
    asked = Behalf("correction", "名字写错了", "letter", "signature", "与协议签名一致", day)
    no = rights.open_on_behalf(yu, asked, "staff:lisa")
    found = rights.request_detail(no)
    assert (found.came_by, found.asked_channel, found.checked_how, found.checked_note) == (
        "staff", "letter", "signature", "与协议签名一致")  # fmt: skip
    assert found.asked_at == clock.day_start(day)
    from_today = rights.open_request(make_member("阿慧"), "correction", "名字")
    assert found.due_at < rights.request_detail(from_today).due_at
    told = [row.payload["purpose"] for row in OutboxRow.select().order_by(OutboxRow.id)]
    assert told[:2] == ["request_came", "request_made_for_you"]
    with pytest.raises(Conflict, match="request_open"):
        rights.open_on_behalf(yu, asked, "staff:lisa")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"text": " \u200b"}, "behalf_empty"), ({"note": " "}, "check_note_missing"),
        ({"checked": "none"}, "identity_unchecked"), ({"kind": "x"}, "request_kind_unknown"),
        ({"channel": "x"}, "request_kind_unknown"), ({"checked": "document"}, "check_unfit"),
        ({"text": "长" * 501}, "text_too_long"),
    ],
)  # fmt: skip
def test_a_request_without_its_facts_is_not_recorded(
    db: Any, change: dict[str, Any], code: str
) -> None:
    asked = Behalf(**{**ASKED.__dict__, **change})
    with pytest.raises(Invalid, match=code):
        rights.open_on_behalf(make_member("小雨"), asked, "staff:lisa")
    assert RightsRequest.select().count() == 0


@pytest.mark.parametrize("days", [1, -91])
def test_the_day_of_asking_is_neither_tomorrow_nor_long_ago(db: Any, days: int) -> None:
    day = clock.business_day(clock.now()) + timedelta(days=days)
    asked = Behalf(**{**ASKED.__dict__, "asked_on": day})
    with pytest.raises(DomainError, match="asked_on_bad"):
        rights.open_on_behalf(make_member("小雨"), asked, "staff:lisa")


def test_a_deletion_with_open_orders_is_recorded_and_waits(db: Any) -> None:
    bought = paid_order(make_member("小雨"))
    no = rights.open_on_behalf(bought.member_id, ASKED, "staff:lisa")
    found = rights.request_detail(no)
    assert (found.state, found.stopped_by) == ("cooling", ("order_open",))
