"""Who buys in the demo shop, and how they order and pay.

Everything goes through the shop's own verbs and the simulated WeChat, so that the books agree with
its bills.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import aiohttp

from app.runtime import Runtime
from domain import members, orders
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


async def join(runtime: Runtime, http: aiohttp.ClientSession, buyer: Buyer) -> int:
    """The buyer follows the account and keeps an address; returns their member id."""
    phone = await post(http, "phones", {"id": buyer.phone, "name": buyer.name})
    await post(http, f"phones/{buyer.phone}/follow", {})
    appid = runtime.config.wechat.appid
    member_id = await runtime.store.read(members.member_by_openid, appid, phone["openid"])
    if member_id is None:
        raise RuntimeError(f"{buyer.name} followed, and the shop does not know them")
    with context.acting(f"member:{member_id}"):
        await runtime.store.write(members.save_address, member_id, buyer.address)
    return member_id


def place(member_id: int, buyer: Buyer, items: tuple[tuple[int, int], ...], **how: Any) -> str:
    """The buyer ticks to be an adult and orders; returns the order's number.

    ``how`` are further fields of the order, such as its delivery.
    """
    members.confirm_adult(member_id)  # as the checkout does with the tick
    delivery = how.get("delivery", orders.EXPRESS)
    goes_to = buyer.address.province if delivery == orders.EXPRESS else None
    _, quote = orders.preview_order(items, goes_to, member_id, delivery=delivery)
    (address, *_) = members.list_addresses(member_id)
    form = PlaceOrder(
        member_id, items, address.id, quote.payable_fen, note=buyer.note, is_adult=True,
        exempt_confirmed=tuple(sku_id for sku_id, _ in items), **how,
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
    answer = await post(http, f"phones/{buyer.phone}/pay", {"code_url": opened.code_url})
    return bool(answer["result"] == "ok")


async def post(http: aiohttp.ClientSession, path: str, body: dict[str, Any]) -> dict[str, Any]:
    async with http.post(path, json=body) as response:
        if response.status >= 400:
            raise RuntimeError(f"{path}: {await response.text()}")
        found: dict[str, Any] = await response.json()
        return found
