"""Orders of the demo shop that no parcel takes to the buyer: collected in a store, or a gift.

Three stores; an order that is being prepared, one that is ready and one that was collected; a gift
that waits for a friend, and one that a friend has taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import aiohttp

from app.arguments import operator
from app.demo_buyers import BUYERS, Buyer, join, pay_order, place
from app.runtime import Runtime
from domain import gifts, logistics, orders, pickups
from domain.gifts import Acceptance, GiftForm
from domain.logistics import PlaceForm
from domain.members import AddressForm
from domain.orders import Wishes
from domain.pickups import Collector
from kernel import clock, context

DAILY = ("09:00-21:00",) * 7
PLACES = (
    PlaceForm("泸州江阳店", "四川省", "泸州市", "江阳区", "滨江路 18 号", "0830-5550118", DAILY,
              point="28.8822,105.4443"),
    PlaceForm("成都锦江店", "四川省", "成都市", "锦江区", "春熙路 66 号 1 楼", "028-55501066",
              (*DAILY[:6], "10:00-18:00"), serves=("成都市",)),
    PlaceForm("杭州西湖店", "浙江省", "杭州市", "西湖区", "文三路 128 号", "0571-55500128",
              (*DAILY[:6], ""), ready_minutes=240),
)  # fmt: skip
FRIEND = Buyer("zhu", "小朱", AddressForm(
    "朱小桐", "13900139055", "浙江省", "杭州市", "西湖区", "教工路 88 号"), "")  # fmt: skip
"""Who takes a gift."""


async def add_deliveries(
    runtime: Runtime, http: aiohttp.ClientSession, skus: Sequence[int], buyer_id: int
) -> None:
    """Open the stores, and let the first buyer collect orders and send gifts."""
    with context.acting(operator()):
        places = [await runtime.store.write(logistics.add_place, form) for form in PLACES]
    buyer, friend_id = BUYERS[0], await join(runtime, http, FRIEND)
    with context.acting(f"member:{buyer_id}"):
        to = Collector(places[1], "陈玉梅", "13900139011")
        for state, sku_id in zip(("preparing", "ready", "collected"), skus, strict=False):
            order_no = await runtime.store.write(
                place, buyer_id, buyer, ((sku_id, 1),), delivery=pickups.PICKUP, to=to
            )
            await pay_order(runtime, http, buyer, order_no, buyer_id)
            await orders.confirm_order(runtime.store, runtime.pay, order_no, buyer_id)
            await runtime.store.write(_bring, order_no, state)
        day = clock.business_day(clock.now()) + timedelta(days=12)
        wish = GiftForm("陈姐", day.isoformat())
        for is_taken, sku_id in ((False, skus[0]), (True, skus[1])):
            order_no = await runtime.store.write(
                place, buyer_id, buyer, ((sku_id, 1),), delivery=orders.GIFT, to=wish,
                wishes=Wishes(greeting="生日快乐，有空来喝茶。"),
            )  # fmt: skip
            await pay_order(runtime, http, buyer, order_no, buyer_id)
            await orders.confirm_order(runtime.store, runtime.pay, order_no, buyer_id)
            if is_taken:
                await runtime.store.write(_take, order_no, buyer_id, friend_id)


def _bring(order_no: str, state: str) -> None:
    """Prepare an order at its place, and hand it over."""
    found = pickups.pickup_of_order(orders.order_id_of(order_no))
    assert found is not None
    with context.acting(operator()):
        if state != "preparing":
            pickups.mark_ready(found.id)
        if state == "collected":
            pickups.hand_over(found.id, pickups.AGE_CHECKS[0])


def _take(order_no: str, buyer_id: int, friend_id: int) -> None:
    """A friend takes the gift."""
    token = gifts.gift_for_buyer(order_no, buyer_id).token
    with context.acting(f"member:{friend_id}"):
        gifts.accept(token, friend_id, Acceptance(is_adult=True, address=FRIEND.address))
