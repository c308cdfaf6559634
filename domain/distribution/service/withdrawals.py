"""Asking to be paid and deciding on it (提现申请与审核)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain import audit, hold, ledger, members, outbox, settings
from domain.distribution.service.admission import lock_wallets, must
from domain.distribution.service.tax import method_of, tax_of
from domain.distribution.service.withdrawal_rows import give_back, locked, log_step, move
from domain.distribution.views import Problem, WithdrawalPreview
from domain.ledger import Posting, member_account
from domain.outbox import tell
from kernel import clock, ids
from kernel.errors import Conflict, Invalid, LimitReached, NotFound
from kernel.money import rate_of
from models import Distributor, Withdrawal

WECHAT_LEAST_FEN = 30  # below it WeChat takes no transfer that could carry a name
_LIMITS = ("above_maximum", "per_day_limit")


def withdrawal_preview(member_id: int, gross_fen: int) -> WithdrawalPreview:
    """Fee, tax and what arrives for an amount, and whatever stands in the way (提现试算)."""
    payee, now = must(member_id), clock.now()
    chosen = settings.get(settings.Distribution)
    gross = max(gross_fen, 0)
    fee = rate_of(gross, chosen.withdraw_fee_bp)
    tax = tax_of(payee, gross, now)
    available = ledger.balance(member_account("available", member_id))
    net = gross - fee - tax.tax_fen
    return WithdrawalPreview(
        gross_fen=gross,
        fee_fen=fee,
        tax_fen=tax.tax_fen,
        net_fen=net,
        available_fen=available,
        payee_type=payee.payee_type,
        tax_method=tax.method,
        tax_version=tax.version,
        tax_facts=tax_facts(tax),
        needs_review=gross >= chosen.review_from_fen,
        problems=tuple(_problems(payee, gross_fen, net, available, now)),
    )


def request_withdrawal(
    member_id: int, amount_fen: int, invoice_no: str | None = None
) -> dict[str, Any]:
    """A distributor asks to be paid: the amount leaves ``available`` at once (申请提现).

    Small ones are approved at once, larger ones wait for a person. Raises Invalid or LimitReached
    with the first problem of the preview, Conflict('balance_too_low').
    """
    lock_wallets({member_id})
    preview = withdrawal_preview(member_id, amount_fen)
    _refuse(preview.problems)
    payee = must(member_id)
    if payee.payee_type in ("sole_trader", "company") and not (invoice_no or "").strip():
        raise Invalid("invoice_missing", "invoice_no")
    who = members.identity(member_id)
    if who is None:
        raise Invalid("openid_missing")
    now = clock.now()
    row = Withdrawal.create(
        member=member_id, out_bill_no=ids.out_number("WD"), channel=_channel(payee),
        gross_fen=amount_fen, fee_fen=preview.fee_fen, tax_fen=preview.tax_fen,
        net_fen=preview.net_fen, openid=who.openid, requested_at=now,
        tax=preview.tax_facts | {"invoice_no": invoice_no, "payee_type": payee.payee_type},
    )  # fmt: skip
    held = Posting(
        f"wd:{row.id}:hold", member_account("available", member_id),
        member_account("withdrawing", member_id), amount_fen, "withdrawal",
    )  # fmt: skip
    ledger.post([held], "withdrawal", row.id)
    log_step(row.id, None, "requested", f"member:{member_id}")
    if not preview.needs_review:
        row.state = "requested"
        _approved(row, "system", "below the review limit")
    return {"withdrawal_id": int(row.id), "out_bill_no": row.out_bill_no}


def approve_withdrawal(withdrawal_id: int, actor: str) -> bool:
    """A person approves; from the limit on a second, different person must, too. True when sent.

    Raises Conflict('on_hold'), Conflict('same_person').
    """
    row = locked(withdrawal_id)
    if row.state != "requested":
        raise Conflict("state_moved", state=row.state, event="approve")
    if row.is_on_hold:
        raise Conflict("on_hold", reason=row.hold_reason)
    if row.approved_by == actor:
        raise Conflict("same_person")
    audit.record("withdrawal.approve", "withdrawal", row.id, actor=actor,
                 after={"gross_fen": row.gross_fen, "first": row.approved_by})  # fmt: skip
    limit = settings.get(settings.PayoutBrakes).second_person_from_fen
    if row.approved_by is None and row.gross_fen >= limit:
        Withdrawal.update(approved_by=actor[:64]).where(Withdrawal.id == row.id).execute()
        log_step(row.id, "requested", "requested", actor, "first approval")
        return False
    _approved(row, actor, "")
    return True


def reject_withdrawal(withdrawal_id: int, actor: str, reason: str) -> None:
    """A withdrawal that was not sent is rejected with a reason; the money goes back (驳回)."""
    if not reason.strip():
        raise Invalid("reason_missing", "reason")
    row = locked(withdrawal_id)
    audit.record("withdrawal.reject", "withdrawal", row.id, actor=actor,
                 before={"state": row.state}, after={"reason": reason})  # fmt: skip
    move(row, "reject", actor, reason, note=reason[:200], is_on_hold=False)
    give_back(row, actor)
    tell(row.member_id, "withdrawal_rejected", withdrawal_id=row.id, reason=reason,
         fen=row.gross_fen - row.taken_fen)  # fmt: skip


def withdraw_request(withdrawal_id: int, member_id: int) -> None:
    """The distributor takes a request back before it is sent (撤回申请)."""
    row = locked(withdrawal_id)
    if row.member_id != member_id:
        raise NotFound("withdrawal_missing")
    if row.is_on_hold:
        raise Conflict("on_hold", reason=row.hold_reason)
    move(row, "reject", f"member:{member_id}", "taken back by its owner")
    give_back(row, f"member:{member_id}")


def hold_withdrawal(withdrawal_id: int, actor: str, reason: str) -> None:
    """Finance holds a withdrawal that was not sent until a person looked at it (挂起)."""
    if not reason.strip():
        raise Invalid("reason_missing", "reason")
    _set_hold(withdrawal_id, True, actor, reason)


def unhold_withdrawal(withdrawal_id: int, actor: str, reason: str) -> None:
    """Finance looked at it: the withdrawal goes on (解除挂起)."""
    row = _set_hold(withdrawal_id, False, actor, reason)
    if row.state == "approved":
        outbox.enqueue("withdrawal.send", {"withdrawal_id": int(row.id)})


def _approved(row: Withdrawal, actor: str, why: str) -> None:
    by = "approved_by" if row.approved_by is None else "second_by"
    move(row, "approve", actor, why, approved_at=clock.now(), **{by: actor[:64]})
    if row.channel == "wechat":
        outbox.enqueue("withdrawal.send", {"withdrawal_id": int(row.id)})


def _set_hold(withdrawal_id: int, is_on_hold: bool, actor: str, reason: str) -> Withdrawal:
    row = locked(withdrawal_id)
    if row.state not in ("requested", "approved"):
        raise Conflict("state_moved", state=row.state, event="hold")
    if row.is_on_hold == is_on_hold:
        raise Conflict("hold_unchanged")
    Withdrawal.update(
        is_on_hold=is_on_hold, hold_reason=reason[:80] if is_on_hold else None
    ).where(Withdrawal.id == row.id).execute()
    word = "hold" if is_on_hold else "unhold"
    log_step(row.id, row.state, row.state, actor, f"{word}: {reason}")
    audit.record(f"withdrawal.{word}", "withdrawal", row.id, after={"reason": reason}, actor=actor)
    return row


def _problems(
    payee: Distributor, gross: int, net: int, available: int, now: datetime
) -> list[Problem]:
    chosen = settings.get(settings.Distribution)
    method = method_of(payee)
    today = _asked_today(payee.member_id, now)
    checks = (
        (payee.state == "applied" or payee.state == "rejected", Problem("not_a_distributor")),
        (not payee.terms_version, Problem("terms_not_accepted")),
        (payee.sealed_identity is None, Problem("identity_missing")),
        (method == "unset", Problem("tax_method_unset")),
        (settings.get(settings.PayoutBrakes).is_stopped or hold.is_held(),
         Problem("payouts_stopped")),
        (gross < chosen.withdraw_min_fen,
         Problem("below_minimum", {"limit_fen": chosen.withdraw_min_fen})),
        (gross > chosen.withdraw_max_fen,
         Problem("above_maximum", {"limit_fen": chosen.withdraw_max_fen})),
        (gross > available, Problem("balance_too_low", {"available_fen": available})),
        (gross > 0 and net < WECHAT_LEAST_FEN,
         Problem("net_too_small", {"limit_fen": WECHAT_LEAST_FEN})),
        (today >= chosen.withdraw_per_day,
         Problem("per_day_limit", {"limit": chosen.withdraw_per_day})),
    )  # fmt: skip
    return [problem for is_hit, problem in checks if is_hit]


def _asked_today(member_id: int, now: datetime) -> int:
    """Requests of this business day that were not returned."""
    midnight = clock.day_start(clock.business_day(now))
    mine = (Withdrawal.member == member_id) & (Withdrawal.requested_at >= midnight)
    return int(Withdrawal.select().where(mine & (Withdrawal.state != "returned")).count())


def _refuse(problems: tuple[Problem, ...]) -> None:
    if not problems:
        return
    first = problems[0]
    if first.code == "balance_too_low":
        raise Conflict(first.code, "amount_fen", **first.facts)
    error = LimitReached if first.code in _LIMITS else Invalid
    raise error(first.code, "amount_fen", **first.facts)


def _channel(payee: Distributor) -> str:
    return "payroll" if payee.payee_type == "employee" else "wechat"


def tax_facts(tax: Any) -> dict[str, Any]:
    """How a tax came about, for the withdrawal's row and the page."""
    return {
        "method": tax.method, "version": tax.version, "taxable_fen": tax.taxable_fen,
        "rate_bp": tax.rate_bp, "deduction_fen": tax.deduction_fen,
        "total_tax_fen": tax.total_tax_fen, "already_fen": tax.already_fen,
    }  # fmt: skip
