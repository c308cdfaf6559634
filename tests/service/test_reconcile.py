"""Reconciliation of bills and ledger: matches, open differences, fees booked once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from domain import audit, distribution, ledger, reconcile
from domain.ledger import merchant_account
from domain.payments import refunds
from domain.payments.ports import (
    FundBill,
    FundLine,
    RefundResult,
    RefundState,
    SetAside,
    TradeBill,
    TradeLine,
    Unreadable,
)
from domain.reconcile import DifferenceFilter, pairing
from domain.reconcile.rules import Bill, Fee, Side, read_fund, read_trade
from kernel import clock
from kernel.errors import Conflict, Invalid, Refused
from models import BillLine, LedgerTransfer, Payment, Refund, Withdrawal
from tests.factories.distribution import earn, make_distributor, ready_for_payouts
from tests.factories.orders import MCHID, paid_order
from tests.factories.transfers import put_into

pytestmark = pytest.mark.usefixtures("wired")


def _today() -> date:
    """Today's business day; a function, because a day may begin during the test run."""
    return clock.business_day(clock.now())


def _trade(number: str, fen: int, fee: int = 0, **more: Any) -> TradeLine:
    return TradeLine(
        traded_at=clock.now(), mchid=MCHID, appid="wx", transaction_id="t", out_trade_no=number,
        openid="o", trade_type="JSAPI", trade_state="SUCCESS", currency="CNY", amount_fen=fen,
        fee_fen=fee, **more,
    )  # fmt: skip


def _fund(number: str, out_fen: int = 0, in_fen: int = 0) -> FundLine:
    return FundLine(clock.now(), "t", "f", "商家转账", "转账", in_fen, out_fen, 0, number)


def _bill(*trades: TradeLine, funds: tuple[FundLine, ...] = ()) -> tuple[Bill, Bill]:
    trade, fund = TradeBill(_today(), "", trades), FundBill(_today(), "", funds)
    return read_trade(trade), read_fund(fund)


def book_day(day: date, mchid: str, bills: tuple[Bill, Bill]) -> dict[str, int]:
    """Read both bills of a day, two lines at a time."""
    for bill in bills:
        for part in bill.parts(2):
            pairing.book_part(day, mchid, part)
        pairing.end_reading(day, mchid, bill)
    return pairing.day_counts(day, mchid)


def test_transfers_are_summed_net_and_unfinished_refunds_are_left_out() -> None:
    trade, fund = _bill(
        _trade("P1", 100, 1),
        _trade("P1", 0, 0, out_refund_no="R1", refund_fen=40, refund_state="PROCESSING"),
        _trade("P1", 0, -1, out_refund_no="R2", refund_fen=60, refund_state="SUCCESS"),
        funds=(_fund("WD1", out_fen=50), _fund("WD2", out_fen=70), _fund("WD2", in_fen=70)),
    )
    assert trade.lines == (Side("payment", "P1", 100), Side("refund", "R2", 60))
    assert fund.lines == (Side("transfer", "WD1", 50),)
    assert trade.fees == (Fee("payment", "P1", 1), Fee("refund", "R2", -1))


def test_a_payment_on_both_sides_is_matched_and_its_fee_booked_once(db: Any) -> None:
    bought = paid_order()
    paid = Payment.get(Payment.payable_id == bought.order_id)
    bill = _bill(_trade(paid.out_trade_no, paid.received_fen, 18))
    for _ in range(2):
        assert book_day(_today(), MCHID, bill) == {"matched": 1}
    assert ledger.balance(merchant_account("fees")) == -18
    assert BillLine.select().count() == 1
    assert ledger.check_fully().is_clean


@pytest.mark.parametrize(("theirs_fen", "state"), [(None, "ours_only"), (1, "amount_differs")])
def test_a_difference_stays_open_until_somebody_closes_it(
    db: Any, theirs_fen: int | None, state: str
) -> None:
    bought = paid_order()
    paid = Payment.get(Payment.payable_id == bought.order_id)
    trades = () if theirs_fen is None else (_trade(paid.out_trade_no, theirs_fen),)
    assert book_day(_today(), MCHID, _bill(*trades)) == {state: 1}
    (line,) = reconcile.list_differences()
    with pytest.raises(Invalid):
        reconcile.close_difference(line.id, "explained", "  ")
    with pytest.raises(Invalid):
        reconcile.close_difference(line.id, "forgotten", "查明")
    reconcile.close_difference(line.id, "explained", "查明：跨日入账")
    assert reconcile.list_differences() == []
    with pytest.raises(Conflict):
        reconcile.close_difference(line.id, "booked", "again")
    assert book_day(_today(), MCHID, _bill(*trades)) == {"closed": 1}


def test_a_line_of_wechat_is_matched_by_a_later_run(db: Any) -> None:
    bought = paid_order()
    paid = Payment.get(Payment.payable_id == bought.order_id)
    entry = LedgerTransfer.get(LedgerTransfer.idem_key == f"pay:{paid.out_trade_no}")
    tomorrow = entry.created_at + timedelta(days=1)
    LedgerTransfer.update(idem_key="later").where(LedgerTransfer.id == entry.id).execute()
    bill = _bill(_trade(paid.out_trade_no, paid.received_fen))
    assert book_day(_today(), MCHID, bill) == {"theirs_only": 1}
    LedgerTransfer.update(idem_key=entry.idem_key, created_at=tomorrow).where(
        LedgerTransfer.id == entry.id
    ).execute()
    assert book_day(_today() + timedelta(days=1), MCHID, _bill()) == {}
    (row,) = BillLine.select()
    assert (row.state, row.ended_how) == ("matched", "matched_later")
    (line,) = reconcile.list_differences(DifferenceFilter("ended"))
    assert (line.id, line.stands) == (row.id, "matched_later")
    (told,) = audit.timeline("bill_line", row.id)
    assert (told.action, told.actor) == ("bill_line.matched", "operator:test")


def _sent(shown: str) -> Withdrawal:
    """A withdrawal whose transfer was sent and is in this state."""
    member_id = make_distributor("阿慧")
    earn(member_id, 30_000)
    ready_for_payouts()
    put_into(distribution.request_withdrawal(member_id, 10_000)["withdrawal_id"], shown)
    return Withdrawal.get()


def _line() -> tuple[int | None, str]:
    row = BillLine.get()
    return row.amount_fen, row.state


@pytest.mark.parametrize("first_day_again", [False, True])
def test_a_transfer_that_came_back_the_next_day_is_no_difference(
    db: Any, first_day_again: bool
) -> None:
    row = _sent("awaiting_user")
    day = clock.business_day(clock.now())
    locked = _bill(funds=(_fund(row.out_bill_no, out_fen=10_000),))
    back = _bill(funds=(_fund(row.out_bill_no, in_fen=10_000),))
    assert book_day(day, MCHID, locked) == {"in_flight": 1}
    assert reconcile.list_differences() == []
    put_into(row.id, "returned")
    book_day(day + timedelta(days=1), MCHID, back)
    assert _line() == (0, "matched")
    book_day(
        *((day, MCHID, locked) if first_day_again else (day + timedelta(days=1), MCHID, back))
    )
    assert _line() == (0, "matched")


def test_the_days_of_a_returned_transfer_may_be_read_in_any_order(db: Any) -> None:
    row = _sent("returned")
    day = clock.business_day(clock.now())
    book_day(day, MCHID, _bill(funds=(_fund(row.out_bill_no, in_fen=10_000),)))
    assert _line() == (-10_000, "theirs_only")
    earlier = day - timedelta(days=1)
    book_day(earlier, MCHID, _bill(funds=(_fund(row.out_bill_no, out_fen=10_000),)))
    assert _line() == (0, "matched")


def test_a_return_missing_in_the_bills_becomes_a_difference(db: Any) -> None:
    row = _sent("awaiting_user")
    day = clock.business_day(clock.now())
    book_day(day, MCHID, _bill(funds=(_fund(row.out_bill_no, out_fen=10_000),)))
    put_into(row.id, "returned")
    book_day(day + timedelta(days=1), MCHID, _bill())
    assert _line() == (10_000, "theirs_only")


def test_a_transfer_confirmed_the_next_day_is_matched(db: Any) -> None:
    row = _sent("awaiting_user")
    day = clock.business_day(clock.now())
    book_day(day, MCHID, _bill(funds=(_fund(row.out_bill_no, out_fen=row.net_fen),)))
    put_into(row.id, "paid")
    book_day(day + timedelta(days=1), MCHID, _bill())
    assert _line() == (row.net_fen, "matched")


# --- refunds that were unfinished when WeChat wrote the bill


def _refunding(number: str, fen: int, fee: int = 0, state: str = "PROCESSING") -> TradeLine:
    return _trade("P1", 0, fee, out_refund_no=number, refund_fen=fen, refund_state=state)


def _refund_line(number: str) -> tuple[int | None, int | None, str]:
    row = BillLine.get((BillLine.kind == "refund") & (BillLine.out_number == number))
    return row.amount_fen, row.ours_fen, row.state


def _asked_refund(fen: int) -> Refund:
    bought = paid_order()
    paid = Payment.get(Payment.payable_id == bought.order_id)
    refunds.begin_refund(paid.id, fen, "case")
    return Refund.get(Refund.payment == paid.id)


def _settled(row: Refund, state: RefundState = RefundState.SUCCESS) -> None:
    result = RefundResult(
        state, row.out_refund_no, mchid=MCHID, refund_fen=row.amount_fen, currency="CNY",
        success_at=clock.now(),
    )  # fmt: skip
    refunds.settle_refund(result)


@pytest.mark.parametrize("later_days", [0, 1, 9])
def test_a_refund_processing_in_its_bill_is_matched_when_it_settles(
    db: Any, later_days: int
) -> None:
    row = _asked_refund(40)
    day = _today()
    book_day(day, MCHID, _bill(_refunding(row.out_refund_no, 40, -1)))
    assert _refund_line(row.out_refund_no) == (40, None, "in_flight")
    assert not ledger.is_booked(f"fee:refund:{row.out_refund_no}")
    clock.set_offset(timedelta(days=later_days))
    _settled(row)
    book_day(_today(), MCHID, _bill())
    assert _refund_line(row.out_refund_no) == (40, 40, "matched")
    assert ledger.is_booked(f"fee:refund:{row.out_refund_no}")


def test_a_refund_that_settled_before_its_bill_was_read_is_matched_at_once(db: Any) -> None:
    row = _asked_refund(40)
    _settled(row)
    for _ in range(2):
        book_day(_today(), MCHID, _bill(_refunding(row.out_refund_no, 40, -1)))
        assert _refund_line(row.out_refund_no) == (40, 40, "matched")
    fees = LedgerTransfer.idem_key == f"fee:refund:{row.out_refund_no}"
    assert LedgerTransfer.select().where(fees).count() == 1


def test_a_refund_of_another_amount_is_a_difference_when_it_settles(db: Any) -> None:
    row = _asked_refund(40)
    book_day(_today(), MCHID, _bill(_refunding(row.out_refund_no, 41)))
    _settled(row)
    book_day(_today() + timedelta(days=1), MCHID, _bill())
    assert _refund_line(row.out_refund_no) == (41, 40, "amount_differs")


def test_an_unknown_refund_is_a_difference_and_a_failed_one_is_not(db: Any) -> None:
    bill = _bill(_refunding("HAND1", 40), _refunding("HAND2", 40, state="FAIL"))
    book_day(_today(), MCHID, bill)
    assert _refund_line("HAND1") == (40, None, "theirs_only")
    assert not BillLine.select().where(BillLine.out_number == "HAND2").exists()
    assert bill[0].unfinished == ("HAND1", "HAND2")


# --- unreadable records


def _aside(
    raw: str = "`2026-11-21…", reason: Unreadable = "line_break", line: int = 3
) -> SetAside:
    return SetAside("trade", line, raw, reason)


def test_an_unreadable_record_is_stored_once_and_marked_as_seen_by_a_person(db: Any) -> None:
    trade = TradeBill(_today(), "", (_trade("P9", 100),), (_aside("a\0b"), _aside(line=9)))
    bill = read_trade(trade), read_fund(FundBill(_today(), "", ()))
    for _ in range(2):
        book_day(_today(), MCHID, bill)
    shown = reconcile.list_unseen_lines()
    assert [(a.line, a.raw, a.reason) for a in shown] == [
        (9, "`2026-11-21…", "line_break"), (3, "a␀b", "line_break"),
    ]  # fmt: skip
    assert BillLine.get(BillLine.out_number == "P9").state == "theirs_only"
    assert reconcile.mark_line_seen(shown[0].id)
    assert not reconcile.mark_line_seen(shown[0].id)
    assert [a.line for a in reconcile.list_unseen_lines()] == [3]
    book_day(_today(), MCHID, bill)
    assert [a.line for a in reconcile.list_unseen_lines()] == [3]


async def test_an_unreadable_bill_is_shown_until_it_was_read(
    store: Any,
) -> None:
    class Pay:
        mchid = MCHID
        broken = True

        async def trade_bill(self, day: date) -> TradeBill:
            return TradeBill(day, "", ())

        async def fund_bill(self, day: date) -> FundBill:
            if self.broken:
                raise Refused("bill_shape", why="no_totals", of_bill={})
            return FundBill(day, "", ())

    pay: Any = Pay()
    day = _today() - timedelta(days=1)
    for _ in range(2):
        with pytest.raises(Refused):
            await reconcile.reconcile_day(store, pay, day)
    shown = await store.read(reconcile.list_unseen_lines)
    assert [(a.bill, a.line, a.reason) for a in shown] == [("fund", 0, "no_totals")]
    pay.broken = False
    await reconcile.reconcile_day(store, pay, day)
    assert await store.read(reconcile.list_unseen_lines) == []
