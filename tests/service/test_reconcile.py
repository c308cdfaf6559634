"""Bills and book: pairs, differences that stay open, fees booked once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from domain import distribution, ledger, reconcile
from domain.ledger import merchant_account
from domain.payments.ports import FundBill, FundLine, TradeBill, TradeLine
from domain.reconcile.rules import Fee, Side, read_bills
from domain.reconcile.service import book_day
from kernel import clock
from kernel.errors import Conflict, Invalid
from models import BillLine, LedgerTransfer, Payment, Withdrawal
from tests.factories.distribution import earn, make_distributor, ready_for_payouts
from tests.factories.orders import MCHID, paid_order

pytestmark = pytest.mark.usefixtures("wired")


def _today() -> date:
    """The day on which the test runs, also one that began since this file was read."""
    return clock.business_day(clock.now())


def _trade(number: str, fen: int, fee: int = 0, **more: Any) -> TradeLine:
    return TradeLine(
        traded_at=clock.now(), mchid=MCHID, appid="wx", transaction_id="t", out_trade_no=number,
        openid="o", trade_type="JSAPI", trade_state="SUCCESS", currency="CNY", amount_fen=fen,
        fee_fen=fee, **more,
    )  # fmt: skip


def _fund(number: str, out_fen: int = 0, in_fen: int = 0) -> FundLine:
    return FundLine(clock.now(), "t", "f", "商家转账", "转账", in_fen, out_fen, 0, number)


def _bill(*trades: TradeLine, funds: tuple[FundLine, ...] = ()) -> Any:
    return read_bills(TradeBill(_today(), "", trades), FundBill(_today(), "", funds))


def test_transfers_count_net_and_unfinished_refunds_not_at_all() -> None:
    bill = _bill(
        _trade("P1", 100, 1),
        _trade("P1", 0, 0, out_refund_no="R1", refund_fen=40, refund_state="PROCESSING"),
        _trade("P1", 0, -1, out_refund_no="R2", refund_fen=60, refund_state="SUCCESS"),
        funds=(_fund("WD1", out_fen=50), _fund("WD2", out_fen=70), _fund("WD2", in_fen=70)),
    )
    assert bill.lines == (
        Side("payment", "P1", 100), Side("refund", "R2", 60), Side("transfer", "WD1", 50),
    )  # fmt: skip
    assert bill.fees == (Fee("payment", "P1", 1), Fee("refund", "R2", -1))


def test_a_payment_on_both_sides_is_matched_and_its_fee_booked_once(db: Any) -> None:
    bought = paid_order()
    paid = Payment.get(Payment.order == bought.order_id)
    bill = _bill(_trade(paid.out_trade_no, paid.received_fen, 18))
    for _ in range(2):
        assert book_day(_today(), MCHID, bill) == {"matched": 1}
    assert ledger.balance(merchant_account("fees")) == -18
    assert BillLine.select().count() == 1
    assert ledger.doctor().is_clean


@pytest.mark.parametrize(("theirs_fen", "state"), [(None, "ours_only"), (1, "amount_differs")])
def test_what_differs_stays_open_until_somebody_closes_it(
    db: Any, theirs_fen: int | None, state: str
) -> None:
    bought = paid_order()
    paid = Payment.get(Payment.order == bought.order_id)
    trades = () if theirs_fen is None else (_trade(paid.out_trade_no, theirs_fen),)
    assert book_day(_today(), MCHID, _bill(*trades)) == {state: 1}
    (line,) = reconcile.open_lines()
    with pytest.raises(Invalid):
        reconcile.close_line(line.id, "  ")
    reconcile.close_line(line.id, "查明：跨日入账")
    assert reconcile.open_lines() == []
    with pytest.raises(Conflict):
        reconcile.close_line(line.id, "again")
    assert book_day(_today(), MCHID, _bill(*trades)) == {"closed": 1}


def test_a_line_of_theirs_is_matched_by_a_later_run(db: Any) -> None:
    bought = paid_order()
    paid = Payment.get(Payment.order == bought.order_id)
    entry = LedgerTransfer.get(LedgerTransfer.idem_key == f"pay:{paid.out_trade_no}")
    tomorrow = entry.created_at + timedelta(days=1)
    LedgerTransfer.update(idem_key="later").where(LedgerTransfer.id == entry.id).execute()
    bill = _bill(_trade(paid.out_trade_no, paid.received_fen))
    assert book_day(_today(), MCHID, bill) == {"theirs_only": 1}
    LedgerTransfer.update(idem_key=entry.idem_key, created_at=tomorrow).where(
        LedgerTransfer.id == entry.id
    ).execute()
    assert book_day(_today() + timedelta(days=1), MCHID, _bill()) == {}
    assert [x.state for x in BillLine.select()] == ["matched"]
    assert reconcile.bill_days()[0].matched == 1


def _sent(shown: str) -> Withdrawal:
    """A withdrawal on its way to its payee, in a state."""
    member_id = make_distributor("阿慧")
    earn(member_id, 30_000)
    ready_for_payouts()
    distribution.request_withdrawal(member_id, 10_000)
    Withdrawal.update(state=shown).execute()
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
    assert reconcile.open_lines() == []
    Withdrawal.update(state="returned").where(Withdrawal.id == row.id).execute()
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


def test_money_that_never_came_back_becomes_a_difference(db: Any) -> None:
    row = _sent("awaiting_user")
    day = clock.business_day(clock.now())
    book_day(day, MCHID, _bill(funds=(_fund(row.out_bill_no, out_fen=10_000),)))
    Withdrawal.update(state="returned").where(Withdrawal.id == row.id).execute()
    book_day(day + timedelta(days=1), MCHID, _bill())
    assert _line() == (10_000, "theirs_only")


def test_a_transfer_confirmed_the_next_day_is_matched(db: Any) -> None:
    row = _sent("awaiting_user")
    day = clock.business_day(clock.now())
    book_day(day, MCHID, _bill(funds=(_fund(row.out_bill_no, out_fen=row.net_fen),)))
    Withdrawal.update(state="paid").where(Withdrawal.id == row.id).execute()
    book_day(day + timedelta(days=1), MCHID, _bill())
    assert _line() == (row.net_fen, "matched")
