"""The merchant's commission rules (佣金规则)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from domain import audit
from domain.distribution import statements
from domain.distribution.rules.commission import MAX_LEVELS, MODES, SCOPES, LineFacts, Rule
from kernel import clock
from kernel.errors import Invalid, NotFound
from kernel.money import BP
from models import Category, CommissionRule, Grade, Product, Sku

MAX_FIXED_FEN = 1_000_000


def save_rule(
    scope: str,
    target_id: int,
    grade_id: int | None,
    mode: str,
    pool_bp: int,
    shares: Sequence[int],
    actor: str,
    effective_at: datetime | None = None,
) -> int:
    """Add a rule, in force from its date; orders placed before keep their snapshots.

    ``shares``, level 1 first, are weights of the pool, basis points, or fen per piece, by mode. A
    future date announces the change. Returns the rule's id. Raises Invalid, also for more than
    three levels, and NotFound.
    """
    now = clock.now()
    since = max(effective_at or now, now)
    _check_scope(scope, target_id, grade_id)
    kept = _checked_shares(mode, pool_bp, shares)
    made = CommissionRule.create(
        scope=scope, target_id=0 if scope == "all" else target_id, grade=grade_id, mode=mode,
        pool_bp=pool_bp if mode == "pool" else 0, shares=kept, effective_at=since, created_at=now,
        by=actor[:64],
    )  # fmt: skip
    audit.record("commission_rule.save", "commission_rule", made.id, actor=actor, after={
        "scope": scope, "target": target_id, "grade": grade_id, "mode": mode,
        "pool_bp": pool_bp, "shares": kept, "effective_at": since.isoformat(),
    })  # fmt: skip
    return int(made.id)


def retire_rule(rule_id: int, actor: str) -> None:
    """End a rule now; the next less specific one applies again. Raises NotFound."""
    active = (CommissionRule.id == rule_id) & (CommissionRule.is_active == True)  # noqa: E712
    if CommissionRule.update(is_active=False).where(active).execute() != 1:
        raise NotFound("rule_missing")
    audit.record("commission_rule.retire", "commission_rule", rule_id, actor=actor)


def active_rules_for(lines: Iterable[LineFacts], *, until: datetime | None = None) -> list[Rule]:
    """Active rules that could apply to these lines, in force at ``until`` (default: now)."""
    rows = statements.rules_in_force.all(*_targets(lines), until or clock.now())
    return [rule_of_row(row) for row in rows]


def rule_of_row(row: Any) -> Rule:
    """A row as a rule."""
    return Rule(
        row.id, row.scope, row.target_id, row.grade_id, row.mode, row.pool_bp,
        tuple(row.shares), row.effective_at,
    )  # fmt: skip


def _check_scope(scope: str, target_id: int, grade_id: int | None) -> None:
    if scope not in SCOPES:
        raise Invalid("rule_scope_unknown", "scope")
    target: Any = {
        "sku": Sku.select().where(Sku.id == target_id),
        "product": Product.select().where(Product.id == target_id),
        "category": Category.select().where(Category.id == target_id),
    }.get(scope)
    if target is not None and not target.exists():
        raise NotFound("rule_target_missing", "target_id")
    if grade_id is not None and Grade.get_or_none(Grade.id == grade_id) is None:
        raise NotFound("grade_missing", "grade_id")


def _checked_shares(mode: str, pool_bp: int, shares: Sequence[int]) -> list[int]:
    if mode not in MODES:
        raise Invalid("rule_mode_unknown", "mode")
    kept = [int(share) for share in shares]
    if len(kept) > MAX_LEVELS:
        raise Invalid("levels_out_of_range", "shares", most=MAX_LEVELS)
    if any(share < 0 for share in kept):
        raise Invalid("rule_share_negative", "shares")
    if mode == "off":
        return []
    if sum(kept) == 0:
        raise Invalid("rule_share_missing", "shares")
    if mode == "pool" and not 0 < pool_bp <= BP:
        raise Invalid("rule_pool_bad", "pool_bp", most=BP)
    if mode == "levels" and sum(kept) > BP:
        raise Invalid("rule_rate_too_high", "shares", most=BP)
    if mode == "fixed" and max(kept) > MAX_FIXED_FEN:
        raise Invalid("rule_fixed_too_high", "shares", most=MAX_FIXED_FEN)
    return kept


def next_change(lines: Iterable[LineFacts], now: datetime) -> datetime | None:
    """When the next announced rule that could apply to these lines comes into force, or None."""
    row = statements.next_rule.first(*_targets(lines), now)
    return None if row is None else row.effective_at


def _targets(lines: Iterable[LineFacts]) -> tuple[list[int], list[int], list[int]]:
    """The SKUs, products and categories of some lines; 0, which is none, if there are none."""
    lines = list(lines)

    def ids(scope: str) -> list[int]:
        return sorted({line.target(scope) for line in lines}) or [0]

    return ids("sku"), ids("product"), ids("category")
