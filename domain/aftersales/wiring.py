"""What ``app`` collects from after-sales: event handlers and the job for overdue cases."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial

from domain.aftersales import approving, queries, service
from domain.outbox import Did, Periodic
from domain.payments import RefundAbnormal, RefundRetried, RefundSucceeded
from kernel import events
from kernel.errors import DomainError
from kernel.store import Store

log = logging.getLogger(__name__)


def subscribe_all() -> None:
    """Subscribe to refunds' results, and register the kinds of proposal."""
    for event in (RefundSucceeded, RefundAbnormal, RefundRetried):
        events.subscribe(event, service.update_case_by_refunds)
    approving.register_kinds()


def periodic(store: Store) -> list[Periodic]:
    """The job that continues overdue cases."""
    act = partial(apply_timeouts, store)
    return [Periodic("cases.due", timedelta(minutes=1), act, stops_in_hold=True)]


async def apply_timeouts(store: Store, limit: int = 100) -> Did:
    """Continue cases whose time is over (售后超时)."""
    due = await store.read(queries.overdue_case_ids, limit)
    done = 0
    for case_id in due:
        try:
            done += await store.write(service.apply_timeout, case_id)
        except DomainError as error:
            log.warning("case %s: %s", case_id, error)
    return {"done": done, "due": len(due)}
