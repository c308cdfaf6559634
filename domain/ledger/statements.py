"""Prepared SQL of the ledger."""

from __future__ import annotations

from typing import Any

from peewee import Case, PostgresqlDatabase

from kernel.store import database, is_sqlite, prepared
from models import Account, LedgerMark, LedgerTransfer


@prepared
def account(kind: Any, owner_id: Any, owner_code: Any, book: Any) -> Any:
    """An account by kind, owner and book."""
    is_it = _is(kind, owner_id, owner_code, book)
    return Account.select(Account.id, Account.balance_fen).where(is_it)


@prepared
def move_above(kind: Any, owner_id: Any, owner_code: Any, book: Any, delta_fen: Any) -> Any:
    """Change a balance that must stay at or above 0; no row is changed otherwise."""
    after = Account.balance_fen + delta_fen
    is_it = _is(kind, owner_id, owner_code, book)
    return Account.update(balance_fen=after).where(is_it & (after >= 0))


@prepared
def move_below(kind: Any, owner_id: Any, owner_code: Any, book: Any, delta_fen: Any) -> Any:
    """Change a balance that must stay at or below 0; no row is changed otherwise."""
    after = Account.balance_fen + delta_fen
    is_it = _is(kind, owner_id, owner_code, book)
    return Account.update(balance_fen=after).where(is_it & (after <= 0))


TRANSFER_SLOTS = 12


@prepared
def insert_transfers(at: Any, source_type: Any, source_id: Any, *slots: Any) -> Any:
    """Insert transfers; each takes 12 slots: key, book, two accounts (four each), fen, reason.

    The statement looks the accounts' ids up itself; a missing account gives NULL, which the column
    refuses. It also reads the mark before which nothing is booked, under a shared lock: moving the
    mark waits until every transaction that read the old one has ended.
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
    """The transfer with this key."""
    return LedgerTransfer.select(LedgerTransfer.id).where(LedgerTransfer.idem_key == key)


def _shared(query: Any) -> Any:
    """Read under a shared lock: others may read the row, nobody may change it until the end."""
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
