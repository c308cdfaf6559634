"""Reads of commission: per line with its reason, per product now, and why an order paid none."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from domain import members, pricing, settings
from domain.distribution import statements
from domain.distribution.rules.commission import (
    CommissionState,
    Earner,
    LineFacts,
    Phase,
    Terms,
    choose_rule,
    split_commission,
)
from domain.distribution.service import names
from domain.distribution.service.accrual import terms_now
from domain.distribution.service.levels import DEFAULT_LEVELS, levels_now
from domain.distribution.service.release import first_release_after, open_case_on_line
from domain.distribution.service.rules_admin import active_rules_for, next_change
from domain.distribution.views import (
    CommissionPreview,
    CommissionView,
    LevelCommission,
    LevelSignatureView,
    NoCommissionReason,
    NoCommissionView,
    RuleView,
)
from domain.promotions import QuoteLine
from kernel import clock
from kernel.errors import NotFound
from models import (
    Binding,
    BindingLog,
    Category,
    Commission,
    CommissionRule,
    Grade,
    LevelsSwitch,
    Order,
    OrderLine,
    Product,
    Sku,
    Touch,
)


def list_commission_of_member(
    member_id: int, before: int | None = None, limit: int = 20
) -> list[CommissionView]:
    """A distributor's commission, newest first: line, fen, reason, dates (佣金明细).

    ``buyer`` is '' for a buyer who did not agree to be seen by this distributor.
    """
    return _entries((Commission.member == member_id), before, limit, seen_by=member_id)


def list_waiting_commission(member_id: int, limit: int = 20) -> list[CommissionView]:
    """A distributor's commission that is paid for and not released yet, oldest first (待结算)."""
    mine = (Commission.member == member_id) & (Commission.state == "pending")
    return _entries(mine, None, limit, seen_by=member_id, oldest_first=True)


def list_commission_of_order(order_id: int) -> list[CommissionView]:
    """The commission of an order, for the merchant."""
    return _entries((Commission.order == order_id), None, 200)


def list_commission(
    state: str | None = None, before: int | None = None, limit: int = 50
) -> list[tuple[CommissionView, str]]:
    """All commission, newest first, each with its earner's name."""
    chosen = Commission.id > 0 if state is None else Commission.state == state
    found = _entries(chosen, before, limit)
    earners = {
        c.id: c.member_id
        for c in Commission.select(Commission.id, Commission.member).where(
            Commission.id.in_([e.id for e in found])
        )
    }
    people = members.member_views(earners.values())
    return [(e, people[earners[e.id]].shown_name) for e in found]


def _entries(
    chosen: Any,
    before: int | None,
    limit: int,
    seen_by: int | None = None,
    *,
    oldest_first: bool = False,
) -> list[CommissionView]:
    query = Commission.select(Commission, open_case_on_line().alias("is_blocked")).where(chosen)
    if before is not None:
        query = query.where(Commission.id < before)
    order = Commission.id if oldest_first else Commission.id.desc()
    rows = list(query.order_by(order).limit(limit))
    orders = {o.id: o for o in Order.select().where(Order.id.in_([r.order_id for r in rows]))}
    wanted = [row.line_id for row in rows]
    lines = {x.id: x for x in OrderLine.select().where(OrderLine.id.in_(wanted))}
    buyers = _buyers({order.member_id for order in orders.values()}, seen_by)
    return [
        _entry(row, orders[row.order_id], lines[row.line_id],
               buyers.get(orders[row.order_id].member_id, ""))
        for row in rows
    ]  # fmt: skip


def _buyers(member_ids: set[int], seen_by: int | None) -> dict[int, str]:
    """The names of buyers: for the merchant masked; for a distributor of those who agreed."""
    people = members.member_views(member_ids)
    if seen_by is None:
        return {i: who.masked_name for i, who in people.items()}
    if not names.sees_names(seen_by):
        return {}
    agreed = members.consenting(member_ids, names.purpose_of(seen_by))
    return {i: members.mask_middle(people[i].nickname) for i in agreed if i in people}


def _entry(row: Any, order: Any, line: Any, buyer: str) -> CommissionView:
    return CommissionView(
        id=row.id,
        order_no=order.order_no,
        title=line.title,
        quantity=line.quantity,
        level=row.level,
        buyer=buyer,
        base_fen=row.base_fen,
        amount_fen=row.amount_fen,
        taken_fen=row.taken_fen,
        phase=_phase(row, clock.now()),
        created_at=row.created_at,
        frozen_until=row.frozen_until,
        run_at=first_release_after(row.frozen_until) if row.frozen_until else None,
        released_at=row.released_at,
        why=row.rule,
        latest_run_at=_latest_run(row, order),
    )


def _latest_run(row: Any, order: Any) -> datetime | None:
    """The run that releases it if the order is received by itself; None before shipping."""
    if row.frozen_until is not None or order.receive_by_at is None:
        return None
    days = int((row.rule or {}).get("freeze_days", 0))
    return first_release_after(order.receive_by_at + timedelta(days=days))


def _phase(row: Any, now: datetime) -> Phase:
    if row.state != "pending":
        state: CommissionState = row.state
        return state
    if row.is_blocked:
        return "blocked"
    if row.frozen_until is None:
        return "pending"
    return "frozen" if now < row.frozen_until else "ready"


def preview_commission(product_id: int, member_id: int | None = None) -> CommissionPreview:
    """What a product pays per piece now, shown before it is shared (推广前可见).

    Computed for the distributor's grade at the present price of one piece, a running offer
    included; other reductions make it less. Levels above the signed number are not shown. It is
    valid until the next announced rule or the end of the offer. Raises
    NotFound('product_missing').
    """
    product = statements.product_for_preview.first(product_id)
    if product is None:
        raise NotFound("product_missing")
    who = None if member_id is None else statements.distributor.first(member_id)
    grade = who.grade_id if who is not None else None
    now, terms = clock.now(), terms_now()
    skus = [
        QuoteLine(sku.id, product.id, 1, sku.price_fen, product.category_id)
        for sku in statements.prices_of_product.all(product.id)
    ]
    reduced = pricing.special_prices(skus)
    facts = [_piece(s, reduced[s.sku_id].price_fen if s.sku_id in reduced else s.unit_price_fen)
             for s in skus]  # fmt: skip
    rules = active_rules_for(facts)
    chosen = [(choose_rule(rules, fact, grade), fact) for fact in facts]
    picked = [rule for rule, _ in chosen if rule is not None]
    chain = [Earner(n + 1) for n in range(terms.levels)]
    splits = [split_commission(rule, fact, chain, terms) for rule, fact in chosen]
    levels = tuple(
        LevelCommission(
            level,
            min((_share_of(s, level) for s in splits), default=0),
            max((_share_of(s, level) for s in splits), default=0),
            _common_rate(picked, chain, terms, level),
        )
        for level in range(1, terms.levels + 1)
    )
    modes = {rule.mode for rule in picked}
    mode = modes.pop() if len(modes) == 1 else "none" if not modes else "levels"
    ends = [next_change(facts, now), *(special.until for special in reduced.values())]
    until = min((end for end in ends if end is not None), default=None)
    return CommissionPreview(product_id, mode, levels, until)


def commission_per_piece(prices: Iterable[tuple[QuoteLine, int]]) -> dict[int, int]:
    """The commission of all levels for one piece at a price, in fen by SKU (活动预览)."""
    facts = [_piece(line, fen) for line, fen in prices]
    rules, terms = active_rules_for(facts), terms_now()
    chain = [Earner(n + 1) for n in range(terms.levels)]
    return {
        fact.sku_id: sum(s.amount_fen for s in split_commission(rule, fact, chain, terms).shares)
        for fact in facts
        for rule in [choose_rule(rules, fact, None)]
    }


def _piece(line: QuoteLine, fen: int) -> LineFacts:
    return LineFacts(line.sku_id, line.product_id, line.category_id, 1, fen)


def _share_of(result: Any, level: int) -> int:
    return sum(share.amount_fen for share in result.shares if share.level == level)


def _common_rate(rules: list[Any], chain: list[Earner], terms: Terms, level: int) -> int | None:
    """The level's rate (bp) of the price; None if SKUs differ or the rule has no rate."""
    if not rules or any(rule.mode in ("off", "fixed") for rule in rules):
        return None
    probe = LineFacts(0, 0, 0, 1, 1_000_000)
    rates = {
        _share_of(split_commission(rule, probe, chain, terms), level) // 100 for rule in rules
    }
    return rates.pop() if len(rates) == 1 else None


def why_no_commission(member_id: int, order_no: str) -> NoCommissionView:
    """Why an order paid a distributor no commission; answered only for buyers they have met."""
    order = Order.get_or_none(Order.order_no == order_no.strip().upper())
    if order is None or not _has_met(member_id, order.member_id):
        return NoCommissionView("never_met", order_no, None)
    at = order.created_at
    mine = Commission.get_or_none(
        (Commission.order == order.id) & (Commission.member == member_id)
    )
    if mine is not None:
        code: NoCommissionReason = "not_paid_yet" if mine.state == "planned" else "yours"
        return NoCommissionView(code, order_no, at, {"level": mine.level, "fen": mine.amount_fen})
    why, facts = _why_no_commission(member_id, order)
    return NoCommissionView(why, order_no, at, facts)


def _why_no_commission(member_id: int, order: Any) -> tuple[NoCommissionReason, dict[str, Any]]:
    at = order.created_at
    if order.member_id == member_id:
        return "own_purchase", {"is_paid": settings.get(settings.Distribution).pay_self_purchase}
    upline, since = _upline_at(order.member_id, at)
    if upline is None:
        later = _bound_since(order.member_id, member_id)
        if later is not None and later > at:
            return "bound_later", {"bound_at": later.isoformat()}
        return ("binding_ended" if later is not None else "not_bound"), {}
    if upline != member_id:
        later = _bound_since(order.member_id, member_id)
        if later is not None and later > at:
            return "bound_later", {"bound_at": later.isoformat()}
        return "bound_to_other", {"since": since.isoformat() if since else None}
    return _why_nothing_earned(member_id, order)


def _why_nothing_earned(member_id: int, order: Any) -> tuple[NoCommissionReason, dict[str, Any]]:
    if order.seller_id != member_id:
        return "suspended", {}
    if order.payable_fen - order.freight_fen == 0:
        return "nothing_paid", {}
    if levels_now() == 0:
        return "level_not_paid", {}
    return "no_rule", {}


def _upline_at(member_id: int, at: datetime) -> tuple[int | None, datetime | None]:
    """A member's upline at an instant and the binding's start, from the history; or None."""
    log = (
        BindingLog.select()
        .where((BindingLog.member == member_id) & (BindingLog.cause != "refused"))
        .where(BindingLog.at <= at)
        .order_by(BindingLog.id.desc())
        .first()
    )
    if log is None or log.to_member_id is None:
        return None, None
    row = Binding.get(Binding.member == member_id)
    is_the_last = row.bound_at == log.at
    if is_the_last and row.expires_at is not None and row.expires_at <= at:
        return None, None
    return int(log.to_member_id), log.at


def _bound_since(member_id: int, upline_id: int) -> datetime | None:
    """When a member was last bound to this upline, or None."""
    log = (
        BindingLog.select()
        .where((BindingLog.member == member_id) & (BindingLog.to_member == upline_id))
        .where(BindingLog.cause != "refused")
        .order_by(BindingLog.id.desc())
        .first()
    )
    return None if log is None else log.at


def _has_met(member_id: int, buyer_id: int) -> bool:
    if member_id == buyer_id:
        return True
    logged = (BindingLog.member == buyer_id) & (
        (BindingLog.to_member == member_id) | (BindingLog.from_member == member_id)
    )
    touched = (Touch.member == buyer_id) & (Touch.referrer == member_id)
    above = (Binding.member == buyer_id) & ((Binding.p2 == member_id) | (Binding.p3 == member_id))
    return (
        BindingLog.select().where(logged).exists()
        or Touch.select().where(touched).exists()
        or Binding.select().where(above).exists()
    )


def list_commission_rules(include_retired: bool = False) -> list[RuleView]:
    """The merchant's rules, the most specific first, then the newest."""
    query = CommissionRule.select()
    if not include_retired:
        query = query.where(CommissionRule.is_active == True)  # noqa: E712
    rows = list(query.order_by(CommissionRule.scope, CommissionRule.id.desc()).limit(500))
    names = {grade.id: grade.name for grade in Grade.select()}
    return [
        RuleView(
            row.id, row.scope, row.target_id, _target_title(row), row.grade_id,
            names.get(row.grade_id), row.mode, row.pool_bp, tuple(row.shares), row.is_active,
            row.effective_at, row.created_at, row.by,
        )
        for row in rows
    ]  # fmt: skip


def _target_title(row: Any) -> str:
    if row.scope == "category":
        shelf = Category.get_or_none(Category.id == row.target_id)
        return shelf.name if shelf else ""
    if row.scope == "all":
        return ""
    sku = Sku.get_or_none(Sku.id == row.target_id) if row.scope == "sku" else None
    product_id = sku.product_id if sku else row.target_id if row.scope == "product" else None
    product = Product.get_or_none(Product.id == product_id)
    return f"{product.title} {sku.spec_text if sku else ''}".strip() if product else ""


def list_level_signatures() -> list[LevelSignatureView]:
    """The number of levels in force, then every earlier signature."""
    rows = LevelsSwitch.select().order_by(LevelsSwitch.id.desc())
    signed = [
        LevelSignatureView(r.levels, r.signed_name, r.signed_by, r.signed_at, r.text) for r in rows
    ]
    return signed or [LevelSignatureView(DEFAULT_LEVELS, None, None, None, None)]
