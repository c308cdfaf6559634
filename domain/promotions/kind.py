"""The description of a kind of promotion: its rules, its goods and the offers it makes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from domain.promotions.choices import Choices
from domain.promotions.offers import Offer, QuoteLine, Scope, is_for


class Rules(BaseModel):
    """The rules of a kind of promotion, validated whenever they are read."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


@dataclass(frozen=True)
class Live:
    """A promotion that is on, as pricing uses it."""

    id: int
    kind: str
    version: int
    label: str
    starts_at: datetime
    ends_at: datetime
    scope: Scope
    targets: frozenset[int]
    rules: Any

    def runs(self, at: datetime) -> bool:
        """True from ``starts_at`` until before ``ends_at``."""
        return self.starts_at <= at < self.ends_at

    def covers(self, line: QuoteLine) -> bool:
        """True if the promotion is for this line's goods."""
        return is_for(self.scope, self.targets, line)


@dataclass(frozen=True)
class Ask:
    """All that a kind may decide by: buyer, lines, choices and the instant."""

    member_id: int | None
    lines: Sequence[QuoteLine]
    choices: Choices
    at: datetime


@dataclass(frozen=True)
class Kind:
    """A kind of promotion (活动类型).

    ``offers`` makes the offers that pricing applies; its ``Ask`` holds only lines that the
    promotion covers. ``unit_price`` is a function (rules, sku_id, list price in fen) to the price
    of one piece or None. A kind with ``unit_price`` changes unit prices, so pages and strike
    prices take it into account. ``choice`` names the field of ``Choices`` that the kind uses.
    ``shown_at`` is the number of pieces at which the preview shows its effect.
    """

    name: str
    rules: type[Rules]
    scopes: tuple[Scope, ...]
    offers: Callable[[Live, Ask], Iterable[Offer]]
    unit_price: Callable[[Any, int, int], int | None] | None = None
    choice: str | None = None
    shown_at: int = 1
