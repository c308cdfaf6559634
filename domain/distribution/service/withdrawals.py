"""Requests for withdrawals and decisions about them (提现申请与审核)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain import after_restore_hold, audit, ledger, legal, members, outbox, payouts, settings
from domain.distribution.notices import WithdrawalRejected
from domain.distribution.queries.withdrawals import withdrawal_detail
from domain.distribution.service.admission import distributor_or_raise, lock_wallets
from domain.distribution.service.payout_source import PREFIX, SOURCE, fee_of, make_bill
from domain.distribution.service.withdrawal_rows import (
    locked_request,
    locked_withdrawal,
    log_step,
    raise_if_on_hold,
    reject_unsent_request,
)
from domain.distribution.views import WithdrawalPreview
from domain.gate import Problem
from domain.ledger import Posting, member_account
from domain.notices import notify
from kernel import clock, ids, typed
from kernel.errors import Conflict, Invalid, LimitReached, NotFound
from models import Distributor, Payee, Withdrawal

_LIMITS = ("above_maximum", "per_day_limit")


def withdrawal_preview(member_id: int, gross_fen: int) -> WithdrawalPreview:
    """Gross, fee, tax and net of an amount in fen, and everything that prevents it (提现试算)."""
    asker, payee, now = (
        distributor_or_raise(member_id),
        payouts.payee_or_raise(member_id),
        clock.now(),
    )
    chosen = settings.get(settings.Distribution)
    gross = max(gross_fen, 0)
    fee = fee_of(gross)
    tax = payouts.tax_of(payee, gross, now)
    available = ledger.balance(member_account("available", member_id))
    net = gross - fee - tax.tax_fen
    return WithdrawalPreview(
        gross_fen=gross,
        fee_fen=fee,
        tax_fen=tax.tax_fen,
        net_fen=net,
        available_fen=available,
        payee_type=payee.type,
        tax_method=tax.method,
        tax_version=tax.version,
        tax_facts=payouts.tax_facts(tax),
        needs_review=gross >= chosen.review_from_fen,
        problems=tuple(_problems(asker, payee, gross_fen, net, available)),
    )


def request_withdrawal(
    member_id: int, amount_fen: int, invoice_no: str | None = None
) -> dict[str, Any]:
    """Request a withdrawal; the amount leaves ``available`` at once (申请提现).

    Below the review limit it is approved at once, else it waits for a person. Returns
    ``withdrawal_id`` and ``out_bill_no``. Raises Invalid or LimitReached with the first problem of
    the preview, Conflict('balance_too_low').
    """
    lock_wallets({member_id})
    preview = withdrawal_preview(member_id, amount_fen)
    _raise_first(preview.problems)
    payee = payouts.payee_or_raise(member_id)
    if payee.type in ("sole_trader", "company") and not (invoice_no or "").strip():
        raise Invalid("invoice_missing", "invoice_no")
    who = members.identity(member_id)
    if who is None:
        raise Invalid("openid_missing")
    now = clock.now()
    row = Withdrawal.create(
        member=member_id, out_bill_no=ids.out_number(PREFIX), channel=_channel(payee),
        gross_fen=amount_fen, fee_fen=preview.fee_fen, tax_fen=preview.tax_fen,
        net_fen=preview.net_fen, openid=who.openid, requested_at=now,
        tax=preview.tax_facts | {"invoice_no": invoice_no, "payee_type": payee.type},
    )  # fmt: skip
    held = Posting(
        f"wd:{row.id}:hold", member_account("available", member_id),
        member_account("withdrawing", member_id), amount_fen, "withdrawal",
    )  # fmt: skip
    ledger.post([held], "withdrawal", row.id)
    log_step(row.id, None, "requested", f"member:{member_id}")
    if not preview.needs_review:
        _approved(row, "system", "below_review_limit")
    return {"withdrawal_id": int(row.id), "out_bill_no": row.out_bill_no}


def approve_withdrawal(withdrawal_id: int, actor: str) -> bool:
    """Approve a withdrawal; True when it is sent, False if a second person must approve.

    Raises NotFound, Conflict('on_hold', 'on_hold_by_refund', 'same_person', 'state_moved').
    """
    row = locked_request(withdrawal_id, "approve")
    raise_if_on_hold(row)
    if row.approved_by == actor:
        raise Conflict("same_person")
    audit.record("withdrawal.approve", "withdrawal", row.id, actor=actor,
                 after={"gross_fen": row.gross_fen, "first": row.approved_by})  # fmt: skip
    limit = settings.get(settings.PayoutBrakes).second_person_from_fen
    if row.approved_by is None and row.gross_fen >= limit:
        Withdrawal.update(approved_by=actor[:64]).where(Withdrawal.id == row.id).execute()
        log_step(row.id, "requested", "requested", actor, "first_approval")
        return False
    _approved(row, actor, "")
    return True


def reject_withdrawal(withdrawal_id: int, actor: str, reason: str) -> None:
    """Reject an unsent withdrawal with a reason; its money goes back (驳回).

    Raises Invalid('reason_missing'), NotFound, Conflict('state_moved').
    """
    if not reason.strip():
        raise Invalid("reason_missing", "reason")
    row = locked_withdrawal(withdrawal_id)
    audit.record("withdrawal.reject", "withdrawal", row.id, actor=actor,
                 before={"state": row.state}, after={"reason": reason})  # fmt: skip
    note = typed.words(reason, 200, "reason")
    Withdrawal.update(note=note).where(Withdrawal.id == row.id).execute()
    _end_unsent(row, actor, reason)
    fen = row.gross_fen - row.taken_fen
    notify(row.member_id, WithdrawalRejected(withdrawal_id=row.id, reason=reason, fen=fen))


def cancel_withdrawal(withdrawal_id: int, member_id: int) -> None:
    """Cancel an unsent withdrawal for its owner (撤回申请). Raises NotFound, Conflict."""
    row = locked_withdrawal(withdrawal_id)
    if row.member_id != member_id:
        raise NotFound("withdrawal_missing")
    raise_if_on_hold(row)
    _end_unsent(row, f"member:{member_id}", "taken_back")


def settle_payroll(withdrawal_ids: list[int], actor: str, voucher: str) -> int:
    """Book employees' withdrawals as paid with their wages, all or none; returns how many.

    Raises Conflict('not_on_payroll', 'on_hold') and what stops a payout.
    """
    after_restore_hold.raise_if_held()
    bills = []
    for withdrawal_id in withdrawal_ids:
        bill = payouts.bill_of(SOURCE, withdrawal_id)
        if bill is None:
            raise Conflict("not_on_payroll", withdrawal_id=withdrawal_id)
        bills.append(int(bill.id))
    return payouts.settle_payroll(bills, actor, voucher)


def end_if_empty(withdrawal_id: int) -> None:
    """End a withdrawal whose whole amount was taken by refunds."""
    row = locked_withdrawal(withdrawal_id)
    if row.taken_fen == row.gross_fen:
        _end_unsent(row, "system", "taken_back_by_refunds")


def record_payroll_export(actor: str) -> int:
    """Record that finance takes the list of wages to be paid (工资代发); returns how many.

    Raises Conflict with what stops all payouts.
    """
    problem = payouts.why_payouts_stopped_now()
    if problem is not None:
        raise Conflict(problem.code, **problem.facts)
    waiting = (Withdrawal.channel == "payroll") & (Withdrawal.state == "approved")
    rows = int(Withdrawal.select().where(waiting).count())
    audit.record("payroll.export", "withdrawal", "payroll", after={"rows": rows}, actor=actor)
    return rows


def pause_withdrawal(withdrawal_id: int, actor: str, reason: str, told: str = "") -> None:
    """Hold an unsent withdrawal until a person releases it (挂起). Raises Invalid, Conflict.

    ``reason`` is for the logs of the merchant, ``told`` for the payee.
    """
    if not reason.strip():
        raise Invalid("reason_missing", "reason")
    _set_paused(withdrawal_id, True, actor, reason, typed.words(told, 80, "told"))


def resume_withdrawal(withdrawal_id: int, actor: str, reason: str) -> None:
    """Release a held withdrawal; its bill is sent (解除挂起). Raises Conflict."""
    row = _set_paused(withdrawal_id, False, actor, reason)
    bill = payouts.bill_of(SOURCE, withdrawal_id)
    if bill is not None and row.channel == "wechat":
        outbox.enqueue("payout.send", {"bill_id": int(bill.id)})


def _approved(row: Withdrawal, actor: str, why: str) -> None:
    by = "approved_by" if row.approved_by is None else "second_by"
    same = (Withdrawal.id == row.id) & (Withdrawal.state == "requested")
    values = {"state": "approved", "approved_at": clock.now(), by: actor[:64]}
    if Withdrawal.update(**values).where(same).execute() != 1:
        raise Conflict("state_moved", state=row.state, event="approve")
    log_step(row.id, "requested", "approved", actor, why)
    make_bill(row)


def _end_unsent(row: Withdrawal, actor: str, reason: str) -> None:
    """End a withdrawal that has no bill or an unsent one; its money goes back.

    Raises Conflict('state_moved') if it was sent.
    """
    bill = payouts.bill_of(SOURCE, int(row.id))
    if bill is None:
        reject_unsent_request(row, actor, reason)
    else:
        payouts.reject_bill(int(bill.id), actor, reason)


def _set_paused(
    withdrawal_id: int, is_on_hold: bool, actor: str, reason: str, told: str = ""
) -> Withdrawal:
    row = locked_withdrawal(withdrawal_id)
    if row.state not in ("requested", "approved"):
        raise Conflict("state_moved", state=row.state, event="hold")
    if row.is_on_hold == is_on_hold:
        raise Conflict("hold_unchanged")
    Withdrawal.update(
        is_on_hold=is_on_hold,
        hold_reason=typed.words(reason, 80, "reason") if is_on_hold else None,
        hold_told=told or None,
        hold_cause=None,
    ).where(Withdrawal.id == row.id).execute()
    word = "hold" if is_on_hold else "unhold"
    why = "paused" if is_on_hold else "resumed"
    log_step(row.id, row.state, row.state, actor, why, {"reason": reason})
    audit.record(f"withdrawal.{word}", "withdrawal", row.id, actor=actor,
                 after={"reason": reason} | ({"note": told} if told else {}))  # fmt: skip
    return row


def _problems(
    asker: Distributor, payee: Payee, gross: int, net: int, available: int
) -> list[Problem]:
    chosen = settings.get(settings.Distribution)
    unready = payouts.why_not_payable(payee)
    today = _asked_today(asker.member_id, clock.now())
    least = payouts.WECHAT_LEAST_FEN
    checks = (
        (asker.state == "applied" or asker.state == "rejected", Problem("not_a_distributor")),
        (legal.is_behind(asker.terms_version, "distribution"), Problem("terms_not_accepted")),
        (unready is not None, unready or Problem("")),
        (payouts.payout_stop().is_stopped or after_restore_hold.is_held(),
         Problem("payouts_stopped")),
        (gross < chosen.withdraw_min_fen,
         Problem("below_minimum", {"limit_fen": chosen.withdraw_min_fen})),
        (gross > chosen.withdraw_max_fen,
         Problem("above_maximum", {"limit_fen": chosen.withdraw_max_fen})),
        (gross > available, Problem("balance_too_low", {"available_fen": available})),
        (gross > 0 and net < least, Problem("net_too_small", {"limit_fen": least})),
        (today >= chosen.withdraw_per_day,
         Problem("per_day_limit", {"limit": chosen.withdraw_per_day})),
    )  # fmt: skip
    return [problem for is_hit, problem in checks if is_hit]


def _asked_today(member_id: int, now: datetime) -> int:
    """Requests of this business day that were not returned."""
    midnight = clock.day_start(clock.business_day(now))
    mine = (Withdrawal.member == member_id) & (Withdrawal.requested_at >= midnight)
    return int(Withdrawal.select().where(mine & (Withdrawal.state != "returned")).count())


def _raise_first(problems: tuple[Problem, ...]) -> None:
    if not problems:
        return
    first = problems[0]
    if first.code == "balance_too_low":
        raise Conflict(first.code, "amount_fen", **first.facts)
    error = LimitReached if first.code in _LIMITS else Invalid
    raise error(first.code, "amount_fen", **first.facts)


def _channel(payee: Payee) -> str:
    return "payroll" if payee.type == "employee" else "wechat"


def request_withdrawal_as_shown(
    member_id: int, gross_fen: int, net_fen: int, invoice_no: str | None
) -> dict[str, Any]:
    """Request a withdrawal if its net (fen) is the one that the page showed.

    Raises Conflict('sum_changed') otherwise, and what ``request_withdrawal`` raises.
    """
    made = request_withdrawal(member_id, gross_fen, invoice_no)
    row = withdrawal_detail(made["withdrawal_id"], member_id)
    if row.net_fen != net_fen:
        raise Conflict("sum_changed", seen_fen=net_fen, now_fen=row.net_fen)
    return made
