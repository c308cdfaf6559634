"""What ``app`` collects from reconciliation: the job, and the reading that a person asks for."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from functools import partial
from typing import Any

from domain.outbox import Handler, Job, Periodic
from domain.payments.ports import PayPort
from domain.reconcile import days
from domain.reconcile.flows import catch_up, reconcile_day
from kernel.errors import GatewayError
from kernel.store import Store

log = logging.getLogger(__name__)


def handlers(store: Store, pay: PayPort) -> dict[str, Handler]:
    """The outbox handler that reads a day, or every unread day, because a person asked for it.

    It tries once: what WeChat doesn't give is recorded with its day, and the job tries again.
    """

    async def read(payload: dict[str, Any], _job: Job, /) -> None:
        day = payload["day"]
        try:
            if day:
                await reconcile_day(store, pay, date.fromisoformat(day))
            else:
                await catch_up(store, pay)
        except GatewayError as error:
            log.warning("bills of %s: %s", day or "unread days", error)
        if not day:
            await store.write(days.stop_waiting, pay.mchid)

    return {"reconcile.read": read}


def periodic(store: Store, pay: PayPort) -> list[Periodic]:
    """Each hour from half past ten: yesterday, and every day that was missed."""
    half_past = timedelta(hours=10, minutes=30)
    return [Periodic("reconcile", timedelta(hours=1), partial(catch_up, store, pay), at=half_past)]
