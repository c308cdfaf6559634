"""Kinds of accounts with their bounds, and postings. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


class Bound(Enum):
    """The balances that a kind of account may have."""

    NONE = "none"
    AT_LEAST_ZERO = "at_least_zero"
    AT_MOST_ZERO = "at_most_zero"

    def allows(self, balance_fen: int) -> bool:
        """True if an account of this kind may have the balance."""
        if self is Bound.AT_LEAST_ZERO:
            return balance_fen >= 0
        return self is Bound.NONE or balance_fen <= 0


BOUNDS = {
    "sales": Bound.NONE,
    "wechat_clearing": Bound.NONE,
    "bank_clearing": Bound.NONE,
    "commission_expense": Bound.NONE,
    "fee_income": Bound.NONE,
    "tax_payable": Bound.NONE,
    "fees": Bound.NONE,
    "commission_pending": Bound.AT_LEAST_ZERO,
    "available": Bound.AT_LEAST_ZERO,
    "withdrawing": Bound.AT_LEAST_ZERO,
    "debt": Bound.AT_MOST_ZERO,
}


class _Names(NamedTuple):
    kind: str
    owner_id: int
    owner_code: str
    book: str


class AccountRef(_Names):
    """An account named by kind, owner and book.

    It is a tuple, since each posting sorts two, looks them up and passes them to statements.
    """

    __slots__ = ()

    def __new__(
        cls, kind: str, owner_id: int = 0, owner_code: str = "", book: str = "CNY"
    ) -> AccountRef:
        """Raises ValueError for an unknown kind, or an owner where there can be none."""
        bound = BOUNDS.get(kind)
        if bound is None:
            raise ValueError(f"no such account kind: {kind}")
        if (bound is Bound.NONE) == bool(owner_id):
            raise ValueError("members' accounts are bounded, the merchant's are not")
        return super().__new__(cls, kind, owner_id, owner_code, book)

    @property
    def bound(self) -> Bound:
        """The bound of this account's kind."""
        return BOUNDS[self.kind]


def member_account(kind: str, member_id: int) -> AccountRef:
    """A member's account in CNY: commission_pending, available, withdrawing or debt."""
    return AccountRef(kind, member_id)


def merchant_account(kind: str, code: str = "") -> AccountRef:
    """One of the merchant's accounts in CNY; wechat_clearing takes its mchid as ``code``."""
    return AccountRef(kind, 0, code)


@dataclass(frozen=True)
class Posting:
    """A transfer to be booked, in fen; the key names the event that it books."""

    key: str
    source: AccountRef
    target: AccountRef
    amount_fen: int
    reason: str

    def __post_init__(self) -> None:
        if self.amount_fen <= 0:
            raise ValueError("a posting moves more than nothing")
        if self.source == self.target or self.source.book != self.target.book:
            raise ValueError("a posting joins two accounts of one book")


def movements(postings: Iterable[Posting]) -> dict[AccountRef, int]:
    """The sum of several postings by account in fen, zero sums included."""
    sums: dict[AccountRef, int] = defaultdict(int)
    for posting in postings:
        sums[posting.source] -= posting.amount_fen
        sums[posting.target] += posting.amount_fen
    return dict(sums)
