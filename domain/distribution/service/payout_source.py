"""Commission as a source of payouts: what a withdrawal's bill may pay, and its steps (提现)."""

from __future__ import annotations

from typing import Any, Literal

from domain import audit, ledger, members, payouts, settings
from domain.distribution import notices
from domain.distribution.service.admission import lock_wallets
from domain.distribution.service.withdrawal_rows import (
    locked_withdrawal,
    log_step,
    return_withdrawal_money,
)
from domain.gate import Problem
from domain.ledger import AccountRef, Posting, member_account, merchant_account
from domain.notices import notify
from domain.outbox import enqueue
from domain.payments.ports import TransferResult
from domain.payouts import AmountToPay, BillStep
from kernel import clock
from kernel.money import rate_of
from models import Distributor, Withdrawal

SOURCE = "commission"
PREFIX = "WD"
BOOKED_AS = "withdrawal"
ACTOR = "restore"
_ENDS = ("fail", "expire", "cancel")
_SHOWN = {"made": "approved"}  # a bill's state -> the request's state


def lock_wallet_and_request(withdrawal_id: int) -> None:
    """Lock the wallet, then the request; both before the bill."""
    locked_withdrawal(withdrawal_id)


def amount_to_pay(withdrawal_id: int) -> AmountToPay:
    """What is left of a withdrawal after refunds, and its fee."""
    row = Withdrawal.get_by_id(withdrawal_id)
    gross = row.gross_fen - row.taken_fen
    problem = None
    if row.is_on_hold:
        held = Problem("on_hold", {"reason": row.hold_reason})
        problem = Problem("on_hold_by_refund") if row.hold_cause else held
    return AmountToPay(gross, fee_of(gross), (row.tax or {}).get("payee_type"), problem)


HoldCause = Literal["refund"]
"""Why a withdrawal is on hold without a person: commission was taken back from it."""


def fee_of(gross_fen: int) -> int:
    """The fee of a withdrawal in fen."""
    return rate_of(gross_fen, settings.get(settings.Distribution).withdraw_fee_bp)


def record_wait(withdrawal_id: int, code: str) -> None:
    """Record why a withdrawal waits, for its page."""
    Withdrawal.update(note=code[:200]).where(Withdrawal.id == withdrawal_id).execute()


def apply_bill_step(moved: BillStep) -> None:
    """Copy the bill's state to the request; book what was paid or returned, and notify."""
    row = Withdrawal.get_by_id(moved.source_id)
    values: dict[str, Any] = {"state": _SHOWN.get(moved.state, moved.state)}
    if moved.event == "send":  # what is paid, instead of what was estimated
        values |= {"fee_fen": moved.fee_fen, "tax_fen": moved.tax_fen, "net_fen": moved.net_fen}
    if moved.event == "return":
        values |= {"returned_at": moved.at, "is_on_hold": False}
    Withdrawal.update(**values).where(Withdrawal.id == row.id).execute()
    if moved.event == "await":
        notify(row.member_id, notices.WithdrawalAwaiting(withdrawal_id=row.id, fen=moved.net_fen))
    elif moved.event == "pay":
        _book_paid(row, moved)
    elif moved.event == "return":
        return_withdrawal_money(row)
    elif moved.event in _ENDS:
        fen = row.gross_fen - row.taken_fen
        notify(row.member_id, notices.WithdrawalReturned(
            withdrawal_id=row.id, state=moved.state, reason=moved.reason, fen=fen))  # fmt: skip


def make_bill(row: Withdrawal) -> int:
    """Make the bill of an approved withdrawal, under its number, and send it (付款单)."""
    payee = payouts.payee_or_raise(row.member_id)
    bill_id = payouts.make_bill(
        _COMMISSION, int(row.id), payee, row.out_bill_no, channel=row.channel, openid=row.openid
    )
    if row.channel == "wechat":
        enqueue("payout.send", {"bill_id": bill_id})
    return bill_id


def adopt_transfer(result: TransferResult, appid: str) -> int | str:
    """The bill of a transfer that only WeChat knows, for its request or a new one.

    What the wallet lacks becomes debt, so that nothing is paid twice. Returns the bill's id, or
    why a person must look at it.
    """
    row = Withdrawal.get_or_none(Withdrawal.out_bill_no == result.out_bill_no)
    if row is None:
        made = _request_for_transfer(result, appid)
        if isinstance(made, str):
            return made
        row = made
    row = locked_withdrawal(int(row.id))
    if row.is_on_hold:
        Withdrawal.update(is_on_hold=False).where(Withdrawal.id == row.id).execute()
    sent_at = result.created_at or clock.now()
    Withdrawal.update(state="approved", approved_at=sent_at, approved_by=ACTOR).where(
        Withdrawal.id == row.id
    ).execute()
    log_step(row.id, "requested", "approved", ACTOR, "at_wechat")
    payee = payouts.payee_or_raise(row.member_id)
    return payouts.make_bill(
        _COMMISSION, int(row.id), payee, row.out_bill_no, channel="wechat", openid=row.openid
    )


def unsent_numbers(after_id: int = 0, limit: int = 200) -> list[tuple[int, str]]:
    """Unsent withdrawals as (id, number); the installation before a restore may have sent them."""
    chosen = Withdrawal.state.in_(("requested", "approved")) & (Withdrawal.channel == "wechat")
    rows = Withdrawal.select().where(chosen & (Withdrawal.id > after_id))
    return [(int(r.id), str(r.out_bill_no)) for r in rows.order_by(Withdrawal.id).limit(limit)]


def _book_paid(row: Withdrawal, moved: BillStep) -> None:
    """Post net, fee and tax of a paid withdrawal; fee and tax are not posted earlier."""
    source = member_account("withdrawing", row.member_id)
    parts: tuple[tuple[str, AccountRef, int], ...] = (
        ("net", _paid_by(moved), moved.net_fen),
        ("fee", merchant_account("fee_income"), moved.fee_fen),
        ("tax", merchant_account("tax_payable"), moved.tax_fen),
    )
    ledger.post(
        [
            Posting(f"wd:{row.id}:{key}", source, account, fen, "withdrawal_paid")
            for key, account, fen in parts
            if fen
        ],
        BOOKED_AS,
        row.id,
    )
    if moved.channel != "payroll":
        notify(row.member_id, notices.WithdrawalPaid(
            withdrawal_id=row.id, fen=moved.net_fen, tax_fen=moved.tax_fen,
            fee_fen=moved.fee_fen))  # fmt: skip


def _paid_by(moved: BillStep) -> AccountRef:
    if moved.channel == "payroll":
        return merchant_account("bank_clearing")
    return merchant_account("wechat_clearing", moved.mchid or "")


def _request_for_transfer(result: TransferResult, appid: str) -> Withdrawal | str:
    """A new request that fits a transfer, or why none can be found."""
    if not result.amount_fen or not result.openid:
        return "no_amount"
    member_id = members.member_by_openid(appid, result.openid)
    if member_id is None:
        return "no_member"
    payee = payouts.payee_of(member_id)
    if payee is None or not Distributor.select().where(Distributor.member == member_id).exists():
        return "no_payee"
    lock_wallets({member_id})
    gross_fen = payouts.gross_for_net(payee, result.amount_fen, fee_of)
    if gross_fen is None:
        return "amount_unexplained"
    row = Withdrawal.create(
        member=member_id, out_bill_no=result.out_bill_no, channel="wechat", gross_fen=gross_fen,
        net_fen=result.amount_fen, openid=result.openid,
        requested_at=result.created_at or clock.now(), tax={"payee_type": payee.type},
    )  # fmt: skip
    _move_gross_from_available(row)
    log_step(row.id, None, "requested", ACTOR, "known_from_wechat")
    facts = {"out_bill_no": row.out_bill_no, "gross_fen": gross_fen}
    audit.record_event("withdrawal.adopt", "withdrawal", row.id, facts=facts, source=ACTOR)
    return row


def _move_gross_from_available(row: Withdrawal) -> None:
    """Move the gross out of ``available``; what is missing there becomes debt."""
    available = member_account("available", row.member_id)
    withdrawing = member_account("withdrawing", row.member_id)
    free = min(ledger.balance(available), row.gross_fen)
    postings = []
    if free:
        postings.append(Posting(f"wd:{row.id}:hold", available, withdrawing, free, "withdrawal"))
    if row.gross_fen > free:
        debt = member_account("debt", row.member_id)
        postings.append(
            Posting(f"wd:{row.id}:hold:d", debt, withdrawing, row.gross_fen - free,
                    "withdrawal_adopted")
        )  # fmt: skip
    ledger.post(postings, "withdrawal", row.id)


_COMMISSION = payouts.Source(
    name=SOURCE,
    prefix=PREFIX,
    booked_as=BOOKED_AS,
    lock=lock_wallet_and_request,
    amount_to_pay=amount_to_pay,
    note=record_wait,
    on_step=apply_bill_step,
    adopt=adopt_transfer,
    unsent=unsent_numbers,
    page="/admin/withdrawals/{id}",
)
payouts.register(_COMMISSION)
