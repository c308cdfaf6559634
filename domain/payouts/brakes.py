"""What stops payouts: one button, ceilings, a share of sales, an unclean book (付款刹车)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from peewee import Case, fn

from domain import audit, hold, ledger, outbox, settings, system_state
from domain.gate import Problem
from domain.notices import notify_owner
from domain.payouts.notices import PayoutsStopped
from domain.payouts.rules.states import COUNTED
from kernel import clock, typed
from kernel.errors import Invalid
from kernel.money import rate_of
from models import Account, LedgerTransfer, PayoutBill

LOCK = "payouts"
"""Held by who counts what others sent, until it has sent."""

REASON_MOST = 200
BOOK_CHECK_MAX_AGE = timedelta(hours=1)
_AGAIN = timedelta(seconds=1)


class BookCheck(system_state.State):
    """When the book was last checked, and as a whole, and what was found (账本体检).

    What a whole check found stays until a whole check finds nothing.
    """

    KEY: ClassVar[str] = "book_check"
    at_us: int = 0
    faults: tuple[str, ...] = ()
    whole_at_us: int = 0
    whole_faults: tuple[str, ...] = ()

    @property
    def all_faults(self) -> tuple[str, ...]:
        """What either check found, each once."""
        return tuple(dict.fromkeys([*self.faults, *self.whole_faults]))


class PayoutStop(system_state.State):
    """Whether every payout is stopped, and why (暂停一切付款)."""

    KEY: ClassVar[str] = "payouts_stop"
    is_stopped: bool = False
    why: str = ""


def payout_stop() -> PayoutStop:
    """Whether payouts are stopped now."""
    return system_state.get(PayoutStop)


def book_check() -> BookCheck:
    """What the last re-adding of the book found."""
    return system_state.get(BookCheck)


def stop_all(actor: str, why: str) -> None:
    """One button stops every payout until a person lifts it (暂停一切付款)."""
    if not why.strip():
        raise Invalid("reason_missing", "why")
    said = typed.words(why, REASON_MOST, "why")
    system_state.put(PayoutStop(is_stopped=True, why=said))
    audit.record_either("payouts.stop", "brakes", "all", after={"why": why}, actor=actor)
    notify_owner(PayoutsStopped(why=said, actor=actor))


def resume(actor: str) -> None:
    """A person lifts the stop; bills that wait go on (恢复付款)."""
    before = payout_stop().why
    system_state.put(PayoutStop())
    audit.record("payouts.resume", "brakes", "all", before={"why": before}, actor=actor)
    waiting = (PayoutBill.state == "made") & (PayoutBill.channel == "wechat")
    for row in PayoutBill.select(PayoutBill.id).where(waiting):
        outbox.enqueue("payout.send", {"bill_id": int(row.id)}, delay=_AGAIN)


def check_book() -> list[str]:
    """Check the book's open days; a difference stops payouts at once and the owner is told.

    Two that come at once take turns: the second once failed on the first's result, and with it
    the payout that had asked for the check.
    """
    system_state.lock(LOCK)
    return record_check(ledger.check())


def record_check(done: ledger.Diagnosis) -> list[str]:
    """Keep what a check of the book found; a difference stops payouts and the owner is told."""
    system_state.lock(LOCK)
    found = done.faults[:20]
    at_us = int(clock.now().timestamp()) * 1_000_000
    values: dict[str, Any] = {"at_us": at_us, "faults": tuple(found)}
    if done.since is None:
        values |= {"whole_at_us": at_us, "whole_faults": tuple(found)}
    system_state.put(book_check().model_copy(update=values))
    if found and not payout_stop().is_stopped:
        stop_all("system", f"ledger: {found[0]}"[:REASON_MOST])
    return found


def check_book_if_due() -> None:
    """The check that a payout needs; of many that need it at once, one makes it."""
    system_state.lock(LOCK)
    if is_book_check_due():
        check_book()


def is_book_check_due() -> bool:
    """True if the last check of the book is more than an hour old."""
    checked = datetime.fromtimestamp(book_check().at_us / 1_000_000, clock.now().tzinfo)
    return not timedelta(0) <= clock.now() - checked < BOOK_CHECK_MAX_AGE


def brake_on(payee_id: int, gross_fen: int, bill_id: int | None = None) -> Problem | None:
    """Why so much may not be sent to a payee now, or None. Nothing is changed here.

    A bill that was sent before counts once, not against itself.

    The ceilings look at what all others sent: whoever looks holds the lock of payouts until it
    has sent, or eight at once would each find room for itself.
    """
    system_state.lock(LOCK)
    problem = stopped()
    if problem is not None:
        return problem
    brakes, now = settings.get(settings.PayoutBrakes), clock.now()
    midnight = clock.day_start(clock.business_day(now))
    limits = (
        ("per_hour", brakes.per_hour_fen, _sent(now - timedelta(hours=1), bill_id)),
        ("per_day", brakes.per_day_fen, _sent(midnight, bill_id)),
        ("per_person_day", brakes.per_person_day_fen, _sent(midnight, bill_id, payee_id)),
    )
    for name, limit, already in limits:
        if already + gross_fen > limit:
            return Problem(f"ceiling_{name}", {"limit_fen": limit, "already_fen": already})
    return _share_brake(midnight, brakes.commission_share_bp)


def fits_granted(payee_id: int, gross_fen: int, bill_id: int) -> bool:
    """Whether so much may go out without its payee's confirming (fen): less than by hand.

    The caller holds the payee's row, so that two bills of one person don't both find room.
    """
    brakes = settings.fresh(settings.PayoutBrakes)
    midnight = clock.day_start(clock.business_day(clock.now()))
    is_counted = (
        PayoutBill.state.in_(COUNTED)
        & (PayoutBill.channel == "granted")
        & (PayoutBill.id != bill_id)
    )
    chosen = (PayoutBill.sent_at >= midnight) & (PayoutBill.payee == payee_id)
    total = _sum_if(is_counted, PayoutBill.gross_fen)
    already = int(PayoutBill.select(total).where(chosen).scalar())
    return (
        gross_fen <= brakes.granted_bill_fen
        and already + gross_fen <= brakes.granted_person_day_fen
    )


def grants_offered() -> bool:
    """Whether the shop pays anybody without confirming."""
    brakes = settings.get(settings.PayoutBrakes)
    return min(brakes.granted_bill_fen, brakes.granted_person_day_fen) > 0


def stopped() -> Problem | None:
    """What stops every payout: the hold after a restore, the stop, a book that is not clean."""
    if hold.is_held():
        return Problem(hold.HELD)
    stop = payout_stop()
    if stop.is_stopped:
        return Problem("payouts_stopped", {"why": stop.why})
    if is_book_check_due() or book_check().all_faults:
        return Problem("book_unchecked")
    return None


def stopped_now() -> Problem | None:
    """The same for a list that leaves by hand: the book is re-added first if that is due."""
    check_book_if_due()
    return stopped()


def _share_brake(midnight: datetime, share_bp: int) -> Problem | None:
    """A day's commission above its share of paid sales smells of a wrong rule."""
    for since, until in ((midnight, None), (midnight - timedelta(days=1), midnight)):
        earned = _booked(LedgerTransfer.from_account, "commission_expense", since, until)
        sold = _booked(LedgerTransfer.to_account, "sales", since, until)
        if earned > rate_of(sold, share_bp):
            return Problem("commission_share", {"commission_fen": earned, "sales_fen": sold})
    return None


def _sent(since: datetime, bill_id: int | None, payee_id: int | None = None) -> int:
    chosen: Any = PayoutBill.sent_at >= since
    if payee_id is not None:
        chosen &= PayoutBill.payee == payee_id
    is_counted = PayoutBill.state.in_(COUNTED) & (PayoutBill.id != (bill_id or 0))
    total = _sum_if(is_counted, PayoutBill.gross_fen)
    return int(PayoutBill.select(total).where(chosen).scalar())


def _booked(side: Any, kind: str, since: datetime, until: datetime | None) -> int:
    """What was booked on one side of a merchant's account in a time."""
    accounts = Account.select(Account.id).where(Account.kind == kind)
    chosen: Any = LedgerTransfer.created_at >= since
    if until is not None:
        chosen &= LedgerTransfer.created_at < until
    total = _sum_if(side.in_(accounts), LedgerTransfer.amount_fen)
    return int(LedgerTransfer.select(total).where(chosen).scalar())


def _sum_if(counts: Any, amount: Any) -> Any:
    """The sum over the rows that count; the rows are chosen by their time (docs/adr/0009)."""
    return fn.COALESCE(fn.SUM(Case(None, [(counts, amount)], 0)), 0)
