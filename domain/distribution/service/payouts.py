"""What of a withdrawal is sent to WeChat, and when (付款).

The number and the body are written before the first call and never change; ``transfers`` says
what the answers mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain import audit, hold, members, settings
from domain.distribution.rules.states import SENT
from domain.distribution.service import identity
from domain.distribution.service.admission import must
from domain.distribution.service.brakes import brake_on
from domain.distribution.service.tax import method_of, tax_of
from domain.distribution.service.transfers import book_paid, schedule
from domain.distribution.service.withdrawal_rows import locked, log_step, move, payee_year
from domain.distribution.service.withdrawals import WECHAT_LEAST_FEN, tax_facts
from domain.distribution.views import Problem
from domain.ledger import merchant_account
from domain.outbox import tell_owner
from domain.payments.ports import TransferRequest
from kernel import clock
from kernel.errors import Conflict, Invalid
from kernel.money import rate_of
from models import OutboxRow, PayeeYear, Withdrawal

NAME_FROM_FEN = 200_000  # WeChat wants the real name from here on
NAME_CONTEXT = "withdrawal.name"
IN_FLIGHT = timedelta(seconds=60)  # longer than a gateway's call can last


@dataclass(frozen=True)
class PayoutTerms:
    """What is the same in every transfer: the merchant's numbers, scene and fixed texts."""

    mchid: str
    notify_url: str
    scene_id: str
    remark: str = "推广佣金"
    report_infos: tuple[tuple[str, str], ...] = (
        ("岗位类型", "推广人员"),
        ("报酬说明", "商品推广佣金"),
    )


@dataclass(frozen=True)
class Sending:
    """What the flow is to do: send this request, or nothing because of the problem."""

    request: TransferRequest | None = None
    problem: Problem | None = None


def begin_sending(withdrawal_id: int, terms: PayoutTerms) -> Sending:
    """Decide under locks whether a withdrawal may go out now, and fix what is sent.

    Tax is worked out here, against what was paid and sent before. One whose first call was lost
    answers its stored request: the same number and body again.
    """
    row = locked(withdrawal_id)
    if row.state == "paying" and row.next_query_at <= clock.now():
        return Sending(request=_claimed(row))
    if row.state != "approved" or row.channel != "wechat":
        return Sending(problem=Problem("state_moved", {"state": row.state}))
    if row.is_on_hold:
        return Sending(problem=Problem("on_hold", {"reason": row.hold_reason}))
    problem = _unready(row) or brake_on(row)
    if problem is not None:
        _note_brake(row, problem)
        return Sending(problem=problem)
    return Sending(request=_fix_and_send(row, terms))


def resend(withdrawal_id: int) -> TransferRequest | None:
    """The stored request once more, if WeChat knows no such number or we lack its sheet's key.

    None if it moved on meanwhile.
    """
    row = locked(withdrawal_id)
    is_lost = row.state == "paying" or (row.state == "awaiting_user" and not row.package_info)
    return _claimed(row) if is_lost else None


def stored_request(row: Withdrawal) -> TransferRequest:
    """The request as it was first sent, its name unsealed."""
    body = dict(row.request)
    sealed = body.pop("sealed_name", None)
    body.pop("mchid", None)
    name = members.open_for(row.member_id, sealed, NAME_CONTEXT) if sealed else None
    infos = tuple((str(k), str(v)) for k, v in body.pop("report_infos"))
    return TransferRequest(**body, report_infos=infos, user_name=name)


def ask_cancel(withdrawal_id: int, actor: str, member_id: int | None = None) -> str:
    """Take back a transfer that its payee has not confirmed; answers its number (撤销)."""
    row = locked(withdrawal_id)
    if member_id is not None and row.member_id != member_id:
        raise Conflict("withdrawal_missing")
    if row.state != "cancelling":
        move(row, "ask_cancel", actor)
        schedule(row)
    return str(row.out_bill_no)


def settle_payroll(withdrawal_ids: list[int], actor: str, voucher: str) -> int:
    """Employees' commission was paid with their wages: booked against the bank (工资代发)."""
    if not voucher.strip():
        raise Invalid("voucher_missing", "voucher")
    hold.refuse_while_held()
    for withdrawal_id in withdrawal_ids:
        row = locked(withdrawal_id)
        if row.channel != "payroll" or row.is_on_hold:
            raise Conflict("not_on_payroll", withdrawal_id=withdrawal_id)
        now, gross = clock.now(), row.gross_fen - row.taken_fen
        fee = rate_of(gross, settings.get(settings.Distribution).withdraw_fee_bp)
        move(row, "send", actor, voucher, sent_at=now, fee_fen=fee, net_fen=gross - fee)
        row.fee_fen, row.tax_fen, row.net_fen = fee, 0, gross - fee
        move(row, "pay", actor, voucher, paid_at=now)
        book_paid(row, merchant_account("bank_clearing"))
        audit.record("withdrawal.payroll", "withdrawal", row.id, actor=actor,
                     after={"voucher": voucher})  # fmt: skip
    return len(withdrawal_ids)


def due_queries(limit: int = 50) -> list[tuple[int, str]]:
    """Transfers whose result is not known and whose next question is due: id and number."""
    rows = (
        Withdrawal.select(Withdrawal.id, Withdrawal.out_bill_no)
        .where((Withdrawal.next_query_at <= clock.now()) & Withdrawal.state.in_(SENT))
        .order_by(Withdrawal.next_query_at)
        .limit(limit)
    )
    return [(int(row.id), str(row.out_bill_no)) for row in rows]


def sent_numbers(after_id: int = 0, limit: int = 200) -> list[tuple[int, str]]:
    """Transfers whose end is not known, by id; the next page begins after the last one."""
    rows = Withdrawal.select(Withdrawal.id, Withdrawal.out_bill_no).where(
        Withdrawal.state.in_(SENT) & (Withdrawal.id > after_id)
    )
    return [(int(r.id), str(r.out_bill_no)) for r in rows.order_by(Withdrawal.id).limit(limit)]


def waiting_to_send(limit: int = 50) -> list[int]:
    """Approved withdrawals that a brake or a lost wake-up left behind."""
    rows = (
        Withdrawal.select(Withdrawal.id)
        .where((Withdrawal.state == "approved") & (Withdrawal.channel == "wechat"))
        .where(Withdrawal.is_on_hold == False)  # noqa: E712
        .order_by(Withdrawal.id)
        .limit(limit)
    )
    return [int(row.id) for row in rows]


def _unready(row: Withdrawal) -> Problem | None:
    payee = must(row.member_id)
    if payee.sealed_identity is None:
        return Problem("identity_missing")
    if method_of(payee) == "unset":
        return Problem("tax_method_unset")
    if (row.tax or {}).get("payee_type") != payee.payee_type:
        return Problem("payee_changed")  # another payee, another tax: to be asked for anew
    return None


def _fix_and_send(row: Withdrawal, terms: PayoutTerms) -> TransferRequest:
    now, gross = clock.now(), row.gross_fen - row.taken_fen
    year = payee_year(row.member_id, clock.business_day(now).year)
    payee = must(row.member_id)
    tax = tax_of(payee, gross, now)
    fee = rate_of(gross, settings.get(settings.Distribution).withdraw_fee_bp)
    net = gross - fee - tax.tax_fen
    if net < WECHAT_LEAST_FEN:
        raise Conflict("net_too_small", limit_fen=WECHAT_LEAST_FEN)
    body = transfer_body(row, net, terms)
    facts = dict(row.tax or {}) | tax_facts(tax)
    move(row, "send", "system", sent_at=now, fee_fen=fee, tax_fen=tax.tax_fen, net_fen=net,
         tax=facts, request=body, queries=0, next_query_at=now + IN_FLIGHT)  # fmt: skip
    PayeeYear.update(
        gross_fen=PayeeYear.gross_fen + gross, tax_fen=PayeeYear.tax_fen + tax.tax_fen
    ).where(PayeeYear.id == year.id).execute()
    return stored_request(Withdrawal.get_by_id(row.id))


def transfer_body(row: Withdrawal, net_fen: int, terms: PayoutTerms) -> dict[str, Any]:
    """The request as it is kept and sent, word for word; the name is sealed."""
    body: dict[str, Any] = {
        "out_bill_no": row.out_bill_no, "openid": row.openid, "amount_fen": net_fen,
        "remark": terms.remark, "notify_url": terms.notify_url, "scene_id": terms.scene_id,
        "report_infos": [list(pair) for pair in terms.report_infos], "mchid": terms.mchid,
    }  # fmt: skip
    if net_fen >= NAME_FROM_FEN:
        name = identity.real_name(row.member_id)
        body["sealed_name"] = members.seal_for(row.member_id, name, NAME_CONTEXT)
    return body


def _claimed(row: Withdrawal) -> TransferRequest:
    """Nobody asks after or repeats a call that may still be under way: a refusal seen by one
    caller must not give the money back while another's call arrives."""
    Withdrawal.update(next_query_at=clock.now() + IN_FLIGHT).where(
        Withdrawal.id == row.id
    ).execute()
    return stored_request(row)


def _note_brake(row: Withdrawal, problem: Problem) -> None:
    """Say why it waits, once per reason and day; the owner is told of brakes that bit."""
    note = f"waits: {problem.code}"
    if row.note == note:
        return
    Withdrawal.update(note=note).where(Withdrawal.id == row.id).execute()
    log_step(row.id, row.state, row.state, "system", note)
    if problem.code.startswith(("ceiling", "commission_share")) and not _told_today(problem.code):
        tell_owner("payout_braked", code=problem.code, **problem.facts)


def _told_today(code: str) -> bool:
    since: datetime = clock.now() - timedelta(days=1)
    rows = OutboxRow.select(OutboxRow.payload).where(
        (OutboxRow.kind == "notify.owner") & (OutboxRow.created_at > since)
    )
    return any(row.payload["facts"].get("code") == code for row in rows)
