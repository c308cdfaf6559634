"""Reads of payments and refunds, for pages and other domains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.payments.payables import PayableRef
from domain.payments.rules import REFUND_WAITS, UNMATCHED
from kernel.errors import NotFound
from kernel.faults import Fault, fault_in
from models import Payment, PayNotice, Refund

AUTOMATIC = ("late", "duplicate", "wrong_amount")


@dataclass(frozen=True)
class PaymentView:
    """An attempt to pay."""

    id: int
    payable: PayableRef
    out_trade_no: str
    transaction_id: str | None
    channel: str
    state: str
    amount_fen: int
    received_fen: int
    refunding_fen: int
    created_at: datetime
    paid_at: datetime | None
    fault: Fault | None
    queries: int = 0
    next_query_at: datetime | None = None
    is_noticed: bool = True

    @property
    def is_unanswered(self) -> bool:
        """True while the last call failed and WeChat will be queried again."""
        return self.next_query_at is not None and self.fault is not None


@dataclass(frozen=True)
class RefundView:
    """A refund."""

    id: int
    payable: PayableRef
    case_id: int | None
    out_refund_no: str
    cause: str
    state: str
    amount_fen: int
    reason: str
    proof: str | None
    created_at: datetime
    succeeded_at: datetime | None
    fault: Fault | None
    queries: int = 0
    next_query_at: datetime | None = None
    is_noticed: bool = True
    hand_by: str | None = None

    @property
    def waits_for(self) -> str:
        """Why it is not sent yet (refunds_stopped, refund_per_day …); '' if nothing holds it."""
        fault = self.fault
        return fault.code if fault is not None and fault.code in REFUND_WAITS else ""

    @property
    def is_unanswered(self) -> bool:
        """True while the last call failed and WeChat will be queried again."""
        return self.next_query_at is not None and self.fault is not None and not self.waits_for

    @property
    def is_done(self) -> bool:
        """True when the refund succeeded, through WeChat or by hand."""
        return self.state in ("succeeded", "settled_by_hand")

    @property
    def is_automatic(self) -> bool:
        """True for the refund of a payment that its payable did not take."""
        return self.cause in AUTOMATIC


@dataclass(frozen=True)
class NoticeView:
    """A stored notification and its outcome."""

    id: int
    notice_id: str
    event_type: str
    out_number: str
    outcome: str
    received_at: datetime


def is_for(kinds: Sequence[str], payable_id: int) -> Any:
    """The condition for payments of one id under these kinds of payable."""
    return Payment.payable_kind.in_(list(kinds)) & (Payment.payable_id == payable_id)


def payable_ref(row: Any) -> PayableRef:
    """The payable of a payment's row."""
    return PayableRef(row.payable_kind, row.payable_id, row.payable_no)


def is_taken(payment_id: int) -> bool:
    """True if the payment was paid and its payable took it."""
    paid = (Payment.id == payment_id) & (Payment.state == "paid")
    returned = (Refund.payment == payment_id) & Refund.cause.in_(AUTOMATIC)
    return Payment.select().where(paid).exists() and not Refund.select().where(returned).exists()


def payments_of(kinds: Sequence[str], payable_id: int) -> list[PaymentView]:
    """Attempts to pay one id under these kinds of payable, oldest first."""
    rows = list(Payment.select().where(is_for(kinds, payable_id)).order_by(Payment.id))
    noticed = numbers_with_notice([p.out_trade_no for p in rows])
    return [
        PaymentView(
            p.id,
            payable_ref(p),
            p.out_trade_no,
            p.transaction_id,
            p.channel,
            p.state,
            p.amount_fen,
            p.received_fen,
            p.refunding_fen,
            p.created_at,
            p.paid_at,
            fault_in(p.last_error, p.last_error_facts),
            p.queries,
            p.next_query_at,
            p.out_trade_no in noticed,
        )
        for p in rows
    ]


def refunds_of(kinds: Sequence[str], payable_id: int) -> list[RefundView]:
    """Refunds of one id under these kinds of payable, oldest first."""
    return _views(_refunds().where(is_for(kinds, payable_id)).order_by(Refund.id))


def refunds_of_case(case_id: int) -> list[RefundView]:
    """A case's refunds, oldest first."""
    return _views(_refunds().where(Refund.case_id == case_id).order_by(Refund.id))


def refund_detail(refund_id: int) -> RefundView:
    """One refund. Raises NotFound('refund_missing')."""
    found = _views(_refunds().where(Refund.id == refund_id))
    if not found:
        raise NotFound("refund_missing")
    return found[0]


def list_refunds(
    *, state: str | None = None, is_automatic: bool | None = None,
    ids: Sequence[int] | None = None, before_id: int | None = None, limit: int = 30,
) -> list[RefundView]:  # fmt: skip
    """All refunds, newest first; ``is_automatic`` selects refunds of payments not taken."""
    query = _refunds().order_by(Refund.id.desc()).limit(limit)
    if state is not None:
        query = query.where(Refund.state == state)
    if is_automatic is not None:
        automatic = Refund.cause.in_(AUTOMATIC)
        query = query.where(automatic if is_automatic else ~automatic)
    if ids is not None:
        query = query.where(Refund.id.in_(list(ids)))
    if before_id is not None:
        query = query.where(Refund.id < before_id)
    return _views(query)


def list_unmatched_notices(*, before_id: int | None = None, limit: int = 30) -> list[NoticeView]:
    """Notifications that match none of our rows, newest first; a person should look at them."""
    odd = PayNotice.outcome.in_(UNMATCHED)
    query = PayNotice.select().where(odd).order_by(PayNotice.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(PayNotice.id < before_id)
    return [
        NoticeView(n.id, n.notice_id, n.event_type, n.out_number, n.outcome, n.received_at)
        for n in query
    ]


def numbers_with_notice(out_numbers: Sequence[str]) -> set[str]:
    """Those of these out-numbers for which a verified notification arrived."""
    if not out_numbers:
        return set()
    query: Any = PayNotice.select(PayNotice.out_number).distinct()
    return {n for (n,) in query.where(PayNotice.out_number.in_(list(out_numbers))).tuples()}


def _refunds() -> Any:
    named = (Payment.payable_kind, Payment.payable_id, Payment.payable_no)
    return Refund.select(Refund, *named).join(Payment)


def _views(query: Any) -> list[RefundView]:
    rows = list(query.objects())
    noticed = numbers_with_notice([r.out_refund_no for r in rows])
    return [
        RefundView(
            r.id,
            payable_ref(r),
            r.case_id,
            r.out_refund_no,
            r.cause,
            r.state,
            r.amount_fen,
            r.reason,
            r.proof,
            r.created_at,
            r.succeeded_at,
            fault_in(r.last_error, r.last_error_facts),
            r.queries,
            r.next_query_at,
            r.out_refund_no in noticed,
            r.hand_by,
        )
        for r in rows
    ]
