"""What ``app`` connects: event handlers and periodic jobs of distribution."""

from __future__ import annotations

from datetime import timedelta

from domain.aftersales.events import LineRefunded
from domain.distribution import handlers as on
from domain.distribution.service import rebinding, release
from domain.members import MemberFollowed, MemberSignedIn
from domain.orders.events import OrderCancelled, OrderPaid, OrderPlaced, OrderReceived
from domain.outbox import Did, Periodic
from kernel.events import subscribe
from kernel.store import Store

RELEASE_BATCH = 200


def subscribe_all() -> None:
    """Subscribe to events, and register rebinding as a kind of proposal."""
    subscribe(MemberSignedIn, on.on_signed_in)
    subscribe(MemberFollowed, on.on_followed)
    subscribe(OrderPlaced, on.on_placed)
    subscribe(OrderPaid, on.on_paid)
    subscribe(OrderCancelled, on.on_cancelled)
    subscribe(OrderReceived, on.on_received)
    subscribe(LineRefunded, on.on_refunded)
    rebinding.register_kind()


def periodic(store: Store) -> list[Periodic]:
    """The job that releases commission."""

    async def run() -> Did:
        return await release_all(store)

    return [Periodic("commission_run", timedelta(minutes=10), run, stops_in_hold=True)]


async def release_all(store: Store) -> Did:
    """Release in batches, a transaction each, until nothing is due."""
    total = 0
    while (done := await store.write(release.release_due, RELEASE_BATCH)) > 0:
        total += done
    return {"released": total}
