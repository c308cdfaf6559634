"""What ``app`` collects from push: outbox handlers and periodic jobs."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from domain import refusals
from domain.notices import MEMBER, OWNER
from domain.outbox import Did, Handler, Job, Periodic, Postpone
from domain.push import approving, counting, flows, offering, receiving, sending, templates
from domain.push.ports import Messenger, NoticeWords
from kernel import clock
from kernel.errors import GatewayError
from kernel.faults import fault_of
from kernel.store import Store

LOOK_AGAIN = timedelta(minutes=10)
FOLDS_AT_ONCE = 100
log = logging.getLogger(__name__)


def subscribe_all() -> None:
    """Subscribe to promotions, pass on templates' titles, register the kind of proposal."""
    offering.subscribe_all()
    refusals.install_titles(templates.title_of)
    approving.register_kind()


def handlers(store: Store, messenger: Messenger, words: NoticeWords) -> dict[str, Handler]:
    """Outbox handlers by kind."""

    async def member(payload: dict[str, Any], job: Job) -> None:
        with _waiting():
            how = await flows.send_notice(store, messenger, words, payload, f"n{job.id}")
        log.info("notice %s to member %s: %s", payload["purpose"], payload["member_id"], how)

    async def owner(payload: dict[str, Any], job: Job) -> None:
        with _waiting():
            reached = await flows.send_owner_notice(store, messenger, words, payload, f"n{job.id}")
        log.info("owner notice %s reached %d", payload["purpose"], reached)

    async def expand(payload: dict[str, Any], job: Job) -> None:
        await job.done_in(
            sending.insert_next_deliveries, int(payload["campaign_id"]), int(payload["after"])
        )

    async def send(payload: dict[str, Any], job: Job) -> None:
        await flows.send_chunk(store, messenger, int(payload["campaign_id"]), job.done_in)

    async def receipt(payload: dict[str, Any], job: Job) -> None:
        await job.done_in(
            receiving.receive_receipt, payload["kind"], payload["msg_id"], payload["status"],
            is_retry=True,
        )  # fmt: skip

    async def offer(payload: dict[str, Any], job: Job) -> None:
        offer_id = int(payload["offer_id"])
        told = await store.read(offering.promotion_notice, offer_id)
        if told is not None:
            await job.done_in(offering.announce_promotion, offer_id, words.text(told))

    return {
        MEMBER: member, OWNER: owner, "push.expand": expand,
        "push.send": send, "push.receipt": receipt, "push.offer": offer,
    }  # fmt: skip


@contextlib.contextmanager
def _waiting() -> Iterator[None]:
    """Postpone a notice while WeChat refuses the whole account; that costs no attempt."""
    try:
        yield
    except GatewayError as error:
        if error.code in flows.ACCOUNT_REFUSED:
            raise Postpone(clock.now() + LOOK_AGAIN, fault_of(error)) from error
        raise


def periodic(store: Store, messenger: Messenger) -> list[Periodic]:
    """Jobs that copy WeChat's templates and merge rows of counts."""

    async def sync() -> Did:
        return {"templates": await flows.sync_templates(store, messenger)}

    async def fold() -> Did:
        done = 0
        for _ in range(FOLDS_AT_ONCE):  # rows are added while it runs; the next round merges them
            count = await store.write(counting.merge_counts)
            if not count:
                break
            done += count
        return {"merged": done}

    return [
        Periodic("push.templates", timedelta(hours=12), sync),
        Periodic("push.counts", timedelta(minutes=1), fold),
    ]
