"""What ``app`` collects from leaks: outbox handlers."""

from __future__ import annotations

from typing import Any

from domain.leaks.service import add_page
from domain.leaks.telling import tell_next
from domain.outbox import Handler, Job
from domain.push.ports import Messenger, NoticeWords
from kernel.store import Store


def handlers(store: Store, messenger: Messenger, words: NoticeWords) -> dict[str, Handler]:
    """Outbox handlers by kind."""

    async def expand(payload: dict[str, Any], job: Job) -> None:
        await job.done_in(
            add_page, int(payload["leak_id"]), payload["who"], payload["days"],
            int(payload["after"]),
        )  # fmt: skip

    async def tell(payload: dict[str, Any], job: Job) -> None:
        await tell_next(store, messenger, words, int(payload["leak_id"]))

    return {"leaks.expand": expand, "leaks.tell": tell}
