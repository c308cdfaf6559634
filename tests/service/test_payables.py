"""Payables: a second kind besides orders, and an order with two payables.

These kinds exist in this file only. They show that payments depend on no kind, and that an order
may have several payables.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from peewee import CharField

from app.wiring import subscribe_all
from domain import aftersales, ledger, orders, payments, settings
from domain.ledger import merchant_account
from domain.orders import begin_closing, mark_paid
from domain.orders.service import finish_closing
from domain.payments import (
    Payable,
    PayableRef,
    PaymentForm,
    ReceivedPayment,
    RejectedPayment,
    flows,
)
from domain.payments.ports import RefundState, TradeState
from domain.payments.service import settle
from domain.reconcile import returns
from kernel import clock
from kernel.errors import Conflict, Retryable
from kernel.migrate import create_tables
from kernel.store import Table
from models import AfterSale, LedgerTransfer, Order, OutboxRow, Payment, Refund
from tests.factories.jobs import PUBLIC_URL, run_outbox
from tests.factories.members import APPID
from tests.factories.orders import MCHID, Bought, paid_result, placed_order, ship_all
from tests.factories.pay import FakePay
from tests.factories.transfers import forget_leases
from tests.harness import books
from tests.harness.straight import StraightStore

DEPOSIT = 5_000


class Fee(Table):
    """A payable fee: open, paid or given up."""

    no = CharField(max_length=40, unique=True)
    state = CharField(max_length=8, default="open")

    class Meta:
        table_name = "test_fee"


def _take_fee(arrived: ReceivedPayment) -> RejectedPayment | None:
    fee = Fee.get_by_id(arrived.payable.id)
    if fee.state == "open":
        Fee.update(state="paid").where(Fee.id == fee.id).execute()
        return None
    return RejectedPayment("duplicate" if fee.state == "paid" else "late")


def _find_fee(no: str) -> int | None:
    fee = Fee.get_or_none(Fee.no == no)
    return None if fee is None else int(fee.id)


FEE = Payable("test_fee", _take_fee, _find_fee)


@pytest.fixture
def fee(db: Any) -> Iterator[PayableRef]:
    """An unpaid fee, whose kind is registered."""
    create_tables(db, [Fee])
    subscribe_all()
    payments.register_payable(FEE)
    yield PayableRef("test_fee", int(Fee.create(no="FEE261129A").id), "FEE261129A")
    db.drop_tables([Fee])


@pytest.fixture
def pay() -> Any:
    return FakePay()


@pytest.fixture
def straight(db: Any) -> Any:
    return StraightStore(db)


def _form(payable: PayableRef, fen: int, channel: Any = "native") -> PaymentForm:
    until = clock.now() + timedelta(hours=1)
    return PaymentForm(payable, fen, channel, MCHID, APPID, "保管费", until)


async def _open(store: Any, pay: Any, payable: PayableRef, fen: int = 800, **more: Any) -> str:
    ticket = await store.write(payments.begin_payment, _form(payable, fen, **more))
    opened = await flows.open_payment(
        store, pay, ticket, public_url=PUBLIC_URL, client_ip="127.0.0.1"
    )
    return opened.out_trade_no


async def _pay(store: Any, pay: Any, number: str, fen: int | None = None) -> str:
    paid = pay.pay(number, fen)
    return await flows.receive_notice(store, pay.notice(paid, len(pay.calls)))


# --- a second kind


async def test_a_fee_is_paid_and_booked_like_an_order(
    straight: Any, pay: Any, fee: PayableRef
) -> None:
    number = await _open(straight, pay, fee)
    assert await _pay(straight, pay, number) == "booked"
    assert Fee.get().state == "paid"
    assert ledger.is_booked(f"pay:{number}")
    (shown,) = payments.payments_of(["test_fee"], fee.id)
    assert (shown.payable, shown.state, shown.received_fen) == (fee, "paid", 800)
    assert ledger.balance(merchant_account("sales")) == 800
    assert Order.select().count() == 0


async def test_wechat_is_told_the_number_of_the_fee(straight: Any, fee: PayableRef) -> None:
    ticket = await straight.write(payments.begin_payment, _form(fee, 800))
    assert ticket.attach == "FEE261129A"


async def test_two_taps_are_one_payment_and_another_attempt_is_closed_when_one_is_paid(
    straight: Any, pay: Any, fee: PayableRef
) -> None:
    number = await _open(straight, pay, fee)
    assert await _open(straight, pay, fee) == number
    other = await _open(straight, pay, fee, channel="h5")
    assert await _pay(straight, pay, number) == "booked"
    await run_outbox(straight, pay)
    assert pay.trades[other].state is TradeState.CLOSED
    assert payments.open_numbers(["test_fee"], fee.id) == []


async def test_a_fee_that_was_given_up_is_closed_and_late_money_is_refunded(
    straight: Any, pay: Any, fee: PayableRef
) -> None:
    number = await _open(straight, pay, fee)
    Fee.update(state="given_up").execute()
    assert await flows.close_payment(straight, pay, number) == "closed"
    pay.trades[number] = replace(pay.trades[number], state=TradeState.NOTPAY)
    assert await _pay(straight, pay, number) == "booked"
    await run_outbox(straight, pay)
    (back,) = payments.refunds_of(["test_fee"], fee.id)
    assert (back.cause, back.state, back.amount_fen) == ("late", "succeeded", 800)
    assert back.payable == fee
    assert pay.refunded_fen() == 800


async def test_a_second_payment_of_a_fee_is_refunded(
    straight: Any, pay: Any, fee: PayableRef
) -> None:
    first = await _open(straight, pay, fee)
    second = await _open(straight, pay, fee, channel="h5")
    for number in (first, second):
        assert await _pay(straight, pay, number) == "booked"
    await run_outbox(straight, pay)
    assert [r.cause for r in payments.refunds_of(["test_fee"], fee.id)] == ["duplicate"]
    assert pay.paid_fen() - pay.refunded_fen() == 800


async def test_a_payment_of_another_amount_does_not_pay_the_fee(
    straight: Any, pay: Any, fee: PayableRef
) -> None:
    number = await _open(straight, pay, fee)
    assert await _pay(straight, pay, number, 799) == "wrong_amount"
    assert Fee.get().state == "open"


async def test_a_fee_is_refunded_in_parts_up_to_the_received_amount(
    db: Any, straight: Any, pay: Any, fee: PayableRef
) -> None:
    await _pay(straight, pay, await _open(straight, pay, fee))
    for fen in (300, 500):
        with db.atomic():
            payments.begin_refunds(["test_fee"], fee.id, fen, "case")
    with pytest.raises(Conflict, match="refund_above_payment"), db.atomic():
        payments.begin_refunds(["test_fee"], fee.id, 1, "case")
    await run_outbox(straight, pay)
    assert [r.amount_fen for r in payments.refunds_of(["test_fee"], fee.id)] == [300, 500]
    assert OutboxRow.select().where(OutboxRow.kind == "notify.member").count() == 0
    assert ledger.balance(merchant_account("sales")) == 0


def test_equal_ids_of_two_kinds_are_distinguished(db: Any, fee: PayableRef) -> None:
    """A fee and an order may have the same id."""
    bought = placed_order()
    payments.begin_payment(_form(PayableRef("test_fee", bought.order_id, "FEE261129B"), 800))
    assert orders.open_numbers(bought.order_id) == []
    assert len(payments.open_numbers(["test_fee"], bought.order_id)) == 1


def test_a_payment_of_an_unregistered_kind_is_not_booked(db: Any, fee: PayableRef) -> None:
    number = payments.begin_payment(_form(fee, 800)).out_trade_no
    payments.forget_payables()
    with pytest.raises(LookupError), db.atomic():
        settle(paid_result(number, 800))
    assert (Payment.get().state, LedgerTransfer.select().count()) == ("created", 0)


def test_after_a_restore_a_payment_finds_its_payable_by_number(db: Any, fee: PayableRef) -> None:
    result = paid_result("PAYFORGOTTEN", 800, attach="FEE261129A", trade_type="NATIVE")
    assert returns.adopt_payment(result, MCHID, APPID) == "booked"
    assert Fee.get().state == "paid"
    lost = paid_result("PAYFORGOTTEN2", 800, attach="FEE000000X")
    assert returns.adopt_payment(lost, MCHID, APPID) == "no_order"


# --- two payables of one order


def _take_part(arrived: ReceivedPayment) -> RejectedPayment | None:
    """Mark the order as paid once both payables are paid."""
    taken = [p for p in orders.payments_of(arrived.payable.id) if p.state == "paid"]
    total = sum(p.received_fen for p in taken)
    order = Order.get_by_id(arrived.payable.id)
    if order.paid_at is not None or order.state == "cancelled":
        return RejectedPayment("late")
    if total == order.payable_fen:
        assert mark_paid(order.id, total, arrived.at, arrived.payment_id)
    return None


def _find_nothing(_no: str) -> int | None:
    return None


@pytest.fixture
def presale(db: Any) -> Bought:
    """An order of two bottles that is paid by a deposit and a balance."""
    subscribe_all()
    for kind in ("test_deposit", "test_balance"):
        orders.register_payable(Payable(kind, _take_part, _find_nothing))
    return placed_order(quantity=2)


async def _pay_both(store: Any, pay: Any, presale: Bought) -> None:
    rest = presale.payable_fen - DEPOSIT
    for kind, fen in (("test_deposit", DEPOSIT), ("test_balance", rest)):
        ref = PayableRef(kind, presale.order_id, f"{presale.order_no}{kind[5].upper()}")
        number = await _open(store, pay, ref, fen)
        assert await _pay(store, pay, number) == "booked"


async def test_an_order_is_paid_in_two_steps(straight: Any, pay: Any, presale: Bought) -> None:
    await _pay_both(straight, pay, presale)
    shown = orders.payments_of(presale.order_id)
    assert [(p.payable.kind, p.received_fen) for p in shown] == [
        ("test_deposit", DEPOSIT), ("test_balance", presale.payable_fen - DEPOSIT),
    ]  # fmt: skip
    assert (presale.row.state, presale.row.paid_fen) == ("paid", presale.payable_fen)
    assert books.faults() == []


async def test_an_order_with_an_open_payment_of_a_part_is_not_cancelled(
    db: Any, straight: Any, pay: Any, presale: Bought
) -> None:
    ref = PayableRef("test_balance", presale.order_id, f"{presale.order_no}B")
    number = await _open(straight, pay, ref, presale.payable_fen)
    begin_closing(presale.order_id, "timeout", "system")
    with pytest.raises(Retryable, match="payments_open"), db.atomic():
        finish_closing(presale.order_id)
    await run_outbox(straight, pay)
    assert pay.trades[number].state is TradeState.CLOSED
    assert presale.row.state == "cancelled"


async def test_a_refund_takes_the_deposit_first_then_the_balance(
    straight: Any, pay: Any, presale: Bought
) -> None:
    await _pay_both(straight, pay, presale)
    line = presale.line_ids[0]
    each = presale.row.goods_fen // 2
    for n in (1, 1):
        with straight._db.atomic():
            aftersales.merchant_refund(presale.order_no, [(line, n)], "缺货")
        await run_outbox(straight, pay)
    backs = [(r.payable.kind, r.amount_fen) for r in orders.refunds_of(presale.order_id)]
    last = presale.payable_fen - each
    assert backs == [
        ("test_deposit", DEPOSIT), ("test_balance", each - DEPOSIT), ("test_balance", last),
    ]  # fmt: skip
    assert (presale.row.state, presale.row.refunded_fen) == ("refunded", presale.payable_fen)
    assert [p.refunding_fen == p.received_fen for p in orders.payments_of(presale.order_id)] == [
        True, True,
    ]  # fmt: skip
    assert pay.paid_fen() == pay.refunded_fen() == presale.payable_fen
    assert books.faults() == []


async def _refund_all(straight: Any, presale: Bought) -> Any:
    with straight._db.atomic():
        made = aftersales.merchant_refund(presale.order_no, (), "缺货")
    return made["case_id"]


async def test_a_case_ends_when_all_of_its_refunds_have_ended(
    straight: Any, pay: Any, presale: Bought
) -> None:
    await _pay_both(straight, pay, presale)
    case_id = await _refund_all(straight, presale)
    first, second = [r.id for r in payments.refunds_of_case(case_id)]
    assert await flows.send_refund(straight, pay, first, public_url=PUBLIC_URL) == "booked"
    assert (AfterSale.get().state, presale.row.refunded_fen) == ("refunding", 0)
    assert await flows.send_refund(straight, pay, second, public_url=PUBLIC_URL) == "booked"
    assert (AfterSale.get().state, presale.row.state) == ("refunded", "refunded")
    assert books.faults() == []


@pytest.mark.parametrize("way", ["retried", "by_hand"])
@pytest.mark.parametrize("is_stuck_first", [True, False])
async def test_a_case_is_abnormal_while_one_of_its_refunds_is(
    straight: Any, pay: Any, presale: Bought, way: str, is_stuck_first: bool
) -> None:
    await _pay_both(straight, pay, presale)
    case_id = await _refund_all(straight, presale)
    ids = [r.id for r in payments.refunds_of_case(case_id)]
    stuck, fine = ids if is_stuck_first else ids[::-1]
    pay.refund_state = RefundState.ABNORMAL
    assert await flows.send_refund(straight, pay, stuck, public_url=PUBLIC_URL) == "abnormal"
    assert AfterSale.get().state == "abnormal"
    pay.refund_state = RefundState.SUCCESS
    if is_stuck_first:
        assert await flows.send_refund(straight, pay, fine, public_url=PUBLIC_URL) == "booked"
        assert AfterSale.get().state == "abnormal"
    forget_leases()
    with straight._db.atomic():
        settings.change(settings.PayoutBrakes, {"second_person_from_fen": 10_000_000})
        if way == "retried":
            payments.retry_refund(stuck)
        else:
            payments.settle_refund_by_hand(stuck, "银行回单 0001")
    if way == "retried":
        assert AfterSale.get().state == "refunding"
        await flows.send_refund(straight, pay, stuck, public_url=PUBLIC_URL)
    if not is_stuck_first:
        assert AfterSale.get().state == "refunding"
        assert await flows.send_refund(straight, pay, fine, public_url=PUBLIC_URL) == "booked"
    ended = "settled_by_hand" if way == "by_hand" and is_stuck_first else "refunded"
    assert (AfterSale.get().state, presale.row.state) == (ended, "refunded")
    assert books.faults() == []


async def test_two_failed_refunds_of_one_case_are_both_recorded(
    straight: Any, pay: Any, presale: Bought
) -> None:
    """The second failure must not be rolled back because the case is already abnormal."""
    await _pay_both(straight, pay, presale)
    case_id = await _refund_all(straight, presale)
    pay.refund_state = RefundState.ABNORMAL
    for refund in payments.refunds_of_case(case_id):
        outcome = await flows.send_refund(straight, pay, refund.id, public_url=PUBLIC_URL)
        assert outcome == "abnormal"
    assert [r.state for r in Refund.select()] == ["abnormal", "abnormal"]
    assert AfterSale.get().state == "abnormal"


async def test_the_last_part_of_a_shipped_order_is_refunded_from_the_balance(
    straight: Any, pay: Any, presale: Bought
) -> None:
    await _pay_both(straight, pay, presale)
    ship_all(presale)
    with straight._db.atomic():
        aftersales.merchant_refund(presale.order_no, [(presale.line_ids[0], 0)], "补偿", 6_000)
    await run_outbox(straight, pay)
    backs = [(r.payable.kind, r.amount_fen) for r in orders.refunds_of(presale.order_id)]
    assert backs == [("test_deposit", DEPOSIT), ("test_balance", 1_000)]
    assert books.faults() == []
