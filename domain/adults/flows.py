"""Asks the provider whether a name and an id number belong together (年龄核验)."""

from __future__ import annotations

import logging

from domain.adults import queries, service
from domain.adults.ports import IdentityCheckPort
from domain.adults.rules import Result
from domain.outbox import Did
from kernel.errors import Conflict, DomainError, GatewayError
from kernel.store import Store

log = logging.getLogger(__name__)


async def check_age(
    store: Store, port: IdentityCheckPort | None, member_id: int, name: str, number: str
) -> Result:
    """Let a member prove their age by name and number; neither is kept.

    ``unanswered`` if the provider gave no answer: the try does not count. Raises Invalid,
    Conflict('age_not_doubted', 'age_decided', 'age_no_provider'), LimitReached.
    """
    if port is None:
        raise Conflict("age_no_provider")
    begun = await store.write(service.begin_try, member_id, name, number)
    if begun.verdict is not None:
        return begun.verdict
    try:
        verdict = await port.check(begun.person)
    except GatewayError as error:
        log.warning("the identity provider did not answer: %s", error.code)
        await store.write(service.give_try_back, begun.id, error.code)
        return "unanswered"
    return await store.write(service.end_try, begun.id, verdict)


async def refuse_due(store: Store, limit: int = 100) -> Did:
    """Refuse doubts whose time is over (逾期未核验)."""
    due = await store.read(queries.due_ids, limit)
    done = 0
    for doubt_id in due:
        try:
            done += await store.write(service.refuse_if_due, doubt_id)
        except DomainError as error:
            log.warning("doubt %s: %s", doubt_id, error)
    return {"done": done, "due": len(due)}
