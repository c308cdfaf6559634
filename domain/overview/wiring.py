"""What ``app`` collects from the overview: sums of closed days and the nightly check."""

from __future__ import annotations

from datetime import timedelta

from domain import push
from domain.orders import OrderPaidLate
from domain.outbox import Did, Periodic
from domain.overview import sealing
from domain.overview.checkup import (
    check_days,
    check_orders,
    check_pushes,
    check_stock,
    store_findings,
)
from kernel import events
from kernel.store import Store


def subscribe_all() -> None:
    """Subscribe to payments that are learnt of late."""
    events.subscribe(OrderPaidLate, sealing.on_paid_late)


def periodic(store: Store) -> list[Periodic]:
    """The nightly check, and the job that sums closed days."""

    async def look() -> Did:
        orders, stock = await check_orders(store), await check_stock(store)
        kept = await check_days(store) + await check_pushes(store)
        found = await store.write(store_findings, orders, stock, kept)
        if kept:  # stored sums and counts are made again; their rows are never changed
            await store.write(sealing.repair_sums)
            await store.write(push.repair_counts)
        return {"differences": found}

    async def seal() -> Did:
        return {"days": await store.write(sealing.seal_due)}

    return [
        Periodic("checkup", timedelta(days=1), look, at=timedelta(hours=5)),
        Periodic("sales_days", timedelta(hours=1), seal),
    ]
