"""Step 5: the freight, and the amount that is missing for free freight."""

from __future__ import annotations

from collections.abc import Sequence

from domain.pricing.rules import QuoteContext
from domain.pricing.work import Work
from domain.promotions import Offer
from domain.settings import Freight


def apply(work: Work, _offers: Sequence[Offer], ctx: QuoteContext) -> None:
    """A flat fee, free from an amount on; remote provinces pay an extra in any case."""
    if not work.lines:
        return
    rule, paid = ctx.freight, work.paid_fen
    extra = rule.remote_extra_fen if ctx.province and _is_remote(ctx.province, rule) else 0
    if rule.free_from_fen is not None and paid >= rule.free_from_fen:
        work.freight_fen = extra
        return
    work.freight_fen = rule.flat_fen + extra
    if rule.flat_fen and rule.free_from_fen is not None:
        work.free_freight_missing_fen = rule.free_from_fen - paid


def _is_remote(province: str, rule: Freight) -> bool:
    """Compares two characters: people write 西藏 or 西藏自治区."""
    return province[:2] in {name[:2] for name in rule.remote_provinces}
