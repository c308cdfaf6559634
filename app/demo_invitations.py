"""Invitations of the demo shop: two happy buyers, of whom one refuses; both show who they are.

The merchant's days are set to none for a moment, since in the demo no time has passed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp

from app.runtime import Runtime
from bot.profile import ProfileTaker, take_profile
from domain import invitations, orders, picture_reviews, settings
from domain.invitations import Invitations
from domain.orders import ShipForm
from kernel import context

REFUSES = "wu"
"""The phone of the buyer who refuses."""


@dataclass(frozen=True)
class Received:
    """An order whose buyer receives it."""

    phone: str
    member_id: int
    order_no: str


async def add_invitations(runtime: Runtime, received: Sequence[Received]) -> None:
    """Let the buyers confirm the receipt of these orders, and be invited."""
    write = runtime.store.write
    usual = await runtime.store.read(settings.get, Invitations)
    await write(settings.change, Invitations, {"after_days": 0})
    for each in received:
        await orders.confirm_order(runtime.store, runtime.pay, each.order_no, each.member_id)
        await write(_deliver, each)
        await _show_profile(runtime, each)
    await write(invitations.invite_due)
    await write(settings.change, Invitations, {"after_days": usual.after_days})
    for each in received:
        if each.phone == REFUSES:
            with context.acting(f"member:{each.member_id}"):
                await write(invitations.refuse, each.member_id)


def _deliver(each: Received) -> None:
    """Ship an order, and let its buyer confirm the receipt."""
    parcel = ShipForm("顺丰速运", f"SF10{each.member_id:08d}")
    orders.ship_parcel(orders.order_id_of(each.order_no), parcel)
    with context.acting(f"member:{each.member_id}"):
        orders.confirm_receipt(each.order_no, each.member_id)


async def _show_profile(runtime: Runtime, buyer: Received) -> None:
    """The buyer taps 使用微信昵称和头像, and agrees on WeChat's page."""
    oauth, base = runtime.wechat.oauth, runtime.config.wechat.api_base
    back = f"{runtime.config.public_url}/oauth/callback"
    body = {"url": oauth.authorize_url(back, "demo", "snsapi_userinfo"), "decision": "allow"}
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{base}/_sim/phones/{buyer.phone}/oauth", json=body) as response,
    ):
        code = (await response.json())["code"]
    identity = await oauth.exchange(code)
    taker = ProfileTaker(runtime.store, oauth, runtime.pictures)
    with context.acting(f"member:{buyer.member_id}"):
        await take_profile(taker, buyer.member_id, identity)
    await runtime.store.write(_approve_pictures)


def _approve_pictures() -> None:
    """Staff look at the pictures that wait, and approve them."""
    waiting = [each.id for each in picture_reviews.list_reviews("waiting")]
    if waiting:
        picture_reviews.decide(waiting, "shown")
