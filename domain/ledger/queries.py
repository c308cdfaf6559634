"""Reads and checks of the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from peewee import Case, Value, fn

from domain.ledger.faults import BookFault, book_fault
from domain.ledger.rules import BOUNDS, AccountRef, Bound
from domain.ledger.sealing import list_wrong_seals, sealed_until
from domain.ledger.service import EVER, find_account
from models import Account, LedgerSum, LedgerTransfer


@dataclass(frozen=True)
class Entry:
    """A transfer seen from one account; ``amount_fen`` is negative if it went out."""

    id: int
    at: datetime
    amount_fen: int
    reason: str
    source_type: str
    source_id: int
    key: str


@dataclass(frozen=True)
class Diagnosis:
    """The result of a check; ``faults`` is empty if the ledger is right."""

    accounts: int
    transfers: int
    faults: list[BookFault] = field(default_factory=list)
    since: datetime | None = None
    """Only transfers since this instant were added up; None if all were."""

    @property
    def is_clean(self) -> bool:
        """True if there are no faults."""
        return not self.faults


def balance(ref: AccountRef) -> int:
    """The balance of an account in fen; 0 before its first use."""
    account = find_account(ref)
    if account is None:
        return 0
    if ref.bound is not Bound.NONE:
        return int(account.balance_fen)
    return _sum_of_transfers(account.id)


def member_balances(kinds: Sequence[str], member_ids: Iterable[int]) -> dict[tuple[str, int], int]:
    """Balances in fen by (kind, member id); accounts never used are left out."""
    owners = list(member_ids)
    found = Account.select(Account.kind, Account.owner_id, Account.balance_fen).where(
        Account.kind.in_(list(kinds)) & Account.owner_id.in_(owners)
    )
    return {(row.kind, row.owner_id): int(row.balance_fen) for row in found}


def list_entries(ref: AccountRef, *, before_id: int | None = None, limit: int = 20) -> list[Entry]:
    """An account's transfers, newest first, ``limit`` a page."""
    account = find_account(ref)
    if account is None:
        return []
    mine = (LedgerTransfer.from_account == account.id) | (LedgerTransfer.to_account == account.id)
    query = LedgerTransfer.select().where(mine)
    if before_id is not None:
        query = query.where(LedgerTransfer.id < before_id)
    return [
        Entry(
            id=t.id,
            at=t.created_at,
            amount_fen=t.amount_fen if t.to_account_id == account.id else -t.amount_fen,
            reason=t.reason,
            source_type=t.source_type,
            source_id=t.source_id,
            key=t.idem_key,
        )
        for t in query.order_by(LedgerTransfer.id.desc()).limit(limit)
    ]


def booked(source_type: str, source_ids: Sequence[int]) -> dict[int, int]:
    """The fen booked for each of these sources; sources without a booking are left out."""
    query: Any = (
        LedgerTransfer.select(LedgerTransfer.source_id, fn.SUM(LedgerTransfer.amount_fen))
        .where(
            (LedgerTransfer.source_type == source_type)
            & LedgerTransfer.source_id.in_(list(source_ids))
        )
        .group_by(LedgerTransfer.source_id)
        .tuples()
    )
    return {int(source): int(fen) for source, fen in query}


def check_open_days() -> Diagnosis:
    """Compare each balance with sealed sums plus open days; returns every fault (每小时体检).

    One statement, as in ``check_fully``. Changes to sealed days are found by ``check_fully`` only.
    If a day is sealed meanwhile, the check is made again.
    """
    while True:
        since = sealed_until() or EVER
        accounts, until = _re_added(since), sealed_until() or EVER
        if since == until:
            break
    open_days = LedgerTransfer.created_at >= since
    faults = _differences(accounts, open_days)
    return Diagnosis(
        len(accounts), LedgerTransfer.select().where(open_days).count(), faults, since
    )


def check_fully() -> Diagnosis:
    """Re-add the whole ledger and compare balances and seals; returns every fault (全面体检).

    Balances and sums come from one statement, which sees one moment. Between two statements a
    booking would look like a fault, and a fault stops all payouts.
    """
    accounts = _re_added()
    faults = [*_differences(accounts, LedgerTransfer.id > 0), *list_wrong_seals()]
    return Diagnosis(len(accounts), LedgerTransfer.select().count(), faults)


def _differences(accounts: Sequence[Any], transfers: Any) -> list[BookFault]:
    faults: list[BookFault] = []
    for account in accounts:
        faults += _faults_of(account, int(account.came) - int(account.went))
    faults += [
        book_fault("between_books", transfer=number)
        for number in _transfers_between_books(transfers)
    ]
    if sum(int(a.came) for a in accounts) != sum(int(a.went) for a in accounts):
        faults.append(book_fault("sides_differ"))
    return faults


def _re_added(since: datetime | None = None) -> list[Any]:
    """Every account with its sums in (``came``) and out (``went``), all of one moment.

    With ``since``, earlier bookings come from the sums of sealed days.
    """
    into = LedgerTransfer.select(
        LedgerTransfer.to_account.alias("account"), LedgerTransfer.amount_fen.alias("came"),
        Value(0).alias("went"),
    )  # fmt: skip
    out_of = LedgerTransfer.select(
        LedgerTransfer.from_account, Value(0), LedgerTransfer.amount_fen
    )
    if since is not None:
        open_days = LedgerTransfer.created_at >= since
        into, out_of = into.where(open_days), out_of.where(open_days)
    moves = into.union_all(out_of).union_all(Account.select(Account.id, Value(0), Value(0)))
    if since is not None:
        sealed = LedgerSum.select(LedgerSum.account_id, LedgerSum.came_fen, LedgerSum.went_fen)
        moves = moves.union_all(sealed)
    moved = moves.alias("moved")
    columns = (
        Account.id, Account.kind, Account.owner_id, Account.owner_code, Account.balance_fen,
    )  # fmt: skip
    return list(
        Account.select(
            *columns, fn.SUM(moved.c.came).alias("came"), fn.SUM(moved.c.went).alias("went")
        )
        .join(moved, on=(Account.id == moved.c.account))
        .group_by(*columns)
        .order_by(Account.id)
        .objects()
    )


def _faults_of(account: Account, total: int) -> list[BookFault]:
    name = f"{account.kind}:{account.owner_id}{account.owner_code}"
    bound = BOUNDS.get(account.kind)
    if bound is None:
        return [book_fault("kind_unknown", account=name)]
    faults = []
    if bound is not Bound.NONE and account.balance_fen != total:
        stored = int(account.balance_fen)
        faults.append(
            book_fault("balance_differs", account=name, stored_fen=stored, true_fen=total)
        )
    if not bound.allows(total):
        faults.append(book_fault("out_of_bound", account=name, true_fen=total))
    return faults


def _transfers_between_books(transfers: Any) -> list[int]:
    """Ids of transfers between accounts of different books."""
    giver, taker = Account.alias("giver"), Account.alias("taker")
    rows: Any = (
        LedgerTransfer.select(LedgerTransfer.id)
        .join(giver, on=(LedgerTransfer.from_account == giver.id))
        .switch(LedgerTransfer)
        .join(taker, on=(LedgerTransfer.to_account == taker.id))
        .where(transfers & (giver.book != taker.book))
        .tuples()
    )
    return sorted(number for (number,) in rows)


def _sum_of_transfers(account_id: int) -> int:
    """In less out of an account in fen, by one statement over sealed sums and open days.

    Open days are found by time, not by the account's index, which would read all history
    (ADR 0009).
    """
    while True:
        since = sealed_until() or EVER
        into, out_of = LedgerTransfer.to_account, LedgerTransfer.from_account
        fen = LedgerTransfer.amount_fen
        signed = Case(None, [(into == account_id, fen), (out_of == account_id, fen * -1)], 0)
        moved = LedgerTransfer.select(fn.SUM(signed)).where(LedgerTransfer.created_at >= since)
        mine = LedgerSum.account_id == account_id
        sealed = LedgerSum.select(LedgerSum.came_fen - LedgerSum.went_fen).where(mine)
        query: Any = Account.select(fn.COALESCE(moved, 0), fn.COALESCE(sealed, 0))
        ((open_fen, sealed_fen),) = query.where(Account.id == account_id).tuples()
        if since == (sealed_until() or EVER):
            return int(open_fen) + int(sealed_fen)
