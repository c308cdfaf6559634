"""Adopting payments, refunds and transfers from WeChat's bills that a restored backup lacks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain import after_restore_hold, aftersales, distribution, ledger, orders, settings
from domain.orders import ShipForm
from domain.payments import adopting
from domain.payments.ports import RefundResult, RefundState, TransferResult, TransferState
from domain.payments.queries import payable_ref
from domain.payouts import adopt_transfer
from domain.reconcile import returns
from kernel import clock
from kernel.errors import Conflict, Invalid
from models import AfterSale, AuditEntry, Payment, Refund, Withdrawal
from tests.factories.distribution import balances, earn, make_distributor, wallet
from tests.factories.distribution import ready_for_payouts as ready
from tests.factories.members import APPID
from tests.factories.orders import MCHID, paid_order, paid_result, placed_order
from tests.factories.transfers import TERMS
from tests.harness import books

pytestmark = pytest.mark.usefixtures("wired")


def _refund(number: str, bought: Any, fen: int, state: Any = RefundState.SUCCESS) -> RefundResult:
    payment = Payment.get(Payment.payable_id == bought.order_id)
    return RefundResult(
        state, number, out_trade_no=payment.out_trade_no, mchid=MCHID, refund_id=f"50{number}",
        refund_fen=fen, total_fen=payment.received_fen, currency="CNY", success_at=clock.now(),
    )  # fmt: skip


def _adopt(number: str, bought: Any, fen: int, state: Any = RefundState.SUCCESS) -> str:
    payment = Payment.get(Payment.payable_id == bought.order_id)
    return returns.adopt_refund(
        payment.id, payable_ref(payment), _refund(number, bought, fen, state)
    )


def _transfer(number: str, openid: str, fen: int, state: Any = TransferState.SUCCESS) -> Any:
    return TransferResult(
        state, number, transfer_bill_no=f"13{number}", amount_fen=fen, openid=openid, mchid=MCHID,
        created_at=clock.now(), updated_at=clock.now(),
    )  # fmt: skip


def _openid(member_id: int) -> str:
    from domain import members

    who = members.identity(member_id)
    assert who is not None
    return who.openid


def test_an_adopted_payment_pays_the_order_whose_number_it_carries(db: Any) -> None:
    bought = placed_order()
    result = paid_result("PAYFORGOTTEN1", bought.payable_fen, attach=bought.order_no)
    for outcome in ("booked", "already"):
        assert returns.adopt_payment(result, MCHID, APPID) == outcome
    assert bought.row.state == "paid"
    assert Payment.get().out_trade_no == "PAYFORGOTTEN1"
    assert books.faults() == []


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({"attach": "ORD000000NOSUCHORDER000"}, "no_order"),
        ({"attach": ""}, "no_order"),
        ({"mchid": "1900000009"}, "mismatch_mchid"),
        ({"appid": "wxother"}, "mismatch_appid"),
        ({"currency": "USD"}, "mismatch_currency"),
    ],
)
def test_a_payment_that_cannot_be_ours_changes_nothing(
    db: Any, change: dict[str, str], outcome: str
) -> None:
    bought = placed_order()
    values = {"attach": bought.order_no} | change
    result = paid_result("PAYFORGOTTEN2", bought.payable_fen, **values)
    assert returns.adopt_payment(result, MCHID, APPID) == outcome
    assert bought.row.state == "awaiting_payment"
    assert Payment.select().count() == 0


def test_a_second_adopted_payment_is_refunded_under_one_number(db: Any) -> None:
    bought = paid_order()
    result = paid_result("PAYFORGOTTEN3", bought.payable_fen, attach=bought.order_no)
    assert returns.adopt_payment(result, MCHID, APPID) == "booked"
    payment = Payment.get(Payment.out_trade_no == "PAYFORGOTTEN3")
    ((refund_id, ours),) = adopting.unsent_refunds_of_amount(payment.id, bought.payable_fen)
    theirs = RefundResult(
        RefundState.SUCCESS, "REFTHEIRS", out_trade_no="PAYFORGOTTEN3", mchid=MCHID,
        refund_id="50", refund_fen=bought.payable_fen, currency="CNY", success_at=clock.now(),
    )  # fmt: skip
    assert adopting.adopt_refund_number(refund_id, theirs) == "booked"
    row = Refund.get()
    assert (row.out_refund_no, row.state, row.cause) == ("REFTHEIRS", "succeeded", "duplicate")
    assert ours != "REFTHEIRS"
    assert books.faults() == []


def test_an_adopted_refund_closes_the_case_that_asks_for_it(db: Any) -> None:
    bought = paid_order(quantity=2)
    aftersales.cancel_paid_order(bought.order_no, bought.member_id)
    assert _adopt("REFCASE", bought, bought.payable_fen) == "booked"
    assert bought.row.state == "refunded"
    assert AfterSale.get().state == "refunded"
    assert Refund.get().out_refund_no == "REFCASE"
    assert books.faults() == []


def test_an_adopted_refund_without_a_case_is_of_the_whole_order_or_a_line(db: Any) -> None:
    whole = paid_order()
    assert _adopt("REFWHOLE", whole, whole.payable_fen) == "booked"
    assert whole.row.state == "refunded"
    part = paid_order(quantity=3)
    line_fen = part.row.goods_fen // 3
    assert _adopt("REFPART", part, line_fen) == "booked"
    assert (part.row.state, part.row.refunded_fen) == ("paid", line_fen)
    assert books.faults() == []


def test_an_adopted_unfinished_refund_continues_under_wechat_s_number(db: Any) -> None:
    bought = paid_order()
    assert _adopt("REFSLOW", bought, bought.payable_fen, RefundState.PROCESSING) == "processing"
    assert AfterSale.get().state == "refunding"
    assert Refund.get().out_refund_no == "REFSLOW"
    assert Refund.get().state == "processing"


def test_an_adopted_refund_that_fits_no_line_is_booked_and_listed(db: Any) -> None:
    bought = paid_order()
    assert _adopt("REFODD", bought, 7) == adopting.FOUND
    row = Refund.get()
    assert (row.cause, row.state, row.amount_fen) == ("found", "succeeded", 7)
    assert AfterSale.select().count() == 0
    assert (bought.row.state, bought.row.refunded_fen) == ("paid", 0)
    assert Payment.get().refunding_fen == 7
    assert books.faults() == []
    assert _adopt("REFMORE", bought, bought.payable_fen) == "refund_above_payment"
    assert Refund.select().count() == 1


def test_an_adopted_transfer_becomes_its_withdrawal_again(db: Any) -> None:
    settings.change(settings.Distribution, {"withdraw_fee_bp": 60})
    lin = make_distributor()
    earn(lin, 10_000)
    ready()
    result = _transfer("WDFORGOTTEN1", _openid(lin), 4_970)
    assert adopt_transfer(result, TERMS, APPID) == "paid"
    assert adopt_transfer(result, TERMS, APPID) == "same"
    row = Withdrawal.get()
    assert (row.gross_fen, row.fee_fen, row.tax_fen, row.net_fen) == (5_000, 30, 0, 4_970)
    assert balances(lin) == wallet(available=5_000)
    assert ledger.check_fully().is_clean


def test_an_adopted_transfer_above_the_balance_becomes_debt(db: Any) -> None:
    lin = make_distributor()
    earn(lin, 3_000)
    ready()
    assert adopt_transfer(_transfer("WDFORGOTTEN2", _openid(lin), 5_000), TERMS, APPID) == "paid"
    assert balances(lin) == wallet(debt=-2_000)
    with pytest.raises(Conflict, match="balance_too_low"):
        distribution.request_withdrawal(lin, 1_000)
    earn(lin, 2_500)
    assert balances(lin) == wallet(available=500)
    assert ledger.check_fully().is_clean


def test_a_transfer_that_waits_for_its_payee_can_still_be_confirmed(db: Any) -> None:
    lin = make_distributor()
    earn(lin, 10_000)
    ready()
    waits = _transfer("WDFORGOTTEN3", _openid(lin), 4_000, TransferState.WAIT_USER_CONFIRM)
    assert adopt_transfer(waits, TERMS, APPID) == "resend"  # package_info is unknown
    assert Withdrawal.get().state == "awaiting_user"
    assert balances(lin) == wallet(available=6_000, withdrawing=4_000)


@pytest.mark.parametrize("which", ["stranger", "shopper"])
def test_a_transfer_to_an_unknown_payee_is_listed(db: Any, which: str) -> None:
    from tests.factories.members import make_member

    openid = "oNobody" if which == "stranger" else _openid(make_member())
    outcome = adopt_transfer(_transfer("WDX", openid, 4_000), TERMS, APPID)
    assert outcome == ("no_member" if which == "stranger" else "no_payee")
    assert Withdrawal.select().count() == 0


def test_an_approved_withdrawal_that_differs_is_left_to_a_person(db: Any) -> None:
    lin = make_distributor()
    earn(lin, 10_000)
    ready()
    number = distribution.request_withdrawal(lin, 4_000)["out_bill_no"]
    assert adopt_transfer(_transfer(number, "oOther", 4_000), TERMS, APPID) == "amount_unexplained"
    assert adopt_transfer(_transfer(number, _openid(lin), 4_500), TERMS, APPID) == (
        "amount_unexplained"
    )
    assert Withdrawal.get().state == "approved"
    assert balances(lin) == wallet(available=6_000, withdrawing=4_000)


def test_during_the_hold_people_cannot_repeat_what_may_have_been_done(db: Any) -> None:
    bought, lin = paid_order(), make_distributor()
    earn(lin, 10_000)
    ready()
    case = aftersales.cancel_paid_order(bought.order_no, bought.member_id)
    after_restore_hold.begin_hold("restored", clock.now())
    before = Refund.select().count(), Withdrawal.select().count(), AfterSale.get().state
    for refused in (
        lambda: aftersales.approve_case(case["case_id"]),
        lambda: aftersales.merchant_refund(bought.order_no, (), "误操作"),
        lambda: orders.ship_parcel(bought.order_id, ShipForm("顺丰速运", "SF1")),
        lambda: distribution.settle_payroll([1], "staff:1", "工资单"),
    ):
        with pytest.raises(Conflict, match=after_restore_hold.HELD):
            refused()
    with pytest.raises(Invalid, match="payouts_stopped"):
        distribution.request_withdrawal(lin, 1_000)
    assert distribution.release_due() == 0
    after = Refund.select().count(), Withdrawal.select().count(), AfterSale.get().state
    assert after == before
    assert bought.row.state == "paid"


def test_the_hold_is_lifted_by_a_person_with_a_reason_after_the_bills_were_read(db: Any) -> None:
    now = clock.now()
    after_restore_hold.begin_hold("restored", now - timedelta(days=2))
    first, last = clock.business_day(now - timedelta(days=2)), clock.business_day(now)
    for read in ((last, last), (first, last - timedelta(days=1))):
        after_restore_hold.record_reading(*read, 0, ())
        with pytest.raises(Conflict, match="hold_bills_unread"):
            after_restore_hold.lift_hold("staff:1", "看过了")
    after_restore_hold.record_reading(first, last, 2, ("PAY1 no_order",))
    with pytest.raises(Conflict, match="hold_unanswered"):
        after_restore_hold.lift_hold("staff:1", "看过了")
    after_restore_hold.record_reading(first, last, 0, ("PAY1 no_order",))
    with pytest.raises(Invalid, match="reason_missing"):
        after_restore_hold.lift_hold("staff:1", "  ")
    assert after_restore_hold.is_held()
    after_restore_hold.lift_hold("staff:1", "看过了")
    assert not after_restore_hold.is_held()
    with pytest.raises(Conflict, match="hold_absent"):
        after_restore_hold.lift_hold("staff:1", "again")
    line = AuditEntry.get(AuditEntry.action == "hold.lift")
    assert (line.actor, line.before["listed"], line.after) == ("staff:1", 1, {"reason": "看过了"})
