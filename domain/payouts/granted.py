"""Transfers under a standing authorisation: same gate, lower limits (免确认付款). See ADR 0054."""

from __future__ import annotations

from domain import gate
from domain.gate import Kind, Problem
from domain.payments.ports import TransferRequest
from domain.payouts import brakes, grants
from domain.payouts.answers import SUBJECT
from domain.payouts.bills import lock_bill, log_step
from domain.payouts.sending import PayoutTerms, first_request, request_again
from domain.payouts.sources import source_of
from kernel.store import lock_row
from models import Payee, PayoutBill

NOT_GRANTED = "not_granted"


def call_kind_of_bill(bill_id: int, terms: PayoutTerms | None) -> str:
    """The kind of call that a bill needs, read without a lock; the gate decides."""
    row = PayoutBill.get_or_none(PayoutBill.id == bill_id)
    if row is None or row.channel == "granted":
        return "granted"
    if row.state != "made" or terms is None or row.channel != "wechat":
        return "transfer"
    payee = Payee.get_by_id(row.payee_id)
    return "granted" if grants.usable_grant(payee, terms, row.openid) is not None else "transfer"


def grant_to_query_first(bill_id: int, terms: PayoutTerms | None) -> int | None:
    """The grant of a bill's first call, to be queried before the call; None if it has none."""
    row = PayoutBill.get_or_none(PayoutBill.id == bill_id)
    if row is None or row.state != "made" or row.channel != "wechat" or terms is None:
        return None
    found = grants.usable_grant(Payee.get_by_id(row.payee_id), terms, row.openid)
    return None if found is None else int(found.id)


def check_granted(bill_id: int, terms: PayoutTerms | None) -> TransferRequest | Problem:
    """Whether a transfer may be sent under its payee's authorisation, and its request.

    Problem('not_granted') if no authorisation is active or the sum is above the limits; an
    ordinary transfer is tried then. All other checks are those of ``check_transfer``. A bill that
    was sent is sent again with the same number and body even if the authorisation has ended; only
    WeChat's refusal frees the bill.
    """
    row = PayoutBill.get_by_id(bill_id)
    payee = lock_row(Payee, int(row.payee_id))
    assert payee is not None
    if row.channel == "granted" and row.state == "paying":
        return request_again(row, payee)
    if row.channel != "wechat" or row.state != "made" or terms is None:
        return Problem("state_moved", {"state": row.state})
    grant = grants.usable_grant(payee, terms, row.openid)
    gross = source_of(row.source).amount_to_pay(int(row.source_id)).gross_fen
    if grant is None or not brakes.is_within_granted_limits(int(payee.id), gross, bill_id):
        return Problem(NOT_GRANTED)
    return first_request(row, payee, terms, str(grant.authorization_id))


def fall_back_to_transfer(bill_id: int, code: str) -> bool:
    """Turn a refused authorised transfer into an ordinary one with the same number.

    WeChat refused it and, when queried, does not know the number. True if it may be sent so, that
    is if no call about it is open. Only the authorisation leaves the stored request.
    """
    row = lock_bill(bill_id)
    if row.channel != "granted" or row.state != "paying":
        return False
    if gate.has_open_calls(SUBJECT, bill_id):
        return False
    body = {name: value for name, value in row.request.items() if name != "authorization_id"}
    PayoutBill.update(channel="wechat", request=body).where(PayoutBill.id == row.id).execute()
    log_step(row.id, row.state, row.state, "system", "confirm_instead", {"code": code})
    return True


def grant_of_sent_bill(bill_id: int) -> int | None:
    """The grant under which a bill was sent, or None."""
    request = PayoutBill.get_by_id(bill_id).request or {}
    named = request.get("authorization_id")
    return grants.grant_id_by_authorization(str(named)) if named else None


gate.register_kind(Kind("granted", SUBJECT, lock_bill, check_granted))
