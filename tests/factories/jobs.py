"""Runs outbox rows in order, as a worker does."""

from __future__ import annotations

from typing import Any

from domain.orders import wiring as orders
from domain.payments import wiring as payments
from kernel.errors import GatewayError
from models import OutboxRow

PUBLIC_URL = "https://mall.example"


async def run_outbox(store: Any, port: Any) -> int:
    """Run the due rows of the trade domains until no row succeeds any more.

    Returns the number of rows that succeeded. A row whose handler raised stays due, as in a
    worker.
    """
    handlers = payments.handlers(store, port, PUBLIC_URL) | orders.handlers(store, port)
    done, failed = 0, set()
    while row := await store.read(_next, tuple(handlers), tuple(failed)):
        row_id, kind, payload = row
        try:
            await handlers[kind](payload, None)  # type: ignore[arg-type]
        except GatewayError:
            failed.add(row_id)
            continue
        await store.write(_finish, row_id)
        done += 1
    return done


def due_kinds() -> list[str]:
    """The kinds of the rows that are due."""
    return [row.kind for row in OutboxRow.select().where(OutboxRow.state == "due")]


def _next(kinds: tuple[str, ...], failed: tuple[int, ...]) -> Any:
    due = (OutboxRow.state == "due") & OutboxRow.kind.in_(kinds) & OutboxRow.id.not_in(failed)
    row = OutboxRow.select().where(due).order_by(OutboxRow.id).first()
    return (row.id, row.kind, row.payload) if row else None


def _finish(row_id: int) -> None:
    OutboxRow.update(state="done").where(OutboxRow.id == row_id).execute()
