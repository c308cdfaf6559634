"""What distribution does when other domains' things happen, in their transaction."""

from __future__ import annotations

from domain import orders
from domain.aftersales.events import LineRefunded
from domain.distribution.service import accrual, takeback, touches
from domain.members import MemberFollowed, MemberSignedIn
from domain.orders.events import OrderCancelled, OrderPaid, OrderPlaced, OrderReceived


def on_signed_in(event: MemberSignedIn) -> None:
    """The policy decides on the touches that the browser brought."""
    touches.apply_touches(event.member_id, event.visitor, is_new=event.is_new)


def on_followed(event: MemberFollowed) -> None:
    """A distributor's code was followed or scanned."""
    touches.arrived_by_scene(event.member_id, event.openid, event.scene, is_new=event.is_new)


def on_placed(event: OrderPlaced) -> None:
    """Who earns what of the order is fixed now."""
    seller_id = accrual.snapshot(event.order_id, event.member_id)
    if seller_id is not None:
        orders.credit_seller(event.order_id, seller_id)


def on_paid(event: OrderPaid) -> None:
    """What was planned becomes pending."""
    accrual.pend(event.order_id)


def on_cancelled(event: OrderCancelled) -> None:
    """An unpaid order earns nothing."""
    accrual.void(event.order_id)


def on_received(event: OrderReceived) -> None:
    """The freeze begins."""
    accrual.freeze(event.order_id, event.at)


def on_refunded(event: LineRefunded) -> None:
    """A refund takes its part back."""
    takeback.take_back(event.case_id, event.line_id, event.refunded_after_fen, event.paid_fen)
