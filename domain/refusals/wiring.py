"""What ``app`` collects from refusals: the owner's daily reminder."""

from __future__ import annotations

from datetime import timedelta

from domain.outbox import Did, Periodic
from domain.refusals import service
from kernel.store import Store


def periodic(store: Store) -> list[Periodic]:
    """The job that reminds the owner of open refusals."""

    async def tell() -> Did:
        return {"told": await store.write(service.remind)}

    return [Periodic("refusals.remind", timedelta(minutes=10), tell)]
