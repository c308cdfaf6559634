"""What ``app`` collects from reconciliation: the daily job."""

from __future__ import annotations

from datetime import timedelta

from domain.outbox import Did, Periodic
from domain.payments.ports import PayPort
from domain.reconcile.flows import catch_up
from kernel.store import Store


def periodic(store: Store, pay: PayPort) -> list[Periodic]:
    """The job at half past ten: yesterday, and every day that was missed."""

    async def morning() -> Did:
        done = await catch_up(store, pay)
        return {str(day): counts for day, counts in sorted(done.items())[::-1]}

    half_past_ten = timedelta(hours=10, minutes=30)
    return [Periodic("reconcile", timedelta(days=1), morning, at=half_past_ten)]
