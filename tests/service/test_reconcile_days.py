"""Days of bills: read days, missing days, and catching up after an outage."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import ledger, reconcile
from domain.payments.ports import FundBill, SetAside, TradeBill
from domain.reconcile import DifferenceFilter, days, pairing
from domain.reconcile.flows import SILENT_MOST
from domain.reconcile.rules import day_state, read_fund, read_trade
from domain.reconcile.service import DAYS_AT_ONCE
from domain.reconcile.wiring import handlers
from kernel import clock, context
from kernel.errors import Conflict, NotFound, Refused, Retryable
from models import BillDay, BillLine, LedgerTransfer, OutboxRow, Payment
from tests.databases import empty
from tests.factories.bills import Bills, fund_line, trade_line
from tests.factories.distribution import pass_time
from tests.factories.orders import MCHID, paid_order

pytestmark = pytest.mark.usefixtures("wired")


def _today() -> date:
    return clock.business_day(clock.now())


@pytest.fixture
def pay() -> Any:
    """A fake WeChat with an empty bill for each day."""
    return Bills()


def _set_hour(hour: int) -> None:
    """Set the clock to this hour of tomorrow in Shanghai."""
    wanted = clock.day_start(_today()) + timedelta(days=1, hours=hour)
    clock.set_offset(clock.offset() + wanted - clock.now())


def _outage(length: int = 5) -> tuple[date, Payment]:
    """Book a payment, then move the clock to the afternoon after days without a run."""
    _set_hour(15)
    bought, day = paid_order(), _today()
    pass_time(days=length)
    return day, Payment.get(Payment.payable_id == bought.order_id)


def _has(pay: Any, day: date, paid: Payment) -> None:
    """Put our payment into WeChat's trade bill of the day."""
    pay.trades[day] = [trade_line(paid.out_trade_no, paid.received_fen)]


def _states(limit: int = 90) -> dict[date, str]:
    return {each.day: each.state for each in reconcile.list_days(MCHID, limit=limit)}


# --- catching up


async def test_all_days_of_an_outage_are_compared(store: Any, pay: Any) -> None:
    """Before, only the last day's bills were read, and earlier days were never compared."""
    day, paid = _outage()
    pay.trades[day] = [trade_line(paid.out_trade_no, paid.received_fen + 1, 6)]
    assert [len(reconcile.unread_days(MCHID)), len(reconcile.overdue_days(MCHID))] == [5, 5]
    assert set(_states().values()) == {"missing"}
    did = await reconcile.catch_up(store, pay)
    assert did == {"days": 5, "differences": 1, "left": 0}
    assert pay.days == [day + timedelta(days=n) for n in range(5)]
    newest, *_, oldest = reconcile.list_days(MCHID)
    assert (newest.day, newest.state, newest.theirs.paid_fen, newest.lines) == (
        day + timedelta(days=4), "clean", 0, 0,
    )  # fmt: skip
    assert (oldest.day, oldest.state, oldest.open_lines) == (day, "open", 1)
    assert (oldest.theirs.paid_fen, oldest.ours.paid_fen) == (
        paid.received_fen + 1, paid.received_fen,
    )  # fmt: skip
    assert (oldest.theirs.fee_fen, oldest.ours.fee_fen) == (6, 6)
    assert ledger.check_fully().is_clean


async def test_a_long_outage_is_caught_up_in_bounded_runs_oldest_first(
    store: Any, pay: Any
) -> None:
    day, _ = _outage(days.LONGEST_DAYS)
    runs = []
    while reconcile.unread_days(MCHID):
        pay.asked.clear()
        runs.append((await reconcile.catch_up(store, pay))["days"])
        assert pay.days == sorted(pay.days)
    assert runs == [DAYS_AT_ONCE, DAYS_AT_ONCE, days.LONGEST_DAYS - 2 * DAYS_AT_ONCE]
    assert min(_states()) == day


async def test_days_that_wechat_no_longer_keeps_are_shown_as_lost_and_not_requested(
    store: Any, pay: Any
) -> None:
    """In a gap of 95 days, WeChat still has ninety; the others are shown as lost."""
    day, _ = _outage(95)
    assert len(reconcile.unread_days(MCHID)) == 90
    lost = [day + timedelta(days=n) for n in range(5)]
    assert reconcile.lost_days(MCHID) == lost
    shown = _states(95)
    assert {each for each in shown if shown[each] == "lost"} == set(lost)
    with pytest.raises(Conflict, match="bill_kept_no_more"):
        reconcile.read_day_again(day, MCHID)
    await reconcile.catch_up(store, pay)
    assert not set(pay.days) & set(lost)


async def test_a_refused_day_does_not_block_later_days(store: Any, pay: Any) -> None:
    day, paid = _outage()
    _has(pay, day, paid)
    bad = day + timedelta(days=1)
    pay.faults[bad, "fund"] = Refused("bill_shape", why="no_totals", of_bill={})
    with pytest.raises(Refused, match="bill_shape"):
        await reconcile.catch_up(store, pay)
    assert reconcile.unread_days(MCHID) == [bad]
    assert [d for d, state in _states().items() if state != "clean"] == [bad]
    assert _states()[bad] == "unreadable"


async def test_a_bill_that_can_not_be_read_is_fetched_again_after_some_hours(
    store: Any, pay: Any
) -> None:
    """Otherwise each run would fetch it again, a hundred times a day."""
    day, paid = _outage(1)
    _has(pay, day, paid)
    pay.faults[day, "trade"] = Refused("bill_shape", why="no_totals", of_bill={})
    with pytest.raises(Refused):
        await reconcile.catch_up(store, pay)
    assert pay.asked == [(day, "trade"), (day, "fund")]
    await reconcile.catch_up(store, pay)
    assert len(pay.asked) == 2
    pass_time(hours=6)
    pay.faults.clear()
    await reconcile.catch_up(store, pay)
    assert pay.asked[2:] == [(day, "trade")]
    assert _states()[day] == "clean"


async def test_a_day_with_one_of_its_two_bills_is_still_missing(store: Any, pay: Any) -> None:
    """The trade bill came without the fund bill: its lines are kept, the day stays missing."""
    day, paid = _outage(1)
    pay.trades[day] = [trade_line(paid.out_trade_no, paid.received_fen)]
    pay.faults[day, "fund"] = Retryable("http_500", "down")
    with pytest.raises(Retryable):
        await reconcile.catch_up(store, pay)
    (shown,) = reconcile.list_days(MCHID)
    assert (shown.state, shown.is_read) == ("missing", False)
    assert [(f.bill, f.state, f.fault) for f in shown.files] == [
        ("trade", "read", None), ("fund", "missing", "http_500"),
    ]  # fmt: skip
    pay.faults.clear()
    pay.asked.clear()
    await reconcile.catch_up(store, pay)
    assert pay.asked == [(day, "fund")]
    assert _states()[day] == "clean"


async def test_a_run_stops_when_wechat_does_not_answer(store: Any, pay: Any) -> None:
    day, paid = _outage(10)
    _has(pay, day, paid)
    for n in range(10):
        for name in ("trade", "fund"):
            pay.faults[day + timedelta(days=n), name] = Retryable("unreachable")
    with pytest.raises(Retryable):
        await reconcile.catch_up(store, pay)
    assert len(pay.days) == SILENT_MOST
    pay.faults.clear()
    await reconcile.catch_up(store, pay)
    assert set(_states().values()) == {"clean"}


async def test_a_process_killed_in_the_middle_of_a_bill_leaves_the_day_unread(
    store: Any, pay: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some lines are matched, but the day is unread; the next run gives the same result."""
    day, paid = _outage(1)
    others = [trade_line(f"THEIRS{n}", 100 + n, 1) for n in range(5)]
    pay.trades[day] = [trade_line(paid.out_trade_no, paid.received_fen, 2), *others]
    monkeypatch.setattr(pairing, "AT_ONCE", 2)
    real, booked = pairing.book_part, []

    def dies(*args: Any) -> None:
        if len(booked) == 2:
            raise KeyboardInterrupt
        booked.append(args)
        real(*args)

    with monkeypatch.context() as patch:
        patch.setattr(pairing, "book_part", dies)
        with pytest.raises(KeyboardInterrupt):
            await reconcile.catch_up(store, pay)
    assert BillLine.select().count() == 4
    assert _states() == {day: "missing"}
    await reconcile.catch_up(store, pay)
    assert sorted(row.state for row in BillLine.select()) == ["matched"] + ["theirs_only"] * 5
    assert LedgerTransfer.select().where(LedgerTransfer.idem_key.startswith("fee:")).count() == 6
    (shown,) = reconcile.list_days(MCHID)
    assert (shown.state, shown.open_lines, shown.theirs.fee_fen) == ("open", 5, 7)


# --- days before and after they are due


def test_yesterday_is_not_missing_before_its_bills_are_due(db: Any) -> None:
    _set_hour(15)
    paid_order()
    pass_time(hours=18)
    assert (reconcile.unread_days(MCHID), reconcile.overdue_days(MCHID)) == ([], [])
    assert list(_states().values()) == ["not_due"]
    with pytest.raises(Conflict, match="bill_not_due"):
        reconcile.read_day_again(_today() - timedelta(days=1), MCHID)
    pass_time(hours=2)
    assert (len(reconcile.unread_days(MCHID)), reconcile.overdue_days(MCHID)) == (1, [])
    assert list(_states().values()) == ["due"]
    pass_time(hours=2)
    assert len(reconcile.overdue_days(MCHID)) == 1
    assert list(_states().values()) == ["missing"]


def test_a_shop_without_payments_has_no_days_to_read(db: Any) -> None:
    assert (reconcile.unread_days(MCHID), reconcile.list_days(MCHID)) == ([], [])
    assert reconcile.read_unread_days(MCHID) == 0
    with pytest.raises(NotFound):
        reconcile.day_detail(_today(), MCHID)


@pytest.mark.parametrize(
    ("files", "open_lines", "unseen", "state"),
    [
        (("read", "read"), 0, 0, "clean"),
        (("read", "read"), 1, 1, "open"),
        (("read", "read"), 0, 1, "unseen"),
        (("read", "missing"), 0, 0, "missing"),
        (("unreadable", "read"), 0, 0, "unreadable"),
        (("missing", "missing"), 0, 0, "missing"),
    ],
)
def test_the_state_of_a_day_follows_from_its_bills_and_lines(
    files: tuple[str, str], open_lines: int, unseen: int, state: str
) -> None:
    said = day_state(
        files, is_asked=False, is_due=True, is_late=True, is_kept=True, open_lines=open_lines,
        unseen=unseen,
    )  # fmt: skip
    assert said == state


# --- reading on a person's request


async def _work(store: Any, pay: Any) -> None:
    for row in list(OutboxRow.select().where(OutboxRow.kind == "reconcile.read")):
        await handlers(store, pay)["reconcile.read"](row.payload, None)  # type: ignore[arg-type]


async def test_a_person_can_have_a_day_read_again(store: Any, pay: Any) -> None:
    day, paid = _outage(2)
    await reconcile.catch_up(store, pay)
    assert _states()[day] == "open"  # no bill contains our payment
    pay.trades[day] = [trade_line(paid.out_trade_no, paid.received_fen)]
    assert reconcile.read_day_again(day, MCHID)
    assert not reconcile.read_day_again(day, MCHID)
    assert OutboxRow.select().where(OutboxRow.kind == "reconcile.read").count() == 1
    assert _states()[day] == "reading"
    await _work(store, pay)
    assert _states()[day] == "clean"
    (line,) = reconcile.list_differences(DifferenceFilter("ended"))
    assert (line.stands, line.theirs_fen) == ("matched_later", paid.received_fen)


async def test_a_requested_day_that_could_not_be_read_is_shown_as_such(
    store: Any, pay: Any
) -> None:
    day, _ = _outage(1)
    pay.faults[day, "trade"] = Retryable("http_500")
    reconcile.read_day_again(day, MCHID)
    await _work(store, pay)
    (shown,) = reconcile.list_days(MCHID)
    assert (shown.state, shown.files[0].fault) == ("missing", "http_500")
    reconcile.read_day_again(day, MCHID)
    pass_time(minutes=16)  # as after the loss of its worker
    assert _states()[day] == "missing"
    assert reconcile.read_day_again(day, MCHID)


async def test_a_person_can_have_all_missing_days_read(store: Any, pay: Any) -> None:
    _has(pay, *_outage(3))
    assert reconcile.read_unread_days(MCHID) == 3
    assert set(_states().values()) == {"reading"}
    await _work(store, pay)
    assert set(_states().values()) == {"clean"}


async def test_a_day_that_was_read_stays_read_when_a_later_try_fails(store: Any, pay: Any) -> None:
    day, _ = _outage(1)
    LedgerTransfer.update(idem_key="other").execute()
    await reconcile.catch_up(store, pay)
    pay.faults[day, "trade"] = Refused("bill_shape", why="not_text", of_bill={})
    reconcile.read_day_again(day, MCHID)
    await _work(store, pay)
    (shown,) = reconcile.list_days(MCHID)
    assert (shown.is_read, shown.files[0].fault) == (True, "bill_shape")


# --- differences


async def test_a_difference_has_an_owner_a_note_and_an_end(store: Any, pay: Any) -> None:
    day, paid = _outage(1)
    pay.trades[day] = [trade_line(paid.out_trade_no, paid.received_fen + 100)]
    await reconcile.catch_up(store, pay)
    (line,) = reconcile.list_differences()
    assert (line.stands, line.owner, line.opened_at is not None) == ("amount_differs", None, True)
    order = f"/admin/orders/{paid.payable_no}"
    assert reconcile.page_of_line(line.kind, line.out_number) == order
    context.actor.set("staff:lisa")
    reconcile.take_difference(line.id)
    with pytest.raises(Conflict, match="difference_is_yours"):
        reconcile.take_difference(line.id)
    reconcile.note_difference(line.id, "已问微信支付客服")
    mine = reconcile.list_differences(DifferenceFilter("mine", owner="staff:lisa"))
    assert [(each.id, each.note) for each in mine] == [(line.id, "已问微信支付客服")]
    assert reconcile.list_differences(DifferenceFilter("mine", owner="staff:boss")) == []
    reconcile.close_difference(line.id, "booked", "补记 1 元")
    ended = reconcile.difference_detail(line.id)
    assert (ended.stands, ended.closed_by, ended.closed_reason) == (
        "booked", "staff:lisa", "补记 1 元",
    )  # fmt: skip
    for act in (reconcile.take_difference, lambda n: reconcile.note_difference(n, "x")):
        with pytest.raises(Conflict, match="state_moved"):
            act(line.id)
    (shown,) = reconcile.list_days(MCHID)
    assert (shown.state, shown.open_lines, shown.ended_lines) == ("clean", 0, 1)


async def test_a_difference_whose_line_left_the_bill_ends_as_gone(store: Any, pay: Any) -> None:
    day, paid = _outage(1)
    ours = trade_line(paid.out_trade_no, paid.received_fen)
    pay.trades[day] = [ours, trade_line("NOT_OURS", 500)]
    await reconcile.catch_up(store, pay)
    assert [each.stands for each in reconcile.list_differences()] == ["theirs_only"]
    pay.trades[day] = [ours]
    pay.aside = (SetAside("trade", 3, "`…", "line_break"),)
    await reconcile.reconcile_day(store, pay, day)
    assert reconcile.list_differences()  # the unreadable line may be this one
    pay.aside = ()
    await reconcile.reconcile_day(store, pay, day)
    assert reconcile.list_differences() == []
    (line,) = reconcile.list_differences(DifferenceFilter("all"))
    assert (line.stands, line.closed_by) == ("gone", None)


async def test_a_payment_in_the_next_day_s_bill_belongs_to_that_day(store: Any, pay: Any) -> None:
    """We booked it before midnight, WeChat after: no difference, sums follow WeChat's bill."""
    day, paid = _outage(2)
    late = day + timedelta(days=1)
    pay.trades[late] = [trade_line(paid.out_trade_no, paid.received_fen)]
    await reconcile.catch_up(store, pay)
    newest, oldest = reconcile.list_days(MCHID)
    assert [(d.state, d.theirs.paid_fen, d.ours.paid_fen) for d in (newest, oldest)] == [
        ("clean", paid.received_fen, paid.received_fen), ("clean", 0, 0),
    ]  # fmt: skip


# --- reading twice


_amounts = st.integers(min_value=1, max_value=500)
_lines = st.lists(
    st.tuples(st.sampled_from(["payment", "refund", "transfer"]), _amounts, st.integers(0, 3)),
    max_size=12,
)


def _rows(model: Any) -> list[dict[str, Any]]:
    skipped = ("read_at", "tried_at", "asked_at")
    rows = list(model.select().order_by(model.id).dicts())
    return [{k: v for k, v in row.items() if k not in skipped} for row in rows]


@settings(max_examples=25)
@given(_lines)
def test_reading_a_day_twice_changes_nothing(database_url: str, chosen: Any) -> None:
    """For random bills, lines, sums and fees are the same after a second reading."""
    from kernel.store import open_database

    db = open_database(database_url)
    empty(db)
    try:
        day = _today()
        bills = _made(chosen)
        _read(day, bills)
        before = _rows(BillLine), _rows(BillDay), LedgerTransfer.select().count()
        _read(day, bills)
        assert (_rows(BillLine), _rows(BillDay), LedgerTransfer.select().count()) == before
        trade = BillDay.get(BillDay.bill == "trade")
        paid = sum(fen for kind, fen, _ in chosen if kind == "payment")
        # the fee of a foreign unfinished refund is booked at the refund's end
        done = [fee if kind == "payment" else -fee for kind, _, fee in chosen
                if kind == "payment" or (kind == "refund" and fee in (0, 3))]  # fmt: skip
        assert (trade.paid_fen, trade.booked_fee_fen) == (paid, sum(done))
    finally:
        db.close()


def _made(chosen: Any) -> list[Any]:
    trades, funds = [], []
    for n, (kind, fen, fee) in enumerate(chosen):
        if kind == "payment":
            trades.append(trade_line(f"P{n}", fen, fee))
        elif kind == "refund":
            state = ("SUCCESS", "PROCESSING", "FAIL", "SUCCESS")[fee]
            trades.append(trade_line("P", 0, -fee, out_refund_no=f"R{n}", refund_fen=fen,
                                 refund_state=state))  # fmt: skip
        else:
            funds.append(fund_line(f"WD{n}", fen))
    return [
        read_trade(TradeBill(_today(), "", tuple(trades))),
        read_fund(FundBill(_today(), "", tuple(funds))),
    ]


def _read(day: date, bills: list[Any]) -> None:
    for bill in bills:
        for part in bill.parts(3):
            pairing.book_part(day, MCHID, part)
        pairing.end_reading(day, MCHID, bill)
