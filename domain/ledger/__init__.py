"""The double-entry book (总账). ``docs/algorithms/ledger.md`` is the prose."""

from domain.ledger.queries import balance, doctor, entries, member_balances
from domain.ledger.rules import AccountRef, Posting, member_account, merchant_account
from domain.ledger.service import find_account, is_booked, post

__all__ = [
    "AccountRef",
    "Posting",
    "balance",
    "doctor",
    "entries",
    "find_account",
    "is_booked",
    "member_account",
    "member_balances",
    "merchant_account",
    "post",
]
