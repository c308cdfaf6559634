"""What the facts of a notice are (事实的种类): by it a template's field finds its value.

A fact is a field or a property of a notice, annotated with one of these or with ``int``, ``str``,
``bool``, ``date``, ``datetime`` or a ``Literal`` of codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated


class Kind(StrEnum):
    """What a fact stands for; the first of a kind in a notice is the one that a field asks for."""

    SUM = "sum"
    NUMBER = "number"
    TRACKING = "tracking"
    COMPANY = "company"
    WHO = "who"
    TITLE = "title"
    REASON = "reason"
    TEXT = "text"
    CODE = "code"


@dataclass(frozen=True)
class As:
    """The kind of a fact, within ``Annotated``."""

    kind: Kind


Fen = Annotated[int, As(Kind.SUM)]
"""An amount in fen; the first one of a notice is its sum, and 0 is a sum."""

Number = Annotated[str, As(Kind.NUMBER)]
"""The number of an order, case, ticket or bill."""

RowNumber = Annotated[int, As(Kind.NUMBER)]
"""A number that people know and that is a row's id (提现单 7)."""

TrackingNo = Annotated[str, As(Kind.TRACKING)]
Company = Annotated[str, As(Kind.COMPANY)]
"""A carrier (快递公司)."""

Who = Annotated[str, As(Kind.WHO)]
"""A person as this reader may see them."""

Title = Annotated[str, As(Kind.TITLE)]
"""Goods."""

Reason = Annotated[str, As(Kind.REASON)]
"""Why, as a person typed it."""

Text = Annotated[str, As(Kind.TEXT)]
"""Other words that a person typed: an answer, an address."""

Code = Annotated[str, As(Kind.CODE)]
"""A code from outside or of an open list; the text puts it into words and never shows it."""
