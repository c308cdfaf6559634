"""The double-entry ledger (总账). See ``docs/algorithms/ledger.md``."""

from domain.ledger.queries import (
    Diagnosis,
    balance,
    booked,
    check,
    doctor,
    entries,
    member_balances,
)
from domain.ledger.rules import AccountRef, Posting, member_account, merchant_account
from domain.ledger.sealing import seal_due
from domain.ledger.service import find_account, is_booked, post

__all__ = [
    "AccountRef",
    "Diagnosis",
    "Posting",
    "balance",
    "booked",
    "check",
    "doctor",
    "entries",
    "find_account",
    "is_booked",
    "member_account",
    "member_balances",
    "merchant_account",
    "post",
    "seal_due",
]
