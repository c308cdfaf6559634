"""Inviting happy buyers once, and keeping what they answer (推荐邀请).

A member has at most one row. It is written when they confirm a receipt, and becomes an invitation
some days later if nothing was wrong with the order. An answer is final.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain import settings
from domain.distribution.events import DistributorApplied
from domain.invitations.notices import InvitedToRecommend
from domain.invitations.queries import may_be_invited
from domain.invitations.rules import LATE, Invitations, is_inviting
from domain.notices import notify
from domain.orders import OrderReceived
from kernel import clock
from kernel.errors import Conflict
from kernel.store import insert_once
from models import AfterSale, Invitation, Order

HAPPY_STATES = ("received", "completed")


def note_receipt(event: OrderReceived) -> None:
    """Note that a buyer confirmed a receipt; the days until the invitation begin."""
    buyer = event.confirmed_by
    if buyer is not None and is_inviting():
        insert_once(Invitation, member=buyer, order=event.order_id, received_at=event.at)


def invite_due(limit: int = 200) -> tuple[int, int]:
    """Invite the buyers whose days are over; returns how many rows were due, and how many invited.

    A row that leads to no invitation is deleted, so that a later receipt may lead to one.
    """
    if not is_inviting():
        return 0, 0
    until = clock.now() - timedelta(days=settings.get(Invitations).after_days)
    waits = Invitation.sent_at.is_null() & Invitation.stopped_at.is_null()
    due = waits & (Invitation.received_at <= until)
    rows = list(Invitation.select().where(due).order_by(Invitation.received_at).limit(limit))
    return len(rows), sum(_invite(row, is_late=row.received_at < until - LATE) for row in rows)


def _invite(row: Any, *, is_late: bool) -> bool:
    same = (
        (Invitation.id == row.id) & Invitation.sent_at.is_null() & Invitation.stopped_at.is_null()
    )
    if is_late or not _is_happy(row.order_id) or not may_be_invited(row.member_id):
        Invitation.delete().where(same).execute()
        return False
    if Invitation.update(sent_at=clock.now()).where(same).execute() != 1:
        return False
    notify(row.member_id, InvitedToRecommend(order_id=row.order_id))
    return True


def _is_happy(order_id: int) -> bool:
    """Whether nothing was wrong with an order: it was kept, without any after-sales case."""
    order = Order.get_by_id(order_id)
    if order.state not in HAPPY_STATES or order.refunded_fen:
        return False
    return not AfterSale.select().where(AfterSale.order == order_id).exists()


def refuse(member_id: int) -> None:
    """Keep that a member wants no invitation, also before there was one (不再邀请)."""
    now = clock.now()
    if not insert_once(Invitation, member=member_id, stopped_at=now):
        Invitation.update(stopped_at=now).where(_unanswered(member_id)).execute()


def pass_on(member_id: int) -> None:
    """Keep that an invited member opened the goods to send the page on; it brings no reward.

    Raises Conflict('invitation_over') without an open invitation.
    """
    invited = _unanswered(member_id) & Invitation.sent_at.is_null(False)
    if Invitation.update(passed_on_at=clock.now()).where(invited).execute() != 1:
        raise Conflict("invitation_over")


def note_joined(event: DistributorApplied) -> None:
    """Note that an invited member applied."""
    invited = _unanswered(event.member_id) & Invitation.sent_at.is_null(False)
    Invitation.update(joined_at=clock.now()).where(invited).execute()


def _unanswered(member_id: int) -> Any:
    mine = Invitation.member == member_id
    return mine & Invitation.joined_at.is_null() & Invitation.stopped_at.is_null()
