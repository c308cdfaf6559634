"""Refunds (退款): each has a number before WeChat is called, and keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from domain import audit, gate, ledger, outbox, settings
from domain.gate import Kind, Problem
from domain.ledger import Posting, merchant_account
from domain.payments import refund_brakes
from domain.payments.events import RefundAbnormal, RefundRetried, RefundSucceeded
from domain.payments.ports import RefundRequest, RefundResult, RefundState
from domain.payments.queries import is_for, payable_ref
from domain.payments.rules import (
    MISMATCH,
    REFUND_STATES,
    SETTLED_TWICE,
    Cause,
    RefundTicket,
    query_delay,
    refund_mismatch,
    split_refund,
    states_allowing,
)
from kernel import clock, context, events, ids, typed
from kernel.errors import Conflict, Invalid, NotFound
from kernel.faults import Fault, FaultKind, last_error
from kernel.store import lock_row
from models import Payment, Refund

SUBJECT = "refund"
UNDER_WAY = ("created", "processing")
_STATES = {"accepted": "processing", "failed": "abnormal", "retried": "created"}


def begin_refund(
    payment_id: int, amount_fen: int, cause: Cause, *, case_id: int | None = None,
    actor: str | None = None,
) -> int:  # fmt: skip
    """Begin a refund of a payment, never of more than was received (发起退款); returns its id.

    The sum of a payment's refunds is bounded by one conditional UPDATE. The outbox calls WeChat
    after this transaction. Raises Invalid('amount_bad'), Conflict('refund_above_payment').
    """
    if amount_fen <= 0:
        raise Invalid("amount_bad", "amount_fen")
    after = Payment.refunding_fen + amount_fen
    bounded = (Payment.id == payment_id) & (after <= Payment.received_fen)
    paid = Payment.state == "paid"
    if Payment.update(refunding_fen=after).where(bounded & paid).execute() != 1:
        raise Conflict("refund_above_payment", payment_id=payment_id, amount_fen=amount_fen)
    payment = Payment.get_by_id(payment_id)
    now = clock.now()
    refund_id = int(
        Refund.insert(
            payment=payment_id,
            case_id=case_id,
            cause=cause,
            out_refund_no=ids.out_number("REF"),
            amount_fen=amount_fen,
            total_fen=payment.received_fen,
            reason="",
            created_at=now,
            next_query_at=now + query_delay(1),
        ).execute()
    )
    audit.record_either(
        "refund.begin",
        "payment",
        payment_id,
        after={"refund_id": refund_id, "amount_fen": amount_fen, "cause": cause},
        actor=actor,
    )
    _queue_refund(refund_id, payment_id)
    return refund_id


def begin_automatic_refund(payment_id: int, amount_fen: int, cause: Cause) -> int:
    """Refund a payment that its payable can't take, as the system's act (自动退款)."""
    return begin_refund(payment_id, amount_fen, cause, actor="system")


def begin_refunds(
    kinds: Sequence[str], payable_id: int, amount_fen: int, cause: Cause, *,
    case_id: int | None = None,
) -> list[int]:  # fmt: skip
    """Begin a refund over the payments of one id under these kinds of payable (分摊退款).

    The oldest payment is refunded first; payments already returned as late or duplicate have
    nothing left. The caller has locked the payable's row. Returns the refunds' ids. Raises
    Conflict('refund_above_payment').
    """
    paid = is_for(kinds, payable_id) & (Payment.state == "paid")
    rows = Payment.select().where(paid).order_by(Payment.paid_at, Payment.id)
    left = [(row.id, row.received_fen - row.refunding_fen) for row in rows]
    return [
        begin_refund(payment_id, part, cause, case_id=case_id)
        for payment_id, part in split_refund(amount_fen, left)
    ]


def refund_ticket(refund_id: int) -> RefundTicket:
    """A refund as its flow needs it. Raises NotFound('refund_missing')."""
    row = Refund.get_or_none(Refund.id == refund_id)
    if row is None:
        raise NotFound("refund_missing")
    return _ticket(row)


def settle_refund(result: RefundResult) -> str:
    """Compare WeChat's result of a refund with our row, book and publish it once (退款结果).

    Returns booked, already, processing, abnormal, absent, unknown_number or mismatch_{field}.
    """
    found = Refund.get_or_none(Refund.out_refund_no == result.out_refund_no)
    row = lock_row(Refund, found.id) if found is not None else None
    if row is None:
        audit.record_event("refund.unknown_number", "refund", result.out_refund_no[:40])
        return "unknown_number"
    if result.state is RefundState.ABSENT:
        return "absent"
    payment = Payment.get_by_id(row.payment_id)
    wrong = refund_mismatch(result, payment.mchid, _ticket(row))
    gate.close_calls(SUBJECT, row.id, result.state.value)
    if wrong is not None:
        record_refund_error(row.id, Fault(MISMATCH, facts={"field": wrong}))
        audit.record_event("refund.mismatch", "refund", row.id, facts={"field": wrong})
        return f"mismatch_{wrong}"
    if result.state is RefundState.SUCCESS:
        return _book(row, payment.mchid, result)
    if result.state is RefundState.PROCESSING:
        _step(row.id, "accepted", refund_id=result.refund_id[:40] or None, **last_error(None))
        return "processing"
    return refund_failed(row.id, Fault(result.state.value))


def refund_failed(refund_id: int, fault: Fault) -> str:
    """Mark a refund as abnormal; nothing more is sent until a person acts (退款异常)."""
    if not _step(refund_id, "failed", **last_error(fault), next_query_at=None):
        return "already"
    row = Refund.get_by_id(refund_id)
    audit.record_event("refund.abnormal", "refund", refund_id, facts=_why(fault))
    payable = payable_ref(Payment.get_by_id(row.payment_id))
    events.publish(RefundAbnormal(refund_id, payable, row.case_id, fault.code))
    return "abnormal"


def _why(fault: Fault) -> dict[str, str]:
    return {"why": fault.code} | ({"said": fault.said[:80]} if fault.said else {})


def refund_refused(refund_id: int, fault: Fault) -> str:
    """Mark a refund that WeChat refused as abnormal, unless an earlier call is open (退款不确定).

    An open call may still arrive. The refund then keeps its state and is queried again.
    """
    if lock_row(Refund, refund_id) is not None and gate.has_open_calls(SUBJECT, refund_id):
        record_refund_error(refund_id, fault)
        return "later"
    return refund_failed(refund_id, fault)


def check_refund(refund_id: int, notify_url: str) -> RefundRequest | Problem:
    """Whether a refund may be sent now, and its request; the caller has locked its row.

    Refunds have a stop and ceilings of their own; the stop of payouts does not apply.
    """
    row = Refund.get_by_id(refund_id)
    if row.state not in UNDER_WAY:
        return Problem("state_moved", {"state": row.state})
    problem = refund_brakes.why_refund_waits(row)
    if problem is not None:
        record_refund_error(refund_id, Fault(problem.code, FaultKind.WAITS, "", problem.facts))
        return problem
    if row.sent_at is None:
        Refund.update(sent_at=clock.now()).where(Refund.id == refund_id).execute()
    ticket = _ticket(row)
    return RefundRequest(
        out_refund_no=ticket.out_refund_no,
        out_trade_no=ticket.out_trade_no,
        refund_fen=ticket.amount_fen,
        total_fen=ticket.total_fen,
        cause=ticket.cause,
        payable_no=ticket.payable_no,
        reason=ticket.reason,
        notify_url=notify_url,
    )


def lock_refund(refund_id: int) -> None:
    """Lock a refund's row. Raises NotFound('refund_missing')."""
    if lock_row(Refund, refund_id) is None:
        raise NotFound("refund_missing")


def retry_refund(refund_id: int) -> None:
    """Send an abnormal refund again under its number (重新退款). Raises NotFound, Conflict."""
    row = lock_row(Refund, refund_id)
    if row is None:
        raise NotFound("refund_missing")
    due_at = clock.now() + query_delay(1)
    again = {"queries": 0, "next_query_at": due_at, "hand_by": None, "proof": None}
    if not _step(refund_id, "retried", **again):
        raise Conflict("refund_state", state=row.state)
    audit.record("refund.retry", "refund", refund_id, before={"error": row.last_error})
    events.publish(RefundRetried(refund_id, row.case_id))
    _queue_refund(refund_id, row.payment_id)


def settle_refund_by_hand(refund_id: int, proof: str) -> bool:
    """Record that a refund was made outside WeChat, with its proof, booked to the bank (线下退款).

    From the merchant's limit on a second person confirms it; False after the first one. Raises
    Invalid('proof_missing'), NotFound, Conflict('same_person', 'refund_uncertain',
    'refund_state').
    """
    if not proof.strip():
        raise Invalid("proof_missing", "proof")
    row = lock_row(Refund, refund_id)
    if row is None:
        raise NotFound("refund_missing")
    proof = typed.words(proof, 200, "proof")
    if gate.has_open_calls(SUBJECT, refund_id):  # an open call may still refund it a second time
        raise Conflict("refund_uncertain")
    if _waits_for_second(row, proof):
        return False
    if not _step(refund_id, "settled_by_hand", proof=proof, succeeded_at=clock.now()):
        raise Conflict("refund_state", state=row.state)
    _post(row, merchant_account("bank_clearing"), "refund_by_hand")
    audit.record("refund.by_hand", "refund", refund_id, after={"proof": proof})
    _publish_succeeded(row, is_by_hand=True)
    return True


def _waits_for_second(row: Any, proof: str) -> bool:
    """True if a second person has to confirm; the first one is recorded. The row is locked."""
    limit = settings.get(settings.PayoutBrakes).second_person_from_fen
    if row.state != "abnormal" or row.amount_fen < limit:
        return False
    who = context.actor.get()
    if row.hand_by == who:
        raise Conflict("same_person")
    if row.hand_by is not None:
        return False
    Refund.update(hand_by=who[:64], proof=proof).where(Refund.id == row.id).execute()
    audit.record("refund.by_hand_first", "refund", row.id, after={"proof": proof})
    return True


def record_refund_error(refund_id: int, fault: Fault) -> None:
    """Record the failure of a refund's last call; the refund is queried again."""
    Refund.update(**last_error(fault)).where(Refund.id == refund_id).execute()


def claim_due_refunds(limit: int = 50) -> list[int]:
    """Ids of due refunds without a known result; the time of their next query is set."""
    due = list(
        Refund.select()
        .where(Refund.state.in_(UNDER_WAY) & (Refund.next_query_at <= clock.now()))
        .order_by(Refund.next_query_at)
        .limit(limit)
    )
    return [row.id for row in due if _claimed(row)]


def _claimed(row: Any) -> bool:
    later = clock.now() + query_delay(row.queries + 1)
    same = (Refund.id == row.id) & (Refund.queries == row.queries) & Refund.state.in_(UNDER_WAY)
    changed = Refund.update(queries=Refund.queries + 1, next_query_at=later).where(same).execute()
    return bool(changed == 1)


def _book(row: Any, mchid: str, result: RefundResult) -> str:
    at = result.success_at or clock.now()
    done = _step(
        row.id,
        "succeeded",
        succeeded_at=at,
        next_query_at=None,
        **last_error(None),
        refund_id=result.refund_id[:40] or row.refund_id,
    )
    if not done:
        if row.state == "settled_by_hand":  # refunded twice: a person must see it
            record_refund_error(row.id, Fault(SETTLED_TWICE))
            facts = {"refund_id": result.refund_id}
            audit.record_event("refund.twice", "refund", row.id, facts=facts)
        return "already"
    _post(row, merchant_account("wechat_clearing", mchid), "refund")
    _publish_succeeded(row)
    return "booked"


def _post(row: Any, payer: ledger.AccountRef, reason: str) -> None:
    key = f"refund:{row.out_refund_no}"
    posting = Posting(key, merchant_account("sales"), payer, row.amount_fen, reason)
    ledger.post([posting], "refund", row.id)


def _publish_succeeded(row: Any, *, is_by_hand: bool = False) -> None:
    payable = payable_ref(Payment.get_by_id(row.payment_id))
    events.publish(
        RefundSucceeded(row.id, row.payment_id, payable, row.case_id, row.amount_fen, is_by_hand)
    )


def _queue_refund(refund_id: int, payment_id: int) -> None:
    """Send a payment's refunds one after the other, as WeChat requires."""
    outbox.enqueue("payments.refund", {"refund_id": refund_id}, order_key=f"payment:{payment_id}")


def _step(row_id: int, event: str, **values: Any) -> bool:
    allowed = Refund.state.in_(states_allowing(REFUND_STATES, event))
    state = _STATES.get(event, event)
    changed = Refund.update(state=state, **values).where((Refund.id == row_id) & allowed).execute()
    return bool(changed == 1)


def _ticket(row: Any) -> RefundTicket:
    payment = Payment.get_by_id(row.payment_id)
    return RefundTicket(
        row.id,
        row.out_refund_no,
        payment.out_trade_no,
        row.amount_fen,
        row.total_fen,
        row.cause,
        payment.payable_no,
        row.reason,
        row.state,
    )


gate.register_kind(Kind("refund", SUBJECT, lock_refund, check_refund))
