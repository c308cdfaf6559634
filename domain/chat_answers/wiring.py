"""What ``app`` collects from the chat's answers: the job that forgets old sentences."""

from __future__ import annotations

from datetime import timedelta

from domain.chat_answers.heard import forget_old
from domain.outbox import Did, Periodic
from kernel.store import Store


def periodic(store: Store) -> list[Periodic]:
    """The job that deletes sentences of over 90 days."""

    async def forget() -> Did:
        gone = 0
        while done := await store.write(forget_old):
            gone += done
        return {"forgotten": gone}

    return [Periodic("chat_answers.forget", timedelta(hours=1), forget)]
