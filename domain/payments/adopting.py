"""After a restore: book payments and refunds that WeChat knows and the database lost (补记).

Only what WeChat returned to a query is booked, and under WeChat's number, so that the ledger
agrees with WeChat's bills and nothing is sent twice. See ADR 0041.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain import audit
from domain.payments.payables import PayableRef
from domain.payments.ports import PaymentResult, RefundResult
from domain.payments.queries import payable_ref
from domain.payments.refunds import UNDER_WAY, settle_refund
from domain.payments.rules import payment_mismatch
from domain.payments.service import settle
from kernel import clock
from kernel.store import lock_row
from models import Payment, Refund

FOUND = "found"
_CHANNELS = {"JSAPI": "jsapi", "NATIVE": "native", "MWEB": "h5"}


def adopt_payment(payable: PayableRef, result: PaymentResult, mchid: str, appid: str) -> str:
    """Book a payment that the restored database lost; its payable takes it, or it is refunded.

    Returns what ``settle`` returns, or mismatch_{field}; nothing is booked then.
    """
    if Payment.get_or_none(Payment.out_trade_no == result.out_trade_no) is not None:
        return settle(result)
    wrong = payment_mismatch(result, mchid, appid, result.out_trade_no)
    if wrong is not None:
        return f"mismatch_{wrong}"
    now = clock.now()
    row = Payment.create(
        payable_kind=payable.kind,
        payable_id=payable.id,
        payable_no=payable.no,
        out_trade_no=result.out_trade_no,
        mchid=mchid,
        appid=appid,
        channel=_CHANNELS.get(result.trade_type, "jsapi"),
        openid=result.payer_openid or None,
        amount_fen=result.amount_fen,
        state="open",
        expires_at=now,
        created_at=now,
    )
    audit.record_event(
        "payment.adopt", "payment", row.id, facts={"out_trade_no": row.out_trade_no}
    )
    return settle(result)


def unsent_refunds_of_amount(payment_id: int, amount_fen: int) -> list[tuple[int, str]]:
    """Refunds of this amount that the restored database has begun and may not have sent."""
    same = (Refund.payment == payment_id) & (Refund.amount_fen == amount_fen)
    rows = Refund.select().where(same & (Refund.state == "created")).order_by(Refund.id)
    return [(int(row.id), str(row.out_refund_no)) for row in rows]


def adopt_refund_number(refund_id: int, result: RefundResult) -> str:
    """Give a refund that WeChat does not know the number of one that WeChat made, and book it.

    The installation before the restore sent it under that number. This is allowed only during a
    hold, when no call of ours is under way. Returns what ``settle_refund`` returns.
    """
    row = lock_row(Refund, refund_id)
    assert row is not None  # refunds are never deleted
    Refund.update(out_refund_no=result.out_refund_no).where(
        (Refund.id == refund_id) & (Refund.state == "created")
    ).execute()
    audit.record_event(
        "refund.adopt",
        "refund",
        refund_id,
        facts={
            "before": {"out_refund_no": row.out_refund_no},
            "out_refund_no": result.out_refund_no,
        },
    )
    return settle_refund(result)


def book_found_refund(payment_id: int, result: RefundResult) -> str:
    """Book a refund that fits no case as money only; a person has to look at it.

    Returns what ``settle_refund`` returns, or refund_above_payment.
    """
    payment = lock_row(Payment, payment_id)
    assert payment is not None  # payments are never deleted
    after = Payment.refunding_fen + result.refund_fen
    bounded = (Payment.id == payment_id) & (after <= Payment.received_fen)
    if Payment.update(refunding_fen=after).where(bounded).execute() != 1:
        return "refund_above_payment"
    refund_id = int(
        Refund.insert(
            payment=payment_id,
            cause=FOUND,
            state="created",
            out_refund_no=result.out_refund_no,
            amount_fen=result.refund_fen,
            total_fen=payment.received_fen,
            reason="",
            created_at=clock.now(),
        ).execute()
    )
    audit.record_event(
        "refund.found", "refund", refund_id, facts={"out_refund_no": result.out_refund_no}
    )
    return settle_refund(result)


def payment_by_number(out_trade_no: str) -> tuple[int, PayableRef] | None:
    """A payment's id and its payable, or None."""
    row: Any = Payment.get_or_none(Payment.out_trade_no == out_trade_no)
    return None if row is None else (int(row.id), payable_ref(row))


def is_refund_known(out_refund_no: str) -> bool:
    """True if there is a refund with this number."""
    return bool(Refund.select().where(Refund.out_refund_no == out_refund_no).exists())


def refunds_without_result(after_id: int = 0, limit: int = 200) -> list[tuple[int, str]]:
    """Refunds without a known result as (id, number), after ``after_id``, in the order of ids."""
    query = Refund.select().where(Refund.state.in_(UNDER_WAY) & (Refund.id > after_id))
    return [(int(r.id), str(r.out_refund_no)) for r in query.order_by(Refund.id).limit(limit)]


def payments_without_result(
    before: datetime, after_id: int = 0, limit: int = 200
) -> list[tuple[int, str]]:
    """Payments begun before an instant without a known result, as (id, number), by id."""
    chosen = Payment.state.in_(("created", "open")) & (Payment.created_at < before)
    query = Payment.select().where(chosen & (Payment.id > after_id))
    return [(int(r.id), str(r.out_trade_no)) for r in query.order_by(Payment.id).limit(limit)]
