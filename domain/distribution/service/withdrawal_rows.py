"""What every step of a withdrawal shares: moving its state, its log, giving the money back."""

from __future__ import annotations

from typing import Any

from domain import ledger
from domain.distribution.rules.states import WITHDRAWAL, after
from domain.distribution.service.admission import lock_wallets
from domain.ledger import Posting, member_account
from kernel import clock
from kernel.errors import Conflict, NotFound
from kernel.store import insert_once, lock_row
from models import PayeeYear, Withdrawal, WithdrawalLog


def locked(withdrawal_id: int) -> Withdrawal:
    """The withdrawal with its owner's wallet and itself locked. Raises NotFound."""
    found = Withdrawal.get_or_none(Withdrawal.id == withdrawal_id)
    if found is None:
        raise NotFound("withdrawal_missing")
    lock_wallets({int(found.member_id)})
    row = lock_row(Withdrawal, withdrawal_id)
    assert row is not None  # withdrawals are never deleted
    return row


def move(row: Withdrawal, event: str, actor: str, why: str = "", **values: Any) -> str:
    """Take a step of the table of states, log it, answer the new state."""
    state = after(WITHDRAWAL, event, row.state)
    same = (Withdrawal.id == row.id) & (Withdrawal.state == row.state)
    if Withdrawal.update(state=state, **values).where(same).execute() != 1:
        raise Conflict("state_moved", state=row.state, event=event)
    log_step(row.id, row.state, state, actor, why)
    row.state = state
    return state


def log_step(
    withdrawal_id: int, before: str | None, state: str, actor: str, why: str = ""
) -> None:
    """Keep who did what to a withdrawal, and why."""
    WithdrawalLog.insert(
        withdrawal=withdrawal_id, from_state=before, to_state=state, actor=actor[:64],
        why=why[:200], at=clock.now(),
    ).execute()  # fmt: skip


def give_back(row: Withdrawal, actor: str) -> None:
    """A withdrawal that came to nothing is returned once: what is owed first, then available."""
    amount = row.gross_fen - row.taken_fen
    postings: list[Posting] = []
    if amount:
        owed = -ledger.balance(member_account("debt", row.member_id))
        postings = _back(row, min(amount, owed), amount)
        ledger.post(postings, "withdrawal", row.id)
    if row.sent_at is not None:
        _forget_income(row)
    move(row, "return", actor, returned_at=clock.now(), next_query_at=None)


def return_if_empty(withdrawal_id: int) -> None:
    """A withdrawal from which refunds took everything has nothing left to pay: it ends."""
    row = lock_row(Withdrawal, withdrawal_id)
    if row is not None and row.taken_fen == row.gross_fen:
        move(row, "reject", "system", "taken back by refunds")
        give_back(row, "system")


def payee_year(member_id: int, year: int) -> PayeeYear:
    """The payee's locked row of a year, made at its first use."""
    mine = (PayeeYear.member == member_id) & (PayeeYear.year == year)
    if not PayeeYear.select().where(mine).exists():
        insert_once(PayeeYear, member=member_id, year=year)
    row = lock_row(PayeeYear, int(PayeeYear.get(mine).id))
    assert row is not None
    return row


def _back(row: Withdrawal, to_debt: int, amount: int) -> list[Posting]:
    source = member_account("withdrawing", row.member_id)
    parts = {"debt": ("d", to_debt), "available": ("a", amount - to_debt)}
    return [
        Posting(f"wd:{row.id}:back:{key}", source, member_account(kind, row.member_id), fen,
                "withdrawal_back")
        for kind, (key, fen) in parts.items()
        if fen
    ]  # fmt: skip


def _forget_income(row: Withdrawal) -> None:
    """What was sent and failed was no income of the year in which it was sent."""
    year = clock.business_day(row.sent_at).year
    PayeeYear.update(
        gross_fen=PayeeYear.gross_fen - (row.gross_fen - row.taken_fen),
        tax_fen=PayeeYear.tax_fen - row.tax_fen,
    ).where((PayeeYear.member == row.member_id) & (PayeeYear.year == year)).execute()
