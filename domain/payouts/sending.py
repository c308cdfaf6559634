"""What the gate checks before a transfer is sent, and the request of a bill (付款).

Number and body are written before the first call and never change. ``answers`` books the answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain import gate, members
from domain.gate import Kind, Problem
from domain.notices import notify_owner_daily
from domain.payments.ports import TransferRequest
from domain.payouts.answers import SUBJECT, schedule_query
from domain.payouts.bills import add_income, change_state, income_of, lock_bill, log_step
from domain.payouts.brakes import why_payout_waits, why_payouts_stopped
from domain.payouts.notices import PayoutBraked
from domain.payouts.payees import real_name, why_not_payable
from domain.payouts.sources import AmountToPay, source_of
from domain.payouts.tax import tax_facts, tax_of
from kernel import clock, transfer_scenes
from kernel.store import lock_row
from models import Payee, PayoutBill

WECHAT_LEAST_FEN = 30  # WeChat refuses a smaller transfer with a name
NAME_FROM_FEN = 200_000  # WeChat requires the real name from here on
NAME_CONTEXT = "withdrawal.name"


@dataclass(frozen=True)
class PayoutTerms:
    """What all transfers share: the merchant's numbers, scene and fixed texts."""

    mchid: str
    notify_url: str
    scene_id: str
    appid: str = ""
    grant_notify_url: str = ""
    perception: str = ""  # the reason that the payee reads (用户收款感知); '' for WeChat's default
    remark: str = transfer_scenes.REMARK
    report_infos: tuple[tuple[str, str], ...] = tuple(transfer_scenes.REPORT.items())


def check_transfer(bill_id: int, terms: PayoutTerms | None) -> TransferRequest | Problem:
    """Whether a transfer may be sent now, and its request; the bill is locked.

    A bill that is ``made`` is sent for the first time, and its tax is computed from earlier
    payments. A bill that was sent, and that WeChat does not know or whose confirm sheet is missing
    here, gets its stored request: same number, same body. Both pass the same checks: the payee,
    the stop, the ceilings, the hold after a restore, the ledger.
    """
    row = PayoutBill.get_by_id(bill_id)
    payee = lock_row(Payee, int(row.payee_id))
    assert payee is not None
    if row.channel != "wechat":
        return Problem("state_moved", {"state": row.state})
    if row.state == "made" and terms is not None:
        return first_request(row, payee, terms)
    if not _is_lost_call(row):
        return Problem("state_moved", {"state": row.state})
    return request_again(row, payee)


def request_again(row: PayoutBill, payee: Payee) -> TransferRequest | Problem:
    """The stored request again, or what prevents it now."""
    problem = _why_not_sent(row, payee, row.gross_fen)
    if problem is not None:
        return _record_wait(row, problem)
    schedule_query(row)
    return stored_request(row)


def check_payroll(bill_id: int, _using: Any) -> int | Problem:
    """Gross fen of an employee's bill that may be booked as paid with the wages, or why not."""
    row = PayoutBill.get_by_id(bill_id)
    payee = lock_row(Payee, int(row.payee_id))
    assert payee is not None
    if row.channel != "payroll" or row.state != "made":
        return Problem("not_on_payroll", {"bill_id": bill_id})
    wanted = source_of(row.source).amount_to_pay(int(row.source_id))
    return wanted.problem or why_not_payable(payee) or why_payouts_stopped() or wanted.gross_fen


def check_cancel(bill_id: int, actor: str) -> str | Problem:
    """The number of a transfer that may be cancelled, or why not; no stop applies.

    Its payee has not confirmed it, or its bill has ended here but not at WeChat. A transfer
    without confirmation can't be cancelled.
    """
    row = PayoutBill.get_by_id(bill_id)
    if row.channel == "granted":
        return Problem("not_cancellable")
    if row.state == "awaiting_user":
        change_state(row, "ask_cancel", actor or "system")
        schedule_query(row)
    elif row.state not in ("cancelling", "returned"):
        return Problem("state_moved", {"state": row.state, "event": "ask_cancel"})
    return str(row.out_bill_no)


def stored_request(row: PayoutBill) -> TransferRequest:
    """The request as it was first sent, its name decrypted."""
    body = dict(row.request)
    sealed = body.pop("sealed_name", None)
    body.pop("mchid", None)
    payee = Payee.get_by_id(row.payee_id)
    name = members.open_for(int(payee.owner_id), sealed, NAME_CONTEXT) if sealed else None
    infos = tuple((str(k), str(v)) for k, v in body.pop("report_infos"))
    return TransferRequest(**body, report_infos=infos, user_name=name)


def transfer_body(row: PayoutBill, net_fen: int, terms: PayoutTerms) -> dict[str, Any]:
    """The request as it is stored and sent; the name is encrypted."""
    body: dict[str, Any] = {
        "out_bill_no": row.out_bill_no, "openid": row.openid, "amount_fen": net_fen,
        "remark": terms.remark, "notify_url": terms.notify_url, "scene_id": terms.scene_id,
        "report_infos": [list(pair) for pair in terms.report_infos], "mchid": terms.mchid,
        "user_recv_perception": terms.perception,
    }  # fmt: skip
    if net_fen >= NAME_FROM_FEN:
        payee = Payee.get_by_id(row.payee_id)
        name = real_name(payee)
        body["sealed_name"] = members.seal_for(int(payee.owner_id), name, NAME_CONTEXT)
    return body


def first_request(
    row: PayoutBill, payee: Payee, terms: PayoutTerms, authorization_id: str = ""
) -> TransferRequest | Problem:
    """The request of a bill that is ``made``, computed and stored, or what prevents it.

    ``authorization_id`` is set for a transfer under an authorisation. Payee and bill are locked.
    """
    wanted = source_of(row.source).amount_to_pay(int(row.source_id))
    if wanted.problem is not None:
        return wanted.problem
    if wanted.payee_type not in (None, payee.type):
        # The tax depends on the payee type: the payment has to be requested again.
        return _record_wait(row, Problem("payee_changed"))
    problem = _why_not_sent(row, payee, wanted.gross_fen)
    if problem is not None:
        return _record_wait(row, problem)
    return _store_request(row, payee, wanted, terms, authorization_id)


def _store_request(
    row: PayoutBill, payee: Payee, wanted: AmountToPay, terms: PayoutTerms, authorization_id: str
) -> TransferRequest | Problem:
    now = clock.now()
    income_of(payee.id, clock.business_day(now).year, row.tax_class)  # locked before it is read
    tax = tax_of(payee, wanted.gross_fen, now, row.tax_class)
    net = wanted.gross_fen - wanted.fee_fen - tax.tax_fen
    if net < WECHAT_LEAST_FEN:
        return _record_wait(row, Problem("net_too_small", {"limit_fen": WECHAT_LEAST_FEN}))
    body = transfer_body(row, net, terms)
    channel = "wechat"
    if authorization_id:
        body["authorization_id"], channel = authorization_id, "granted"
    change_state(
        row,
        "send",
        "system",
        sent_at=now,
        gross_fen=wanted.gross_fen,
        fee_fen=wanted.fee_fen,
        tax_fen=tax.tax_fen,
        net_fen=net,
        tax=tax_facts(tax),
        request=body,
        mchid=terms.mchid,
        channel=channel,
        queries=0,
        next_query_at=now + gate.LEASE,
    )
    add_income(row, wanted.gross_fen, tax.tax_fen)
    return stored_request(PayoutBill.get_by_id(row.id))


def _why_not_sent(row: PayoutBill, payee: Payee, gross_fen: int) -> Problem | None:
    return why_not_payable(payee) or why_payout_waits(int(payee.id), gross_fen, int(row.id))


def _is_lost_call(row: PayoutBill) -> bool:
    return row.state == "paying" or (row.state == "awaiting_user" and not row.package_info)


def _record_wait(row: PayoutBill, problem: Problem) -> Problem:
    """Record why a bill waits, once per reason; ceilings notify the owner once a day."""
    code = problem.code
    if row.note != code:
        PayoutBill.update(note=code).where(PayoutBill.id == row.id).execute()
        log_step(row.id, row.state, row.state, "system", "waits", {"code": code})
        source_of(row.source).note(int(row.source_id), code)
        is_ceiling = problem.code.startswith(("ceiling", "commission_share"))
        if is_ceiling:
            limits = {k: v for k, v in problem.facts.items() if k in ("limit_fen", "already_fen")}
            notify_owner_daily(PayoutBraked(code=problem.code, **limits))
    return problem


gate.register_kind(Kind("transfer", SUBJECT, lock_bill, check_transfer))
gate.register_kind(Kind("bank", SUBJECT, lock_bill, check_payroll))
gate.register_kind(Kind("cancel", SUBJECT, lock_bill, check_cancel))
