"""订单, 物流 and 取消订单: the latest orders, their states, parcels, and how each is cancelled."""

from __future__ import annotations

import re

from bot import paths, purchases
from bot.call import Call
from bot.numbers import order_number_in
from bot.purchases import Shown
from bot.router import Command, Router
from domain import orders as shop_orders
from kernel.chat import Reply, TextReply
from kernel.errors import Conflict, NotFound

router = Router("orders")

_WITH_NUMBER = re.compile(r"[^0-9a-z]{0,6}[0-9a-z ]{8,}\W*")


@router.on(Command("物流", "快递", "包裹", "查物流", "查快递", "wuliu", intent="tracking"))
async def parcels(call: Call) -> Reply:
    """Orders with parcels on their way, else the latest orders, else when an order is shipped."""
    on_the_way = await call.read(purchases.latest, call.member_id, "to_receive")
    shown = on_the_way or await call.read(purchases.latest, call.member_id)
    if not shown:
        return call.answer("not_ordered.txt", promised=await call.promised())
    return tracked(call, shown)


@router.on(Command("订单", "我的订单", "查订单", "查询订单", "dingdan", intent="order_status",
                   takes=_WITH_NUMBER))  # fmt: skip
async def orders(call: Call, rest: str = "") -> Reply:
    """The latest orders, or the one whose number was sent."""
    order_no = order_number_in(rest)
    if not order_no:
        return listed(call, await call.read(purchases.latest, call.member_id))
    try:
        found = await call.read(purchases.with_number, order_no, call.member_id)
    except NotFound:
        return call.answer("order_none.txt", more=paths.ORDERS)
    return listed(call, [found])


@router.on(Command("取消订单", "取消我的订单", "撤单", intent="order_cancel",
                   takes=_WITH_NUMBER))  # fmt: skip
async def cancel(call: Call, rest: str = "") -> Reply:
    """How the open orders are cancelled; with the number of an unpaid one, it is done."""
    order_no = order_number_in(rest)
    if not order_no:
        found = await call.read(purchases.latest, call.member_id, "all")
        return cancellable(call, [one for one in found if one.order.state in OPEN])
    try:
        found = [await call.read(purchases.with_number, order_no, call.member_id)]
    except NotFound:
        return call.answer("order_none.txt", more=paths.ORDERS)
    if found[0].order.state != "awaiting_payment":
        return cancellable(call, found)
    try:
        await call.write(shop_orders.cancel_unpaid, order_no, call.member_id)
    except Conflict:  # the payment came first
        found = [await call.read(purchases.with_number, order_no, call.member_id)]
        return cancellable(call, found)
    return call.answer("order_cancelled.txt", order=found[0].order)


OPEN = frozenset({"awaiting_payment", "closing", "paid", "partly_shipped", "shipped"})


def listed(call: Call, shown: list[Shown]) -> TextReply:
    """Orders with their states, parcels and next steps."""
    more = paths.order(shown[0].order.order_no) if len(shown) == 1 else paths.ORDERS
    return call.answer("orders.txt", more=more, shown=shown)


def tracked(call: Call, shown: list[Shown]) -> TextReply:
    """Where parcels are, as far as the shop knows."""
    return call.answer("tracking.txt", more=paths.ORDERS, shown=shown)


def cancellable(call: Call, shown: list[Shown]) -> TextReply:
    """How each order is cancelled in its state."""
    return call.answer("order_cancel.txt", more=paths.ORDERS, shown=shown)
