"""Pickups: codes, counters, age, and what becomes of what nobody collects."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain import adults, aftersales, audit, logistics, orders, pickups, settings
from domain.orders import ShipForm
from domain.orders.service import finish_closing
from domain.payments.ports import RefundResult, RefundState
from domain.payments.refunds import settle_refund
from domain.pickups import Collector, PickupTimes, due, rules
from domain.pickups.service import refund_if_due, remind_if_due
from kernel import clock, context
from kernel.errors import DomainError, Forbidden, NotFound
from models import AfterSale, Order, OrderLine, Pickup, PickupRefusal, Refund, Sku
from tests.factories.catalog import make_product
from tests.factories.distribution import pass_time
from tests.factories.members import make_member
from tests.factories.orders import MCHID, order_form, paid_order
from tests.factories.pickups import (
    code_of,
    make_place,
    paid_pickup,
    pickup_id_of,
    placed_pickup,
    ready_pickup,
)
from tests.factories.staff import make_staff
from tests.harness import books

pytestmark = pytest.mark.usefixtures("wired")


def _refused(code: str, verb: Any, *args: Any) -> DomainError:
    with pytest.raises(DomainError) as refused:
        verb(*args)
    assert refused.value.code == code
    return refused.value


def test_an_order_is_collected_by_its_code(db: Any) -> None:
    bought = ready_pickup(make_place("江阳店"), quantity=2)
    page = orders.order_detail_for_buyer(bought.order_no, bought.member_id)
    assert (page.delivery, page.freight_fen, page.state) == ("pickup", 0, "paid")
    assert page.masked_address == "林** 138****8000 江阳店"
    code = code_of(bought)
    assert len(code) == 10
    assert code not in bought.order_no
    row = Pickup.get()
    assert code not in (row.code_hash, row.sealed_code)
    typed = f" {code[:5].lower()}-{code[5:]} "
    assert pickups.pickup_by_code(typed) == row.id
    assert pickups.hand_over(row.id, "id_seen") == bought.order_no
    row, order = Pickup.get(), bought.row
    assert (row.state, row.age_check, order.state) == ("collected", "id_seen", "received")
    assert order.received_at is not None
    assert order.complete_by_at - order.received_at == timedelta(days=7)
    assert [line.shipped for line in OrderLine.select()] == [2]
    assert Sku.get_by_id(bought.product.sku_id).sold == 2
    assert pickups.code_of_buyer(bought.order_no, bought.member_id) == ""
    assert books.faults() == []


def test_a_code_works_once_and_belongs_to_its_buyer(db: Any) -> None:
    bought = ready_pickup()
    pickup_id, code = pickup_id_of(bought), code_of(bought)
    with context.acting("staff:lily"):
        pickups.hand_over(pickup_id, "adult")
        pickups.hand_over(pickup_id, "adult")  # pressed twice on a slow network
    again = _refused("pickup_collected", pickups.hand_over, pickup_id, "adult")
    with context.acting("staff:lily"):
        pass_time(minutes=3)
        _refused("pickup_collected", pickups.hand_over, pickup_id, "adult")
    assert again.facts["at"] is not None
    assert pickups.pickup_by_code(code) == pickup_id  # so that the counter says when it was used
    _refused("order_missing", pickups.code_of_buyer, bought.order_no, make_member())
    for wrong in ("", "0" * 10, code[:-1], code + "0", "​"):
        _refused("pickup_code_unknown", pickups.pickup_by_code, wrong)


def test_nothing_is_handed_over_before_it_is_paid_and_ready(db: Any) -> None:
    placed = placed_pickup()
    _refused("pickup_unpaid", pickups.hand_over, pickup_id_of(placed), "adult")
    _refused("pickup_state", pickups.mark_ready, pickup_id_of(placed))
    paid = paid_pickup()
    _refused("pickup_not_ready", pickups.hand_over, pickup_id_of(paid), "adult")
    assert len(code_of(paid)) == 10
    _refused("has_no_parcels", orders.ship_parcel, paid.order_id, ShipForm("顺丰速运", "SF123456"))


def test_a_cancelled_and_a_refunded_order_are_not_handed_over(db: Any) -> None:
    cancelled = placed_pickup()
    orders.begin_closing(cancelled.order_id, "buyer", "system")
    finish_closing(cancelled.order_id)
    _refused("pickup_cancelled", pickups.hand_over, pickup_id_of(cancelled), "adult")
    bought = ready_pickup()
    pickup_id, code = pickup_id_of(bought), code_of(bought)
    asked = aftersales.cancel_paid_order(bought.order_no, bought.member_id)
    _refused("pickup_in_case", pickups.hand_over, pickup_id, "adult")
    aftersales.withdraw_case(asked["case_no"], bought.member_id)
    assert pickups.pickup_detail(pickup_id).problem is None
    aftersales.cancel_paid_order(bought.order_no, bought.member_id)
    case = AfterSale.select().order_by(AfterSale.id.desc()).get()
    aftersales.approve_case(case.id)
    _arrive(bought)
    assert bought.row.state == "refunded"
    assert pickups.pickup_by_code(code) == pickup_id
    _refused("pickup_refunded", pickups.hand_over, pickup_id, "adult")


def _arrive(bought: Any) -> None:
    """WeChat's refunds arrive."""
    for view in orders.refunds_of(bought.order_id):
        refund = Refund.get_by_id(view.id)
        if refund.state == "succeeded":
            continue
        result = RefundResult(
            RefundState.SUCCESS, refund.out_refund_no, mchid=MCHID,
            refund_fen=refund.amount_fen, currency="CNY", success_at=clock.now(),
        )  # fmt: skip
        assert settle_refund(result) == "booked"


def test_staff_of_another_place_hand_nothing_over(db: Any) -> None:
    here, there = make_place("江阳店"), make_place("春熙店")
    logistics.set_staff(there, [make_staff("lily", ["clerk"]).staff_id])
    places = logistics.places_of_staff("lily")
    assert places == {there}
    bought = ready_pickup(here)
    pickup_id = pickup_id_of(bought)
    for verb, *args in (
        (pickups.hand_over, pickup_id, "adult"), (pickups.refuse, pickup_id, "drunk"),
        (pickups.mark_ready, pickup_id), (pickups.pickup_detail, pickup_id),
        (pickups.pickup_by_code, code_of(bought)),
    ):  # fmt: skip
        with pytest.raises(Forbidden, match="pickup_other_place") as refused:
            verb(*args, places)
        assert refused.value.facts["name"] == "江阳店"
    assert pickups.list_pickups("", places) == []
    assert pickups.count_pickups(places) == {}
    assert [row.order.order_no for row in pickups.list_pickups()] == [bought.order_no]


def test_liquor_needs_the_clerk_s_word_about_age(db: Any) -> None:
    pickup_id = pickup_id_of(ready_pickup())
    for age in ("", "maybe"):
        assert _refused("age_unchecked", pickups.hand_over, pickup_id, age).field == "age"
    cup = make_product(price_fen=5_900, is_liquor=False)
    bought = ready_pickup(product=cup)
    pickups.hand_over(pickup_id_of(bought), "")
    assert Pickup.get(Pickup.order == bought.order_id).age_check == ""


def test_a_refusal_is_kept_and_the_order_waits(db: Any) -> None:
    bought = ready_pickup()
    pickup_id = pickup_id_of(bought)
    _refused("choice_unknown", pickups.refuse, pickup_id, "ugly")
    pickups.refuse(pickup_id, "no_proof")
    pickups.refuse(pickup_id, "no_proof")  # pressed twice
    desk = pickups.pickup_detail(pickup_id)
    assert [reason for _, reason, _ in desk.refusals] == ["no_proof"]
    assert (desk.pickup.state, desk.problem) == ("ready", None)
    assert audit.history("order", bought.order_id)[0].action == "pickup.refuse"
    pickups.hand_over(pickup_id, "id_seen")
    _refused("pickup_collected", pickups.refuse, pickup_id, "minor")
    assert PickupRefusal.select().count() == 1


def test_a_buyer_whose_age_is_in_doubt_gets_nothing(db: Any) -> None:
    bought = ready_pickup()
    adults.doubt_by_staff(bought.member_id, "像未成年", bought.order_no)
    _refused("age_unproven", pickups.hand_over, pickup_id_of(bought), "adult")
    assert Pickup.get().state == "ready"


def test_what_nobody_collects_is_reminded_once_and_refunded(db: Any) -> None:
    bought = ready_pickup(quantity=2)
    pickup_id, sku = pickup_id_of(bought), bought.product.sku_id
    assert due.to_remind() == due.to_refund() == []
    settings.change(PickupTimes, {"remind_after_days": 1, "refund_after_days": 2})
    pass_time(days=2, hours=12)
    assert due.to_remind() == []  # a running clock is not moved by a setting
    pass_time(hours=12)
    assert due.to_remind() == [pickup_id]
    assert remind_if_due(pickup_id)
    assert not remind_if_due(pickup_id)
    pass_time(days=3, hours=23)
    assert not refund_if_due(pickup_id)
    pass_time(hours=1)
    assert due.to_refund() == [pickup_id]
    _refused("pickup_lapsed", pickups.hand_over, pickup_id, "adult")
    assert refund_if_due(pickup_id)
    assert not refund_if_due(pickup_id)
    case = AfterSale.get()
    assert (case.goods_fen, case.freight_fen, case.reason) == (11_800, 0, "merchant")
    _arrive(bought)
    order = bought.row
    assert (order.state, order.refunded_fen) == ("refunded", 11_800)
    assert (Pickup.get().state, Sku.get_by_id(sku).stock) == ("lapsed", 9)
    _refused("pickup_refunded", pickups.hand_over, pickup_id, "adult")
    assert books.faults() == []


def test_the_clock_waits_for_an_open_case(db: Any) -> None:
    bought = ready_pickup(quantity=2)
    pickup_id = pickup_id_of(bought)
    aftersales.cancel_paid_order(bought.order_no, bought.member_id)
    pass_time(days=8)
    assert not refund_if_due(pickup_id)
    assert AfterSale.select().count() == 1


def test_pieces_that_were_refunded_are_not_handed_over(db: Any) -> None:
    bought = ready_pickup(quantity=3)
    (line_id,) = bought.line_ids
    aftersales.merchant_refund(bought.order_no, [(line_id, 1)], "缺一瓶")
    _refused("pickup_in_case", pickups.hand_over, pickup_id_of(bought), "adult")
    _arrive(bought)
    pickups.hand_over(pickup_id_of(bought), "adult")
    line = OrderLine.get_by_id(line_id)
    assert (line.shipped, line.dropped, bought.row.state) == (2, 1, "received")
    assert books.faults() == []


def test_the_buyer_changes_the_place_before_it_is_ready(db: Any) -> None:
    here, there = make_place("江阳店"), make_place("龙马潭店", district="龙马潭区")
    closed = make_place("旧店")
    logistics.close_place(closed)
    bought = paid_pickup(here)
    member = bought.member_id
    _refused("place_closed", pickups.change_place, bought.order_no, member, closed)
    _refused("order_missing", pickups.change_place, bought.order_no, make_member(), there)
    _refused("place_missing", pickups.change_place, bought.order_no, member, 99)
    pickups.change_place(bought.order_no, member, there)
    pickups.change_place(bought.order_no, member, there)  # a second tap changes nothing
    page = orders.order_detail_for_buyer(bought.order_no, member)
    assert page.address is not None
    assert (page.address["district"], page.address["name"]) == ("龙马潭区", "林小山")
    assert page.masked_address.endswith("龙马潭店")
    assert [entry.why for entry in page.log].count("redirected") == 1
    pickups.mark_ready(pickup_id_of(bought))
    _refused("pickup_state", pickups.change_place, bought.order_no, member, here)


HERE, NO_PLACE = 0, 10**9


@pytest.mark.parametrize(("to", "code", "field"), [
    (None, "place_unchosen", "place"),
    (Collector(NO_PLACE, "林小山", "13800138000"), "place_missing", None),
    (Collector(HERE, "", "13800138000"), "address_missing", "name"),
    (Collector(HERE, "林小山", "12345"), "phone_bad", "phone"),
])  # fmt: skip
def test_a_pickup_needs_a_place_and_a_collector(
    db: Any, to: Any, code: str, field: str | None
) -> None:
    place_id = make_place()
    if to is not None and to.place_id == HERE:
        to = replace(to, place_id=place_id)
    made = make_product(price_fen=5_900)
    form = order_form(make_member(), [(made.sku_id, 1)], delivery="pickup", to=to)
    refused = _refused(code, orders.place_order, form)
    assert field in (None, refused.field)
    assert Order.select().count() == Pickup.select().count() == 0


def test_the_doctor_sees_what_is_wrong(db: Any) -> None:
    fine, late, lost = ready_pickup(), ready_pickup(), ready_pickup()
    assert pickups.check_pickups() == []
    assert fine.row.state == "paid"
    Pickup.update(code_hash=None).where(Pickup.order == lost.order_id).execute()
    over = clock.now() - timedelta(hours=2)
    Pickup.update(collect_by_at=over).where(Pickup.order == late.order_id).execute()
    assert pickups.check_pickups() == [
        (lost.order_no, "no_code"), (late.order_no, "not_refunded"),
    ]  # fmt: skip


def test_times_are_in_order() -> None:
    with pytest.raises(ValueError, match="remind_after_days"):
        PickupTimes(remind_after_days=7, refund_after_days=7)


def test_the_table_of_states_is_whole() -> None:
    assert set(rules.STEPS.values()) | {"waiting"} == set(rules.STATES)
    for state in rules.STATES:
        for event in ("pay", "ready", "collect", "lapse", "end"):
            if (state, event) not in rules.STEPS:
                _refused("pickup_state", rules.next_state, state, event)


def test_an_order_by_parcel_has_no_pickup(db: Any) -> None:
    bought = paid_order()
    assert pickups.pickup_of_order(bought.order_id) is None
    _refused("pickup_missing", pickups.code_of_buyer, bought.order_no, bought.member_id)
    with pytest.raises(NotFound):
        pickups.hand_over(1, "adult")
    assert pickups.waiting_pickups(bought.member_id) == []
