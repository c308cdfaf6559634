"""Orders of the demo shop: two people buy as people do, and pay; one order of each is received."""

from __future__ import annotations

import aiohttp

from app.arguments import operator
from app.demo_buyers import BUYERS, LEAVES, YOUNG, join, pay_order, place
from app.demo_deliveries import add_deliveries
from app.demo_doubts import add_doubt
from app.demo_invitations import Received, add_invitations
from app.demo_requests import add_requests
from app.runtime import Runtime
from domain import catalog
from kernel import context

BASKETS = ((0,), (1,), (0, 2), (3,), (4,), (2, 3))
"""What each of them buys, order by order: places of SKUs on the shelf."""


RECEIVED: tuple[int, ...] = (5,)
"""What each of them has received before."""


async def add_orders(runtime: Runtime) -> int:
    """Let the buyers of the demo buy, and be invited; returns how many orders wait."""
    skus = await runtime.store.read(_skus)
    limit = aiohttp.ClientTimeout(total=20)
    base = f"{runtime.config.wechat.api_base}/_sim"
    paid, received = 0, list[Received]()
    async with aiohttp.ClientSession(base_url=f"{base}/", timeout=limit) as http:
        for buyer in BUYERS:
            member_id = await join(runtime, http, buyer)
            for basket in (RECEIVED, *BASKETS):
                items = tuple((skus[place % len(skus)], 1) for place in basket)
                with context.acting(f"member:{member_id}"):
                    order_no = await runtime.store.write(place, member_id, buyer, items)
                    is_paid = await pay_order(runtime, http, buyer, order_no, member_id)
                if basket == RECEIVED:
                    received.append(Received(buyer.phone, member_id, order_no))
                else:
                    paid += is_paid
        young = await join(runtime, http, YOUNG)
        with context.acting(f"member:{young}"):
            await runtime.store.write(place, young, YOUNG, ((skus[0], 1),))
        leaver = await join(runtime, http, LEAVES)
        await add_deliveries(runtime, http, skus, received[0].member_id)
    with context.acting(operator()):
        await add_invitations(runtime, received)
        await add_requests(runtime, [each.member_id for each in received], leaver)
    await add_doubt(runtime, young)
    return paid


def _skus() -> list[int]:
    shelf = catalog.list_products(state="on_shelf", limit=10)
    return [sku.sku_id for sku in catalog.priced_skus(row.id for row in shelf)]
