"""After-sales cases: bounds of claims, automatic outcomes, and refund sums exact to the fen."""

from __future__ import annotations

from collections import deque
from datetime import timedelta
from typing import Any

import pytest

from domain import aftersales, catalog, ledger, orders, payments, settings
from domain.aftersales import CaseClosed, CaseForm, CaseOpened, LineRefunded
from domain.aftersales.wiring import apply_timeouts
from domain.ledger import merchant_account
from domain.orders import OrderRefunded
from domain.payments.ports import RefundState
from domain.settings import Freight
from kernel import clock, context, events
from kernel.errors import Conflict, Invalid, NotFound
from models import AfterSale, Order, OrderLine, OutboxRow, Refund, Sku
from tests.factories.catalog import make_product
from tests.factories.jobs import run_outbox
from tests.factories.members import make_member
from tests.factories.orders import (
    MCHID,
    Bought,
    paid_order,
    placed_order,
    received_order,
    ship_all,
    shipped_order,
)
from tests.factories.pay import FakePay

CLEARING = merchant_account("wechat_clearing", MCHID)


@pytest.fixture
def heard(wired: None) -> list[Any]:
    """The published events of cases and refunded orders."""
    told: list[Any] = []
    for event in (CaseOpened, CaseClosed, LineRefunded, OrderRefunded):
        events.subscribe(event, told.append)
    return told


@pytest.fixture(autouse=True)
def _wired(heard: list[Any]) -> None:
    """Subscribe all domains to events in every test of this file."""


def _form(bought: Bought, *items: tuple[int, int], **more: Any) -> CaseForm:
    why = "not_wanted" if bought.row.state == "paid" else "quality"
    values = {"kind": "refund_only", "reason": why} | more
    wanted = items or ((bought.line_ids[0], 1),)
    return CaseForm(bought.member_id, bought.order_no, items=tuple(wanted), **values)


def _ask(bought: Bought, *items: tuple[int, int], **more: Any) -> int:
    return int(aftersales.request_case(_form(bought, *items, **more))["case_id"])


def _money_back(case_id: int) -> None:
    """Settle the case's refund as paid back by WeChat."""
    from domain.payments.ports import RefundResult
    from domain.payments.refunds import settle_refund

    row = Refund.get(Refund.case_id == case_id)
    result = RefundResult(
        RefundState.SUCCESS,
        row.out_refund_no,
        mchid=MCHID,
        refund_fen=row.amount_fen,
        currency="CNY",
        success_at=clock.now(),
    )
    assert settle_refund(result) == "booked"


def _approve(case_id: int) -> None:
    aftersales.approve_case(case_id)
    if Refund.select().where(Refund.case_id == case_id).exists():
        _money_back(case_id)


def _line(bought: Bought) -> Any:
    return OrderLine.get_by_id(bought.line_ids[0])


def _stock(bought: Bought) -> tuple[int, int, int]:
    sku = Sku.get_by_id(bought.product.sku_id)
    return sku.stock, sku.held, sku.sold


# --- a paid order that has not been shipped


def test_cancelling_a_paid_order_refunds_everything_with_freight(
    db: Any, heard: list[Any]
) -> None:
    cheap = make_product(price_fen=3000, stock=5)
    bought = paid_order(product=cheap, quantity=2)
    assert bought.payable_fen == 7000
    made = aftersales.cancel_paid_order(bought.order_no, bought.member_id)
    case = aftersales.case_detail_for_buyer(made["case_no"], bought.member_id)
    assert (case.goods_fen, case.freight_fen, case.total_fen) == (6000, 1000, 7000)
    with pytest.raises(Conflict):
        ship_all(bought)
    _approve(case.id)
    row = bought.row
    assert (row.state, row.refunded_fen, row.open_cases) == ("refunded", 7000, 0)
    assert _stock(bought) == (5, 0, 0)
    assert catalog.skus_out_of_balance() == []
    assert ledger.balance(CLEARING) == 0
    line = bought.line_ids[0]
    assert heard == [
        CaseOpened(case.id, line),
        OrderRefunded(bought.order_id),
        LineRefunded(case.id, line, bought.order_id, 0, 6000, 6000),
        CaseClosed(case.id, line),
    ]


def test_one_case_over_all_lines_is_one_refund(db: Any) -> None:
    one, two = make_product(price_fen=100), make_product(price_fen=200)
    bought = paid_order(items=[(one.sku_id, 1), (two.sku_id, 2)], product=one)
    case = aftersales.cancel_paid_order(bought.order_no, bought.member_id)["case_id"]
    _approve(case)
    assert [r.amount_fen for r in orders.refunds_of(bought.order_id)] == [1500]
    assert bought.row.state == "refunded"


def test_freight_is_refunded_with_the_last_line_only(db: Any) -> None:
    one, two = make_product(price_fen=100), make_product(price_fen=200)
    bought = paid_order(items=[(one.sku_id, 1), (two.sku_id, 1)], product=one)
    first, second = bought.line_ids
    _approve(_ask(bought, (first, 1)))
    assert (bought.row.state, bought.row.refunded_fen) == ("paid", 100)
    _approve(_ask(bought, (second, 1)))
    row = bought.row
    assert (row.state, row.refunded_fen, row.refunded_freight_fen) == ("refunded", 1300, 1000)


def test_freight_is_not_refunded_if_another_case_was_refused_meanwhile(db: Any) -> None:
    one, two = make_product(price_fen=100), make_product(price_fen=200)
    bought = paid_order(items=[(one.sku_id, 1), (two.sku_id, 1)], product=one)
    first, second = bought.line_ids
    refused, other = _ask(bought, (first, 1)), _ask(bought, (second, 1))
    assert AfterSale.get_by_id(other).freight_fen == 1000
    aftersales.reject_case(refused, "已经打包")
    _approve(other)
    row = bought.row
    assert (row.state, row.refunded_fen, row.claimed_freight_fen) == ("paid", 200, 0)
    ship_all(bought)
    assert bought.row.state == "shipped"


def test_goods_of_a_refused_case_can_be_shipped_again(db: Any, heard: list[Any]) -> None:
    bought = paid_order(quantity=2)
    case = _ask(bought)
    ship_all(bought)
    assert (bought.row.state, _line(bought).shipped) == ("partly_shipped", 1)
    aftersales.reject_case(case, "已经打包")
    ship_all(bought)
    assert (bought.row.state, _line(bought).shipped, bought.row.open_cases) == ("shipped", 2, 0)
    assert [type(e).__name__ for e in heard] == ["CaseOpened", "CaseClosed"]
    assert Refund.select().count() == 0


def test_dropping_the_rest_makes_a_partly_shipped_order_shipped(db: Any) -> None:
    bought = paid_order(quantity=3)
    ship_all(bought, (bought.line_ids[0], 2))
    _approve(_ask(bought, reason="not_wanted"))
    row = bought.row
    assert (row.state, row.refunded_fen, row.receive_by_at is not None) == ("shipped", 29800, True)
    assert _stock(bought) == (98, 0, 2)


def test_an_order_of_0_fen_is_refunded_without_wechat(db: Any, heard: list[Any]) -> None:
    settings.change(Freight, {"flat_fen": 0})
    bought = placed_order(product=make_product(price_fen=0, stock=3))
    case = aftersales.cancel_paid_order(bought.order_no, bought.member_id)["case_id"]
    aftersales.approve_case(case)
    assert aftersales.case_detail_for_merchant(case).state == "refunded"
    assert (bought.row.state, Refund.select().count()) == ("refunded", 0)
    assert _stock(bought) == (3, 0, 0)


# --- bounds of a claim


def test_cases_never_claim_more_than_the_line(db: Any) -> None:
    bought = shipped_order(quantity=2)
    _ask(bought)
    _ask(bought)
    with pytest.raises(Invalid) as refused:
        _ask(bought)
    assert refused.value.facts["limit"] == 0
    assert (_line(bought).claimed, _line(bought).claimed_fen) == (2, 59600)
    assert AfterSale.select().count() == 2


async def test_two_simultaneous_requests_claim_a_piece_once(store: Any) -> None:
    import asyncio

    bought = await store.write(shipped_order)
    form = await store.read(_form, bought)
    results = await asyncio.gather(
        *(store.write(aftersales.request_case, form) for _ in range(8)), return_exceptions=True
    )
    assert sum(isinstance(r, dict) for r in results) == 1
    assert sum(isinstance(r, Invalid | Conflict) for r in results) == 7
    assert (await store.read(_line, bought)).claimed == 1


def test_refunds_of_single_pieces_sum_to_the_paid_amount(db: Any) -> None:
    made = make_product(price_fen=3333)
    bought = shipped_order(product=made, quantity=3)
    # The line of three pieces was paid with ¥100.00, which does not divide by three.
    OrderLine.update(paid_fen=10000).where(OrderLine.id == bought.line_ids[0]).execute()
    amounts = [AfterSale.get_by_id(_ask(bought)).goods_fen for _ in range(3)]
    assert amounts == [3333, 3333, 3334]


def test_a_withdrawn_piece_does_not_change_the_sum(db: Any) -> None:
    bought = shipped_order(product=make_product(price_fen=3333), quantity=3)
    OrderLine.update(paid_fen=10000).where(OrderLine.id == bought.line_ids[0]).execute()
    first = _ask(bought)
    cases = [_ask(bought), _ask(bought)]
    aftersales.withdraw_case(AfterSale.get_by_id(first).case_no, bought.member_id)
    cases.append(_ask(bought))
    assert sum(AfterSale.get_by_id(case).goods_fen for case in cases) == 10000
    assert _line(bought).claimed_fen == 10000


def test_after_a_refund_of_one_yuan_the_rest_can_be_refunded(db: Any, heard: list[Any]) -> None:
    bought = received_order()
    case = _ask(bought, (bought.line_ids[0], 0), amount_fen=100, reason="quality")
    _approve(case)
    refunded = [e for e in heard if isinstance(e, LineRefunded)]
    assert [(e.refunded_before_fen, e.refunded_after_fen, e.paid_fen) for e in refunded] == [
        (0, 100, 29800)
    ]
    page = orders.order_by_id(bought.order_id)
    assert (page.state, page.is_partly_refunded, page.lines[0].refunded) == ("received", True, 0)
    rest = _ask(bought)
    assert AfterSale.get_by_id(rest).goods_fen == 29700
    _approve(rest)
    assert bought.row.state == "refunded"


@pytest.mark.parametrize("amount_fen", [0, -1, 29801, 10**12])
def test_an_amount_out_of_bounds_is_refused(db: Any, amount_fen: int) -> None:
    bought = received_order()
    with pytest.raises(Invalid):
        _ask(bought, (bought.line_ids[0], 0), amount_fen=amount_fen)
    assert _line(bought).claimed_fen == 0


@pytest.mark.parametrize("quantity", [0, -1, 2, 10**9])
def test_a_quantity_out_of_bounds_is_refused(db: Any, quantity: int) -> None:
    bought = received_order()
    with pytest.raises(Invalid):
        _ask(bought, (bought.line_ids[0], quantity))
    assert (_line(bought).claimed, AfterSale.select().count()) == (0, 0)


def test_another_members_order_line_or_case_is_not_found(db: Any) -> None:
    bought, other, stranger = received_order(), received_order(), make_member()
    with pytest.raises(NotFound):
        aftersales.request_case(
            CaseForm(stranger, bought.order_no, "refund_only", ((1, 1),), "quality")
        )
    with pytest.raises(NotFound):
        _ask(bought, (other.line_ids[0], 1))
    case_no = AfterSale.get_by_id(_ask(bought)).case_no
    with pytest.raises(NotFound):
        aftersales.case_detail_for_buyer(case_no, stranger)
    with pytest.raises(NotFound):
        aftersales.withdraw_case(case_no, stranger)
    assert aftersales.list_cases_of_member(stranger) == []


# --- time limits


def test_an_unpaid_order_has_no_cases(db: Any) -> None:
    bought = placed_order()
    with pytest.raises(Conflict):
        _ask(bought)
    with pytest.raises(Conflict):
        aftersales.cancel_paid_order(bought.order_no, bought.member_id)


def test_goods_can_be_returned_without_a_reason_for_seven_days(db: Any) -> None:
    bought = received_order()
    clock.set_offset(timedelta(days=6, hours=23))
    _ask(bought, kind="return", reason="no_reason")
    late = received_order()
    clock.set_offset(clock.offset() + timedelta(days=7, seconds=1))
    with pytest.raises(Conflict) as refused:
        _ask(late, kind="return", reason="no_reason")
    assert refused.value.code == "no_reason_too_late"
    _ask(late, kind="return", reason="quality")


def test_a_confirmed_exemption_excludes_returns_without_a_reason(db: Any) -> None:
    made = make_product(is_return_exempt=True)
    bought = received_order(product=made, exempt_confirmed=(made.sku_id,))
    with pytest.raises(Conflict) as refused:
        _ask(bought, kind="return", reason="no_reason")
    assert refused.value.code == "return_exempt"
    _ask(bought, kind="return", reason="quality")


def test_unshipped_goods_cannot_be_returned(db: Any) -> None:
    bought = paid_order(quantity=2)
    with pytest.raises(Conflict):
        _ask(bought, kind="return", reason="quality")
    ship_all(bought, (bought.line_ids[0], 1))
    with pytest.raises(Invalid):
        _ask(bought, (bought.line_ids[0], 2), kind="return", reason="quality")
    assert AfterSale.select().count() == 0


def test_breakage_needs_a_picture(db: Any) -> None:
    bought = received_order()
    with pytest.raises(Invalid) as refused:
        _ask(bought, reason="damaged")
    assert refused.value.field == "pictures"
    _ask(bought, reason="damaged", pictures=("a" * 64,))


def test_a_completed_order_can_be_refunded_by_the_merchant_only(db: Any) -> None:
    bought = received_order()
    Order.update(state="completed").where(Order.id == bought.order_id).execute()
    with pytest.raises(Conflict) as refused:
        _ask(bought)
    assert refused.value.code == "case_too_late"
    with pytest.raises(Invalid):
        aftersales.merchant_refund(bought.order_no, [], " ")
    made = aftersales.merchant_refund(bought.order_no, [], "老客户关怀")
    assert aftersales.case_detail_for_merchant(made["case_id"]).state == "refunding"
    _money_back(made["case_id"])
    assert bought.row.state == "refunded"


def test_the_merchant_may_refund_a_part(db: Any) -> None:
    bought = received_order()
    items = [(bought.line_ids[0], 0)]
    case = aftersales.merchant_refund(bought.order_no, items, "瓶盖划痕", amount_fen=500)
    _money_back(case["case_id"])
    assert (bought.row.refunded_fen, bought.row.state) == (500, "received")


# --- timeouts


async def test_a_case_is_approved_if_the_merchant_does_not_answer(store: Any) -> None:
    bought = await store.write(paid_order)
    case = await store.write(_ask, bought)
    assert await apply_timeouts(store) == {"done": 0, "due": 0}
    clock.set_offset(timedelta(hours=48, seconds=1))
    assert await apply_timeouts(store) == {"done": 1, "due": 1}
    sheet = await store.read(aftersales.case_detail_for_merchant, case)
    assert (sheet.state, sheet.log[-1].actor, sheet.due_at) == ("refunding", "system", None)
    await run_outbox(store, await _known_pay(store))
    assert (await store.read(aftersales.case_detail_for_merchant, case)).state == "refunded"


async def test_goods_that_are_not_sent_back_end_the_case(store: Any) -> None:
    bought = await store.write(received_order)
    case = await store.write(_return, bought)
    await store.write(aftersales.approve_case, case)
    clock.set_offset(timedelta(days=7, seconds=1))
    await apply_timeouts(store)
    assert (await store.read(aftersales.case_detail_for_merchant, case)).state == "withdrawn"
    assert (await store.read(_line, bought)).claimed == 0


async def test_a_return_whose_receipt_nobody_confirms_is_not_refunded_by_a_timeout(
    store: Any,
) -> None:
    bought = await store.write(received_order)
    case = await store.write(_return, bought)
    await store.write(aftersales.approve_case, case)
    case_no = (await store.read(aftersales.case_detail_for_merchant, case)).case_no
    await store.write(aftersales.send_back, case_no, bought.member_id, "圆通", "YT123456")
    for days in (10, 13, 16, 90):
        clock.set_offset(timedelta(days=days, minutes=days))
        assert await apply_timeouts(store) == {"done": 1, "due": 1}
    sheet = await store.read(aftersales.case_detail_for_merchant, case)
    steps = ["requested", "approved", "returning", "unconfirmed", "unconfirmed"]
    assert [g.to_state for g in sheet.log][:5] == steps
    assert (sheet.state, sheet.timeout_event) == ("unconfirmed", "remind")
    assert await store.read(Refund.select().count) == 0
    told = await store.read(_owner_told)
    assert told == [{"ticket_no": case_no}] * 4
    await store.write(_taken_in_as_damaged, case)
    assert (await store.read(aftersales.case_detail_for_merchant, case)).state == "refunding"
    assert await store.read(_stock, bought) == (99, 0, 1)


def _owner_told() -> list[dict[str, Any]]:
    rows = OutboxRow.select().where(OutboxRow.kind == "notify.owner").order_by(OutboxRow.id)
    purposes = [r.payload for r in rows if r.payload["purpose"] == "return_unconfirmed"]
    return [p["facts"] for p in purposes]


def _taken_in_as_damaged(case: int) -> str:
    return aftersales.receive_returned_goods(case, restock=False)


def _return(bought: Bought) -> int:
    return _ask(bought, kind="return", reason="quality")


async def _known_pay(store: Any) -> FakePay:
    """A fake WeChat in which the payments of the database are paid."""
    from domain.payments.ports import PaymentResult, TradeState
    from models import Payment

    pay = FakePay()
    for row in await store.read(lambda: list(Payment.select())):
        pay.trades[row.out_trade_no] = PaymentResult(
            TradeState.SUCCESS, row.out_trade_no, MCHID, amount_fen=row.received_fen
        )
    return pay


# --- returns and exchanges


@pytest.mark.parametrize(("restock", "stock"), [(True, (100, 0, 0)), (False, (99, 0, 1))])
def test_a_return_ends_with_a_refund_and_optionally_restocks(
    db: Any, restock: bool, stock: tuple[int, int, int]
) -> None:
    bought = received_order()
    case = _return(bought)
    aftersales.approve_case(case)
    with pytest.raises(Conflict):
        aftersales.receive_returned_goods(case, restock=restock)
    case_no = AfterSale.get_by_id(case).case_no
    with pytest.raises(Invalid):
        aftersales.send_back(case_no, bought.member_id, "圆通", "?")
    aftersales.send_back(case_no, bought.member_id, "圆通", "YT123456")
    assert aftersales.receive_returned_goods(case, restock=restock) == "refunding"
    _money_back(case)
    assert (bought.row.state, _stock(bought)) == ("refunded", stock)
    assert catalog.skus_out_of_balance() == []


def _taken_back_for_exchange(bought: Bought) -> int:
    case = _ask(bought, kind="exchange", reason="wrong_goods")
    aftersales.approve_case(case)
    case_no = AfterSale.get_by_id(case).case_no
    aftersales.send_back(case_no, bought.member_id, "圆通", "YT123456")
    assert aftersales.receive_returned_goods(case, restock=True) == "received_back"
    return case


def test_an_exchange_ends_with_a_replacement_and_releases_the_claim(
    db: Any, heard: list[Any]
) -> None:
    bought = received_order()
    case = _taken_back_for_exchange(bought)
    aftersales.send_replacement(case, "顺丰", "SF123456")
    sheet = aftersales.case_detail_for_merchant(case)
    assert (sheet.state, sheet.sent_tracking_no, sheet.is_open) == ("exchanged", "SF123456", False)
    assert (bought.row.state, bought.row.open_cases, _line(bought).claimed) == ("received", 0, 0)
    assert _stock(bought) == (99, 0, 1)
    assert Refund.select().count() == 0
    assert heard[-1] == CaseClosed(case, bought.line_ids[0])


def test_an_exchange_without_stock_ends_with_a_refund(db: Any) -> None:
    bought = received_order()
    case = _taken_back_for_exchange(bought)
    aftersales.refund_instead(case, "无货")
    _money_back(case)
    assert (bought.row.state, bought.row.refunded_fen) == ("refunded", 29800)


# --- refunds that WeChat could not make


async def test_an_abnormal_refund_waits_and_can_be_sent_again(
    store: Any, heard: list[Any]
) -> None:
    bought = await store.write(paid_order)
    case = await store.write(_ask, bought)
    await store.write(aftersales.approve_case, case)
    pay = await _known_pay(store)
    pay.faults["refund"] = deque(["RULE_LIMIT"])
    await run_outbox(store, pay)
    assert (await store.read(aftersales.case_detail_for_merchant, case)).state == "abnormal"
    refund = (await store.read(payments.refunds_of_case, case))[0]
    await store.write(payments.retry_refund, refund.id)
    assert (await store.read(aftersales.case_detail_for_merchant, case)).state == "refunding"
    await run_outbox(store, pay)
    assert (await store.read(aftersales.case_detail_for_merchant, case)).state == "refunded"
    assert list(pay.refunds) == [refund.out_refund_no]
    assert sum(isinstance(e, LineRefunded) for e in heard) == 1


async def test_a_refund_by_hand_settles_the_case(store: Any, heard: list[Any]) -> None:
    bought = await store.write(paid_order)
    case = await store.write(_ask, bought)
    await store.write(aftersales.approve_case, case)
    pay = await _known_pay(store)
    pay.refund_state = RefundState.ABNORMAL
    await run_outbox(store, pay)
    refund = (await store.read(payments.refunds_of_case, case))[0]
    context.actor.set("staff:money")
    assert not await store.write(payments.settle_refund_by_hand, refund.id, "网银流水 17")
    assert (await store.read(aftersales.case_detail_for_merchant, case)).state == "abnormal"
    with pytest.raises(Conflict):  # the second confirmation is another person's
        await store.write(payments.settle_refund_by_hand, refund.id, "网银流水 17")
    context.actor.set("staff:boss")
    assert await store.write(payments.settle_refund_by_hand, refund.id, "网银流水 17")
    assert (await store.read(aftersales.case_detail_for_merchant, case)).state == "settled_by_hand"
    row = await store.read(lambda: bought.row)
    assert (row.state, row.refunded_fen, row.open_cases) == ("refunded", 29800, 0)
    assert sum(isinstance(e, LineRefunded) for e in heard) == 1


def test_an_answered_case_is_not_answered_again(db: Any) -> None:
    bought = paid_order()
    case = _ask(bought)
    aftersales.approve_case(case)
    for again in (
        lambda: aftersales.approve_case(case),
        lambda: aftersales.reject_case(case, "晚了"),
        lambda: aftersales.withdraw_case(AfterSale.get_by_id(case).case_no, bought.member_id),
    ):
        with pytest.raises(Conflict):
            again()
    assert Refund.select().count() == 1
    assert not aftersales.apply_timeout(case)


def test_the_lists_show_what_is_open(db: Any) -> None:
    bought = paid_order(quantity=3)
    first, second = _ask(bought), _ask(bought)
    aftersales.reject_case(first, "理由")
    assert [c.id for c in aftersales.list_cases(is_open=True)] == [second]
    assert [c.id for c in aftersales.list_cases(state="rejected")] == [first]
    assert [c.id for c in aftersales.list_cases_of_order(bought.order_id)] == [first, second]
    assert [c.id for c in aftersales.list_cases_of_member(bought.member_id, before_id=second)] == [
        first
    ]
    assert aftersales.case_counts() == {"requested": 1}
    assert aftersales.case_detail_for_merchant(first).decision_note == "理由"
    assert aftersales.case_detail_for_merchant(second).can("approve_refund")
    assert [c.order_no for c in orders.list_orders_of_member(bought.member_id, "refunding")] == [
        bought.order_no
    ]


def test_the_preview_shows_the_sum_of_a_request(db: Any) -> None:
    bought = paid_order(product=make_product(price_fen=3000), quantity=2)
    line = bought.line_ids[0]
    args = (bought.member_id, bought.order_no, "refund_only")
    assert aftersales.preview_case(*args, [(line, 1)]).total_fen == 3000
    assert aftersales.preview_case(*args, [(line, 2)]).total_fen == 7000
    assert AfterSale.select().count() == 0


def test_the_buyer_is_notified_of_an_approved_return_and_of_a_refusal(db: Any) -> None:
    told = OutboxRow.kind == "notify.member"
    before = OutboxRow.select().where(told).count()
    bought = received_order()
    case = _ask(bought, kind="return")
    aftersales.approve_case(case, "请寄到泸州仓")
    other = received_order()
    aftersales.reject_case(_ask(other, kind="return"), "已超过时限")
    rows = list(OutboxRow.select().where(told).order_by(OutboxRow.id))[before:]
    found = [(r.payload["purpose"], r.payload["facts"].get("reason")) for r in rows]
    assert [f for f in found if f[0].startswith("case_")] == [
        ("case_return", "请寄到泸州仓"),
        ("case_rejected", "已超过时限"),
    ]


def test_the_notice_of_an_approved_return_names_the_return_address(db: Any) -> None:
    settings.change(
        settings.Returns, {"receiver": "售后部", "phone": "0830-1", "address": "泸州仓"}
    )
    case = _ask(received_order(), kind="return")
    aftersales.approve_case(case, "")
    row = OutboxRow.select().where(OutboxRow.kind == "notify.member").order_by(OutboxRow.id.desc())
    assert row.first().payload["facts"]["address"] == "售后部 0830-1 泸州仓"
