"""What ``app`` connects: event handlers, outbox handlers and periodic jobs of distribution."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain.aftersales.events import LineRefunded
from domain.distribution import handlers as on
from domain.distribution.flows import payouts as flows
from domain.distribution.service import brakes, release
from domain.distribution.service.payouts import PayoutTerms
from domain.members import MemberFollowed, MemberSignedIn
from domain.orders.events import OrderCancelled, OrderPaid, OrderPlaced, OrderReceived
from domain.outbox import Handler, Job, Periodic
from domain.payments.ports import PayPort
from kernel.events import subscribe
from kernel.store import Store

RELEASE_BATCH = 200


def subscribe_all() -> None:
    """Hear what the domains below and beside tell."""
    subscribe(MemberSignedIn, on.on_signed_in)
    subscribe(MemberFollowed, on.on_followed)
    subscribe(OrderPlaced, on.on_placed)
    subscribe(OrderPaid, on.on_paid)
    subscribe(OrderCancelled, on.on_cancelled)
    subscribe(OrderReceived, on.on_received)
    subscribe(LineRefunded, on.on_refunded)


def handlers(store: Store, pay: PayPort, terms: PayoutTerms) -> dict[str, Handler]:
    """Outbox handlers by kind."""

    async def send(payload: dict[str, Any], _: Job) -> None:
        # what a brake holds back stays approved; the periodic job takes it up again
        await flows.send_withdrawal(store, pay, terms, int(payload["withdrawal_id"]))

    return {"withdrawal.send": send}


def periodic(store: Store, pay: PayPort, terms: PayoutTerms) -> list[Periodic]:
    """Jobs that come round: the run, questions to WeChat, the book's check."""

    async def run() -> str:
        return await release_all(store)

    async def poll() -> str:
        return f"{await flows.poll_due(store, pay)} transfers asked after"

    async def waiting() -> str:
        return f"{await flows.send_waiting(store, pay, terms)} withdrawals sent"

    async def check() -> str:
        faults = await store.write(brakes.check_book)
        return f"{len(faults)} faults in the book"

    return [
        Periodic("commission_run", timedelta(minutes=10), run),
        Periodic("withdrawal_poll", timedelta(seconds=5), poll),
        Periodic("withdrawal_waiting", timedelta(minutes=5), waiting),
        Periodic("book_check", timedelta(minutes=30), check),
    ]


async def release_all(store: Store) -> str:
    """Run until nothing is due, a batch per transaction."""
    total = 0
    while (done := await store.write(release.release_due, RELEASE_BATCH)) > 0:
        total += done
    return f"{total} lines released"
