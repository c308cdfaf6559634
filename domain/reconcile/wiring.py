"""What ``app`` collects: the morning's reconciliation."""

from __future__ import annotations

from datetime import timedelta

from domain.outbox import Periodic
from domain.payments.ports import PayPort
from domain.reconcile.flows import last_billed_day, reconcile_day
from kernel.store import Store


def periodic(store: Store, pay: PayPort) -> list[Periodic]:
    """Yesterday is reconciled at half past ten."""

    async def yesterday() -> str:
        day = last_billed_day()
        counts = await reconcile_day(store, pay, day)
        told = ", ".join(f"{n} {state}" for state, n in sorted(counts.items())) or "no lines"
        return f"{day}: {told}"

    half_past_ten = timedelta(hours=10, minutes=30)
    return [Periodic("reconcile", timedelta(days=1), yesterday, at=half_past_ten)]
