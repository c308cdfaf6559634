"""Commission until its freeze: planned when the order is placed, pending when paid (预估佣金)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain import audit, ledger, payouts, settings
from domain.distribution import statements
from domain.distribution.notices import CommissionPending
from domain.distribution.rules.commission import (
    Earner,
    LineFacts,
    Rule,
    Split,
    Terms,
    choose_rule,
    split_commission,
)
from domain.distribution.service.binding import chain_of
from domain.distribution.service.levels import levels_now
from domain.distribution.service.rules_admin import active_rules_for
from domain.ledger import Posting, member_account, merchant_account
from domain.notices import notify
from kernel import clock
from kernel.errors import Conflict
from models import Commission, Distributor, OrderLine, Product

EXPENSE = merchant_account("commission_expense")


@dataclass(frozen=True)
class Chain:
    """The people above a buyer now, and whether the buyer is their own seller."""

    earners: tuple[Earner | None, ...]
    is_self_purchase: bool = False

    @property
    def seller(self) -> Earner | None:
        """The distributor who sold the order: the first of the chain, if active."""
        first = self.earners[0] if self.earners else None
        return first if first is not None and first.is_active else None


def snapshot_commission(order_id: int, buyer_id: int) -> int | None:
    """Fix the commission of an order's lines when it is placed, for good (快照).

    Returns the selling distributor, or None.
    """
    chain = chain_for(buyer_id, clock.now())
    if not chain.earners:
        return None
    lines = list(OrderLine.select().where(OrderLine.order == order_id).order_by(OrderLine.id))
    terms, facts = terms_now(), _facts_of(lines)
    rules = active_rules_for(facts)
    grade = chain.seller.grade_id if chain.seller else None
    for line, fact in zip(lines, facts, strict=True):
        rule = choose_rule(rules, fact, grade)
        _insert_planned(
            line, rule, split_commission(rule, fact, chain.earners, terms), chain, terms
        )
    return chain.seller.member_id if chain.seller else None


def chain_for(buyer_id: int, now: datetime) -> Chain:
    """The people above a buyer; with self-purchase on, a buying distributor is level 1."""
    ids = chain_of(buyer_id, now)
    is_self = settings.get(settings.Distribution).pay_self_purchase and _can_sell(buyer_id)
    if is_self:
        ids = [buyer_id, *ids][:3]
    if not ids:
        return Chain((), is_self)
    rows = {d.member_id: d for d in Distributor.select().where(Distributor.member.in_(ids))}
    frozen = payouts.frozen_of(ids)
    earners = tuple(
        Earner(i, rows[i].grade_id, rows[i].state == "active" and i not in frozen)
        if i in rows
        else None
        for i in ids
    )
    return Chain(earners, is_self)


def terms_now() -> Terms:
    """The settings that apply to commission now."""
    chosen = settings.get(settings.Distribution)
    return Terms(levels_now(), chosen.line_cap_bp, chosen.missing_levels_go_to_seller)


def make_commission_pending(order_id: int) -> None:
    """Make an order's planned commission pending, and post it to the ledger; the order is paid.

    Commission of people suspended, frozen or gone since the order was placed is voided.
    """
    _void_of_ineligible(order_id)
    rows = _move(order_id, "planned", "pending")
    ledger.post(
        [
            Posting(
                f"commission:{row.line_id}:{row.level}", EXPENSE,
                member_account("commission_pending", row.member_id), row.amount_fen, "commission",
            )
            for row in rows
        ],
        "order", order_id,
    )  # fmt: skip
    for member_id, fen in _by_member(rows).items():
        level = min(row.level for row in rows if row.member_id == member_id)
        notify(member_id, CommissionPending(order_id=order_id, fen=fen, level=level))


def void_commission(order_id: int) -> None:
    """Void an order's planned commission; the order was cancelled unpaid."""
    _move(order_id, "planned", "void")


def start_commission_freeze(order_id: int, received_at: datetime) -> None:
    """Start the freeze that the snapshot fixed; the goods were received (冻结期)."""
    waiting = (
        (Commission.order == order_id) & (Commission.state == "pending")
        & Commission.frozen_until.is_null()
    )  # fmt: skip
    for row in Commission.select().where(waiting):
        until = received_at + timedelta(days=int(row.rule["freeze_days"]))
        Commission.update(frozen_until=until).where(waiting & (Commission.id == row.id)).execute()


def _insert_planned(
    line: OrderLine, rule: Rule | None, result: Split, chain: Chain, terms: Terms
) -> None:
    if rule is None:
        return
    now = clock.now()
    why = {
        "rule_id": rule.id, "scope": rule.scope, "mode": rule.mode, "pool_bp": rule.pool_bp,
        "shares": list(rule.shares), "grade_id": rule.grade_id, "levels": terms.levels,
        "cap_bp": terms.line_cap_bp, "is_capped": result.is_capped, "kept_fen": result.kept_fen,
        "chain": [e.member_id if e else None for e in chain.earners],
        "is_self_purchase": chain.is_self_purchase, "quantity": line.quantity,
        "freeze_days": settings.get(settings.Distribution).freeze_days,
    }  # fmt: skip
    for share in result.shares:
        Commission.insert(
            line=line.id, order=line.order_id, level=share.level, member=share.member_id,
            base_fen=result.base_fen, amount_fen=share.amount_fen, created_at=now,
            rule=why | {"before_cap_fen": share.before_cap_fen, "extra_fen": share.extra_fen},
        ).execute()  # fmt: skip


def _move(order_id: int, before: str, after: str) -> list[Any]:
    """Move all commission of an order from one state to another; returns the rows."""
    rows = statements.commissions.all(order_id, before)
    if rows and statements.change_commission_state.run(order_id, before, after) != len(rows):
        raise Conflict("commission_moved")
    return rows


def _facts_of(lines: list[Any]) -> list[LineFacts]:
    products = {line.product_id for line in lines}
    shelf = {
        p.id: p.category_id
        for p in Product.select(Product.id, Product.category).where(Product.id.in_(products))
    }
    return [
        LineFacts(x.sku_id, x.product_id, shelf[x.product_id], x.quantity, x.paid_fen)
        for x in lines
    ]


def _can_sell(member_id: int) -> bool:
    return member_id in _eligible_members([member_id])


def _void_of_ineligible(order_id: int) -> None:
    planned = (Commission.order == order_id) & (Commission.state == "planned")
    earners = {row.member_id for row in statements.earners.all(order_id, "planned")}
    stopped = sorted(earners - _eligible_members(list(earners)))
    if stopped:
        Commission.update(state="void").where(planned & Commission.member.in_(stopped)).execute()
        audit.record_event("commission.void", "order", order_id,
                           facts={"members": stopped, "why": "suspended_or_frozen"})  # fmt: skip


def _eligible_members(member_ids: list[int]) -> set[int]:
    """Those of these members who are active distributors and not frozen."""
    if not member_ids:
        return set()
    rows = statements.active.all(member_ids)
    return {row.member_id for row in rows} - payouts.frozen_of(member_ids)


def _by_member(rows: list[Any]) -> dict[int, int]:
    sums: dict[int, int] = defaultdict(int)
    for row in rows:
        sums[row.member_id] += row.amount_fen
    return dict(sums)
