"""Attempts to pay: their numbers, WeChat's results and the ledger's postings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain import audit, gate, ledger, outbox
from domain.gate import Kind, Problem
from domain.ledger import Posting, merchant_account
from domain.payments import doubts, refunds, statements
from domain.payments.payables import PayableRef, ReceivedPayment, payable_of
from domain.payments.ports import (
    GrantResult,
    Notification,
    PaymentResult,
    RefundResult,
    TradeState,
    TransferResult,
)
from domain.payments.queries import is_for, payable_ref
from domain.payments.rules import (
    MISMATCH,
    PAYMENT_STATES,
    Channel,
    PaymentTicket,
    payment_mismatch,
    query_delay,
    states_allowing,
)
from kernel import clock, ids
from kernel.errors import Invalid, NotFound
from kernel.faults import Fault, fault_in, last_error
from kernel.store import insert_once, lock_row
from models import Payment, PayNotice

OPEN = ("created", "open")
PAYING_NOW = "USERPAYING"
"""WeChat's code while the buyer types the password; a payment with it is not in doubt."""

CLOSING = "close"
"""The call of a closing error; a query's answer that the buyer has not paid does not clear it."""


@dataclass(frozen=True)
class PaymentForm:
    """The content of an attempt to pay."""

    payable: PayableRef
    amount_fen: int
    channel: Channel
    mchid: str
    appid: str
    description: str
    expires_at: datetime
    openid: str | None = None


def begin_payment(form: PaymentForm) -> PaymentTicket:
    """Make an attempt to pay, with its number, before WeChat is called (支付单).

    An open attempt with the same content is reused with its number, so that two taps on the button
    are one payment. The caller has locked the payable's row. Raises Invalid.
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
        payable_kind=form.payable.kind,
        payable_id=form.payable.id,
        payable_no=form.payable.no,
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
    """Store WeChat's prepay_id or address; False if the attempt was closed or paid meanwhile."""
    values = {"prepay_id": prepay_id, "pay_url": pay_url, "opened_at": clock.now()}
    return _step(payment_id, "opened", **last_error(None), **values)


def mark_closed(out_trade_no: str, fault: Fault | None = None) -> bool:
    """Mark an attempt as closed; call it only after WeChat said that it is closed."""
    row = _by_number(out_trade_no)
    if row is None:
        return False
    is_closed = _step(row.id, "closed", next_query_at=None, **last_error(None))
    if is_closed:
        if fault is not None:
            Payment.update(**last_error(fault)).where(Payment.id == row.id).execute()
        doubts.end_doubt(row, "unpaid", row.amount_fen)
    return is_closed


def book_close_answer(out_trade_no: str, _answer: Any) -> None:
    """Book WeChat's answer to a close call, which has no content."""
    mark_closed(out_trade_no)


def record_error(out_trade_no: str, fault: Fault) -> None:
    """Record the failure of an attempt's last call; the attempt is queried again."""
    mine = Payment.out_trade_no == out_trade_no
    Payment.update(**last_error(fault)).where(mine).execute()
    row = _by_number(out_trade_no)
    if row is not None and fault.code != PAYING_NOW:
        doubts.begin_doubt(row)


def settle(result: PaymentResult) -> str:
    """Compare WeChat's result of a payment with our row, book and publish it once (支付结果).

    Returns booked, wrong_amount, already, unpaid, closed, unknown_number or mismatch_{field}. A
    payment of the wrong amount is booked and refunded automatically.
    """
    found = statements.id_of.first(result.out_trade_no)
    payment = lock_row(Payment, found.id) if found is not None else None
    if payment is None:
        audit.record_event("payment.unknown_number", "payment", result.out_trade_no[:40])
        return "unknown_number"
    if not result.state.is_paid:
        return _book_unpaid(payment, result)
    wrong = payment_mismatch(result, payment.mchid, payment.appid, payment.out_trade_no)
    if wrong is not None:
        record_error(payment.out_trade_no, Fault(MISMATCH, facts={"field": wrong}))
        doubts.begin_doubt(payment, is_at_once=True)
        audit.record_event("payment.mismatch", "payment", payment.id, facts={"field": wrong})
        return f"mismatch_{wrong}"
    return _book(payment, result)


def store_notice(notice: Notification) -> bool:
    """Store a verified notification as it came, before it is used; True if it is new."""
    return insert_once(
        PayNotice,
        notice_id=notice.id,
        event_type=notice.event_type[:40],
        out_number=_out_number(notice)[:64],
        content=notice.plain,
        received_at=clock.now(),
    )


def _out_number(notice: Notification) -> str:
    """Our number in a notification."""
    match notice.result:
        case RefundResult(out_refund_no=number):
            return number
        case PaymentResult(out_trade_no=number):
            return number
        case TransferResult(out_bill_no=number):
            return number
        case GrantResult(out_authorization_no=number):
            return number
        case None:
            return ""


def book_notice(notice: Notification) -> str:
    """Book a payment or refund notification like a query's answer; returns its outcome."""
    result = notice.result
    if isinstance(result, PaymentResult):
        outcome = settle(result)
    elif isinstance(result, RefundResult):
        outcome = refunds.settle_refund(result)
    else:
        outcome = "not_for_payments"
    record_notice_outcome(notice.id, outcome)
    return outcome


def record_notice_outcome(notice_id: str, outcome: str) -> None:
    """Record the outcome of a stored notification."""
    statements.record_notice_outcome.run(notice_id, outcome[:40])


def claim_due_payments(limit: int = 50) -> list[str]:
    """Numbers of due attempts without a known result; the time of their next query is set."""
    due = list(
        Payment.select()
        .where(Payment.state.in_(OPEN) & (Payment.next_query_at <= clock.now()))
        .order_by(Payment.next_query_at)
        .limit(limit)
    )
    return [row.out_trade_no for row in due if _claimed(row)]


def payment_id_of(out_trade_no: str) -> int:
    """The id of the attempt with this number. Raises NotFound('payment_missing')."""
    row = _by_number(out_trade_no)
    if row is None:
        raise NotFound("payment_missing")
    return int(row.id)


def lock_payment(payment_id: int) -> None:
    """Lock an attempt's row. Raises NotFound('payment_missing')."""
    if lock_row(Payment, payment_id) is None:
        raise NotFound("payment_missing")


def check_close(payment_id: int, _using: Any) -> str | Problem:
    """The number of an attempt that may be closed at WeChat, or why not; no stop applies."""
    row = Payment.get_by_id(payment_id)
    if row.state not in OPEN:
        return Problem("state_moved", {"state": row.state})
    return str(row.out_trade_no)


def open_numbers(kinds: Sequence[str], payable_id: int) -> list[str]:
    """The out-numbers of one id under these kinds of payable that may still be paid at WeChat."""
    return [row.out_trade_no for row in statements.numbers_in.all(list(kinds), payable_id, OPEN)]


def _claimed(row: Any) -> bool:
    later = clock.now() + query_delay(row.queries + 1)
    same = (Payment.id == row.id) & (Payment.queries == row.queries) & Payment.state.in_(OPEN)
    changed = (
        Payment.update(queries=Payment.queries + 1, next_query_at=later).where(same).execute()
    )
    return bool(changed == 1)


def _same_attempt(form: PaymentForm) -> Any:
    same = (
        is_for((form.payable.kind,), form.payable.id)
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
        **last_error(None),
    )
    if not done:
        return "already"
    clearing = merchant_account("wechat_clearing", payment.mchid)
    key = f"pay:{payment.out_trade_no}"
    posting = Posting(key, clearing, merchant_account("sales"), result.amount_fen, "payment")
    ledger.post([posting], "payment", payment.id)
    _close_others(payment)
    if result.amount_fen != payment.amount_fen:
        refunds.begin_automatic_refund(payment.id, result.amount_fen, "wrong_amount")
        doubts.end_doubt(payment, "returned", result.amount_fen)
        return "wrong_amount"
    is_taken = _give_to_payable(
        ReceivedPayment(payment.id, payable_ref(payment), result.amount_fen, at)
    )
    doubts.end_doubt(payment, "paid" if is_taken else "returned", result.amount_fen)
    return "booked"


def _give_to_payable(arrived: ReceivedPayment) -> bool:
    """Give the payment to its payable, or refund it (自动退款). True if it was taken."""
    turned = payable_of(arrived.payable.kind).take(arrived)
    if turned is not None:
        refunds.begin_automatic_refund(arrived.payment_id, arrived.amount_fen, turned.cause)
    return turned is None


def _close_others(payment: Any) -> None:
    """Close the payable's other open attempts at WeChat, so that it is not paid twice."""
    for number in open_numbers((payment.payable_kind,), payment.payable_id):
        outbox.enqueue("payments.close", {"out_trade_no": number})


def _book_unpaid(payment: Any, result: PaymentResult) -> str:
    gone = (TradeState.CLOSED, TradeState.REVOKED)
    if result.state in gone and result.mchid == payment.mchid and payment.state in OPEN:
        if _step(payment.id, "closed", next_query_at=None, **last_error(None)):
            doubts.end_doubt(payment, "unpaid", payment.amount_fen)
        return "closed"
    if payment.state == "paid":
        return "already"
    fault = fault_in(payment.last_error, payment.last_error_facts)
    if fault is not None and fault.facts.get("call") != CLOSING:
        # WeChat gave a clear answer: not paid yet.
        Payment.update(**last_error(None)).where(Payment.id == payment.id).execute()
    if result.state in (TradeState.NOTPAY, TradeState.PAYERROR):
        doubts.end_doubt(payment, "unpaid", payment.amount_fen)
    return "unpaid"


def _step(payment_id: int, event: str, **values: Any) -> bool:
    """One transition as a conditional UPDATE; False if the row's state does not allow it."""
    change = statements.step(tuple(states_allowing(PAYMENT_STATES, event)), ("state", *values))
    state = {"opened": "open"}.get(event, event)
    return change.run(payment_id, state, *values.values()) == 1


def _by_number(out_trade_no: str) -> Any:
    return Payment.get_or_none(Payment.out_trade_no == out_trade_no)


def _ticket(row: Any) -> PaymentTicket:
    return PaymentTicket(
        id=row.id,
        payable=payable_ref(row),
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
    )


def payment_ticket(payment_id: int) -> PaymentTicket:
    """An attempt, as the flows use it."""
    return _ticket(Payment.get_by_id(payment_id))


gate.register_kind(Kind("close", "payment", lock_payment, check_close))
