"""Booking: the only place that writes accounts and transfers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from peewee import Database, IntegrityError

from domain.ledger import statements
from domain.ledger.errors import AlreadyBooked, BalanceTooLow
from domain.ledger.rules import AccountRef, Bound, Posting, movements
from kernel import clock
from kernel.store import after_commit, database, insert_once, is_unique_violation
from models import Account, LedgerMark

EVER = datetime(1970, 1, 1, tzinfo=UTC)
OPEN = "open"
AT_ONCE = 10
"""Transfers inserted by one statement; a limit keeps the number of prepared texts small."""

_seen: dict[AccountRef | str, Database] = {}
"""The merchant's accounts, and the mark, that a committed transaction saw, with the database."""


def post(postings: Sequence[Posting], source_type: str, source_id: int) -> None:
    """Book transfers, all or none, in the caller's transaction.

    Raises BalanceTooLow if a bounded account would leave its bound, AlreadyBooked if a key is in
    the ledger. After either the caller's transaction must be rolled back.
    """
    for ref, fen in sorted(movements(postings).items()):  # balances are locked in this order
        if fen and ref.bound is not Bound.NONE:
            _move(ref, fen)
        else:
            _ensure_account(ref)
    _ensure_open_day()
    now = clock.now()
    for start in range(0, len(postings), AT_ONCE):
        part = postings[start : start + AT_ONCE]
        slots = [slot for p in part for slot in _transfer(p)]
        try:
            statements.insert_transfers.run(now, source_type, source_id, *slots)
        except IntegrityError as error:
            _seen.clear()  # in case the ledger was replaced under this process
            if not is_unique_violation(error):
                raise
            raise AlreadyBooked("already_booked", keys=[p.key for p in postings]) from error


def is_booked(key: str) -> bool:
    """True if a transfer with this key is in the ledger."""
    return statements.booked.first(key) is not None


def find_account(ref: AccountRef) -> Any:
    """An account's id and balance; None before its first use."""
    return statements.account.first(*ref)


def _move(ref: AccountRef, delta_fen: int) -> None:
    """Change a balance within its bound. Raises BalanceTooLow."""
    above = ref.bound is Bound.AT_LEAST_ZERO
    move = statements.move_above if above else statements.move_below
    if move.run(*ref, delta_fen) == 1:
        return
    if statements.account.first(*ref) is None:
        _insert_account(ref)
    if move.run(*ref, delta_fen) == 1:  # also after a parallel transaction made the account
        return
    raise BalanceTooLow("balance_too_low", kind=ref.kind, owner=ref.owner_id)


def _ensure_account(ref: AccountRef) -> None:
    """Make an account on first use, if its balance doesn't change or isn't stored."""
    here = database.obj
    if _seen.get(ref) is here:
        return
    if statements.account.first(*ref) is None:
        _insert_account(ref)
    if ref.bound is Bound.NONE:
        after_commit(partial(_seen.__setitem__, ref, here))


def _ensure_open_day() -> None:
    """Make the mark of the open day with the first posting (see ``sealing``)."""
    here = database.obj
    if _seen.get(OPEN) is not here:
        insert_once(LedgerMark, name=OPEN, at=EVER)
        after_commit(partial(_seen.__setitem__, OPEN, here))


def _insert_account(ref: AccountRef) -> None:
    insert_once(
        Account,
        kind=ref.kind,
        owner_id=ref.owner_id,
        owner_code=ref.owner_code,
        book=ref.book,
        balance_fen=None if ref.bound is Bound.NONE else 0,
    )


def _transfer(p: Posting) -> tuple[Any, ...]:
    return (p.key, p.source.book, *p.source, *p.target, p.amount_fen, p.reason)
