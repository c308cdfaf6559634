"""Orders of the demo shop: two people buy as people do, and pay; one order of each is received.

Everything goes through the shop's own verbs and the simulated WeChat, so that the books agree with
its bills.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import aiohttp

from app.arguments import operator
from app.demo_doubts import add_doubt
from app.demo_invitations import Received, add_invitations
from app.demo_requests import add_requests
from app.runtime import Runtime
from domain import catalog, members, orders
from domain.members import AddressForm
from domain.orders import PlaceOrder
from kernel import context


@dataclass(frozen=True)
class Buyer:
    """Somebody who buys in the demo shop, and where they live."""

    phone: str
    name: str
    address: AddressForm
    note: str


BUYERS = (
    Buyer("chen", "陈姐", AddressForm(
        "陈玉梅", "13900139011", "四川省", "成都市", "锦江区", "春熙路 18 号 3 栋 502"),
        "工作日请送到门卫"),
    Buyer("wu", "吴叔", AddressForm(
        "吴建国", "13900139022", "浙江省", "杭州市", "西湖区", "文三路 90 号"), ""),
)  # fmt: skip
YOUNG = Buyer("qi", "小齐", AddressForm(
    "齐小满", "13900139033", "四川省", "泸州市", "江阳区", "学院路 1 号"), "放学后送")  # fmt: skip
"""Who orders, and then says to be a minor."""

LEAVES = Buyer("fang", "方姐", AddressForm(
    "方敏", "13900139044", "四川省", "泸州市", "江阳区", "滨江路 9 号"), "")  # fmt: skip
"""Who follows, buys nothing, and asks to be deleted."""

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
            member_id = await _join(runtime, http, buyer)
            for basket in (RECEIVED, *BASKETS):
                items = tuple((skus[place % len(skus)], 1) for place in basket)
                with context.acting(f"member:{member_id}"):
                    order_no = await runtime.store.write(place, member_id, buyer, items)
                    is_paid = await pay_order(runtime, http, buyer, order_no, member_id)
                if basket == RECEIVED:
                    received.append(Received(buyer.phone, member_id, order_no))
                else:
                    paid += is_paid
        young = await _join(runtime, http, YOUNG)
        with context.acting(f"member:{young}"):
            await runtime.store.write(place, young, YOUNG, ((skus[0], 1),))
        leaver = await _join(runtime, http, LEAVES)
    with context.acting(operator()):
        await add_invitations(runtime, received)
        await add_requests(runtime, [each.member_id for each in received], leaver)
    await add_doubt(runtime, young)
    return paid


def _skus() -> list[int]:
    shelf = catalog.list_products(state="on_shelf", limit=10)
    return [sku.sku_id for sku in catalog.priced_skus(row.id for row in shelf)]


async def _join(runtime: Runtime, http: aiohttp.ClientSession, buyer: Buyer) -> int:
    """The buyer follows the account and keeps an address; returns their member id."""
    phone = await _post(http, "phones", {"id": buyer.phone, "name": buyer.name})
    await _post(http, f"phones/{buyer.phone}/follow", {})
    appid = runtime.config.wechat.appid
    member_id = await runtime.store.read(members.member_by_openid, appid, phone["openid"])
    if member_id is None:
        raise RuntimeError(f"{buyer.name} followed, and the shop does not know them")
    with context.acting(f"member:{member_id}"):
        await runtime.store.write(members.save_address, member_id, buyer.address)
    return member_id


def place(member_id: int, buyer: Buyer, items: tuple[tuple[int, int], ...]) -> str:
    """The buyer ticks to be an adult and orders; returns the order's number."""
    members.confirm_adult(member_id)  # as the checkout does with the tick
    _, quote = orders.preview_order(items, buyer.address.province, member_id)
    (address, *_) = members.list_addresses(member_id)
    form = PlaceOrder(
        member_id, items, address.id, quote.payable_fen, note=buyer.note, is_adult=True,
        exempt_confirmed=tuple(sku_id for sku_id, _ in items),
    )  # fmt: skip
    return str(orders.place_order(form)["order_no"])


async def pay_order(
    runtime: Runtime, http: aiohttp.ClientSession, buyer: Buyer, order_no: str, member_id: int
) -> bool:
    """The buyer pays the order by its code; WeChat then notifies the shop."""
    opened = await orders.prepay(
        runtime.store, runtime.pay, order_no, member_id, "native",
        public_url=runtime.config.public_url,
    )  # fmt: skip
    answer = await _post(http, f"phones/{buyer.phone}/pay", {"code_url": opened.code_url})
    return bool(answer["result"] == "ok")


async def _post(http: aiohttp.ClientSession, path: str, body: dict[str, Any]) -> dict[str, Any]:
    async with http.post(path, json=body) as response:
        if response.status >= 400:
            raise RuntimeError(f"{path}: {await response.text()}")
        found: dict[str, Any] = await response.json()
        return found
