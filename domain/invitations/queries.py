"""Reads of invitations, for pages and the chat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from peewee import fn

from domain import distribution, members
from domain.invitations.rules import SHOWN, is_inviting
from kernel import clock
from models import Invitation, Member, Order, OrderLine, Product


@dataclass(frozen=True)
class OpenInvitation:
    """An invitation that waits for an answer: the order that led to it, and its first goods."""

    order_no: str
    title: str
    product_id: int | None
    """None if the goods are not on the shelf now."""


@dataclass(frozen=True)
class InvitationFigures:
    """What came of the invitations of some days."""

    invited: int
    joined: int
    passed_on: int
    refused: int


def open_invitation(member_id: int) -> OpenInvitation | None:
    """A member's invitation while it waits for an answer; None if there is none (any more)."""
    row = Invitation.get_or_none(Invitation.member == member_id)
    if row is None or row.sent_at is None or row.sent_at <= clock.now() - SHOWN:
        return None
    is_answered = row.joined_at is not None or row.stopped_at is not None
    if is_answered or not is_inviting() or not may_be_invited(member_id):
        return None
    line: Any = (
        OrderLine.select(OrderLine.title, OrderLine.product, Product.state)
        .join(Product, on=OrderLine.product == Product.id)
        .where((OrderLine.order == row.order_id) & (OrderLine.kind == "bought"))
        .order_by(OrderLine.id)
        .namedtuples()
        .first()
    )
    return OpenInvitation(
        order_no=str(Order.get_by_id(row.order_id).order_no),
        title=line.title,
        product_id=line.product if line.state == "on_shelf" else None,
    )


def may_be_invited(member_id: int) -> bool:
    """Whether distribution is open for this member: of age, active, never applied before.

    Whoever objected to being chosen by their behaviour is not invited either.
    """
    member = Member.get_by_id(member_id)
    if member.state != "active" or member.adult_confirmed_at is None:
        return False
    if members.consenting([member_id], members.NO_PROFILING):
        return False
    return distribution.distributor(member_id) is None


def has_refused(member_id: int) -> bool:
    """Whether a member said that they want no invitation."""
    mine = (Invitation.member == member_id) & Invitation.stopped_at.is_null(False)
    return bool(Invitation.select().where(mine).exists())


def invitation_figures(days: int) -> InvitationFigures:
    """How many were invited in the last days, and what they have answered by now."""
    since = clock.now() - timedelta(days=days)
    row = (
        Invitation.select(
            fn.COUNT(Invitation.sent_at), fn.COUNT(Invitation.joined_at),
            fn.COUNT(Invitation.passed_on_at), fn.COUNT(Invitation.stopped_at),
        )
        .where(Invitation.sent_at > since)
        .tuples()
        .first()
    )  # fmt: skip
    return InvitationFigures(*(int(each) for each in row))
