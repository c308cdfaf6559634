"""What booking asks the database: statements whose SQL is made once."""

from __future__ import annotations

from typing import Any

from peewee import Case, PostgresqlDatabase

from kernel.store import database, is_sqlite, prepared
from models import Account, LedgerMark, LedgerTransfer


@prepared
def account(kind: Any, owner_id: Any, owner_code: Any, book: Any) -> Any:
    """An account by what it is."""
    is_it = _is(kind, owner_id, owner_code, book)
    return Account.select(Account.id, Account.balance_fen).where(is_it)


@prepared
def move_above(kind: Any, owner_id: Any, owner_code: Any, book: Any, delta_fen: Any) -> Any:
    """Change a balance that must not fall below zero; touches no row if it would."""
    after = Account.balance_fen + delta_fen
    is_it = _is(kind, owner_id, owner_code, book)
    return Account.update(balance_fen=after).where(is_it & (after >= 0))


@prepared
def move_below(kind: Any, owner_id: Any, owner_code: Any, book: Any, delta_fen: Any) -> Any:
    """Change a balance that must not rise above zero; touches no row if it would."""
    after = Account.balance_fen + delta_fen
    is_it = _is(kind, owner_id, owner_code, book)
    return Account.update(balance_fen=after).where(is_it & (after <= 0))


TRANSFER_SLOTS = 12


@prepared
def insert_transfers(at: Any, source_type: Any, source_id: Any, *slots: Any) -> Any:
    """Insert transfers: of each key, book, the two accounts by what they are, fen and reason.

    The accounts' ids are looked up by the statement itself: an account that isn't there is no id,
    which the column refuses. So is the mark before which nothing is booked, and it is shared until
    the transaction ends: who moves the mark waits for those who still go by the old one.
    """
    opened = LedgerMark.select(Case(None, [(LedgerMark.at > at, LedgerMark.at)], at))
    created_at = _shared(opened.where(LedgerMark.name == "open"))
    rows = []
    for start in range(0, len(slots), TRANSFER_SLOTS):
        key, book, *accounts, fen, reason = slots[start : start + TRANSFER_SLOTS]
        rows.append(
            {
                "idem_key": key,
                "book": book,
                "from_account": Account.select(Account.id).where(_is(*accounts[:4])),
                "to_account": Account.select(Account.id).where(_is(*accounts[4:])),
                "amount_fen": fen,
                "reason": reason,
                "source_type": source_type,
                "source_id": source_id,
                "created_at": created_at,
            }
        )
    return LedgerTransfer.insert_many(rows).returning()


@prepared
def booked(key: Any) -> Any:
    """The transfer of a key, if there is one."""
    return LedgerTransfer.select(LedgerTransfer.id).where(LedgerTransfer.idem_key == key)


def _shared(query: Any) -> Any:
    """Others may read the row with us, and nobody may change it before we are done."""
    if is_sqlite():
        return query
    is_postgres = isinstance(database.obj, PostgresqlDatabase)
    return query.for_update("FOR SHARE" if is_postgres else "LOCK IN SHARE MODE")


def _is(kind: Any, owner_id: Any, owner_code: Any, book: Any) -> Any:
    return (
        (Account.kind == kind)
        & (Account.owner_id == owner_id)
        & (Account.owner_code == owner_code)
        & (Account.book == book)
    )
