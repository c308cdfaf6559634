"""What ``app`` collects from orders: event handlers, outbox handlers, periodic jobs."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from domain.orders import flows
from domain.orders.payable import PAYABLE
from domain.orders.paying import register_payable
from domain.outbox import Handler, Job, Periodic
from domain.payments.ports import PayPort
from kernel.store import Store


def subscribe_all() -> None:
    """Register the order as a payable."""
    register_payable(PAYABLE)


def handlers(store: Store, port: PayPort) -> dict[str, Handler]:
    """Outbox handlers that call WeChat Pay."""

    async def close(payload: dict[str, Any], _job: Job, /) -> None:
        await flows.close_order(store, port, payload["order_id"])

    return {"orders.close": close}


def periodic(store: Store, port: PayPort) -> list[Periodic]:
    """Jobs that close, receive and complete orders by time."""
    minute = timedelta(minutes=1)
    return [
        Periodic("orders.close", timedelta(seconds=20), partial(flows.close_due, store, port)),
        Periodic("orders.receive", minute, partial(flows.receive_due, store)),
        Periodic("orders.complete", minute, partial(flows.complete_due, store)),
    ]
