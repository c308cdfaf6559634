"""Sending, querying and cancelling a transfer (付款流程).

Queries never send. Only ``send_bill`` and ``cancel_bill`` move money, both through the gate.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from domain.gate import Call, Problem, move_money
from domain.payments.ports import PayPort, TransferState
from domain.payouts import answers, brakes, ending, grant_flows, granted, queries
from domain.payouts.sending import PayoutTerms
from kernel.errors import Conflict, Refused, Retryable, Unknown
from kernel.store import Store

log = logging.getLogger(__name__)

# Errors about the merchant's balance or WeChat's rate limits, not about the transfer.
_TRY_LATER = frozenset({"NOT_ENOUGH", "FREQUENCY_LIMITED", "RATELIMIT_EXCEEDED", "SYSTEM_ERROR"})


async def send_bill(
    store: Store, pay: PayPort, terms: PayoutTerms | None, bill_id: int, asked_by: str = "system"
) -> Problem | None:
    """Send a bill, or its stored request again; returns what prevents it, or None if it was sent.

    Without ``terms`` a bill that was never sent is not sent.
    """
    if await store.read(brakes.is_ledger_check_due):
        await store.write(brakes.check_ledger_if_due)
    grant_id = await store.read(granted.grant_to_query_first, bill_id, terms)
    if grant_id is not None:  # the payee may have ended it in WeChat: query before the call
        await grant_flows.query_grant_at_wechat(store, pay, grant_id)
    kind = await store.read(granted.call_kind_of_bill, bill_id, terms)
    call = Call(kind, bill_id, asked_by, answers.receive_transfer, terms)
    problem = await _send_through_gate(store, pay, call)
    if problem is None or problem.code != granted.NOT_GRANTED:
        return problem
    return await _send_through_gate(store, pay, replace(call, kind="transfer"))


async def _send_through_gate(store: Store, pay: PayPort, call: Call) -> Problem | None:
    """Make one call through the gate and book its answer; returns what prevents it, or None."""
    try:
        outcome = await move_money(store, pay, call)
    except (Retryable, Unknown) as error:
        await store.write(answers.record_no_result, call.row_id, error.code)
        return None
    except Refused as error:
        if await _book_refusal(store, pay, call, error.code):
            return await _send_through_gate(store, pay, replace(call, kind="transfer"))
        return None
    return outcome if isinstance(outcome, Problem) else None


async def query_bill_at_wechat(store: Store, pay: PayPort, bill_id: int) -> str:
    """Query a transfer at WeChat and book the answer; nothing is sent."""
    number = await store.read(queries.number_of, bill_id)
    try:
        result = await pay.query_transfer(number)
    except (Retryable, Unknown, Refused) as error:
        log.info("transfer %s could not be asked after: %s", number, error)
        await store.write(answers.record_unanswered_query, bill_id)
        return "asked"
    return await store.write(answers.receive_transfer, result)


async def query_bill_at_intervals(store: Store, pay: PayPort, bill_id: int) -> None:
    """Query a transfer for the payee's page, at most once every three seconds."""
    if await store.write(queries.claim_bill_query, bill_id):
        await query_bill_at_wechat(store, pay, bill_id)


async def query_due_bills(store: Store, pay: PayPort, limit: int = 50) -> int:
    """Query every due transfer without a known result; returns how many.

    A transfer that WeChat does not know, or whose confirm sheet is missing here, is sent again
    through the gate.
    """
    found = await store.read(queries.due_queries, limit)
    for bill_id in found:
        if await query_bill_at_wechat(store, pay, bill_id) == "resend":
            problem = await send_bill(store, pay, None, bill_id, "poll")
            if problem is not None and problem.code != "call_under_way":
                await store.write(answers.record_uncertain, bill_id, problem.code)
    return len(found)


async def send_waiting(store: Store, pay: PayPort, terms: PayoutTerms, limit: int = 50) -> int:
    """Send bills that a brake or a lost outbox job left behind; returns how many were sent."""
    sent = 0
    for bill_id in await store.read(queries.waiting_to_send, limit):
        sent += await send_bill(store, pay, terms, bill_id) is None
    return sent


async def cancel_bill(store: Store, pay: PayPort, bill_id: int, actor: str) -> str:
    """Cancel a transfer that its payee has not confirmed; returns the outcome.

    A transfer that WeChat does not know ends at once if it has no open call. Raises Conflict with
    what prevents the cancelling, and the gateway's errors.
    """
    if await store.read(queries.state_of, bill_id) == "paying":
        if await query_bill_at_wechat(store, pay, bill_id) == "resend":
            return await store.write(ending.cancel_unknown_transfer, bill_id, actor)
        if await store.read(queries.state_of, bill_id) != "awaiting_user":
            raise Conflict("transfer_under_way")
    number = await store.read(queries.number_of, bill_id)
    call = Call("cancel", bill_id, actor, answers.receive_transfer, actor)
    try:
        outcome = await move_money(store, pay, call)
    except (Retryable, Unknown, Refused) as error:
        # Too late or unknown: the query decides, and SUCCESS still pays the bill.
        log.info("transfer %s could not be cancelled: %s", number, error)
        result = await pay.query_transfer(number)
        return await store.write(answers.receive_transfer, result)
    if isinstance(outcome, Problem):
        raise Conflict(outcome.code, **outcome.facts)
    return str(outcome)


async def cancel_transfer_of_frozen(store: Store, pay: PayPort, bill_id: int) -> None:
    """Cancel a transfer that a frozen person has not confirmed; nothing if the freeze is over.

    Raises the gateway's errors and Retryable('call_under_way'), so that the outbox retries.
    """
    if not await store.read(queries.awaits_frozen_payee, bill_id):
        return
    try:
        await cancel_bill(store, pay, bill_id, "system")
    except Conflict as error:
        if error.code == "call_under_way":
            raise Retryable(error.code) from error
        log.info("bill %s was not taken back: %s", bill_id, error.code)


async def cancel_transfer_of_ended_bill(store: Store, pay: PayPort, bill_id: int) -> None:
    """Cancel a transfer at WeChat whose bill has ended here; the bill's state stays.

    Raises the gateway's errors and Retryable('call_under_way'), so that the outbox retries.
    """
    call = Call("cancel", bill_id, "system", answers.book_cancel_answer)
    outcome = await move_money(store, pay, call)
    if isinstance(outcome, Problem) and outcome.code == "call_under_way":
        raise Retryable(outcome.code)


async def _book_refusal(store: Store, pay: PayPort, call: Call, code: str) -> bool:
    """Book a refusal if a query finds no such number; else book the state that it finds.

    True if the bill is now sent as an ordinary transfer: its authorised transfer was refused.
    """
    bill_id = call.row_id
    number = await store.read(queries.number_of, bill_id)
    if code in _TRY_LATER:
        await store.write(answers.record_no_result, bill_id, code)
        return False
    try:
        result = await pay.query_transfer(number)
    except (Retryable, Unknown, Refused):
        await store.write(answers.record_no_result, bill_id, code)
        return False
    if result.state is not TransferState.ABSENT:
        await store.write(answers.receive_transfer, result)
        return False
    if call.kind == "granted":
        await _query_grant_of_bill(store, pay, bill_id)
        if await store.write(granted.fall_back_to_transfer, bill_id, code):
            return True
    await store.write(answers.fail_refused_bill, bill_id, code)
    return False


async def _query_grant_of_bill(store: Store, pay: PayPort, bill_id: int) -> None:
    """Query the authorisation of a refused bill; the person may have ended it in WeChat."""
    grant_id = await store.read(granted.grant_of_sent_bill, bill_id)
    if grant_id is not None:
        await grant_flows.query_grant_at_wechat(store, pay, grant_id)
