"""Reads of payments and refunds, for pages of the merchant and of the order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models import Order, Payment, PayNotice, Refund

AUTOMATIC = ("late", "duplicate", "wrong_amount")


@dataclass(frozen=True)
class PaymentView:
    """One attempt to pay, as the order's page shows it."""

    id: int
    out_trade_no: str
    transaction_id: str | None
    channel: str
    state: str
    amount_fen: int
    received_fen: int
    refunding_fen: int
    created_at: datetime
    paid_at: datetime | None
    last_error: str | None
    queries: int = 0
    next_query_at: datetime | None = None
    is_noticed: bool = True

    @property
    def is_unanswered(self) -> bool:
        """True while WeChat owes a clear answer about it, and is asked again."""
        return self.next_query_at is not None and bool(self.last_error)


@dataclass(frozen=True)
class RefundView:
    """One refund, as the order's page and the merchant's list show it."""

    id: int
    order_id: int
    order_no: str
    case_id: int | None
    out_refund_no: str
    cause: str
    state: str
    amount_fen: int
    reason: str
    proof: str | None
    created_at: datetime
    succeeded_at: datetime | None
    last_error: str | None
    queries: int = 0
    next_query_at: datetime | None = None
    is_noticed: bool = True
    hand_by: str | None = None

    @property
    def is_unanswered(self) -> bool:
        """True while WeChat owes a clear answer about it, and is asked again."""
        return self.next_query_at is not None and bool(self.last_error)

    @property
    def is_automatic(self) -> bool:
        """True for money that no order could take and that went back by itself."""
        return self.cause in AUTOMATIC


@dataclass(frozen=True)
class NoticeView:
    """A kept notification and what it led to."""

    id: int
    notice_id: str
    event_type: str
    out_number: str
    outcome: str
    received_at: datetime


def payments_of(order_id: int) -> list[PaymentView]:
    """An order's attempts to pay, oldest first."""
    rows = list(Payment.select().where(Payment.order == order_id).order_by(Payment.id))
    noticed = noticed_numbers([p.out_trade_no for p in rows])
    return [
        PaymentView(
            p.id,
            p.out_trade_no,
            p.transaction_id,
            p.channel,
            p.state,
            p.amount_fen,
            p.received_fen,
            p.refunding_fen,
            p.created_at,
            p.paid_at,
            p.last_error,
            p.queries,
            p.next_query_at,
            p.out_trade_no in noticed,
        )
        for p in rows
    ]


def refunds_of(order_id: int) -> list[RefundView]:
    """An order's refunds, oldest first."""
    return _views(_refunds().where(Refund.order == order_id).order_by(Refund.id))


def refunds_of_case(case_id: int) -> list[RefundView]:
    """A case's refunds, oldest first."""
    return _views(_refunds().where(Refund.case_id == case_id).order_by(Refund.id))


def refund_desk(
    *, state: str | None = None, is_automatic: bool | None = None, before_id: int | None = None,
    limit: int = 30,
) -> list[RefundView]:  # fmt: skip
    """All refunds, newest first; money that no order could take is ``is_automatic``."""
    query = _refunds().order_by(Refund.id.desc()).limit(limit)
    if state is not None:
        query = query.where(Refund.state == state)
    if is_automatic is not None:
        automatic = Refund.cause.in_(AUTOMATIC)
        query = query.where(automatic if is_automatic else ~automatic)
    if before_id is not None:
        query = query.where(Refund.id < before_id)
    return _views(query)


def odd_notices(*, before_id: int | None = None, limit: int = 30) -> list[NoticeView]:
    """Notifications that did not fit any of our rows, newest first: somebody should look."""
    odd = PayNotice.outcome.startswith("mismatch") | (PayNotice.outcome == "unknown_number")
    query = PayNotice.select().where(odd).order_by(PayNotice.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(PayNotice.id < before_id)
    return [
        NoticeView(n.id, n.notice_id, n.event_type, n.out_number, n.outcome, n.received_at)
        for n in query
    ]


def noticed_numbers(out_numbers: Sequence[str]) -> set[str]:
    """Those out-numbers of which a verified notification came; the others were asked about."""
    if not out_numbers:
        return set()
    query: Any = PayNotice.select(PayNotice.out_number).distinct()
    return {n for (n,) in query.where(PayNotice.out_number.in_(list(out_numbers))).tuples()}


def _refunds() -> Any:
    return Refund.select(Refund, Order.order_no).join(Order)


def _views(query: Any) -> list[RefundView]:
    rows = list(query.objects())
    noticed = noticed_numbers([r.out_refund_no for r in rows])
    return [
        RefundView(
            r.id,
            r.order_id,
            r.order_no,
            r.case_id,
            r.out_refund_no,
            r.cause,
            r.state,
            r.amount_fen,
            r.reason,
            r.proof,
            r.created_at,
            r.succeeded_at,
            r.last_error,
            r.queries,
            r.next_query_at,
            r.out_refund_no in noticed,
            r.hand_by,
        )
        for r in rows
    ]
