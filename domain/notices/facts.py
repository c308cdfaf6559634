"""The kinds of a notice's facts (事实的种类), by which a template's fields find their values.

A fact is a field or property of a notice, annotated with one of these or with ``int``, ``str``,
``bool``, ``date``, ``datetime`` or a ``Literal`` of codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated


class Kind(StrEnum):
    """What a fact is; a template field takes the notice's first fact of its kind."""

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
    """The kind of a fact, used in ``Annotated``."""

    kind: Kind


Fen = Annotated[int, As(Kind.SUM)]
"""An amount in fen; the first of a notice is its sum, also if it is 0."""

Number = Annotated[str, As(Kind.NUMBER)]
"""The number of an order, case, ticket or bill."""

RowNumber = Annotated[int, As(Kind.NUMBER)]
"""A row's id that people use as a number (提现单 7)."""

TrackingNo = Annotated[str, As(Kind.TRACKING)]
Company = Annotated[str, As(Kind.COMPANY)]
"""A carrier (快递公司)."""

Who = Annotated[str, As(Kind.WHO)]
"""A person's name as the reader may see it."""

Title = Annotated[str, As(Kind.TITLE)]
"""The title of goods."""

Reason = Annotated[str, As(Kind.REASON)]
"""A reason that a person typed."""

Text = Annotated[str, As(Kind.TEXT)]
"""Other text that a person typed: an answer, an address."""

Code = Annotated[str, As(Kind.CODE)]
"""A code from outside or of an open list; texts translate it and never show it."""
