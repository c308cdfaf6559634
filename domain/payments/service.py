"""Verbs of payments: attempts to pay, what WeChat told about them, and their place in the book."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain import audit, ledger, outbox
from domain.ledger import Posting, merchant_account
from domain.payments import refunds
from domain.payments.events import PaymentSucceeded
from domain.payments.ports import Notification, PaymentResult, RefundResult, TradeState
from domain.payments.rules import (
    PAYMENT_STATES,
    Channel,
    PaymentTicket,
    payment_mismatch,
    query_delay,
    sources,
)
from kernel import clock, events, ids
from kernel.errors import Invalid
from kernel.store import insert_once, lock_row
from models import Order, Payment, PayNotice

OPEN = ("created", "open")
NOT_CLOSED = "not closed: "
"""Before an error of closing: that a buyer hasn't paid yet doesn't answer it."""


@dataclass(frozen=True)
class PaymentForm:
    """What an attempt to pay an order needs."""

    order_id: int
    amount_fen: int
    channel: Channel
    mchid: str
    appid: str
    description: str
    expires_at: datetime
    openid: str | None = None


def begin_payment(form: PaymentForm) -> PaymentTicket:
    """An attempt to pay has its number before WeChat hears of it (支付单).

    An attempt of the same facts that is still open is taken up again under its number: two taps
    on the button are one payment. The caller holds the order's row.
    """
    if form.amount_fen <= 0:
        raise Invalid("amount_bad", "amount_fen")
    if form.channel == "jsapi" and not form.openid:
        raise Invalid("openid_missing", "openid")
    found = _same_attempt(form)
    if found is not None:
        return _ticket(found)
    now = clock.now()
    row = Payment.create(
        order=form.order_id,
        out_trade_no=ids.out_number("PAY"),
        channel=form.channel,
        mchid=form.mchid,
        appid=form.appid,
        openid=form.openid,
        amount_fen=form.amount_fen,
        description=form.description[:64],
        expires_at=form.expires_at,
        created_at=now,
        next_query_at=now + query_delay(0),
    )
    return _ticket(row)


def record_prepay(
    payment_id: int, *, prepay_id: str | None = None, pay_url: str | None = None
) -> bool:
    """WeChat took the attempt; False if it was closed or paid meanwhile and must not be shown."""
    values = {"prepay_id": prepay_id, "pay_url": pay_url, "opened_at": clock.now()}
    return _step(payment_id, "opened", last_error=None, **values)


def mark_closed(out_trade_no: str, why: str = "") -> bool:
    """WeChat will take no money for this attempt any more. Only after WeChat said so."""
    row = _by_number(out_trade_no)
    if row is None:
        return False
    return _step(row.id, "closed", next_query_at=None, last_error=why or None)


def note_error(out_trade_no: str, why: str) -> None:
    """The last call about this attempt did not end well; it will be asked about again."""
    Payment.update(last_error=why[:200]).where(Payment.out_trade_no == out_trade_no).execute()


def settle(result: PaymentResult) -> str:
    """What WeChat says about a payment is compared, booked and told, once (支付结果).

    Answers what came of it: booked, wrong_amount, already, unpaid, closed, unknown_number, or
    mismatch_{field}. Money of the wrong amount is booked and goes back by itself.
    """
    found = _by_number(result.out_trade_no)
    payment = lock_row(Payment, found.id) if found is not None else None
    if payment is None:
        audit.record("payment.unknown_number", "payment", result.out_trade_no[:40])
        return "unknown_number"
    if not result.state.is_paid:
        return _unpaid(payment, result)
    wrong = payment_mismatch(result, payment.mchid, payment.appid, payment.out_trade_no)
    if wrong is not None:
        note_error(payment.out_trade_no, f"mismatch {wrong}")
        audit.record("payment.mismatch", "payment", payment.id, after={"field": wrong})
        return f"mismatch_{wrong}"
    return _book(payment, result)


def keep_notice(notice: Notification) -> bool:
    """A verified notification is kept as it came, before it is acted on; True if it is new."""
    number = getattr(notice.result, "out_trade_no", "") or getattr(
        notice.result, "out_bill_no", ""
    )
    if isinstance(notice.result, RefundResult):
        number = notice.result.out_refund_no
    return insert_once(
        PayNotice,
        notice_id=notice.id,
        event_type=notice.event_type[:40],
        out_number=number[:64],
        content=notice.plain,
        received_at=clock.now(),
    )


def act_on_notice(notice: Notification) -> str:
    """A payment or refund notification has the same effect as asking; other types have none."""
    result = notice.result
    if isinstance(result, PaymentResult):
        outcome = settle(result)
    elif isinstance(result, RefundResult):
        outcome = refunds.settle_refund(result)
    else:
        outcome = "not_for_payments"
    note_outcome(notice.id, outcome)
    return outcome


def note_outcome(notice_id: str, outcome: str) -> None:
    """What a kept notification led to."""
    PayNotice.update(outcome=outcome[:40]).where(PayNotice.notice_id == notice_id).execute()


def claim_due_payments(limit: int = 50) -> list[str]:
    """Attempts whose result is unknown and due to be asked about; the next time is set at once."""
    due = list(
        Payment.select()
        .where(Payment.state.in_(OPEN) & (Payment.next_query_at <= clock.now()))
        .order_by(Payment.next_query_at)
        .limit(limit)
    )
    return [row.out_trade_no for row in due if _claimed(row)]


def open_numbers(order_id: int) -> list[str]:
    """The out-numbers of an order that WeChat may still take money for."""
    query = Payment.select().where((Payment.order == order_id) & Payment.state.in_(OPEN))
    return [row.out_trade_no for row in query.order_by(Payment.id)]


def _claimed(row: Any) -> bool:
    later = clock.now() + query_delay(row.queries + 1)
    same = (Payment.id == row.id) & (Payment.queries == row.queries) & Payment.state.in_(OPEN)
    changed = (
        Payment.update(queries=Payment.queries + 1, next_query_at=later).where(same).execute()
    )
    return bool(changed == 1)


def _same_attempt(form: PaymentForm) -> Any:
    same = (
        (Payment.order == form.order_id)
        & (Payment.channel == form.channel)
        & (Payment.mchid == form.mchid)
        & (Payment.appid == form.appid)
        & (Payment.amount_fen == form.amount_fen)
        & Payment.state.in_(OPEN)
        & (Payment.expires_at > clock.now())
    )
    if form.openid is not None:
        same &= Payment.openid == form.openid
    return Payment.select().where(same).order_by(Payment.id.desc()).first()


def _book(payment: Any, result: PaymentResult) -> str:
    at = result.success_at or clock.now()
    done = _step(
        payment.id,
        "paid",
        received_fen=result.amount_fen,
        paid_at=at,
        next_query_at=None,
        transaction_id=result.transaction_id[:40] or None,
        last_error=None,
    )
    if not done:
        return "already"
    clearing = merchant_account("wechat_clearing", payment.mchid)
    key = f"pay:{payment.out_trade_no}"
    posting = Posting(key, clearing, merchant_account("sales"), result.amount_fen, "payment")
    ledger.post([posting], "payment", payment.id)
    _close_others(payment)
    if result.amount_fen != payment.amount_fen:
        refunds.begin_refund(payment.id, result.amount_fen, "wrong_amount", reason="付款金额不符")
        return "wrong_amount"
    events.publish(PaymentSucceeded(payment.id, payment.order_id, result.amount_fen, at))
    return "booked"


def _close_others(payment: Any) -> None:
    """Another attempt of the same order would be a second payment: close it at WeChat."""
    for number in open_numbers(payment.order_id):
        outbox.enqueue("payments.close", {"out_trade_no": number})


def _unpaid(payment: Any, result: PaymentResult) -> str:
    gone = (TradeState.CLOSED, TradeState.REVOKED)
    if result.state in gone and result.mchid == payment.mchid and payment.state in OPEN:
        _step(payment.id, "closed", next_query_at=None, last_error=None)
        return "closed"
    if payment.state == "paid":
        return "already"
    if payment.last_error and not payment.last_error.startswith(NOT_CLOSED):
        # it has answered clearly now: not yet
        Payment.update(last_error=None).where(Payment.id == payment.id).execute()
    return "unpaid"


def _step(payment_id: int, event: str, **values: Any) -> bool:
    """One transition as a conditional UPDATE; False if the row was in no state that allows it."""
    allowed = Payment.state.in_(sources(PAYMENT_STATES, event))
    state = {"opened": "open"}.get(event, event)
    changed = (
        Payment.update(state=state, **values).where((Payment.id == payment_id) & allowed).execute()
    )
    return bool(changed == 1)


def _by_number(out_trade_no: str) -> Any:
    return Payment.get_or_none(Payment.out_trade_no == out_trade_no)


def _ticket(row: Any) -> PaymentTicket:
    return PaymentTicket(
        id=row.id,
        order_id=row.order_id,
        out_trade_no=row.out_trade_no,
        channel=row.channel,
        mchid=row.mchid,
        appid=row.appid,
        openid=row.openid,
        amount_fen=row.amount_fen,
        description=row.description,
        state=row.state,
        expires_at=row.expires_at,
        prepay_id=row.prepay_id,
        pay_url=row.pay_url,
        opened_at=row.opened_at,
        attach=Order.get_by_id(row.order_id).order_no,
    )


def ticket_of(payment_id: int) -> PaymentTicket:
    """An attempt as the flows carry it."""
    return _ticket(Payment.get_by_id(payment_id))
