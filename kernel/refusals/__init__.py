"""Explanations of WeChat's error codes (微信拒绝原因) for every face and the ``doctor`` command.

A code is WeChat's own: an errcode of the account API, a ``code`` of Pay v3, or a ``fail_reason``
of a transfer. A code that is not listed gets a general sentence that shows it.
"""

from kernel.refusals.entries import TRANSFERS, call_words
from kernel.refusals.entry import Said, Side
from kernel.refusals.table import (
    explain,
    find,
    is_listed,
    is_of_all_calls,
    is_of_the_identity,
    is_shown,
    payee_words,
    said_of_transfer,
)

__all__ = [
    "TRANSFERS", "Said", "Side", "call_words", "explain", "find", "is_listed", "is_of_all_calls",
    "is_of_the_identity", "is_shown", "payee_words", "said_of_transfer",
]  # fmt: skip
