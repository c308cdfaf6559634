"""What stops payouts: one button, ceilings, a share of sales, an unclean book (付款刹车)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from peewee import Case, fn

from domain import audit, hold, ledger, outbox, settings
from domain.distribution.rules.states import COUNTED
from domain.distribution.views import Problem
from domain.outbox import tell_owner
from kernel import clock
from kernel.errors import Invalid
from kernel.money import rate_of
from models import Account, LedgerTransfer, Withdrawal

BOOK_CHECK_MAX_AGE = timedelta(hours=1)
_AGAIN = timedelta(seconds=1)


class BookCheck(settings.Switches):
    """When the book was last re-added, and what was found (账本体检)."""

    KEY: ClassVar[str] = "book_check"
    at_us: int = 0
    faults: tuple[str, ...] = ()


def stop_all(actor: str, why: str) -> None:
    """One button stops every payout until a person lifts it (暂停一切付款)."""
    if not why.strip():
        raise Invalid("reason_missing", "why")
    settings.change(settings.PayoutBrakes, {"is_stopped": True, "stopped_why": why[:200]})
    audit.record("payouts.stop", "brakes", "all", after={"why": why}, actor=actor)
    tell_owner("payouts_stopped", why=why[:200], actor=actor)


def resume(actor: str) -> None:
    """A person lifts the stop; approved withdrawals go on (恢复付款)."""
    before = settings.get(settings.PayoutBrakes).stopped_why
    settings.change(settings.PayoutBrakes, {"is_stopped": False, "stopped_why": ""})
    audit.record("payouts.resume", "brakes", "all", before={"why": before}, actor=actor)
    waiting = (Withdrawal.state == "approved") & (Withdrawal.is_on_hold == False)  # noqa: E712
    for row in Withdrawal.select(Withdrawal.id).where(waiting):
        outbox.enqueue("withdrawal.send", {"withdrawal_id": row.id}, delay=_AGAIN)


def check_book() -> list[str]:
    """Re-add the book; a difference stops payouts at once and the owner is told.

    Two that come at once take turns: the second once failed on the first's result, and with it
    the payout that had asked for the check.
    """
    settings.hold(BookCheck)
    found = ledger.doctor().faults[:20]
    at_us = int(clock.now().timestamp()) * 1_000_000
    settings.change(BookCheck, {"at_us": at_us, "faults": tuple(found)})
    if found and not settings.get(settings.PayoutBrakes).is_stopped:
        stop_all("system", f"ledger: {found[0]}")
    return found


def check_book_if_due() -> None:
    """The check that a payout needs; of many that need it at once, one makes it."""
    settings.hold(BookCheck)
    settings.fresh(BookCheck)
    if is_book_check_due():
        check_book()


def is_book_check_due() -> bool:
    """True if the last re-adding of the book is more than an hour old."""
    checked = datetime.fromtimestamp(settings.get(BookCheck).at_us / 1_000_000, clock.now().tzinfo)
    return not timedelta(0) <= clock.now() - checked < BOOK_CHECK_MAX_AGE


def brake_on(row: Withdrawal) -> Problem | None:
    """Why this withdrawal may not be sent now, or None. Nothing is changed here.

    The ceilings look at what all others sent: whoever looks holds the book check's row until it
    has sent, or eight at once would each find room for itself.
    """
    settings.hold(BookCheck)
    if hold.is_held():
        return Problem(hold.HELD)
    brakes = settings.fresh(settings.PayoutBrakes)  # a stop must not wait for a cache
    if brakes.is_stopped:
        return Problem("payouts_stopped", {"why": brakes.stopped_why})
    if is_book_check_due() or settings.get(BookCheck).faults:
        return Problem("book_unchecked")
    now, amount = clock.now(), row.gross_fen - row.taken_fen
    midnight = clock.day_start(clock.business_day(now))
    limits = (
        ("per_hour", brakes.per_hour_fen, _sent(now - timedelta(hours=1))),
        ("per_day", brakes.per_day_fen, _sent(midnight)),
        ("per_person_day", brakes.per_person_day_fen, _sent(midnight, row.member_id)),
    )
    for name, limit, already in limits:
        if already + amount > limit:
            return Problem(f"ceiling_{name}", {"limit_fen": limit, "already_fen": already})
    return _share_brake(midnight, brakes.commission_share_bp)


def _share_brake(midnight: datetime, share_bp: int) -> Problem | None:
    """A day's commission above its share of paid sales smells of a wrong rule."""
    for since, until in ((midnight, None), (midnight - timedelta(days=1), midnight)):
        earned = _booked(LedgerTransfer.from_account, "commission_expense", since, until)
        sold = _booked(LedgerTransfer.to_account, "sales", since, until)
        if earned > rate_of(sold, share_bp):
            return Problem("commission_share", {"commission_fen": earned, "sales_fen": sold})
    return None


def _sent(since: datetime, member_id: int | None = None) -> int:
    chosen = Withdrawal.sent_at >= since
    if member_id is not None:
        chosen &= Withdrawal.member == member_id
    is_counted = Withdrawal.state.in_(COUNTED)
    amount = Withdrawal.gross_fen - Withdrawal.taken_fen
    return _sum_if(Withdrawal, is_counted, amount, chosen)


def _booked(side: Any, kind: str, since: datetime, until: datetime | None) -> int:
    """What was booked on one side of a merchant's account in a time."""
    accounts = Account.select(Account.id).where(Account.kind == kind)
    chosen: Any = LedgerTransfer.created_at >= since
    if until is not None:
        chosen &= LedgerTransfer.created_at < until
    return _sum_if(LedgerTransfer, side.in_(accounts), LedgerTransfer.amount_fen, chosen)


def _sum_if(table: Any, counts: Any, amount: Any, chosen: Any) -> int:
    """The sum over rows chosen by their time, of those that count (docs/adr/0009)."""
    total = fn.COALESCE(fn.SUM(Case(None, [(counts, amount)], 0)), 0)
    return int(table.select(total).where(chosen).scalar())
