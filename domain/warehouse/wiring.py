"""What ``app`` collects from the warehouse: the job that tells of low stock."""

from __future__ import annotations

from datetime import timedelta

from domain.outbox import Did, Periodic
from domain.warehouse.alerts import tell_of_low_stock
from kernel.store import Store


def periodic(store: Store) -> list[Periodic]:
    """The job that tells of low stock."""

    async def tell() -> Did:
        return {"told": await store.write(tell_of_low_stock)}

    return [Periodic("warehouse.low", timedelta(minutes=10), tell)]
