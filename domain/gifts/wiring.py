"""What ``app`` collects from gifts: the kind of delivery, event handlers, the jobs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from domain.gifts import queries, service
from domain.orders import register_delivery
from domain.orders.events import OrderCancelled, OrderPaid, OrderRefunded, OrderShipped
from domain.outbox import Did, Periodic
from kernel.errors import DomainError
from kernel.events import subscribe
from kernel.store import Store

log = logging.getLogger(__name__)
BATCH = 100


def subscribe_all() -> None:
    """Register the kind of delivery, and subscribe to what happens to orders."""
    register_delivery(service.KIND)
    subscribe(OrderPaid, service.begin_waiting)
    subscribe(OrderCancelled, service.close_unpaid)
    subscribe(OrderRefunded, service.close_refunded)
    subscribe(OrderShipped, service.tell_friend)


def periodic(store: Store) -> list[Periodic]:
    """The jobs that remind of gifts that nobody took, and refund them."""

    async def run_lapse() -> Did:
        return await _each(store, queries.due_to_lapse, service.lapse)

    async def run_remind() -> Did:
        return await _each(store, queries.due_to_remind, service.remind)

    return [
        Periodic("gifts.lapse", timedelta(minutes=5), run_lapse, stops_in_hold=True),
        Periodic("gifts.remind", timedelta(minutes=30), run_remind),
    ]


async def _each(
    store: Store, find: Callable[[int], list[int]], verb: Callable[[int], bool]
) -> Did:
    due = await store.read(find, BATCH)
    done = 0
    for gift_id in due:
        try:
            done += await store.write(verb, gift_id)
        except DomainError as error:
            log.warning("gift %s: %s", gift_id, error)
    return {"done": done, "due": len(due)}
