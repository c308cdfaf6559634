"""What a check of the ledger may find (账本差异): a code and figures by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Code = Literal[
    "kind_unknown", "balance_differs", "out_of_bound", "between_books", "sides_differ",
    "day_differs", "sum_differs", "said_before",
]  # fmt: skip
Facts = tuple[tuple[str, int | str], ...]
_LINES: dict[Code, str] = {
    "kind_unknown": "{account} is of no known kind",
    "balance_differs": "{account} stores {stored_fen}, its transfers say {true_fen}",
    "out_of_bound": "{account} is out of its bound: {true_fen}",
    "between_books": "transfer {transfer} crosses books",
    "sides_differ": "what came in and what went out differ",
    "day_differs": (
        "sealed day {day}, account {account}: in {stored_in_fen} out {stored_out_fen}, "
        "its transfers say in {true_in_fen} out {true_out_fen}"
    ),
    "sum_differs": "sealed sum of account {account} differs from its sealed days",
    "said_before": "{said}",
}


@dataclass(frozen=True)
class BookFault:
    """One difference; ``said_before`` is the sentence of a former release."""

    code: Code
    facts: Facts = ()

    def __str__(self) -> str:
        """The line of the command ``doctor book``."""
        return _LINES[self.code].format(**dict(self.facts))


def book_fault(code: Code, **facts: int | str) -> BookFault:
    """A difference with its facts."""
    return BookFault(code, tuple(facts.items()))
