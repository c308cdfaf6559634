"""What ``app`` collects from promotions: the job that begins and ends them by time."""

from __future__ import annotations

from datetime import timedelta

from domain.outbox import Did, Periodic
from domain.promotions import service
from kernel.store import Store


def periodic(store: Store) -> list[Periodic]:
    """The job that publishes beginnings and marks ends; prices don't depend on it."""

    async def run() -> Did:
        begun = await store.write(service.begin_due)
        ended = await store.write(service.end_due)
        return {"begun": begun, "ended": ended}

    return [Periodic("promotions.clock", timedelta(seconds=20), run)]
