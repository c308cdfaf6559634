"""Commission of an order line (佣金). See ``docs/algorithms/commission.md``. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from kernel.money import BP, allocate, rate_of

CommissionState = Literal["planned", "pending", "released", "void"]
Phase = Literal["planned", "pending", "frozen", "ready", "blocked", "released", "void"]
"""What pages show of a state: pending commission is frozen, ready, or blocked by a case."""
MAX_LEVELS = 3
SCOPES = ("sku", "product", "category", "all")  # most specific first
MODES = ("off", "pool", "levels", "fixed")
Scope = Literal["sku", "product", "category", "all"]
Mode = Literal["off", "pool", "levels", "fixed"]


@dataclass(frozen=True)
class Rule:
    """A commission rule; ``shares``, level 1 first, are weights, basis points or fen by mode."""

    id: int
    scope: str
    target_id: int
    grade_id: int | None
    mode: str
    pool_bp: int
    shares: tuple[int, ...]
    effective_at: datetime | None = None


@dataclass(frozen=True)
class LineFacts:
    """A line's goods, and the fen paid for it without freight."""

    sku_id: int
    product_id: int
    category_id: int
    quantity: int
    paid_fen: int

    def target(self, scope: str) -> int:
        """The id that a rule of this scope must name to apply to the line."""
        return {
            "sku": self.sku_id, "product": self.product_id, "category": self.category_id,
        }.get(scope, 0)  # fmt: skip


@dataclass(frozen=True)
class Earner:
    """The person at a level; ``is_active`` is False if suspended, frozen or gone."""

    member_id: int
    grade_id: int | None = None
    is_active: bool = True


@dataclass(frozen=True)
class Terms:
    """The merchant's settings that apply beside the rule."""

    levels: int
    line_cap_bp: int = BP
    missing_goes_to_seller: bool = False


@dataclass(frozen=True)
class Share:
    """What one level earns of a line; ``before_cap_fen`` is the amount before the cap."""

    level: int
    member_id: int
    amount_fen: int
    before_cap_fen: int
    extra_fen: int = 0  # the part of it that comes from missing levels


@dataclass(frozen=True)
class Split:
    """The result for one line; the merchant keeps ``kept_fen`` of the missing levels' part."""

    shares: tuple[Share, ...]
    base_fen: int
    kept_fen: int = 0
    is_capped: bool = False

    @property
    def total_fen(self) -> int:
        """The line's commission in fen, all levels together."""
        return sum(share.amount_fen for share in self.shares)


def choose_rule(rules: Sequence[Rule], line: LineFacts, grade_id: int | None) -> Rule | None:
    """The rule that applies to a line, or None; ``rules`` holds only rules in force.

    The order is SKU, product, category, all; within each, a rule for the grade before one for all
    grades. Of two equal rules the one in force later applies, then the newer one.
    """
    fitting = [r for r in rules if _is_about(r, line, grade_id)]
    if not fitting:
        return None
    return max(fitting, key=_specificity)


def _is_about(rule: Rule, line: LineFacts, grade_id: int | None) -> bool:
    return rule.target_id == line.target(rule.scope) and rule.grade_id in (None, grade_id)


def _specificity(rule: Rule) -> tuple[int, bool, float, int]:
    since = rule.effective_at.timestamp() if rule.effective_at else 0.0
    return -SCOPES.index(rule.scope), rule.grade_id is not None, since, rule.id


def amounts_by_level(rule: Rule, line: LineFacts) -> list[int]:
    """What each of three levels would earn in fen if none were missing; a pool is rounded once."""
    shares = [*rule.shares, 0, 0, 0][:MAX_LEVELS]
    if rule.mode == "off" or line.paid_fen == 0:
        return [0] * MAX_LEVELS
    if rule.mode == "pool":
        pool = rate_of(line.paid_fen, rule.pool_bp)
        return allocate(pool, shares) if sum(shares) else [0] * MAX_LEVELS
    if rule.mode == "levels":
        return [rate_of(line.paid_fen, share) for share in shares]
    return [share * line.quantity for share in shares]


def split_commission(
    rule: Rule | None, line: LineFacts, chain: Sequence[Earner | None], terms: Terms
) -> Split:
    """What the people of a chain, nearest first, earn of a line (分佣).

    The base is what was paid for the line. A level is missing if it is beyond ``terms.levels``,
    empty or inactive; the merchant keeps its part, or the seller gets it if the merchant chose so.
    The sum exceeds neither the cap nor the base.
    """
    if not 0 <= terms.levels <= MAX_LEVELS:
        raise ValueError("levels lie between 0 and 3")
    if rule is None or terms.levels == 0:
        return Split((), line.paid_fen)
    amounts = amounts_by_level(rule, line)
    chain = [*chain, None, None, None][:MAX_LEVELS]
    there = [e is not None and e.is_active and n < terms.levels for n, e in enumerate(chain)]
    missing = sum(fen for fen, is_there in zip(amounts, there, strict=True) if not is_there)
    extra = missing if terms.missing_goes_to_seller and there[0] else 0
    before = [fen if is_there else 0 for fen, is_there in zip(amounts, there, strict=True)]
    before[0] += extra
    cap = min(line.paid_fen, rate_of(line.paid_fen, terms.line_cap_bp))
    after = allocate(cap, before) if sum(before) > cap else before
    shares = tuple(
        Share(n + 1, earner.member_id, after[n], before[n], extra if n == 0 else 0)
        for n, earner in enumerate(chain)
        if earner is not None and after[n] > 0
    )
    return Split(shares, line.paid_fen, missing - extra, sum(before) > cap)
