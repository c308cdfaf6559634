"""我的订单: the lists by tab, one order with its details, and the buyer's actions on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from aiohttp import web

from domain import adults, aftersales, cart, catalog, invitations, orders, pickups
from domain.orders import LineView, OrderDetail, cancel_order
from domain.pickups import PICKUP, PickupView
from kernel import clock
from kernel.errors import DomainError
from kernel.web.forms import one_of, query_param
from kernel.web.paging import cursor_of, cut
from kernel.web.render import render
from mall_h5.texts import TEXTS
from mall_h5.trade.paying import asked_before
from mall_h5.trade_words import (
    CANCELLED,
    GIFT_WAITS,
    GIVEN,
    HEADS,
    PICKUP_HEADS,
    PICKUP_STEPS,
    STEP_OF,
    STEPS,
    TABS,
    State,
    order_log,
    order_rows,
)
from mall_h5.web import SignedIn, deps, signed_in

routes = web.RouteTableDef()
PAGE = 10
CHANGES_A_MINUTE = 30
EXTENDABLE_LAST = timedelta(days=3)
# the deadline that an order's page counts down
CLOCKS = {
    "awaiting_payment": "pay_by_at",
    "shipped": "receive_by_at",
    "received": "complete_by_at",
}
NO = r"{no:[A-Z0-9]{12,32}}"


@routes.get("/orders")
@signed_in
async def index(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The member's orders of one tab, newest first."""
    member_id = me.id
    tab = one_of(query_param(request, "tab"), dict(TABS), "all")
    found = await me.read(
        orders.list_orders_of_member, member_id, tab, before_id=cursor_of(request), limit=PAGE + 1
    )
    page = cut(found, PAGE)
    counts = await me.read(orders.tab_counts, member_id)
    tabs = [(_tab_url(key), text, counts.get(key, 0)) for key, text in TABS]
    more = f"{_tab_url(tab)}{'&' if tab != 'all' else '?'}before={page.next_cursor}"
    return render(
        request,
        "h5/trade/orders.html",
        page=page,
        tab=tab,
        tabs=tabs,
        current=_tab_url(tab),
        pics=await me.read(catalog.pictures_of_lines, page.items),
        is_first=cursor_of(request) is None,
        more=more if page.next_cursor else "",
    )


@routes.get(f"/orders/{NO}")
@signed_in
async def one(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """One order: its state, the next step, and what was paid for what."""
    order = await _order(me, _no(request))
    pickup = None
    if order.delivery == PICKUP:
        pickup = await me.read(pickups.pickup_of_order, order.id)
    return render(
        request,
        "h5/trade/order.html",
        order=order,
        pickup=pickup,
        header=_header(order, pickup),
        rows=order_rows(order),
        steps=PICKUP_STEPS if pickup else STEPS,
        step=_step(order, pickup),
        timeline=order_log(order.log),
        cases=await me.read(aftersales.list_cases_of_order, order.id),
        refunds=await me.read(orders.refunds_of, order.id),
        pics=await me.read(catalog.pictures_of_lines, [order]),
        can_extend=_can_extend(order),
        is_held=_may_be_held(order) and await me.read(adults.is_held, me.id),
        look=await asked_before(me, order),
        titles={line.id: _title(line) for line in order.lines},
        invitation=await me.read(invitations.open_invitation, me.id),
    )


def _may_be_held(order: OrderDetail) -> bool:
    """Whether a doubt about the buyer's age would hold the order now."""
    waits = order.state in ("awaiting_payment", "paid", "partly_shipped")
    return waits and any(line.is_liquor for line in order.lines)


@routes.post(f"/orders/{NO}/cancel")
@signed_in
async def cancel(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Cancel an unpaid order; if the payment came first, the order stays paid."""
    no = _no(request)
    await me.limit("order", most=CHANGES_A_MINUTE)
    ended = await cancel_order(me.store, deps(request).pay, no, me.id)
    told = {"cancelled": "订单已取消", "closing": "正在取消，请稍后查看"}
    await me.flash(told.get(ended, "订单已经付款，没有取消"))
    raise web.HTTPSeeOther(f"/m/orders/{no}")


@routes.post(f"/orders/{NO}/receive")
@signed_in
async def receive(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Confirm that everything has arrived."""
    no = _no(request)
    await me.limit("order", most=CHANGES_A_MINUTE)
    await me.write(orders.confirm_receipt, no, me.id)
    await me.flash("已确认收货")
    raise web.HTTPSeeOther(f"/m/orders/{no}")


@routes.post(f"/orders/{NO}/extend")
@signed_in
async def extend(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Extend by three days the time after which the order counts as received."""
    no = _no(request)
    await me.limit("order", most=CHANGES_A_MINUTE)
    await me.write(orders.extend_receipt_as_buyer, no, me.id)
    await me.flash("收货时间已延长 3 天")
    raise web.HTTPSeeOther(f"/m/orders/{no}")


@routes.post(f"/orders/{NO}/again")
@signed_in
async def again(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Put the same goods into the cart; goods that can't be bought any more are named."""
    await me.limit("order", most=CHANGES_A_MINUTE)
    order = await _order(me, _no(request))
    owner = cart.member_owner(me.id)
    left_out = []
    for line in order.lines:
        if line.is_given:
            continue
        try:
            await me.write(cart.add, owner, line.sku_id, line.quantity)
        except DomainError as refused:
            left_out.append(f"{line.title}：{TEXTS.of(refused)}")
    await me.flash(_left_out(left_out) or "已放入购物车")
    raise web.HTTPSeeOther("/m/cart")


def _title(line: LineView) -> str:
    """A line's title, with a mark if it was a gift."""
    return f"{line.title}（{GIVEN[line.kind]}）" if line.is_given else line.title


def _left_out(said: list[str]) -> str:
    """What could not be put into the cart; of many, the first and the number of the others."""
    more = f"；另有 {len(said) - 3} 种也没有放入" if len(said) > 3 else ""
    return "；".join(said[:3]) + more


async def _order(me: SignedIn, no: str) -> OrderDetail:
    return await me.read(orders.order_detail_for_buyer, no, me.id)


def _step(order: OrderDetail, pickup: PickupView | None) -> int | None:
    """The present one of the steps; goods that wait to be collected are in the third."""
    is_ready = pickup is not None and pickup.state == "ready" and order.state == "paid"
    return 2 if is_ready else STEP_OF.get(order.state)


def _header(order: OrderDetail, pickup: PickupView | None) -> tuple[State, Any]:
    """What an order's page says of its state, and the deadline of what happens next."""
    if pickup is not None and order.state == "paid" and pickup.state in PICKUP_HEADS:
        return PICKUP_HEADS[pickup.state], pickup.collect_by_at
    head, clock_name = HEADS[order.state], CLOCKS.get(order.state)
    if order.waits_for_address:
        head = GIFT_WAITS
    if order.state == "cancelled":
        head = replace(head, note=CANCELLED.get(order.cancel_reason or "", head.note))
    return head, getattr(order, clock_name) if clock_name else None


def _can_extend(order: OrderDetail) -> bool:
    if order.state != "shipped" or order.receive_by_at is None:
        return False
    is_late = order.receive_by_at - clock.now() <= EXTENDABLE_LAST
    return is_late and not any(entry.why == "extended" for entry in order.log)


def _tab_url(tab: str) -> str:
    return "/m/orders" if tab == "all" else f"/m/orders?tab={tab}"


def _no(request: web.Request) -> str:
    return str(request.match_info["no"])
