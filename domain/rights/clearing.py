"""What stands in the way of a deletion, thing by thing, and the refund of what has not left.

The list is read anew each time, so it is its own progress. Each refund goes through the one way
for refunds by hand (``aftersales.refund_by_hand``): its limits, its second person, its gate. The
pieces that a refund claims are claimed once, so a second step finds nothing to refund.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from domain import aftersales, approvals, audit, ledger, orders
from domain.aftersales import OPEN as OPEN_CASES
from domain.ledger import member_account
from domain.orders import OrderCard
from domain.rights.obstacles import ENDED_WITHDRAWALS, OPEN_ORDERS, OPEN_REFUNDS, leaving
from domain.rights.service import locked_request
from kernel.errors import Conflict, DomainError, NotFound
from models import AfterSale, Order, Payment, Refund, RightsRequest, Withdrawal

ThingKind = Literal["order", "case", "refund", "withdrawal", "debt", "commission"]
Next = Literal[
    "refund", "second_person", "case", "unpaid", "on_the_way", "by_hand", "answer", "wait",
    "look", "pay_out", "offset",
]  # fmt: skip
"""What is to be done: refunded by the one step, decided by a second person, and so on."""

MOST = 50
Pieces = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class OpenThing:
    """A thing that stands in the way of a deletion, with what to do about it."""

    kind: ThingKind
    no: str
    id: int
    state: str
    fen: int
    next: Next


@dataclass(frozen=True)
class Clearing:
    """All that stands in the way, and how far the refunds of this request are."""

    things: tuple[OpenThing, ...]
    begun: int
    begun_fen: int
    arrived: int

    @property
    def to_refund(self) -> tuple[OpenThing, ...]:
        """The orders that the one step refunds."""
        return tuple(each for each in self.things if each.next == "refund")

    @property
    def fen(self) -> int:
        """What the one step refunds in all."""
        return sum(each.fen for each in self.to_refund)


def clearing(request_no: str) -> Clearing:
    """What stands in the way of a deletion now.

    Raises NotFound('request_missing'), Conflict('request_not_deletion').
    """
    row = RightsRequest.get_or_none(RightsRequest.request_no == request_no)
    if row is None:
        raise NotFound("request_missing")
    if row.kind != "deletion":
        raise Conflict("request_not_deletion")
    member_id = int(row.member_id)
    bought = Order.select(Order.id).where(
        (Order.member == member_id) & Order.state.in_(OPEN_ORDERS)
    )
    cards = [orders.order_by_id(each.id) for each in bought.order_by(Order.id).limit(MOST)]
    things = [_order(card) for card in cards]
    things += _cases(member_id) + _refunds(member_id) + _withdrawals(member_id)
    things += _money(member_id, gives_up=bool(row.gives_up))
    made = list(
        AfterSale.select(AfterSale.state, AfterSale.goods_fen, AfterSale.freight_fen).where(
            (AfterSale.member == member_id) & (AfterSale.reason == "merchant")
            & (AfterSale.created_at >= row.created_at)
        )
    )  # fmt: skip
    fen = sum(each.goods_fen + each.freight_fen for each in made)
    arrived = sum(each.state in ("refunded", "settled_by_hand") for each in made)
    return Clearing(tuple(things), len(made), fen, arrived)


def refund_unshipped(
    request_no: str, order_no: str, seen_fen: int, why: str, *, told: str, may_act: bool
) -> dict[str, Any]:
    """Refund what has not left of one order of who wants to be deleted, or propose it.

    Returns {"proposal_id", "fen"}. Raises NotFound, Conflict('state_moved', 'nothing_unshipped',
    'sum_changed') and what ``aftersales.refund_by_hand`` raises.
    """
    row = locked_request(request_no)
    if row.kind != "deletion" or row.state != "cooling":
        raise Conflict("state_moved", state=row.state)
    orders.order_id_of(order_no, int(row.member_id))
    card = orders.order_by_id(orders.order_id_of(order_no))
    pieces = _unshipped(card)
    if not pieces:
        raise Conflict("nothing_unshipped")
    made = aftersales.refund_by_hand(
        order_no, _asked(card, pieces), why, None, seen_fen, told=told, may_act=may_act
    )
    audit.record("request.refund", "request", request_no, after={"order_no": order_no} | made)
    return made


def _order(card: OrderCard) -> OpenThing:
    """What is to be done about an order."""
    fen, after = 0, _next(card)
    if after == "refund":
        try:
            fen = aftersales.preview_refund(
                card.order_no, _asked(card, _unshipped(card))
            ).total_fen
        except DomainError:
            after = "by_hand"
    return OpenThing("order", card.order_no, card.id, card.state, fen or card.payable_fen, after)


def _next(card: OrderCard) -> Next:
    if card.state in ("awaiting_payment", "closing"):
        return "unpaid"
    if card.order_no in approvals.orders_that_wait():
        return "second_person"
    if _unshipped(card):
        return "refund"
    return "case" if card.is_refunding else "on_the_way"


def _unshipped(card: OrderCard) -> Pieces:
    """The pieces that have not left and that no case claims."""
    if card.state not in ("paid", "partly_shipped"):
        return ()
    left = ((line.id, min(line.left_to_ship, line.can_claim)) for line in card.lines)
    return tuple((line_id, n) for line_id, n in left if n > 0)


def _asked(card: OrderCard, pieces: Pieces) -> Pieces:
    """The pieces as a refund names them: none of an order of which nothing has left."""
    is_whole = card.state == "paid" and sum(n for _, n in pieces) == card.count
    return () if is_whole else pieces


def _cases(member_id: int) -> list[OpenThing]:
    rows = AfterSale.select().where(
        (AfterSale.member == member_id) & AfterSale.state.in_(OPEN_CASES)
    )
    return [
        OpenThing("case", row.case_no, row.id, row.state, row.goods_fen + row.freight_fen,
                  "wait" if row.state == "refunding" else "answer")
        for row in rows.order_by(AfterSale.id).limit(MOST)
    ]  # fmt: skip


def _refunds(member_id: int) -> list[OpenThing]:
    bought: Any = Order.select(Order.id).where(Order.member == member_id)
    of_orders = Payment.payable_kind.in_(orders.payable_kinds()) & Payment.payable_id.in_(bought)
    rows = Refund.select().join(Payment).where(of_orders & Refund.state.in_(OPEN_REFUNDS))
    return [
        OpenThing("refund", row.out_refund_no, row.id, row.state, row.amount_fen,
                  "look" if row.state == "abnormal" else "wait")
        for row in rows.order_by(Refund.id).limit(MOST)
    ]  # fmt: skip


def _withdrawals(member_id: int) -> list[OpenThing]:
    rows = Withdrawal.select().where(
        (Withdrawal.member == member_id) & Withdrawal.state.not_in(ENDED_WITHDRAWALS)
    )
    return [
        OpenThing("withdrawal", row.out_bill_no, row.id, row.state, row.gross_fen,
                  "answer" if row.state == "requested" else "wait")
        for row in rows.order_by(Withdrawal.id).limit(MOST)
    ]  # fmt: skip


def _money(member_id: int, *, gives_up: bool) -> list[OpenThing]:
    debt, left = -ledger.balance(member_account("debt", member_id)), leaving(member_id).money_fen
    found = [OpenThing("debt", "", member_id, "", debt, "offset")] if debt else []
    if left and not gives_up:
        found.append(OpenThing("commission", "", member_id, "", left, "pay_out"))
    return found
