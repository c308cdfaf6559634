"""Booking: the only place that writes accounts and transfers."""

from __future__ import annotations

from collections.abc import Sequence

from peewee import IntegrityError

from domain.ledger.errors import AlreadyBooked, BalanceTooLow
from domain.ledger.rules import AccountRef, Bound, Posting, movements
from kernel import clock
from kernel.store import insert_once
from models import Account, LedgerTransfer


def post(postings: Sequence[Posting], source_type: str, source_id: int) -> None:
    """Book transfers, all or none, in the caller's transaction.

    Raises BalanceTooLow when a bounded account would leave its bound, AlreadyBooked when a key
    is in the book. Either must undo the caller's transaction.
    """
    if not postings:
        return
    sums = movements(postings)
    ids = {ref: _account_id(ref) for ref in sorted(sums)}
    for ref in sorted(sums, key=lambda r: ids[r]):
        if sums[ref] and ref.bound is not Bound.NONE:
            _move(ids[ref], ref, sums[ref])
    now = clock.now()
    rows = [
        {
            "idem_key": p.key,
            "book": p.source.book,
            "from_account": ids[p.source],
            "to_account": ids[p.target],
            "amount_fen": p.amount_fen,
            "reason": p.reason,
            "source_type": source_type,
            "source_id": source_id,
            "created_at": now,
        }
        for p in postings
    ]
    try:
        LedgerTransfer.insert_many(rows).execute()
    except IntegrityError as error:
        raise AlreadyBooked("already_booked", keys=[p.key for p in postings]) from error


def is_booked(key: str) -> bool:
    """True if the event of this key is in the book."""
    return bool(LedgerTransfer.select().where(LedgerTransfer.idem_key == key).exists())


def _move(account_id: int, ref: AccountRef, delta_fen: int) -> None:
    after = Account.balance_fen + delta_fen
    within = after >= 0 if ref.bound is Bound.AT_LEAST_ZERO else after <= 0
    changed = (
        Account.update(balance_fen=after).where((Account.id == account_id) & within).execute()
    )
    if changed != 1:
        raise BalanceTooLow("balance_too_low", kind=ref.kind, owner=ref.owner_id)


def _account_id(ref: AccountRef) -> int:
    """The account's row, made at its first use."""
    found = find_account(ref)
    if found is None:
        insert_once(
            Account,
            kind=ref.kind,
            owner_id=ref.owner_id,
            owner_code=ref.owner_code,
            book=ref.book,
            balance_fen=None if ref.bound is Bound.NONE else 0,
        )
        found = find_account(ref)
    assert found is not None
    return int(found.id)


def find_account(ref: AccountRef) -> Account | None:
    """The row of an account, None before its first use."""
    return Account.get_or_none(
        (Account.kind == ref.kind)
        & (Account.owner_id == ref.owner_id)
        & (Account.owner_code == ref.owner_code)
        & (Account.book == ref.book)
    )
