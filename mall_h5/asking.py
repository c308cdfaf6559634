"""What a member is asked once: whether the upline may see them (ADR 83), their name (ADR 105)."""

from __future__ import annotations

from aiohttp import web

from domain import distribution, members, orders
from domain.orders import OrderCard
from kernel.web.sessions import browser
from mall_h5.web import SignedIn, peek, read


async def names_question(request: web.Request) -> distribution.ShownTo | None:
    """Whether the upline may see the member; None once it was answered, or without an upline."""
    member_id = browser(request).member_id
    if member_id is None or not await peek(
        request, distribution.has_open_names_question, member_id
    ):
        return None
    return await read(request, distribution.shown_to, member_id)


async def asks_for_name(me: SignedIn, order: OrderCard) -> bool:
    """Whether the page that ends a payment asks for name and picture: after the first order."""
    if order.paid_at is None or not await me.read(members.is_nameless, me.id):
        return False
    if await me.read(members.avatar_review, me.id) is not None:
        return False  # a picture was given; somebody looks at it first
    return await me.read(orders.is_only_paid_order, order.id, me.id)
