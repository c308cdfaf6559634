"""What ``app`` connects: event handlers and the daily job of invitations."""

from __future__ import annotations

from datetime import timedelta

from domain.distribution.events import DistributorApplied
from domain.invitations import service
from domain.orders.events import OrderReceived
from domain.outbox import Did, Periodic
from kernel.events import subscribe
from kernel.store import Store

AT = timedelta(hours=10)
BATCH = 200


def subscribe_all() -> None:
    """Subscribe to receipts and applications."""
    subscribe(OrderReceived, service.note_receipt)
    subscribe(DistributorApplied, service.note_joined)


def periodic(store: Store) -> list[Periodic]:
    """The job that invites, once a day."""

    async def run() -> Did:
        return await invite_all(store)

    return [Periodic("invitations.invite", timedelta(days=1), run, at=AT)]


async def invite_all(store: Store) -> Did:
    """Invite in batches, a transaction each, until nothing is due."""
    invited = 0
    while True:
        due, now_invited = await store.write(service.invite_due, BATCH)
        invited += now_invited
        if due < BATCH:
            return {"invited": invited}
