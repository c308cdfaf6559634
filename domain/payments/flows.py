"""Flows that call WeChat Pay. Each may be run again from any step."""

from __future__ import annotations

from functools import partial

from domain.gate import Call, Problem, move_money
from domain.outbox import Did
from domain.payments import refunds, service
from domain.payments.ports import (
    Notification,
    PaymentResult,
    PayPort,
    PrepayRequest,
    RefundState,
    TradeState,
)
from domain.payments.rules import CLOSED_ALREADY, PaymentTicket
from kernel import clock
from kernel.errors import Conflict, GatewayError, Refused, Retryable
from kernel.faults import fault_of
from kernel.store import Store

NOTIFY_PATH = "/pay/notify"
REFUND_NOTIFY_PATH = "/pay/refund-notify"


async def open_payment(
    store: Store, port: PayPort, ticket: PaymentTicket, *, public_url: str, client_ip: str,
    return_url: str = "",
) -> PaymentTicket:  # fmt: skip
    """Open an attempt to pay at WeChat; returns it with its prepay_id or address.

    Raises Conflict('payment_closed') if the attempt was closed or paid meanwhile.
    """
    if ticket.can_reuse(clock.now()):
        return ticket
    request = PrepayRequest(
        out_trade_no=ticket.out_trade_no,
        amount_fen=ticket.amount_fen,
        description=ticket.description,
        notify_url=public_url + NOTIFY_PATH,
        expires_at=ticket.expires_at,
        attach=ticket.attach,
    )
    try:
        prepay_id, url = await _prepay(port, ticket, request, client_ip, return_url)
    except Refused as error:
        await _book_refused_prepay(store, port, ticket, error)
        raise
    except GatewayError as error:
        await store.write(service.record_error, ticket.out_trade_no, fault_of(error))
        raise
    taken = await store.write(service.record_prepay, ticket.id, prepay_id=prepay_id, pay_url=url)
    if not taken:
        raise Conflict("payment_closed")
    return await store.read(service.payment_ticket, ticket.id)


async def confirm_payment(store: Store, port: PayPort, out_trade_no: str) -> str:
    """Query a payment at WeChat and book the answer; returns what ``settle`` returns."""
    result = await port.query_payment(out_trade_no)
    return await store.write(service.settle, result)


async def close_payment(
    store: Store, port: PayPort, out_trade_no: str, asked_by: str = "system"
) -> str:
    """Close an attempt at WeChat: query it first, then close it; a payment that is found counts.

    Returns closed or paid. Raises when WeChat's answer is not clear, and Retryable('USERPAYING')
    while the buyer is typing the password. The attempt then stays open here, the order's page says
    so, and a job closes it later.
    """
    try:
        return await _close(store, port, out_trade_no, asked_by)
    except GatewayError as error:
        fault = fault_of(error, call=service.CLOSING)
        await store.write(service.record_error, out_trade_no, fault)
        raise


async def _close(store: Store, port: PayPort, out_trade_no: str, asked_by: str) -> str:
    result = await port.query_payment(out_trade_no)
    if result.state.is_paid:
        return await _confirm_paid(store, result)
    if result.state is not TradeState.CLOSED:
        payment_id = await store.read(service.payment_id_of, out_trade_no)
        try:
            call = Call(
                "close", payment_id, asked_by, partial(service.book_close_answer, out_trade_no)
            )
            answer = await move_money(store, port, call)
        except Refused as error:
            if error.code == "ORDER_PAID":
                return await _confirm_paid(store, await port.query_payment(out_trade_no))
            if error.code not in CLOSED_ALREADY:
                raise
        else:
            if isinstance(answer, Problem):
                return await _not_closed(store, payment_id, answer)
            return "closed"
    await store.write(service.mark_closed, out_trade_no)
    return "closed"


async def _not_closed(store: Store, payment_id: int, problem: Problem) -> str:
    """The state of an attempt that ended meanwhile. Raises Retryable if another call is open."""
    state = (await store.read(service.payment_ticket, payment_id)).state
    if state in ("paid", "closed"):
        return state
    raise Retryable(problem.code)


async def receive_notice(store: Store, notice: Notification) -> str:
    """Store a verified notification, then book it; a repeated one changes nothing."""
    await store.write(service.store_notice, notice)
    return await store.write(service.book_notice, notice)


async def send_refund(
    store: Store, port: PayPort, refund_id: int, *, public_url: str, asked_by: str = "system"
) -> str:
    """Send a refund to WeChat, or send it again under its number.

    While the result is not clear the refund keeps its state and number, and a job queries it. The
    gate refuses within a minute of a call without an answer, and while refunds are stopped.
    Returns the outcome, or ``later``.
    """
    try:
        url = public_url + REFUND_NOTIFY_PATH
        call = Call("refund", refund_id, asked_by, refunds.settle_refund, url)
        outcome = await move_money(store, port, call)
    except Refused as error:
        return await store.write(refunds.refund_refused, refund_id, fault_of(error))
    except GatewayError as error:
        await store.write(refunds.record_refund_error, refund_id, fault_of(error))
        return "later"
    if isinstance(outcome, Problem):
        return "later" if outcome.code != "state_moved" else str(outcome.facts["state"])
    return str(outcome)


async def confirm_refund(store: Store, port: PayPort, refund_id: int, *, public_url: str) -> str:
    """Query a refund at WeChat and book the answer; an unknown one is sent again."""
    ticket = await store.read(refunds.refund_ticket, refund_id)
    result = await port.query_refund(ticket.out_refund_no)
    if result.state is RefundState.ABSENT:
        return await send_refund(store, port, refund_id, public_url=public_url)
    return await store.write(refunds.settle_refund, result)


async def poll_payments(store: Store, port: PayPort, limit: int = 50) -> Did:
    """Query every due payment without a known result (支付查询)."""
    numbers = await store.write(service.claim_due_payments, limit)
    unclear = 0
    for number in numbers:
        try:
            await confirm_payment(store, port, number)
        except GatewayError as error:
            unclear += 1
            await store.write(service.record_error, number, fault_of(error))
    return {"asked": len(numbers), "unanswered": unclear}


async def poll_refunds(store: Store, port: PayPort, *, public_url: str, limit: int = 50) -> Did:
    """Query every due refund without a known result (退款查询)."""
    due = await store.write(refunds.claim_due_refunds, limit)
    unclear = 0
    for refund_id in due:
        try:
            await confirm_refund(store, port, refund_id, public_url=public_url)
        except GatewayError as error:
            unclear += 1
            await store.write(refunds.record_refund_error, refund_id, fault_of(error))
    return {"asked": len(due), "unanswered": unclear}


async def _prepay(
    port: PayPort, ticket: PaymentTicket, request: PrepayRequest, client_ip: str, return_url: str
) -> tuple[str | None, str | None]:
    if ticket.channel == "jsapi":
        assert ticket.openid is not None  # begin_payment refuses a jsapi attempt without an openid
        return await port.prepay_jsapi(request, ticket.openid), None
    if ticket.channel == "h5":
        return None, await port.prepay_h5(request, client_ip, return_url)
    return None, await port.prepay_native(request)


async def _book_refused_prepay(
    store: Store, port: PayPort, ticket: PaymentTicket, error: Refused
) -> None:
    """Act on a refused attempt: it was paid already, it was closed, or the error is recorded."""
    if error.code == "ORDER_PAID":
        await confirm_payment(store, port, ticket.out_trade_no)
    elif error.code == "ORDER_CLOSED":
        await store.write(service.mark_closed, ticket.out_trade_no, fault_of(error))
    else:
        await store.write(service.record_error, ticket.out_trade_no, fault_of(error))


async def _confirm_paid(store: Store, result: PaymentResult) -> str:
    outcome = await store.write(service.settle, result)
    if outcome in ("booked", "already", "wrong_amount"):
        return "paid"
    raise Retryable("payment_unclear", outcome)
