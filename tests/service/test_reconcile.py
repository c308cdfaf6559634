"""Bills and book: pairs, differences that stay open, fees booked once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from domain import distribution, ledger, reconcile
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
)
from domain.reconcile.rules import Fee, Side, read_bills
from domain.reconcile.service import book_day
from kernel import clock
from kernel.errors import Conflict, Invalid, Refused
from models import BillLine, LedgerTransfer, Payment, Refund, Withdrawal
from tests.factories.distribution import earn, make_distributor, pass_time, ready_for_payouts
from tests.factories.orders import MCHID, paid_order
from tests.factories.transfers import put_into

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
    paid = Payment.get(Payment.payable_id == bought.order_id)
    bill = _bill(_trade(paid.out_trade_no, paid.received_fen, 18))
    for _ in range(2):
        assert book_day(_today(), MCHID, bill) == {"matched": 1}
    assert ledger.balance(merchant_account("fees")) == -18
    assert BillLine.select().count() == 1
    assert ledger.check_fully().is_clean


@pytest.mark.parametrize(("theirs_fen", "state"), [(None, "ours_only"), (1, "amount_differs")])
def test_what_differs_stays_open_until_somebody_closes_it(
    db: Any, theirs_fen: int | None, state: str
) -> None:
    bought = paid_order()
    paid = Payment.get(Payment.payable_id == bought.order_id)
    trades = () if theirs_fen is None else (_trade(paid.out_trade_no, theirs_fen),)
    assert book_day(_today(), MCHID, _bill(*trades)) == {state: 1}
    (line,) = reconcile.list_open_lines()
    with pytest.raises(Invalid):
        reconcile.close_line(line.id, "  ")
    reconcile.close_line(line.id, "查明：跨日入账")
    assert reconcile.list_open_lines() == []
    with pytest.raises(Conflict):
        reconcile.close_line(line.id, "again")
    assert book_day(_today(), MCHID, _bill(*trades)) == {"closed": 1}


def test_a_line_of_theirs_is_matched_by_a_later_run(db: Any) -> None:
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
    assert [x.state for x in BillLine.select()] == ["matched"]
    assert [day.matched for day in reconcile.list_bill_days(MCHID)] == [0, 1]


def _sent(shown: str) -> Withdrawal:
    """A withdrawal on its way to its payee, in a state."""
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
    assert reconcile.list_open_lines() == []
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


def test_money_that_never_came_back_becomes_a_difference(db: Any) -> None:
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


# --- refunds that WeChat had not ended when it wrote the bill


def _refunding(number: str, fen: int, fee: int = 0, state: str = "PROCESSING") -> TradeLine:
    return _trade("P1", 0, fee, out_refund_no=number, refund_fen=fen, refund_state=state)


def _refund_line(number: str) -> tuple[int | None, int | None, str]:
    row = BillLine.get((BillLine.kind == "refund") & (BillLine.out_number == number))
    return row.amount_fen, row.ours_fen, row.state


def _asked_refund(fen: int) -> Refund:
    bought = paid_order()
    paid = Payment.get(Payment.payable_id == bought.order_id)
    refunds.begin_refund(paid.id, fen, "case", reason="少发一件")
    return Refund.get(Refund.payment == paid.id)


def _settled(row: Refund, state: RefundState = RefundState.SUCCESS) -> None:
    result = RefundResult(
        state, row.out_refund_no, mchid=MCHID, refund_fen=row.amount_fen, currency="CNY",
        success_at=clock.now(),
    )  # fmt: skip
    refunds.settle_refund(result)


@pytest.mark.parametrize("later_days", [0, 1, 9])
def test_a_refund_that_was_processing_in_its_bill_stayed_a_difference_for_ever(
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
    book_day(_today(), MCHID, _bill())
    assert _refund_line(row.out_refund_no) == (41, 40, "amount_differs")


def test_a_refund_that_nobody_here_made_is_shown_and_a_failed_one_is_not(db: Any) -> None:
    bill = _bill(_refunding("HAND1", 40), _refunding("HAND2", 40, state="FAIL"))
    book_day(_today(), MCHID, bill)
    assert _refund_line("HAND1") == (40, None, "theirs_only")
    assert not BillLine.select().where(BillLine.out_number == "HAND2").exists()
    assert bill.unfinished == ("HAND1", "HAND2")


# --- records that could not be read


def _aside(raw: str = "`2026-11-21…", reason: str = "line_break", line: int = 3) -> SetAside:
    return SetAside("trade", line, raw, reason)


def test_a_record_set_aside_is_kept_once_and_seen_by_a_person(db: Any) -> None:
    trade = TradeBill(_today(), "", (_trade("P9", 100),), (_aside("a\0b"), _aside(line=9)))
    bill = read_bills(trade, FundBill(_today(), "", ()))
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


async def test_a_bill_refused_as_a_whole_stands_on_the_page_until_it_was_read(
    store: Any,
) -> None:
    class Pay:
        mchid = MCHID
        broken = True

        async def trade_bill(self, day: date) -> TradeBill:
            return TradeBill(day, "", ())

        async def fund_bill(self, day: date) -> FundBill:
            if self.broken:
                raise Refused("bill_shape", "no totals")
            return FundBill(day, "", ())

    pay: Any = Pay()
    day = _today() - timedelta(days=1)
    for _ in range(2):
        with pytest.raises(Refused):
            await reconcile.reconcile_day(store, pay, day)
    shown = await store.read(reconcile.list_unseen_lines)
    assert [(a.bill, a.line, a.reason) for a in shown] == [("fund", 0, "no totals")]
    pay.broken = False
    await reconcile.reconcile_day(store, pay, day)
    assert await store.read(reconcile.list_unseen_lines) == []


class Bills:
    """WeChat's bills of every day; ``broken`` days are refused."""

    mchid = MCHID

    def __init__(self, **trades: list[TradeLine]) -> None:
        self.trades = trades
        self.broken: set[date] = set()
        self.asked: list[date] = []

    async def trade_bill(self, day: date) -> TradeBill:
        self.asked.append(day)
        if day in self.broken:
            raise Refused("bill_shape", "no totals")
        return TradeBill(day, "", tuple(self.trades.get(day.strftime("d%m%d"), ())))

    async def fund_bill(self, day: date) -> FundBill:
        return FundBill(day, "", ())


def _set_hour(hour: int) -> None:
    """It is this hour in Shanghai, today or tomorrow."""
    wanted = clock.day_start(_today()) + timedelta(days=1, hours=hour)
    clock.set_offset(clock.offset() + wanted - clock.now())


def _outage() -> tuple[date, Payment]:
    """A payment, then five days on which nothing ran; it is the afternoon of the last."""
    _set_hour(15)
    bought, day = paid_order(), _today()
    pass_time(days=5)
    return day, Payment.get(Payment.payable_id == bought.order_id)


async def test_days_of_an_outage_were_never_compared(store: Any) -> None:
    """Only the last day's bills were read: what came on the days before stayed unseen for ever."""
    day, paid = _outage()
    pay: Any = Bills(**{day.strftime("d%m%d"): [_trade(paid.out_trade_no, paid.received_fen + 1)]})
    assert [len(reconcile.unread_days(MCHID)), len(reconcile.overdue_days(MCHID))] == [5, 5]
    done = await reconcile.catch_up(store, pay)
    assert pay.asked == [day + timedelta(days=n) for n in range(5)]
    assert done[day] == {"amount_differs": 1}
    assert reconcile.unread_days(MCHID) == []
    newest, *_, oldest = reconcile.list_bill_days(MCHID)
    assert (newest.day, newest.is_read, newest.paid_fen) == (
        (day + timedelta(days=4)).isoformat(), True, 0,
    )  # fmt: skip
    assert (oldest.day, oldest.open, oldest.paid_fen) == (
        day.isoformat(), 1, paid.received_fen + 1,
    )  # fmt: skip


async def test_a_day_that_is_refused_does_not_hide_the_days_after_it(store: Any) -> None:
    day, _ = _outage()
    pay: Any = Bills()
    pay.broken = {day + timedelta(days=1)}
    with pytest.raises(Refused, match="bill_shape"):
        await reconcile.catch_up(store, pay)
    assert reconcile.unread_days(MCHID) == [day + timedelta(days=1)]
    shown = {each.day: each.is_read for each in reconcile.list_bill_days(MCHID)}
    assert [d for d, is_read in shown.items() if not is_read] == [
        (day + timedelta(days=1)).isoformat()
    ]


def test_yesterday_is_no_gap_before_its_bills_are_there(db: Any) -> None:
    _set_hour(15)
    paid_order()
    pass_time(hours=18)
    assert (reconcile.unread_days(MCHID), reconcile.overdue_days(MCHID)) == ([], [])
    pass_time(hours=2)
    assert (len(reconcile.unread_days(MCHID)), reconcile.overdue_days(MCHID)) == (1, [])
    pass_time(hours=2)
    assert len(reconcile.overdue_days(MCHID)) == 1


def test_a_shop_without_money_has_no_days_to_read(db: Any) -> None:
    assert (reconcile.unread_days(MCHID), reconcile.list_bill_days(MCHID)) == ([], [])
