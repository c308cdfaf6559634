"""What ``app`` collects from refusals: the owner's daily reminder."""

from __future__ import annotations

from datetime import timedelta

from domain.outbox import Periodic
from domain.refusals import service
from kernel.store import Store


def periodic(store: Store) -> list[Periodic]:
    """The job that reminds the owner of open refusals."""

    async def tell() -> str:
        return f"{await store.write(service.remind)} told"

    return [Periodic("refusals.remind", timedelta(minutes=10), tell)]
