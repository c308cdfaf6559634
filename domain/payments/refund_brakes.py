"""Brakes on refunds: a stop and ceilings of their own (退款刹车)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from peewee import fn

from domain import after_restore_hold, audit, outbox, settings, system_state
from domain.gate import Problem
from domain.notices import notify_owner, notify_owner_daily
from domain.payments.notices import RefundBraked, RefundLimit, RefundsStopped
from kernel import clock, typed
from kernel.errors import Invalid
from models import Refund

REASON_MOST = 200
LOCK = "refunds"
_AGAIN = timedelta(seconds=1)


class RefundStop(system_state.State):
    """Whether refunds are stopped, and why (暂停退款)."""

    KEY: ClassVar[str] = "refunds_stop"
    is_stopped: bool = False
    why: str = ""


def refund_stop() -> RefundStop:
    """The stop of refunds as it stands."""
    return system_state.get(RefundStop)


def stop_refunds(actor: str, why: str) -> None:
    """Stop sending refunds to WeChat until a person resumes them (暂停退款).

    Raises Invalid('reason_missing').
    """
    reason = typed.words(why, REASON_MOST, "why")
    if not reason:
        raise Invalid("reason_missing", "why")
    system_state.put(RefundStop(is_stopped=True, why=reason))
    audit.record("refunds.stop", "brakes", "refunds", after={"why": reason}, actor=actor)
    notify_owner(RefundsStopped(why=reason, actor=actor))


def resume_refunds(actor: str) -> None:
    """Lift the stop; refunds that wait are sent (恢复退款)."""
    before = refund_stop().why
    system_state.put(RefundStop())
    audit.record("refunds.resume", "brakes", "refunds", before={"why": before}, actor=actor)
    for row in Refund.select(Refund.id, Refund.payment).where(Refund.state == "created"):
        outbox.enqueue(
            "payments.refund", {"refund_id": int(row.id)}, delay=_AGAIN,
            order_key=f"payment:{row.payment_id}",
        )  # fmt: skip


def why_refund_waits(row: Any) -> Problem | None:
    """Why this refund may not be sent now, or None.

    The ceilings count what other refunds sent. The lock is held until this one is sent; otherwise
    several parallel refunds would each find room below a ceiling.
    """
    if after_restore_hold.is_held():
        return Problem(after_restore_hold.HELD)
    system_state.lock(LOCK)
    stop = refund_stop()
    if stop.is_stopped:
        return Problem("refunds_stopped", {"why": stop.why})
    brakes = settings.fresh(settings.RefundBrakes)
    now = clock.now()
    midnight = clock.day_start(clock.business_day(now))
    limits: tuple[tuple[RefundLimit, int, datetime], ...] = (
        ("refund_per_hour", brakes.per_hour_fen, now - timedelta(hours=1)),
        ("refund_per_day", brakes.per_day_fen, midnight),
    )
    for code, limit_fen, since in limits:
        already = _sent_fen_since(since, row)
        if already + row.amount_fen > limit_fen:
            told = RefundBraked(code=code, limit_fen=limit_fen, already_fen=already)
            notify_owner_daily(told)
            return Problem(code, {"limit_fen": limit_fen, "already_fen": already})
    return None


def _sent_fen_since(since: datetime, row: Any) -> int:
    """Fen of other refunds that were or may have been sent since an instant."""
    total = fn.COALESCE(fn.SUM(Refund.amount_fen), 0)
    others = (Refund.sent_at >= since) & (Refund.id != row.id)
    return int(Refund.select(total).where(others).scalar())
