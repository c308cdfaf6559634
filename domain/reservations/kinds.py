"""What an order says of itself to the kinds of reservation, and what a kind is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class TakenLine:
    """A line of an order: so many pieces of a SKU. ``line_id`` is 0 until the row exists."""

    sku_id: int
    quantity: int
    kind: str = "bought"
    line_id: int = 0


@dataclass(frozen=True)
class TakingOrder:
    """An order as the kinds of reservation see it."""

    order_id: int
    order_no: str
    member_id: int
    lines: tuple[TakenLine, ...]

    def line(self, line_id: int) -> TakenLine:
        """One of its lines."""
        return next(line for line in self.lines if line.line_id == line_id)


@dataclass(frozen=True)
class Claim:
    """What an order wants beside its goods: 1 of coupon 17, 300 points, 1 place of a sale.

    ``line`` is the position of a line in the order; None if it is about the whole order.
    """

    kind: str
    ref: int
    amount: int
    line: int | None = None


@dataclass(frozen=True)
class Take:
    """What a kind has put aside, to be kept as a row ``order_take``."""

    ref: int
    amount: int
    line: int | None = None


@dataclass(frozen=True)
class Back:
    """What of a line has come back since it was paid, all cases together.

    Every figure is a total, so a kind gives back the difference to what it gave before and each
    call may come twice. ``restocked`` counts pieces that are fit for sale again, ``replaced``
    those that were sent in exchange. ``source`` names the case, for histories.
    """

    line_id: int
    quantity_total: int
    refunded_total_fen: int
    paid_fen: int
    restocked_total: int = 0
    replaced_total: int = 0
    source: str = ""


def _nothing(_order: TakingOrder) -> None:
    """A kind for which being paid changes nothing."""


@dataclass(frozen=True)
class Reservation:
    """One kind of thing that orders take (占用种类).

    ``hold`` puts aside, all or none, and answers what is to be kept; ``take`` makes it final when
    the order is paid; ``release`` frees it when the order is cancelled; ``give_back`` returns what
    a refund or a return brings back.
    """

    kind: str
    hold: Callable[[TakingOrder, Sequence[Claim]], Sequence[Take]]
    release: Callable[[TakingOrder], None]
    give_back: Callable[[TakingOrder, Back], None]
    take: Callable[[TakingOrder], None] = _nothing
