"""Commission taken back by refunds: from pending, available, unsent withdrawals, then debt."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from domain import audit, ledger
from domain.distribution.notices import CommissionClawedBack, WithdrawalPaused
from domain.distribution.service.accrual import EXPENSE
from domain.distribution.service.admission import lock_wallets
from domain.distribution.service.withdrawals import end_if_empty
from domain.ledger import Posting, member_account
from domain.notices import notify, notify_owner
from kernel import ids
from kernel.errors import Invalid
from kernel.money import due
from kernel.store import lock_rows
from models import Commission, OrderLine, Withdrawal

UNSENT = ("requested", "approved")


@dataclass
class ClawedBack:
    """The accounts from which an amount was taken back, in fen."""

    pending: int = 0
    available: int = 0
    withdrawing: int = 0
    debt: int = 0
    postings: list[Posting] = field(default_factory=list)


def claw_back(case_id: int, line_id: int, refunded_fen: int, paid_fen: int) -> None:
    """Take back the refunded part of a line's commission, at each level (扣回).

    ``refunded_fen`` is the line's total refund so far, this one included. However refunds are
    divided, the sums are the same to the fen, and a full refund takes everything. See
    ``docs/algorithms/commission.md``.
    """
    same = (Commission.line == line_id) & Commission.state.in_(("pending", "released"))
    found = list(Commission.select(Commission.id, Commission.member).where(same))
    if not found:
        return
    lock_wallets({row.member_id for row in found})
    for row in sorted(lock_rows(Commission, [r.id for r in found]), key=lambda r: r.level):
        part = due(row.amount_fen, refunded_fen, paid_fen) - row.taken_fen
        if part > 0:
            _claw_back_of_level(row, part, case_id)


def write_off_debt(member_id: int, amount_fen: int, actor: str, reason: str) -> None:
    """Write off a distributor's debt, with a reason (核销). Raises Invalid."""
    if not reason.strip():
        raise Invalid("reason_missing", "reason")
    lock_wallets({member_id})
    owed = -ledger.balance(member_account("debt", member_id))
    if not 0 < amount_fen <= owed:
        raise Invalid("write_off_amount", "amount_fen", owed_fen=owed)
    key = f"writeoff:{member_id}:{ids.random_code(12)}"
    posting = Posting(key, EXPENSE, member_account("debt", member_id), amount_fen, "write_off")
    ledger.post([posting], "member", member_id)
    audit.record("debt.write_off", "distributor", member_id, before={"owed_fen": owed},
                 after={"fen": amount_fen, "reason": reason}, actor=actor)  # fmt: skip


def _claw_back_of_level(row: Any, part: int, case_id: int) -> None:
    key = f"back:{row.line_id}:{row.level}:{case_id}"
    taken = ClawedBack()
    if row.state == "pending":
        taken.pending = part
        source = member_account("commission_pending", row.member_id)
        taken.postings.append(Posting(key, source, EXPENSE, part, "take_back"))
    else:
        _claw_back_released(row.member_id, part, key, taken)
    gone = row.taken_fen + part
    is_over = row.state == "pending" and gone == row.amount_fen
    Commission.update(taken_fen=gone, state="void" if is_over else row.state).where(
        (Commission.id == row.id) & (Commission.taken_fen == row.taken_fen)
    ).execute()
    ledger.post(taken.postings, "case", case_id)
    line = OrderLine.get_by_id(row.line_id)
    told = CommissionClawedBack(
        order_id=row.order_id, title=line.title, fen=part, case_id=case_id,
        pending_fen=taken.pending, available_fen=taken.available,
        withdrawing_fen=taken.withdrawing, debt_fen=taken.debt,
    )  # fmt: skip
    notify(row.member_id, told)


def _claw_back_released(member_id: int, part: int, key: str, taken: ClawedBack) -> None:
    available = member_account("available", member_id)
    taken.available = min(part, ledger.balance(available))
    if taken.available:
        taken.postings.append(
            Posting(f"{key}:a", available, EXPENSE, taken.available, "take_back")
        )
    rest = part - taken.available
    if rest:
        taken.withdrawing = _claw_back_from_unsent(member_id, rest)
    if taken.withdrawing:
        source = member_account("withdrawing", member_id)
        taken.postings.append(Posting(f"{key}:h", source, EXPENSE, taken.withdrawing, "take_back"))
    taken.debt = rest - taken.withdrawing
    if taken.debt:
        debt = member_account("debt", member_id)
        taken.postings.append(Posting(f"{key}:d", debt, EXPENSE, taken.debt, "take_back"))


def _claw_back_from_unsent(member_id: int, wanted: int) -> int:
    """Take from unsent withdrawals, newest first, and put them on hold; returns the fen."""
    mine = (Withdrawal.member == member_id) & Withdrawal.state.in_(UNSENT)
    found = [row.id for row in Withdrawal.select(Withdrawal.id).where(mine)]
    got = 0
    for row in reversed(lock_rows(Withdrawal, found)):
        part = min(wanted - got, row.gross_fen - row.taken_fen)
        if row.state not in UNSENT or not part:
            continue
        Withdrawal.update(
            taken_fen=row.taken_fen + part,
            is_on_hold=True,
            hold_reason=None,
            hold_told=None,
            hold_cause="refund",
        ).where(Withdrawal.id == row.id).execute()
        got += part
        end_if_empty(row.id)
        notify_owner(WithdrawalPaused(withdrawal_id=row.id, taken_fen=part))
    return got
