"""What after-sales cases do to an order's lines: claim, give up, refund.

Every bound is in the WHERE of one UPDATE: open and done cases of a line never exceed its quantity
and what was paid for it, and what is claimed before it left is not shipped any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.orders.events import OrderRefunded
from domain.orders.rules import BOUGHT
from domain.orders.service import line_counts, shipped_values
from domain.orders.steps import locked, step
from domain.orders.taking import give_back
from kernel import events
from kernel.errors import Conflict
from models import Order, OrderLine


@dataclass(frozen=True)
class Claim:
    """What a case takes of a line; ``unshipped`` of the quantity had not left yet."""

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
    """A case claims pieces and money of lines, all or none. Raises Conflict."""
    locked(order_id)  # whoever touches an order and its lines locks the order first
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


def give_up_claims(order_id: int, claims: Sequence[Claim], freight_fen: int) -> None:
    """A case that ends without a refund gives back what it claimed."""
    locked(order_id)
    for c in sorted(claims, key=lambda each: each.line_id):
        values = {
            "claimed": OrderLine.claimed - c.quantity,
            "claimed_fen": OrderLine.claimed_fen - c.claim_fen,
            "withheld": OrderLine.withheld - c.unshipped,
        }
        _one_line(c.line_id, values)
    give_up_freight(order_id, freight_fen)
    close_case(order_id)


def give_up_freight(order_id: int, freight_fen: int) -> None:
    """A case gives back the freight that it claimed."""
    after = Order.claimed_freight_fen - freight_fen
    Order.update(claimed_freight_fen=after).where(Order.id == order_id).execute()


def close_case(order_id: int) -> None:
    """One case less is open."""
    Order.update(open_cases=Order.open_cases - 1).where(Order.id == order_id).execute()


def refund_claims(
    order_id: int, claims: Sequence[tuple[Claim, int]], freight_fen: int, source: str = ""
) -> list[LineRefund]:
    """A case's money went back: lines and order keep it, unshipped goods are for sale again.

    What else the order took goes back with it (``reservations``). ``claims`` come with what was
    refunded of each; ``source`` names the case. When everything that was paid is back, the order
    is refunded; when nothing of a partly shipped order is left to ship, it is shipped.
    """
    order = locked(order_id)
    done = [_refund_line(claim, goods_fen) for claim, goods_fen in claims]
    total = sum(goods_fen for _, goods_fen in claims) + freight_fen
    Order.update(
        refunded_fen=Order.refunded_fen + total,
        refunded_freight_fen=Order.refunded_freight_fen + freight_fen,
        open_cases=Order.open_cases - 1,
    ).where(Order.id == order_id).execute()
    give_back(order, [claim.line_id for claim, _ in claims], source)
    _settle_state(order, order.refunded_fen + total)
    return done


def restock_goods(order_id: int, goods: Sequence[tuple[int, int]], source: str) -> None:
    """Pieces that had left came back fit for sale; ``goods`` names lines and how many of each."""
    _count(order_id, goods, OrderLine.restocked, source)


def replace_goods(order_id: int, goods: Sequence[tuple[int, int]], source: str) -> None:
    """Replacements leave for the pieces of an exchange. Raises StockShort."""
    _count(order_id, goods, OrderLine.replaced, source)


def is_wholly_claimed(order_id: int, but: Sequence[Claim] = ()) -> bool:
    """True if nothing has left and cases, with these claims added, take every piece."""
    more = {claim.line_id: claim.quantity for claim in but}
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
    order = locked(order_id)
    for line_id, n in sorted(goods):
        _one_line(line_id, {total.name: total + n})
    give_back(order, [line_id for line_id, _ in goods], source)


def _settle_state(order: Any, refunded_fen: int) -> None:
    lines = list(OrderLine.select().where(OrderLine.order == order.id))
    if all(_is_over(line) for line in lines) and refunded_fen == order.paid_fen:
        step(order, "refund_all", facts={"refunded_fen": refunded_fen})
        events.publish(OrderRefunded(order.id))
    elif order.state == "partly_shipped" and all(x.is_settled for x in line_counts(order.id)):
        step(order, "drop_rest", **shipped_values())


def _is_over(line: OrderLine) -> bool:
    """Everything came back; what was given along may stay, but must not wait to be shipped."""
    if line.refunded == line.quantity:
        return True
    return line.kind != BOUGHT and line.shipped + line.dropped == line.quantity


def _one_line(line_id: int, values: dict[str, Any]) -> None:
    if OrderLine.update(**values).where(OrderLine.id == line_id).execute() != 1:
        raise Conflict("line_moved", line_id=line_id)
