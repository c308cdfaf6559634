"""What ``app`` connects: the kind of delivery, event handlers, and the job of the clocks."""

from __future__ import annotations

import logging
from datetime import timedelta

from domain import orders
from domain.orders import DeliveryKind
from domain.orders.events import OrderCancelled, OrderPaid, OrderRefunded
from domain.outbox import Did, Periodic
from domain.pickups import due, service
from domain.pickups.rules import PICKUP
from kernel.errors import DomainError
from kernel.events import subscribe
from kernel.store import Store

log = logging.getLogger(__name__)


def subscribe_all() -> None:
    """Register the kind of delivery; a code is made when its order is paid."""
    orders.register_delivery(
        DeliveryKind(
            PICKUP, service.destination, service.begin, has_parcels=False, has_freight=False
        )
    )
    subscribe(OrderPaid, service.prepare)
    subscribe(OrderCancelled, service.end)
    subscribe(OrderRefunded, service.end)


def periodic(store: Store) -> list[Periodic]:
    """The jobs that remind, and that refund what nobody collected."""

    async def remind() -> Did:
        ids = await store.read(due.to_remind)
        return {"reminded": sum([await store.write(service.remind_if_due, each) for each in ids])}

    async def refund() -> Did:
        done = 0
        ids = await store.read(due.to_refund)
        for each in ids:
            try:
                done += await store.write(service.refund_if_due, each)
            except DomainError as error:
                log.warning("pickup %s: %s", each, error)
        return {"done": done, "due": len(ids)}

    minute = timedelta(minutes=1)
    return [
        Periodic("pickups.remind", timedelta(minutes=10), remind),
        Periodic("pickups.refund", minute, refund, stops_in_hold=True),
    ]
