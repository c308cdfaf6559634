"""What distribution does on events of other domains, in their transaction."""

from __future__ import annotations

from domain.aftersales.events import LineRefunded
from domain.distribution.service import accrual, clawback, origins, touches
from domain.members import MemberFollowed, MemberSignedIn
from domain.orders.events import OrderCancelled, OrderPaid, OrderPlaced, OrderReceived


def on_signed_in(event: MemberSignedIn) -> None:
    """Apply the binding policy to the browser's touches."""
    touches.apply_touches(event.member_id, event.visitor, is_new=event.is_new)


def on_followed(event: MemberFollowed) -> None:
    """Record a touch by a distributor's QR code, and bind if the policy allows."""
    touches.record_scene_touch(event.member_id, event.openid, event.scene, is_new=event.is_new)


def on_placed(event: OrderPlaced) -> None:
    """Fix the commission of the order's lines, its selling distributor and its origin."""
    seller_id = accrual.snapshot_commission(event.order_id, event.member_id)
    origins.record_origin(event.order_id, event.member_id, seller_id)


def on_paid(event: OrderPaid) -> None:
    """Make the order's planned commission pending."""
    accrual.make_commission_pending(event.order_id)


def on_cancelled(event: OrderCancelled) -> None:
    """Void the planned commission of an unpaid order."""
    accrual.void_commission(event.order_id)


def on_received(event: OrderReceived) -> None:
    """Start the freeze of the order's commission."""
    accrual.start_commission_freeze(event.order_id, event.at)


def on_refunded(event: LineRefunded) -> None:
    """Take back the part of the commission that was refunded."""
    clawback.claw_back(event.case_id, event.line_id, event.refunded_after_fen, event.paid_fen)
