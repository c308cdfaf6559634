"""An order as the kinds of reservation see it, and the description of a kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class ReservingLine:
    """A line of an order: a SKU and its pieces. ``line_id`` is 0 until the row exists."""

    sku_id: int
    quantity: int
    kind: str = "bought"
    line_id: int = 0


@dataclass(frozen=True)
class ReservingOrder:
    """An order as the kinds of reservation see it."""

    order_id: int
    order_no: str
    member_id: int
    lines: tuple[ReservingLine, ...]

    def line(self, line_id: int) -> ReservingLine:
        """One of its lines."""
        return next(line for line in self.lines if line.line_id == line_id)


@dataclass(frozen=True)
class Claim:
    """What an order takes beside its goods: coupon 17 once, 300 points, one place of a sale.

    ``line`` is the position of a line in the order; None stands for the whole order.
    """

    kind: str
    ref: int
    amount: int
    line: int | None = None


@dataclass(frozen=True)
class Take:
    """What a kind has reserved, to be kept as a row of ``order_take``."""

    ref: int
    amount: int
    line: int | None = None


@dataclass(frozen=True)
class Back:
    """What came back of a line since it was paid, all cases together.

    Every figure is a total. A kind gives back the difference to what it gave back before, so the
    same call may come twice. ``restocked_total`` counts pieces that are fit for sale again,
    ``replaced_total`` those sent in exchange. ``source`` names the case, for histories.
    """

    line_id: int
    quantity_total: int
    refunded_total_fen: int
    paid_fen: int
    restocked_total: int = 0
    replaced_total: int = 0
    source: str = ""


def _take_nothing(_order: ReservingOrder) -> None:
    """``take`` of a kind for which payment changes nothing."""


@dataclass(frozen=True)
class Reservation:
    """One kind of thing that orders take (占用种类).

    ``hold`` reserves, all or none, and returns what is to be kept. ``take`` makes it final when
    the order is paid. ``release`` frees it when the order is cancelled. ``give_back`` returns what
    a refund or a return brings back.
    """

    kind: str
    hold: Callable[[ReservingOrder, Sequence[Claim]], Sequence[Take]]
    release: Callable[[ReservingOrder], None]
    give_back: Callable[[ReservingOrder, Back], None]
    take: Callable[[ReservingOrder], None] = _take_nothing
