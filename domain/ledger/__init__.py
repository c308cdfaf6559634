"""The double-entry ledger (总账). See ``docs/algorithms/ledger.md``."""

from domain.ledger.faults import BookFault
from domain.ledger.queries import (
    Diagnosis,
    balance,
    booked,
    check_fully,
    check_open_days,
    list_entries,
    member_balances,
)
from domain.ledger.rules import AccountRef, Posting, member_account, merchant_account
from domain.ledger.sealing import seal_due
from domain.ledger.service import find_account, is_booked, post

__all__ = [
    "AccountRef",
    "BookFault",
    "Diagnosis",
    "Posting",
    "balance",
    "booked",
    "check_fully",
    "check_open_days",
    "find_account",
    "is_booked",
    "list_entries",
    "member_account",
    "member_balances",
    "merchant_account",
    "post",
    "seal_due",
]
