"""Steps that all withdrawals share: locking, log, returning the money."""

from __future__ import annotations

from typing import Any

from domain import ledger
from domain.distribution.service.admission import lock_wallets
from domain.ledger import Posting, member_account
from kernel import clock
from kernel.errors import Conflict, NotFound
from kernel.store import lock_row
from models import Withdrawal, WithdrawalLog


def locked_withdrawal(withdrawal_id: int) -> Withdrawal:
    """Lock a withdrawal, after its owner's wallet. Raises NotFound('withdrawal_missing')."""
    found = Withdrawal.get_or_none(Withdrawal.id == withdrawal_id)
    if found is None:
        raise NotFound("withdrawal_missing")
    lock_wallets({int(found.member_id)})
    row = lock_row(Withdrawal, withdrawal_id)
    assert row is not None  # withdrawals are never deleted
    return row


def raise_if_on_hold(row: Withdrawal) -> None:
    """Raises Conflict('on_hold', 'on_hold_by_refund')."""
    if row.is_on_hold and row.hold_cause:
        raise Conflict("on_hold_by_refund")
    if row.is_on_hold:
        raise Conflict("on_hold", reason=row.hold_reason)


def lock_withdrawal(withdrawal_id: int) -> None:
    """Lock a withdrawal until the transaction ends. Raises NotFound('withdrawal_missing')."""
    locked_withdrawal(withdrawal_id)


def locked_request(withdrawal_id: int, event: str) -> Withdrawal:
    """Lock a withdrawal that has no bill yet. Raises NotFound, Conflict('state_moved')."""
    row = locked_withdrawal(withdrawal_id)
    if row.state != "requested":
        raise Conflict("state_moved", state=row.state, event=event)
    return row


def log_step(
    withdrawal_id: int, before: str | None, state: str, actor: str, why: str = "",
    facts: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """Add a row to a withdrawal's log: who, from, to, and why as a code with its facts."""
    WithdrawalLog.insert(
        withdrawal=withdrawal_id, from_state=before, to_state=state, actor=actor[:64],
        why=why[:200], facts=facts, at=clock.now(),
    ).execute()  # fmt: skip


def reject_unsent_request(row: Withdrawal, actor: str, why: str) -> None:
    """End a request without a bill and return its money (驳回)."""
    same = (Withdrawal.id == row.id) & (Withdrawal.state == "requested")
    changed = Withdrawal.update(
        state="returned", returned_at=clock.now(), is_on_hold=False
    ).where(same).execute()  # fmt: skip
    if changed != 1:
        raise Conflict("state_moved", state=row.state, event="reject")
    log_step(row.id, "requested", "rejected", actor, why)
    log_step(row.id, "rejected", "returned", actor)
    return_withdrawal_money(row)


def return_withdrawal_money(row: Withdrawal) -> None:
    """Return the money of an ended withdrawal: to debt first, then to ``available``."""
    amount = row.gross_fen - row.taken_fen
    if not amount:
        return
    owed = -ledger.balance(member_account("debt", row.member_id))
    ledger.post(_back(row, min(amount, owed), amount), "withdrawal", row.id)


def _back(row: Withdrawal, to_debt: int, amount: int) -> list[Posting]:
    source = member_account("withdrawing", row.member_id)
    parts = {"debt": ("d", to_debt), "available": ("a", amount - to_debt)}
    return [
        Posting(f"wd:{row.id}:back:{key}", source, member_account(kind, row.member_id), fen,
                "withdrawal_back")
        for kind, (key, fen) in parts.items()
        if fen
    ]  # fmt: skip
