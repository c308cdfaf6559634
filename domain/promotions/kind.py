"""What a kind of promotion is: its rules, what it is for, and the offers it makes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from domain.promotions.choices import Choices
from domain.promotions.offers import Offer, QuoteLine, Scope, is_for


class Rules(BaseModel):
    """What a kind of promotion keeps of its own, checked whenever it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class Live:
    """A promotion that is on, as pricing sees it."""

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
        """True from its first instant to its last."""
        return self.starts_at <= at < self.ends_at

    def covers(self, line: QuoteLine) -> bool:
        """True if the line is among its goods."""
        return is_for(self.scope, self.targets, line)


@dataclass(frozen=True)
class Ask:
    """Who wants what, when, and what they chose: everything that a kind may decide by."""

    member_id: int | None
    lines: Sequence[QuoteLine]
    choices: Choices
    at: datetime


@dataclass(frozen=True)
class Kind:
    """A kind of promotion (活动类型).

    ``offers`` makes what pricing applies; only lines that the promotion covers are in its ask.
    ``unit_price`` answers the price of one SKU under its rules (SKU, list price in fen), or None;
    a kind that has it decides unit prices, so pages show it and strike prices respect it.
    ``choice`` is the buyer's choice that the kind takes, by its name in ``Choices``. ``shown_at``
    is how many pieces of one product show what it does, in the preview before it is started.
    """

    name: str
    rules: type[Rules]
    scopes: tuple[Scope, ...]
    offers: Callable[[Live, Ask], Iterable[Offer]]
    unit_price: Callable[[Any, int, int], int | None] | None = None
    choice: str | None = None
    shown_at: int = 1
