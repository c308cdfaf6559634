"""Requesting, querying and closing a standing authorisation at WeChat (授权流程).

These calls move no money. A transfer under an authorisation passes the gate (``flows``).
"""

from __future__ import annotations

import logging

from domain.payments.ports import GrantState, PayPort
from domain.payouts import grant_answers, grants
from domain.payouts.sending import PayoutTerms
from domain.payouts.views import GrantView
from kernel.errors import Refused, Retryable, Unknown
from kernel.store import Store

log = logging.getLogger(__name__)


async def request_grant(
    store: Store, pay: PayPort, terms: PayoutTerms, member_id: int
) -> GrantView:
    """Request a person's authorisation at WeChat; ``package_info`` opens its confirm sheet.

    Raises what ``grants.make_grant`` raises. After a call without an answer the grant stays
    ``asked``.
    """
    grant_id = await store.write(grants.make_grant, member_id, terms)
    await _send(store, pay, grant_id)
    return await store.read(grants.grant, grant_id)


async def query_grant_at_wechat(store: Store, pay: PayPort, grant_id: int) -> str:
    """Query an authorisation at WeChat and book the answer."""
    found = await store.read(grants.grant, grant_id)
    try:
        result = await pay.query_grant(found.out_authorization_no)
    except (Retryable, Unknown, Refused) as error:
        log.info("grant %s could not be asked after: %s", found.out_authorization_no, error)
        await store.write(grant_answers.record_unanswered_call, grant_id)
        return "asked"
    return await store.write(grant_answers.receive_grant, result)


async def query_grant_at_intervals(store: Store, pay: PayPort, grant_id: int) -> None:
    """Query an authorisation for the person's page, at most once every three seconds."""
    if await store.write(grants.claim_grant_query, grant_id):
        await query_grant_at_wechat(store, pay, grant_id)


async def close_grant(
    store: Store, pay: PayPort, terms: PayoutTerms, member_id: int, actor: str
) -> None:
    """End a person's authorisation: here at once, at WeChat now or by the job."""
    grant_id = await store.write(grants.end_grant_of_member, member_id, terms, actor)
    await _close_at_wechat(store, pay, grant_id)


async def query_due_grants(store: Store, pay: PayPort, limit: int = 50) -> int:
    """Query every due authorisation; close at WeChat those that ended here. Returns how many."""
    found = await store.read(grants.due_grants, limit)
    for grant_id in found:
        if not (await store.read(grants.grant, grant_id)).is_open:
            await _close_at_wechat(store, pay, grant_id)
        elif await query_grant_at_wechat(store, pay, grant_id) == "resend":
            await _send(store, pay, grant_id)
    return len(found)


async def _send(store: Store, pay: PayPort, grant_id: int) -> None:
    request = await store.read(grants.stored_grant_request, grant_id)
    if request is None:
        return
    try:
        result = await pay.ask_grant(request)
    except (Retryable, Unknown) as error:
        log.info("grant %s has no answer: %s", request.out_authorization_no, error)
        await store.write(grant_answers.record_unanswered_call, grant_id)
    except Refused as error:
        await _book_refusal(store, pay, grant_id, error.code)
    else:
        await store.write(grant_answers.receive_grant, result)


async def _book_refusal(store: Store, pay: PayPort, grant_id: int, code: str) -> None:
    """Book a refusal if a query finds no such number; else book the state that it finds."""
    number = (await store.read(grants.grant, grant_id)).out_authorization_no
    try:
        result = await pay.query_grant(number)
    except (Retryable, Unknown, Refused):
        await store.write(grant_answers.record_unanswered_call, grant_id)
        return
    if result.state is GrantState.ABSENT:
        await store.write(grant_answers.end_refused_grant, grant_id, code)
    else:
        await store.write(grant_answers.receive_grant, result)


async def _close_at_wechat(store: Store, pay: PayPort, grant_id: int) -> None:
    number = (await store.read(grants.grant, grant_id)).out_authorization_no
    try:
        result = await pay.close_grant(number)
    except (Retryable, Unknown, Refused) as error:
        log.info("grant %s could not be closed there: %s", number, error)
        await store.write(grant_answers.record_unanswered_call, grant_id)
        return
    await store.write(grant_answers.receive_grant, result)
