"""What ``app`` collects from approvals: the job that expires proposals."""

from __future__ import annotations

from datetime import timedelta

from domain.approvals.service import expire_proposals
from domain.outbox import Did, Periodic
from kernel.store import Store


def periodic(store: Store) -> list[Periodic]:
    """The job that expires proposals."""

    async def over() -> Did:
        return {"expired": await store.write(expire_proposals)}

    return [Periodic("approvals.expire", timedelta(minutes=10), over)]
