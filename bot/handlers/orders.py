"""订单 and 物流: the latest orders, their states, and the parcels on their way."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot import paths
from bot.call import Call
from bot.router import Command, Router
from domain import orders as shop_orders
from domain.orders import OrderCard, ParcelView, Tab
from kernel.chat import Reply
from kernel.errors import NotFound

router = Router("orders")

SHOWN = 3
SENT = frozenset({"partly_shipped", "shipped", "received"})
_NUMBER = re.compile(r"[a-z]{2,3}[0-9]{6}[0-9a-z]{16}")


@dataclass(frozen=True)
class Shown:
    """An order with its parcels; none if nothing was shipped yet."""

    order: OrderCard
    parcels: tuple[ParcelView, ...]


@router.on(
    Command("物流", "快递", "发货", "包裹", "到哪了", "什么时候到", "几时到", "多久到", "wuliu")
)
async def parcels(call: Call) -> Reply:
    """Orders with parcels on their way; if there are none, the latest orders."""
    on_the_way = await call.read(_latest, call.member_id, "to_receive")
    shown = on_the_way or await call.read(_latest, call.member_id, "all")
    return call.answer("orders.txt", more=paths.ORDERS, shown=shown)


@router.on(
    Command("退款", "退货", "换货", "售后", "怎么退", "如何退", "我要退", "申请退", "取消订单")
)
@router.on(Command("取消", "取消付款", "不想要了", alone=True, shown=False))
@router.on(Command("订单", "我的订单", "查订单", "查询订单", "付款", "支付", "dingdan"))
async def orders(call: Call, rest: str) -> Reply:
    """The latest orders, or the one whose number was sent."""
    number = _NUMBER.search(rest.replace(" ", ""))
    if number is None:
        shown = await call.read(_latest, call.member_id, "all")
        return call.answer("orders.txt", more=paths.ORDERS, shown=shown)
    try:
        found = await call.read(_one, number[0].upper(), call.member_id)
    except NotFound:
        return call.answer("order_none.txt", more=paths.ORDERS)
    return call.answer("orders.txt", more=paths.order(found.order.order_no), shown=[found])


def _latest(member_id: int, tab: Tab) -> list[Shown]:
    found = shop_orders.list_orders_of_member(member_id, tab, limit=SHOWN)
    return [_with_parcels(card) for card in found]


def _one(order_no: str, member_id: int) -> Shown:
    order_id = shop_orders.order_id_of(order_no, member_id)
    return _with_parcels(shop_orders.order_by_id(order_id))


def _with_parcels(card: OrderCard) -> Shown:
    parcels = shop_orders.parcels_of(card.id) if card.state in SENT else []
    return Shown(card, tuple(parcels))
