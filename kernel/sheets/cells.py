"""Cells of a sheet, whatever file they came in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Literal

Fault = Literal[
    "", "number_cut", "number_part", "exponent", "date", "flag", "error", "formula", "merged"
]
HEAD_WITHIN = 20
"""The head stands in one of so many first rows; above it there may be a title."""

EXACT_DIGITS = 15
"""A spreadsheet keeps so many digits of a number; it replaces the others by zeros."""


@dataclass(frozen=True)
class Cell:
    """A cell's text, and what keeps it from being the text that somebody typed.

    ``number_cut``: a number of more than fifteen digits, the last of which are lost.
    ``number_part``: a number with decimals. ``exponent``: text like 1.23E+15. ``date``, ``flag``
    (TRUE), ``error`` (#N/A). ``formula``: one without a stored result. ``merged``: hidden by a
    merged cell above or beside it.
    """

    text: str
    fault: Fault = ""


@dataclass
class Grid:
    """The cells of one sheet that are not empty: (row number from 1, cells by column from 0)."""

    rows: list[tuple[int, dict[int, Cell]]] = field(default_factory=list)
    merged: Sequence[tuple[int, int, int, int]] = ()  # first row, first column, last ones

    def is_over(self, rows_most: int) -> bool:
        """True if there are more rows than may stand below a head; no more need be read."""
        return len(self.rows) > rows_most + HEAD_WITHIN


def number_cell(raw: str) -> Cell:
    """A number of a workbook, as written there: '7.73012345678E+11' → '773012345678'."""
    try:
        number = Decimal(raw)
    except InvalidOperation:
        return Cell(raw[:40], "error")
    if not number.is_finite() or number.adjusted() >= EXACT_DIGITS:
        return Cell(raw[:40], "number_cut")
    if number.adjusted() < -EXACT_DIGITS or number != number.to_integral_value():
        return Cell(raw[:40], "number_part" if number else "")
    return Cell(str(int(number)))
