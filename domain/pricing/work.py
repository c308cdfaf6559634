"""An order's lines while they are priced: what the steps read and change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from domain.pricing.rules import Adjustment, Quote, QuotedLine, Unused
from domain.promotions import Offer, QuoteLine
from kernel.money import allocate


@dataclass
class Line:
    """A line while it is priced."""

    line: QuoteLine
    paid_fen: int
    unit_price_fen: int
    adjustments: list[Adjustment] = field(default_factory=list)

    @property
    def is_special(self) -> bool:
        """True if the unit price is below the list price."""
        return self.unit_price_fen < self.line.unit_price_fen

    def take(self, step: str, offer: Offer, fen: int) -> None:
        """Take ``fen`` off this line by an offer."""
        assert 0 <= fen <= self.paid_fen
        if fen:
            self.paid_fen -= fen
            self.adjustments.append(
                Adjustment(step, offer.id, offer.label, fen, offer.kind, offer.version)
            )

    def has(self, step: str) -> bool:
        """True if this step took something off the line."""
        return any(a.step == step for a in self.adjustments)


@dataclass
class Work:
    """An order while it is priced."""

    lines: list[Line]
    unused: list[Unused] = field(default_factory=list)
    points_used: int = 0
    freight_fen: int = 0
    free_freight_missing_fen: int = 0
    undelivered: tuple[int, ...] = ()
    days: tuple[int, int] | None = None

    @classmethod
    def of(cls, lines: Iterable[QuoteLine]) -> Work:
        """The start: every line at its list price."""
        return cls([Line(line, line.line_fen, line.unit_price_fen) for line in lines])

    @property
    def paid_fen(self) -> int:
        """What the goods cost at this point in fen, without freight."""
        return sum(w.paid_fen for w in self.lines)

    def quote(self) -> Quote:
        """The result of the steps as a quote."""
        goods, paid = sum(w.line.line_fen for w in self.lines), self.paid_fen
        return Quote(
            lines=tuple(_quoted(w) for w in self.lines),
            goods_fen=goods,
            reduction_fen=goods - paid,
            freight_fen=self.freight_fen,
            payable_fen=paid + self.freight_fen,
            points_used=self.points_used,
            free_freight_missing_fen=self.free_freight_missing_fen,
            undelivered=self.undelivered,
            days=self.days,
            unused=tuple(self.unused),
        )


def spread(lines: Sequence[Line], off_fen: int, step: str, offer: Offer) -> None:
    """Split a reduction over lines, weighted by what they cost at this point."""
    parts = allocate(off_fen, [w.paid_fen for w in lines])
    for w, part in zip(lines, parts, strict=True):
        w.take(step, offer, part)


def _quoted(w: Line) -> QuotedLine:
    line = w.line
    return QuotedLine(
        line.sku_id,
        line.product_id,
        line.quantity,
        line.unit_price_fen,
        w.unit_price_fen,
        line.line_fen,
        w.paid_fen,
        tuple(w.adjustments),
    )
