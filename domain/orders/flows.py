"""Order flows that call WeChat Pay: prepay and close. Each may be run again from any step."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.orders import due, service
from domain.orders.payable import begin_order_payment
from domain.orders.paying import open_numbers
from domain.outbox import Did
from domain.payments import Channel, close_payment, confirm_payment, open_payment
from domain.payments.ports import PayPort
from kernel.errors import Conflict, DomainError, GatewayError
from kernel.store import Store

log = logging.getLogger(__name__)
STUCK_AFTER = timedelta(minutes=2)


@dataclass(frozen=True)
class PrepayView:
    """What a page needs to start a payment; ``jsapi``, ``code_url`` or ``h5_url`` is set."""

    order_no: str
    out_trade_no: str
    channel: str
    amount_fen: int
    expires_at: datetime
    jsapi: dict[str, str] | None = None
    code_url: str | None = None
    h5_url: str | None = None


async def prepay(
    store: Store, port: PayPort, order_no: str, member_id: int, channel: Channel, *,
    public_url: str, client_ip: str = "", return_url: str = "",
) -> PrepayView:  # fmt: skip
    """Open the buyer's payment at WeChat; two taps give the same payment (拉起支付).

    Raises NotFound, Conflict('order_not_payable', 'payment_closed') and the gateway's errors.
    """
    ticket = await store.write(
        begin_order_payment, order_no, member_id, channel, port.mchid, port.appid
    )
    opened = await open_payment(
        store, port, ticket, public_url=public_url, client_ip=client_ip, return_url=return_url
    )
    is_jsapi = opened.channel == "jsapi" and opened.prepay_id is not None
    return PrepayView(
        order_no=order_no,
        out_trade_no=opened.out_trade_no,
        channel=opened.channel,
        amount_fen=opened.amount_fen,
        expires_at=opened.expires_at,
        jsapi=port.jsapi_params(opened.prepay_id or "") if is_jsapi else None,
        code_url=opened.pay_url if channel == "native" else None,
        h5_url=opened.pay_url if channel == "h5" else None,
    )


async def close_order(store: Store, port: PayPort, order_id: int) -> str:
    """Close every open payment of a closing order at WeChat, then cancel it (关单).

    Returns ``cancelled``, or ``paid`` if a payment was found. Raises when WeChat's answer is not
    clear; the order then stays ``closing`` and the flow is run again.
    """
    for out_trade_no in await store.read(open_numbers, order_id):
        await close_payment(store, port, out_trade_no)
    return await store.write(service.finish_closing, order_id)


async def cancel_order(store: Store, port: PayPort, order_no: str, member_id: int) -> str:
    """Cancel the buyer's unpaid order (取消订单).

    Returns the state. Without an answer from WeChat that is ``closing``; a job continues later.
    """
    order_id = await store.write(service.cancel_unpaid, order_no, member_id)
    try:
        return await close_order(store, port, order_id)
    except GatewayError as error:
        log.info("closing of order %s goes on later: %s", order_id, error)
        return "closing"


async def confirm_order(store: Store, port: PayPort, order_no: str, member_id: int) -> str:
    """Ask WeChat whether the buyer's order is paid, for the page that follows the payment.

    Returns the order's state. The result that the browser reports is no proof of payment.
    """
    order_id = await store.read(service.order_id_of, order_no, member_id)
    for out_trade_no in await store.read(open_numbers, order_id):
        await confirm_payment(store, port, out_trade_no)
    return await store.read(due.state_of, order_id)


async def close_due(store: Store, port: PayPort, limit: int = 100) -> Did:
    """Begin to close orders whose time to pay is over; continue stuck ones (超时关单)."""
    late = await store.read(due.unpaid_ids, limit)
    for order_id in late:
        try:
            await store.write(service.begin_closing, order_id, "timeout", "system")
        except Conflict:
            log.info("order %s was paid just before it was closed", order_id)
    stuck = await store.read(due.closing_ids, STUCK_AFTER, limit)
    for order_id in stuck:
        try:
            await close_order(store, port, order_id)
        except GatewayError as error:
            log.warning("order %s is still closing: %s", order_id, error)
    return {"begun": len(late), "continued": len(stuck)}


async def receive_due(store: Store, limit: int = 200) -> Did:
    """Mark orders as received whose time for receipt is over (自动收货)."""
    return await _each(store, await store.read(due.receivable_ids, limit), service.receive_if_due)


async def complete_due(store: Store, limit: int = 200) -> Did:
    """Complete orders whose time for returns is over (自动完成)."""
    return await _each(store, await store.read(due.completable_ids, limit), service.complete_order)


async def _each(store: Store, ids: list[int], verb: due.Verb) -> Did:
    done = 0
    for order_id in ids:
        try:
            done += await store.write(verb, order_id)
        except DomainError as error:
            log.warning("order %s: %s", order_id, error)
    return {"done": done, "due": len(ids)}
