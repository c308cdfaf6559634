"""What ``app`` collects from payments: outbox handlers and periodic jobs."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from domain.outbox import Handler, Job, Periodic
from domain.payments import flows
from domain.payments.ports import PayPort
from kernel.store import Store


def subscribe_all() -> None:
    """Payments subscribe to no event."""


def handlers(store: Store, port: PayPort, public_url: str) -> dict[str, Handler]:
    """Outbox handlers that call WeChat Pay."""

    async def refund(payload: dict[str, Any], _job: Job, /) -> None:
        await flows.send_refund(store, port, payload["refund_id"], public_url=public_url)

    async def close(payload: dict[str, Any], _job: Job, /) -> None:
        await flows.close_payment(store, port, payload["out_trade_no"])

    return {"payments.refund": refund, "payments.close": close}


def periodic(store: Store, port: PayPort, public_url: str) -> list[Periodic]:
    """Jobs that query payments and refunds without a known result."""
    often = timedelta(seconds=5)
    return [
        Periodic("payments.poll", often, partial(flows.poll_payments, store, port)),
        Periodic(
            "refunds.poll",
            often,
            partial(flows.poll_refunds, store, port, public_url=public_url),
        ),
    ]
