"""What ``app`` collects from the ledger: the job that seals closed days."""

from __future__ import annotations

from datetime import timedelta

from domain.ledger.sealing import seal_due
from domain.outbox import Did, Periodic
from kernel.store import Store


def periodic(store: Store) -> list[Periodic]:
    """The job that seals closed days."""

    async def seal() -> Did:
        return {"days": await seal_due(store)}

    return [Periodic("ledger_seal", timedelta(hours=1), seal)]
