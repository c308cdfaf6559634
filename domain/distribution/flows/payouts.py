"""Sending, asking after and taking back a transfer (付款流程)."""

from __future__ import annotations

import logging

from domain import hold
from domain.distribution.service import brakes, payouts, transfers
from domain.distribution.service.payouts import PayoutTerms
from domain.distribution.views import Problem
from domain.payments.ports import PayPort, TransferRequest, TransferState
from kernel.errors import Conflict, Refused, Retryable, Unknown
from kernel.store import Store

log = logging.getLogger(__name__)

# The merchant's balance or WeChat's rate: nothing is wrong with the transfer itself.
_TRY_LATER = frozenset({"NOT_ENOUGH", "FREQUENCY_LIMITED", "RATELIMIT_EXCEEDED", "SYSTEM_ERROR"})


async def send_withdrawal(
    store: Store, pay: PayPort, terms: PayoutTerms, withdrawal_id: int
) -> Problem | None:
    """Send an approved withdrawal; answers what stands in the way, None when it went out.

    Run again at any step it sends the same request under the same number.
    """
    if await store.read(brakes.is_book_check_due):
        await store.write(brakes.check_book_if_due)
    sending = await store.write(payouts.begin_sending, withdrawal_id, terms)
    if sending.request is None:
        return sending.problem
    await _send(store, pay, withdrawal_id, sending.request)
    return None


async def poll_withdrawal(store: Store, pay: PayPort, withdrawal_id: int, out_bill_no: str) -> str:
    """Ask what became of a transfer and book it; what never arrived is sent again."""
    try:
        result = await pay.query_transfer(out_bill_no)
    except (Retryable, Unknown, Refused) as error:
        log.info("transfer %s could not be asked after: %s", out_bill_no, error)
        await store.write(transfers.asked, withdrawal_id)
        return "asked"
    outcome = await store.write(transfers.receive_transfer, result)
    if outcome == "resend":
        request = await store.write(payouts.resend, withdrawal_id)
        if request is not None:
            return await _send(store, pay, withdrawal_id, request)
    return outcome


async def poll_due(store: Store, pay: PayPort, limit: int = 50) -> int:
    """Ask after every transfer whose result is not known and whose time has come."""
    found = await store.read(payouts.due_queries, limit)
    for withdrawal_id, number in found:
        await poll_withdrawal(store, pay, withdrawal_id, number)
    return len(found)


async def send_waiting(store: Store, pay: PayPort, terms: PayoutTerms, limit: int = 50) -> int:
    """Try again what brakes held back or a lost wake-up left; answers how many went out."""
    sent = 0
    for withdrawal_id in await store.read(payouts.waiting_to_send, limit):
        try:
            sent += await send_withdrawal(store, pay, terms, withdrawal_id) is None
        except Conflict as error:
            log.warning("withdrawal %d can't be sent: %s", withdrawal_id, error)
    return sent


async def cancel_withdrawal(
    store: Store, pay: PayPort, withdrawal_id: int, actor: str, member_id: int | None = None
) -> str:
    """Take back a transfer that waits for its payee; answers what became of it."""
    number = await store.write(payouts.ask_cancel, withdrawal_id, actor, member_id)
    try:
        result = await pay.cancel_transfer(number)
    except (Retryable, Unknown, Refused) as error:
        # too late or unknown: the query decides, and SUCCESS still wins
        log.info("transfer %s could not be cancelled: %s", number, error)
        result = await pay.query_transfer(number)
    return await store.write(transfers.receive_transfer, result)


async def _send(store: Store, pay: PayPort, withdrawal_id: int, request: TransferRequest) -> str:
    if await store.read(hold.is_held):
        await store.write(transfers.not_sent, withdrawal_id, hold.HELD)
        return "paying"
    try:
        result = await pay.transfer(request)
    except (Retryable, Unknown) as error:
        await store.write(transfers.not_sent, withdrawal_id, error.code)
        return "paying"
    except Refused as error:
        return await _refused(store, pay, withdrawal_id, request.out_bill_no, error.code)
    outcome = await store.write(transfers.receive_transfer, result)
    return "paying" if outcome in ("same", "resend") else outcome


async def _refused(
    store: Store, pay: PayPort, withdrawal_id: int, out_bill_no: str, code: str
) -> str:
    """A refusal is believed only when WeChat knows no such number; else its state counts."""
    if code in _TRY_LATER:
        await store.write(transfers.not_sent, withdrawal_id, code)
        return "paying"
    try:
        result = await pay.query_transfer(out_bill_no)
    except (Retryable, Unknown, Refused):
        await store.write(transfers.not_sent, withdrawal_id, code)
        return "paying"
    if result.state is TransferState.ABSENT:
        await store.write(transfers.refused_for_good, withdrawal_id, code)
        return "returned"
    return await store.write(transfers.receive_transfer, result)
