"""Changes to an order's lines by after-sales cases: claim, give up, refund.

Every bound is in the WHERE of one UPDATE. Open and done cases of a line together never exceed its
quantity or what was paid for it. Unshipped pieces that a case claims are not shipped any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.orders.events import OrderRefunded
from domain.orders.reserving import give_back_reservations
from domain.orders.rules import BOUGHT
from domain.orders.service import line_counts, wholly_shipped_values
from domain.orders.steps import change_state, lock_order
from kernel import events
from kernel.errors import Conflict
from models import Order, OrderLine


@dataclass(frozen=True)
class Claim:
    """What a case claims of a line; ``unshipped`` counts the pieces that had not been shipped."""

    line_id: int
    quantity: int
    unshipped: int
    claim_fen: int


@dataclass(frozen=True)
class LineRefund:
    """A line's refunded fen before and after a case, and what was paid for it."""

    line_id: int
    before_fen: int
    after_fen: int
    paid_fen: int


def open_claims(order_id: int, claims: Sequence[Claim], freight_fen: int) -> None:
    """Claim pieces and fen of lines, and freight, for a new case: all or none.

    Raises Conflict('claim_above_line', 'claim_above_freight').
    """
    lock_order(order_id)  # every change to an order or its lines locks the order's row first
    for c in sorted(claims, key=lambda each: each.line_id):
        values = {
            "claimed": OrderLine.claimed + c.quantity,
            "claimed_fen": OrderLine.claimed_fen + c.claim_fen,
            "withheld": OrderLine.withheld + c.unshipped,
        }
        bounded = (
            (OrderLine.id == c.line_id)
            & (OrderLine.order == order_id)
            & (OrderLine.claimed + c.quantity <= OrderLine.quantity)
            & (OrderLine.claimed_fen + c.claim_fen <= OrderLine.paid_fen)
            & (OrderLine.shipped + OrderLine.withheld + c.unshipped <= OrderLine.quantity)
        )
        if OrderLine.update(**values).where(bounded).execute() != 1:
            raise Conflict("claim_above_line", line_id=c.line_id)
    after = Order.claimed_freight_fen + freight_fen
    bounded = (Order.id == order_id) & (after <= Order.freight_fen)
    values = {"claimed_freight_fen": after, "open_cases": Order.open_cases + 1}
    if Order.update(**values).where(bounded).execute() != 1:
        raise Conflict("claim_above_freight", order_id=order_id)


def release_claims(order_id: int, claims: Sequence[Claim], freight_fen: int) -> None:
    """Free what a case claimed; the case ends without a refund."""
    lock_order(order_id)
    for c in sorted(claims, key=lambda each: each.line_id):
        values = {
            "claimed": OrderLine.claimed - c.quantity,
            "claimed_fen": OrderLine.claimed_fen - c.claim_fen,
            "withheld": OrderLine.withheld - c.unshipped,
        }
        _one_line(c.line_id, values)
    release_freight_claim(order_id, freight_fen)
    decrement_open_cases(order_id)


def release_freight_claim(order_id: int, freight_fen: int) -> None:
    """Free the freight in fen that a case claimed."""
    after = Order.claimed_freight_fen - freight_fen
    Order.update(claimed_freight_fen=after).where(Order.id == order_id).execute()


def decrement_open_cases(order_id: int) -> None:
    """Count one open case less."""
    Order.update(open_cases=Order.open_cases - 1).where(Order.id == order_id).execute()


def refund_claims(
    order_id: int, claims: Sequence[tuple[Claim, int]], freight_fen: int, source: str = ""
) -> list[LineRefund]:
    """Record a case's refund on the lines and the order; unshipped pieces are for sale again.

    ``claims`` pairs each claim with the fen refunded for it; ``source`` names the case. Coupons,
    points and so on that the order took are returned too (``reservations``). The order becomes
    ``refunded`` when everything that was paid is back, and ``shipped`` when it was partly shipped
    and nothing is left to ship.
    """
    order = lock_order(order_id)
    done = [_refund_line(claim, goods_fen) for claim, goods_fen in claims]
    total = sum(goods_fen for _, goods_fen in claims) + freight_fen
    Order.update(
        refunded_fen=Order.refunded_fen + total,
        refunded_freight_fen=Order.refunded_freight_fen + freight_fen,
        open_cases=Order.open_cases - 1,
    ).where(Order.id == order_id).execute()
    give_back_reservations(order, [claim.line_id for claim, _ in claims], source)
    _update_state_after_refund(order, order.refunded_fen + total)
    return done


def record_restocked(order_id: int, goods: Sequence[tuple[int, int]], source: str) -> None:
    """Count returned pieces that are fit for sale; ``goods`` holds (line_id, pieces)."""
    _count(order_id, goods, OrderLine.restocked, source)


def record_replaced(order_id: int, goods: Sequence[tuple[int, int]], source: str) -> None:
    """Count replacements sent for an exchange; ``goods`` holds (line_id, pieces).

    Raises StockShort.
    """
    _count(order_id, goods, OrderLine.replaced, source)


def is_wholly_claimed(order_id: int, extra: Sequence[Claim] = ()) -> bool:
    """True if nothing was shipped and cases, with the claims ``extra`` added, take every piece."""
    more = {claim.line_id: claim.quantity for claim in extra}
    lines = OrderLine.select().where(OrderLine.order == order_id)
    return all(
        line.shipped == 0 and line.claimed + more.get(line.id, 0) == line.quantity
        for line in lines
    )


def _refund_line(claim: Claim, goods_fen: int) -> LineRefund:
    row: Any = OrderLine.get_by_id(claim.line_id)
    _one_line(
        claim.line_id,
        {
            "refunded": OrderLine.refunded + claim.quantity,
            "refunded_fen": OrderLine.refunded_fen + goods_fen,
            "dropped": OrderLine.dropped + claim.unshipped,
            "restocked": OrderLine.restocked + claim.unshipped,
        },
    )
    return LineRefund(claim.line_id, row.refunded_fen, row.refunded_fen + goods_fen, row.paid_fen)


def _count(order_id: int, goods: Sequence[tuple[int, int]], total: Any, source: str) -> None:
    order = lock_order(order_id)
    for line_id, n in sorted(goods):
        _one_line(line_id, {total.name: total + n})
    give_back_reservations(order, [line_id for line_id, _ in goods], source)


def _update_state_after_refund(order: Any, refunded_fen: int) -> None:
    lines = list(OrderLine.select().where(OrderLine.order == order.id))
    if all(_is_over(line) for line in lines) and refunded_fen == order.paid_fen:
        change_state(order, "refund_all", facts={"refunded_fen": refunded_fen})
        events.publish(OrderRefunded(order.id))
    elif order.state == "partly_shipped" and all(x.is_settled for x in line_counts(order.id)):
        change_state(order, "drop_rest", **wholly_shipped_values())


def _is_over(line: OrderLine) -> bool:
    """True if the line's pieces are refunded, or if it was given and none is left to ship."""
    if line.refunded == line.quantity:
        return True
    return line.kind != BOUGHT and line.shipped + line.dropped == line.quantity


def _one_line(line_id: int, values: dict[str, Any]) -> None:
    if OrderLine.update(**values).where(OrderLine.id == line_id).execute() != 1:
        raise Conflict("line_moved", line_id=line_id)
