"""Brakes on payouts: a stop, ceilings, the share of sales, an unclean ledger (付款刹车)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

from peewee import Case, fn

from domain import after_restore_hold, audit, ledger, outbox, settings, system_state
from domain.gate import Problem
from domain.ledger import BookFault
from domain.notices import notify_owner
from domain.payouts.notices import PayoutsStopped
from domain.payouts.rules.states import COUNTED
from kernel import clock, typed
from kernel.errors import Invalid
from kernel.money import rate_of
from models import Account, LedgerTransfer, PayoutBill

LOCK = "payouts"
"""Held from counting what was sent until sending."""

REASON_MOST = 200
LEDGER_CHECK_MAX_AGE = timedelta(hours=1)
_AGAIN = timedelta(seconds=1)
StopCause = Literal["", "ledger_differs"]


class LedgerCheck(system_state.State):
    """When the ledger was last checked, hourly and in full, and the faults found (账本体检).

    Faults of a full check stay until a full check finds none.
    """

    KEY: ClassVar[str] = "book_check"
    at_us: int = 0
    differences: tuple[BookFault, ...] = ()
    whole_at_us: int = 0
    whole_differences: tuple[BookFault, ...] = ()

    @property
    def all_faults(self) -> tuple[BookFault, ...]:
        """The faults of both checks, without duplicates."""
        return tuple(dict.fromkeys([*self.differences, *self.whole_differences]))


class PayoutStop(system_state.State):
    """Whether all payouts are stopped, and why (暂停一切付款).

    ``why`` is what a person wrote; a stop by the check of the ledger has the cause
    ``ledger_differs`` and the first difference that was found.
    """

    KEY: ClassVar[str] = "payouts_stop"
    is_stopped: bool = False
    why: str = ""
    cause: StopCause = ""
    difference: BookFault | None = None


def payout_stop() -> PayoutStop:
    """The stop of payouts as it stands."""
    return system_state.get(PayoutStop)


def ledger_check() -> LedgerCheck:
    """The result of the last checks of the ledger."""
    return system_state.get(LedgerCheck)


def stop_payouts(actor: str, why: str) -> None:
    """Stop all payouts until a person resumes them (暂停一切付款). Raises Invalid."""
    if not why.strip():
        raise Invalid("reason_missing", "why")
    said = typed.words(why, REASON_MOST, "why")
    system_state.put(PayoutStop(is_stopped=True, why=said))
    audit.record("payouts.stop", "brakes", "all", after={"why": why}, actor=actor)
    notify_owner(PayoutsStopped(why=said, actor=actor))


def _stop_for(difference: BookFault) -> None:
    """Stop all payouts, because the ledger is not right."""
    stop = PayoutStop(is_stopped=True, cause="ledger_differs", difference=difference)
    system_state.put(stop)
    audit.record_event("payouts.stop", "brakes", "all", facts={"cause": stop.cause})
    notify_owner(PayoutsStopped(cause=stop.cause))


def resume_payouts(actor: str) -> None:
    """Lift the stop; bills that wait are sent (恢复付款)."""
    stop = payout_stop()
    before = {"cause": stop.cause} if stop.cause else {"why": stop.why}
    system_state.put(PayoutStop())
    audit.record("payouts.resume", "brakes", "all", before=before, actor=actor)
    waiting = (PayoutBill.state == "made") & (PayoutBill.channel == "wechat")
    for row in PayoutBill.select(PayoutBill.id).where(waiting):
        outbox.enqueue("payout.send", {"bill_id": int(row.id)}, delay=_AGAIN)


def check_ledger() -> list[BookFault]:
    """Check the ledger's open days; returns the faults, which stop payouts and alarm the owner.

    Parallel checks take turns by the lock. Without it the second one failed to write its result,
    and the payout that had asked for the check failed with it.
    """
    system_state.lock(LOCK)
    return record_ledger_check(ledger.check_open_days())


def record_ledger_check(done: ledger.Diagnosis) -> list[BookFault]:
    """Record a check of the ledger; its faults stop payouts. Returns the faults."""
    system_state.lock(LOCK)
    found = done.faults[:20]
    at_us = int(clock.now().timestamp()) * 1_000_000
    values: dict[str, Any] = {"at_us": at_us, "differences": tuple(found)}
    if done.since is None:
        values |= {"whole_at_us": at_us, "whole_differences": tuple(found)}
    system_state.put(ledger_check().model_copy(update=values))
    if found and not payout_stop().is_stopped:
        _stop_for(found[0])
    return found


def check_ledger_if_due() -> None:
    """Make the ledger check that a payout needs, once for parallel payouts."""
    system_state.lock(LOCK)
    if is_ledger_check_due():
        check_ledger()


def is_ledger_check_due() -> bool:
    """True if the last check of the ledger is more than an hour old."""
    checked = datetime.fromtimestamp(ledger_check().at_us / 1_000_000, clock.now().tzinfo)
    return not timedelta(0) <= clock.now() - checked < LEDGER_CHECK_MAX_AGE


def why_payout_waits(payee_id: int, gross_fen: int, bill_id: int | None = None) -> Problem | None:
    """Why this gross (fen) may not be sent to a payee now, or None. Nothing is changed.

    ``bill_id`` is not counted against itself when it was sent before. The ceilings count what
    other bills sent. The lock is held until this one is sent; otherwise several parallel payouts
    would each find room below a ceiling.
    """
    system_state.lock(LOCK)
    problem = why_payouts_stopped()
    if problem is not None:
        return problem
    brakes, now = settings.get(settings.PayoutBrakes), clock.now()
    midnight = clock.day_start(clock.business_day(now))
    limits = (
        ("per_hour", brakes.per_hour_fen, _sent_fen_since(now - timedelta(hours=1), bill_id)),
        ("per_day", brakes.per_day_fen, _sent_fen_since(midnight, bill_id)),
        (
            "per_person_day",
            brakes.per_person_day_fen,
            _sent_fen_since(midnight, bill_id, payee_id),
        ),
    )
    for name, limit, already in limits:
        if already + gross_fen > limit:
            return Problem(f"ceiling_{name}", {"limit_fen": limit, "already_fen": already})
    return _why_share_exceeded(midnight, brakes.commission_share_bp)


def is_within_granted_limits(payee_id: int, gross_fen: int, bill_id: int) -> bool:
    """True if a gross (fen) is within the lower limits for transfers without confirmation.

    The caller has locked the payee's row, so that two bills of one person can't both use the room.
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


def are_grants_offered() -> bool:
    """True if the shop pays without confirmation at all: both limits are above 0."""
    brakes = settings.get(settings.PayoutBrakes)
    return min(brakes.granted_bill_fen, brakes.granted_person_day_fen) > 0


def why_payouts_stopped() -> Problem | None:
    """What stops every payout: the hold after a restore, the stop, an unclean ledger; or None."""
    if after_restore_hold.is_held():
        return Problem(after_restore_hold.HELD)
    stop = payout_stop()
    if stop.is_stopped:
        return Problem("payouts_stopped", {"why": stop.why})
    if is_ledger_check_due() or ledger_check().all_faults:
        return Problem("book_unchecked")
    return None


def why_payouts_stopped_now() -> Problem | None:
    """As ``why_payouts_stopped``, for a list paid by hand: a due ledger check is made first."""
    check_ledger_if_due()
    return why_payouts_stopped()


def _why_share_exceeded(midnight: datetime, share_bp: int) -> Problem | None:
    """Stop if commission of today or yesterday exceeds its share of sales: a rule may be wrong."""
    for since, until in ((midnight, None), (midnight - timedelta(days=1), midnight)):
        earned = _booked_fen_between(
            LedgerTransfer.from_account, "commission_expense", since, until
        )
        sold = _booked_fen_between(LedgerTransfer.to_account, "sales", since, until)
        if earned > rate_of(sold, share_bp):
            return Problem("commission_share", {"commission_fen": earned, "sales_fen": sold})
    return None


def _sent_fen_since(since: datetime, bill_id: int | None, payee_id: int | None = None) -> int:
    chosen: Any = PayoutBill.sent_at >= since
    if payee_id is not None:
        chosen &= PayoutBill.payee == payee_id
    is_counted = PayoutBill.state.in_(COUNTED) & (PayoutBill.id != (bill_id or 0))
    total = _sum_if(is_counted, PayoutBill.gross_fen)
    return int(PayoutBill.select(total).where(chosen).scalar())


def _booked_fen_between(side: Any, kind: str, since: datetime, until: datetime | None) -> int:
    """Fen booked on one side of a merchant's account within a time."""
    accounts = Account.select(Account.id).where(Account.kind == kind)
    chosen: Any = LedgerTransfer.created_at >= since
    if until is not None:
        chosen &= LedgerTransfer.created_at < until
    total = _sum_if(side.in_(accounts), LedgerTransfer.amount_fen)
    return int(LedgerTransfer.select(total).where(chosen).scalar())


def _sum_if(counts: Any, amount: Any) -> Any:
    """A sum over the rows that match ``counts``; rows are selected by time alone (ADR 0009)."""
    return fn.COALESCE(fn.SUM(Case(None, [(counts, amount)], 0)), 0)
