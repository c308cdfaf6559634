"""What ``app`` collects from promotions: the job that begins and ends them by the clock."""

from __future__ import annotations

from datetime import timedelta

from domain.outbox import Periodic
from domain.promotions import service
from kernel.store import Store


def periodic(store: Store) -> list[Periodic]:
    """Prices know by themselves; this says it once to who wants to hear, and tidies states."""

    async def run() -> str:
        begun = await store.write(service.begin_due)
        ended = await store.write(service.end_due)
        return f"{begun} promotions began, {ended} ended"

    return [Periodic("promotions.clock", timedelta(seconds=20), run)]
