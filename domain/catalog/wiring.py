"""What ``app`` collects from the catalogue: the job that carries out planned shelving."""

from __future__ import annotations

from datetime import timedelta

from domain.catalog.shelving import carry_out_plans
from domain.outbox import Did, Periodic
from kernel.store import Store


def periodic(store: Store) -> list[Periodic]:
    """The job that puts products on and off the shelf at their planned instants."""

    async def shelve() -> Did:
        return await store.write(carry_out_plans)

    return [Periodic("catalog.shelve", timedelta(minutes=1), shelve)]
