"""Step 5: the freight of each group of lines, and the amount that is missing for free freight.

``docs/algorithms/freight.md`` has the rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.freight import Template
from domain.pricing.rules import QuoteContext
from domain.pricing.work import Line, Work
from domain.promotions import Offer
from domain.settings import Freight


@dataclass(frozen=True)
class _Fee:
    """The fee of a group; ``missing_fen``: what its goods lack to be free of it, 0 if never."""

    fen: int
    missing_fen: int = 0
    days: tuple[int, int] | None = None


def apply(work: Work, _offers: Sequence[Offer], ctx: QuoteContext) -> None:
    """Add up the fees of the groups; lines that are not delivered to the place have none."""
    if not ctx.has_freight:
        return
    groups: dict[int, tuple[Template | None, list[Line]]] = {}
    for line in work.lines:
        template = ctx.plan.template_of(line.line.product_id)
        groups.setdefault(template.id if template else 0, (template, []))[1].append(line)
    fees = [_fee(work, template, lines, ctx) for template, lines in groups.values()]
    work.freight_fen = sum(fee.fen for fee in fees)
    missing = [fee.missing_fen for fee in fees if fee.missing_fen]
    work.free_freight_missing_fen = missing[0] if len(missing) == 1 else 0
    days = [fee.days for fee in fees if fee.days is not None]
    if days and len(days) == len(fees):
        work.days = max(first for first, _ in days), max(last for _, last in days)


def _fee(work: Work, template: Template | None, lines: list[Line], ctx: QuoteContext) -> _Fee:
    amount = sum(line.paid_fen for line in lines)
    if template is None:
        return _plain(ctx, amount)
    row = template.row_for(ctx.place)
    if row.kind == "none":
        work.undelivered += tuple(line.line.sku_id for line in lines)
        return _Fee(0)
    fee = row.fee_fen(_units(template, lines, amount), amount)
    missing = row.free_from_fen - amount if fee and row.free_from_fen is not None else 0
    return _Fee(fee, missing, (row.days_from, row.days_to) if row.days_to else None)


def _units(template: Template, lines: list[Line], amount: int) -> int:
    if template.basis == "amount":
        return amount
    if template.basis == "weight":
        return sum(each.line.weight_g * each.line.quantity for each in lines)
    return sum(each.line.quantity for each in lines)


def _plain(ctx: QuoteContext, amount: int) -> _Fee:
    """A flat fee, free from an amount on; remote provinces pay an extra in any case."""
    rule = ctx.freight
    extra = extra_fen(rule, ctx.province)
    if rule.free_from_fen is not None and amount >= rule.free_from_fen:
        return _Fee(extra)
    is_freed = rule.flat_fen and rule.free_from_fen is not None
    missing = rule.free_from_fen - amount if is_freed and rule.free_from_fen is not None else 0
    return _Fee(rule.flat_fen + extra, missing)


def extra_fen(rule: Freight, province: str | None) -> int:
    """What a remote province pays on top, in fen; 0 for others and for none."""
    return rule.remote_extra_fen if province and _is_remote(province, rule) else 0


def _is_remote(province: str, rule: Freight) -> bool:
    """Compares two characters: people write 西藏 or 西藏自治区."""
    return province[:2] in {name[:2] for name in rule.remote_provinces}
