"""Doubts whether a member is of age: what they hold, how they end, and what is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain import adults, audit, orders, settings
from domain.adults import AdultChecks, flows, service
from domain.aftersales import (
    CaseForm,
    approve_case,
    case_detail_for_merchant,
    receive_returned_goods,
    request_case,
    send_back,
    send_replacement,
)
from domain.orders import ShipForm, ShipRow
from domain.orders.payable import begin_order_payment
from kernel import clock, context
from kernel.errors import Conflict, Invalid, LimitReached, NotFound, Refused, Retryable
from kernel.store import Store
from models import AgeDoubt, AgeTry, OutboxRow
from tests.factories.catalog import make_product
from tests.factories.id_numbers import id_number
from tests.factories.members import APPID, make_member
from tests.factories.orders import MCHID, order_form, paid_order, placed_order, shipped_order
from tests.factories.registers import ADULT, OTHER, Register

pytestmark = pytest.mark.usefixtures("wired")


@pytest.fixture(autouse=True)
def _staff() -> Any:
    with context.acting("staff:lisa"):
        yield


def _pay(order: Any) -> None:
    begin_order_payment(order.order_no, order.member_id, "native", MCHID, APPID)


def _code(error: Any) -> str:
    return str(error.value.code)


def _notices() -> list[str]:
    rows = OutboxRow.select().where(OutboxRow.kind.in_(("notify.member", "notify.owner")))
    return [row.payload["purpose"] for row in rows.order_by(OutboxRow.id)]


def test_a_doubt_holds_liquor_until_it_is_cleared(db: Any) -> None:
    member = make_member()
    waiting, paid = placed_order(member), paid_order(member)
    doubt = adults.doubt_by_staff(member, "声音像孩子", waiting.order_no)
    ship = ShipForm("顺丰", "SF1234567890")
    for act in (lambda: _pay(waiting), lambda: orders.ship_parcel(paid.order_id, ship),
                lambda: placed_order(member)):  # fmt: skip
        with pytest.raises(Conflict) as refused:
            act()
        assert _code(refused) == "age_unproven"
    assert orders.list_to_ship() == []
    (verdict,) = orders.check_ship_rows([ShipRow(paid.order_no, "顺丰", "SF1234567890")])
    assert (verdict.state, verdict.why) == ("wrong", "age_unproven")

    adults.clear_by_hand(doubt, "自提时看过身份证")
    _pay(waiting)
    assert [each.order_no for each in orders.list_to_ship()] == [paid.order_no]
    orders.ship_parcel(paid.order_id, ship)
    assert "age_proven" in _notices()


def test_goods_that_are_no_liquor_go_on(db: Any) -> None:
    member = make_member()
    cup = make_product("杯", is_liquor=False)
    adults.doubt_by_staff(member, "存疑")
    order = paid_order(member, product=cup)
    orders.ship_parcel(order.order_id, ShipForm("顺丰", "SF1234567890"))
    assert order.row.state == "shipped"


def test_no_replacement_leaves_while_the_age_is_in_doubt(db: Any) -> None:
    order = shipped_order()
    orders.confirm_receipt(order.order_no, order.member_id)
    line = order.line_ids[0]
    form = CaseForm(
        order.member_id, order.order_no, "exchange", ((line, 1),), "damaged", pictures=("a" * 64,)
    )
    case = request_case(form)["case_id"]
    approve_case(case)
    no = case_detail_for_merchant(case).case_no
    send_back(no, order.member_id, "顺丰", "SF999988887777")
    receive_returned_goods(case, restock=False)
    adults.doubt_by_staff(order.member_id, "存疑")
    with pytest.raises(Conflict) as refused:
        send_replacement(case, "顺丰", "SF123412341234")
    assert _code(refused) == "age_unproven"


def test_another_members_orders_are_untouched(db: Any) -> None:
    doubted, other = make_member(), paid_order()
    adults.doubt_by_staff(doubted, "存疑")
    orders.ship_parcel(other.order_id, ShipForm("顺丰", "SF1234567890"))
    assert other.row.state == "shipped"


def test_one_doubt_at_a_time_and_only_of_members(db: Any) -> None:
    member = make_member()
    adults.doubt_by_staff(member, "存疑")
    with pytest.raises(Conflict) as again:
        adults.doubt_by_staff(member, "再存疑")
    assert _code(again) == "age_doubted"
    with pytest.raises(Invalid):
        adults.doubt_by_staff(make_member(), "  ")
    with pytest.raises(NotFound):
        adults.doubt_by_staff(10**9, "存疑")
    assert AgeDoubt.select().count() == 1


def test_words_open_a_doubt_but_not_of_a_proven_adult(db: Any) -> None:
    member = make_member()
    assert adults.doubt_what_was_told(member, "said") is True
    assert adults.doubt_what_was_told(member, "said") is True  # the same one
    doubt = adults.open_doubt_id(member)
    assert doubt is not None
    adults.clear_by_hand(doubt, "看过身份证")
    assert adults.doubt_what_was_told(member, "said") is False
    assert not adults.is_held(member)
    adults.doubt_by_staff(member, "换了人")  # staff may always doubt
    assert adults.is_held(member)


async def test_a_match_clears_and_keeps_neither_name_nor_number(store: Store) -> None:
    member = await store.write(make_member)
    order = await store.write(paid_order, member)
    await store.write(adults.doubt_by_staff, member, "存疑", order.order_no)
    register = Register("match")
    said = await adults.check_age(store, register, member, "林晓", "110101 1990 0307 2017")
    assert (said, [each.number for each in register.asked]) == ("match", [ADULT])

    def look() -> None:
        doubt = AgeDoubt.get(AgeDoubt.member == member)
        assert (doubt.state, doubt.ended_how, doubt.open_for) == ("cleared", "checked", None)
        assert not adults.is_held(member)
        rows = [list(table.select().dicts()) for table in (AgeTry, AgeDoubt, OutboxRow)]
        kept = repr([rows, [vars(line) for line in audit.history(limit=50)]])
        assert ADULT not in kept
        assert "林晓" not in kept
        row = AgeTry.get()
        assert (row.result, len(row.number_hash)) == ("match", 64)

    await store.read(look)


async def test_mismatches_use_up_the_tries(store: Store) -> None:
    member = await store.write(make_member)
    await store.write(adults.doubt_by_staff, member, "存疑")
    register = Register("mismatch", "unknown", "mismatch")
    for number, said in ((ADULT, "mismatch"), (OTHER, "unknown")):
        assert await adults.check_age(store, register, member, "林晓", number) == said
    assert await adults.check_age(store, register, member, "周建国", OTHER) == "mismatch"
    with pytest.raises(Conflict) as over:
        await adults.check_age(store, register, member, "周建国", ADULT)
    assert _code(over) == "age_decided"
    found = await store.read(adults.doubt_of, member)
    assert found is not None
    assert (found.state, found.ended_how, found.tries_left) == ("refused", "tries", 0)
    assert await store.read(adults.is_held, member)
    assert (await store.read(_notices))[-2:] == ["age_refused", "age_unproven"]


async def test_the_same_refused_pair_is_not_asked_twice(store: Store) -> None:
    member = await store.write(make_member)
    await store.write(adults.doubt_by_staff, member, "存疑")
    register = Register("mismatch")
    for _ in range(2):
        assert await adults.check_age(store, register, member, "林晓", ADULT) == "mismatch"
    assert len(register.asked) == 1


async def test_a_minors_number_ends_the_doubt_without_a_call(store: Store) -> None:
    member = await store.write(make_member)
    await store.write(adults.doubt_by_staff, member, "存疑")
    register = Register()
    assert await adults.check_age(store, register, member, "王小满", id_number(12)) == "minor"
    found = await store.read(adults.doubt_of, member)
    assert found is not None
    assert (found.state, found.ended_how) == ("refused", "minor")


@pytest.mark.parametrize("fault", [Retryable("quota"), Refused("AuthFailure.SecretIdNotFound")])
async def test_a_provider_without_an_answer_costs_no_try(store: Store, fault: Exception) -> None:
    member = await store.write(make_member)
    await store.write(adults.doubt_by_staff, member, "存疑")
    said = await adults.check_age(store, Register(fault), member, "林晓", ADULT)
    found = await store.read(adults.doubt_of, member)
    assert found is not None
    assert (said, found.state, found.tries_left) == ("unanswered", "waiting", 3)
    count, code = await store.read(adults.unanswered_calls)
    assert (count, code) == (1, str(fault.code))  # type: ignore[attr-defined]


async def test_calls_of_a_day_are_bounded_even_without_answers(store: Store) -> None:
    member = await store.write(make_member)
    await store.write(adults.doubt_by_staff, member, "存疑")
    register = Register(*[Retryable("no_answer")] * 11)
    for _ in range(10):
        await adults.check_age(store, register, member, "林晓", ADULT)
    with pytest.raises(LimitReached) as over:
        await adults.check_age(store, register, member, "林晓", ADULT)
    assert (_code(over), len(register.asked)) == ("age_calls", 10)


async def test_a_malformed_number_costs_nothing(store: Store) -> None:
    member = await store.write(make_member)
    await store.write(adults.doubt_by_staff, member, "存疑")
    for name, number in (("林晓", ADULT[:-1] + "8"), ("林", ADULT), ("林晓", "1234")):
        with pytest.raises(Invalid):
            await adults.check_age(store, Register(), member, name, number)
    assert await store.read(lambda: AgeTry.select().count()) == 0


async def test_without_a_doubt_or_a_provider_nothing_is_asked(store: Store) -> None:
    member = await store.write(make_member)
    register = Register("match")
    with pytest.raises(Conflict) as none:
        await adults.check_age(store, register, member, "林晓", ADULT)
    assert _code(none) == "age_not_doubted"
    await store.write(adults.doubt_by_staff, member, "存疑")
    with pytest.raises(Conflict) as off:
        await adults.check_age(store, None, member, "林晓", ADULT)
    assert (_code(off), register.asked) == ("age_no_provider", [])


async def test_a_doubt_that_nobody_answers_is_refused_in_time(store: Store) -> None:
    member = await store.write(make_member)
    await store.write(adults.doubt_by_staff, member, "存疑")
    assert await flows.refuse_due(store) == {"done": 0, "due": 0}
    days = (await store.read(settings.get, AdultChecks)).days
    clock.set_offset(timedelta(days=days, minutes=1))
    assert await flows.refuse_due(store) == {"done": 1, "due": 1}
    found = await store.read(adults.doubt_of, member)
    assert found is not None
    assert (found.state, found.ended_how) == ("refused", "late")


def test_a_refused_member_may_still_show_a_document(db: Any) -> None:
    member = make_member()
    doubt = adults.doubt_by_staff(member, "存疑")
    adults.refuse_by_hand(doubt, "本人承认未成年")
    assert adults.is_held(member)
    with pytest.raises(Conflict):
        adults.refuse_by_hand(doubt, "再来一次")
    with pytest.raises(Invalid):
        adults.clear_by_hand(doubt, "")
    adults.clear_by_hand(doubt, "到店出示身份证")
    assert not adults.is_held(member)
    with pytest.raises(Conflict):
        adults.clear_by_hand(doubt, "再来一次")
    acts = [line.action for line in audit.timeline("age_doubt", doubt)]
    assert sorted(acts) == ["age.clear", "age.doubt", "age.refuse"]


def test_staff_see_that_others_gave_the_same_number(db: Any) -> None:
    for name in ("林晓", "林小小"):
        member = make_member()
        doubt = adults.doubt_by_staff(member, "存疑")
        begun = service.begin_try(member, name, ADULT)
        service.end_try(begun.id, "mismatch")
    assert [each.others for each in adults.tries_of(doubt)] == [1]


def test_a_verdict_counts_once(db: Any) -> None:
    member = make_member()
    adults.doubt_by_staff(member, "存疑")
    begun = service.begin_try(member, "林晓", ADULT)
    service.end_try(begun.id, "mismatch")
    assert service.end_try(begun.id, "match") == "mismatch"
    assert adults.is_held(member)


def test_checkout_of_a_doubted_buyer_is_refused_before_stock(db: Any) -> None:
    member = make_member()
    wine = make_product(stock=5)
    form = order_form(member, [(wine.sku_id, 1)])
    adults.doubt_by_staff(member, "存疑")
    with pytest.raises(Conflict):
        orders.place_order(form)
    assert orders.list_orders_of_member(member, "all") == []
