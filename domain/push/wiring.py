"""What ``app`` collects from push: outbox handlers and the job that takes templates over."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from domain.outbox import Handler, Job, Periodic
from domain.push import flows, hearing, receiving, sending
from domain.push.ports import Messenger, NoticeWords
from kernel.store import Store

log = logging.getLogger(__name__)


def subscribe_all() -> None:
    """Buyers are told of their orders; everybody else's news comes as outbox rows."""
    hearing.subscribe_all()


def handlers(store: Store, messenger: Messenger, words: NoticeWords) -> dict[str, Handler]:
    """Outbox handlers by kind."""

    async def member(payload: dict[str, Any], job: Job) -> None:
        how = await flows.send_notice(store, messenger, words, payload, f"n{job.id}")
        log.info("notice %s to member %s: %s", payload["purpose"], payload["member_id"], how)

    async def owner(payload: dict[str, Any], job: Job) -> None:
        reached = await flows.send_owner_notice(store, messenger, words, payload, f"n{job.id}")
        log.info("owner notice %s reached %d", payload["purpose"], reached)

    async def expand(payload: dict[str, Any], job: Job) -> None:
        await job.done_in(sending.expand, int(payload["campaign_id"]), int(payload["after"]))

    async def send(payload: dict[str, Any], job: Job) -> None:
        await flows.send_chunk(store, messenger, int(payload["campaign_id"]), job.done_in)

    async def receipt(payload: dict[str, Any], job: Job) -> None:
        await job.done_in(
            receiving.receive_receipt, payload["kind"], payload["msg_id"], payload["status"],
            is_retry=True,
        )  # fmt: skip

    return {
        "notify.member": member, "notify.owner": owner, "push.expand": expand,
        "push.send": send, "push.receipt": receipt,
    }  # fmt: skip


def periodic(store: Store, messenger: Messenger) -> list[Periodic]:
    """Jobs that come round."""

    async def sync() -> str:
        return f"{await flows.sync_templates(store, messenger)} templates"

    return [Periodic("push.templates", timedelta(hours=12), sync)]
