"""The only place that changes an order's state: a conditional UPDATE and a row in its log."""

from __future__ import annotations

from typing import Any

from domain.orders import statements
from domain.orders.rules import next_state
from kernel import clock, context
from kernel.errors import Conflict, NotFound
from kernel.store import insert_row, lock_row
from models import Order, OrderLog


def lock_order(order_id: int) -> Any:
    """The order's row, locked for the rest of the transaction. Raises NotFound."""
    row = lock_row(Order, order_id)
    if row is None:
        raise NotFound("order_missing")
    return row


def change_state(
    order: Any, event: str, why: str = "", *, facts: dict[str, Any] | None = None,
    actor: str | None = None, **values: Any,
) -> str:  # fmt: skip
    """Move an order from the state that was read to the next; returns it. Raises Conflict."""
    to_state = next_state(order.state, event)
    change = statements.step(("state", *values))
    if change.run(order.id, order.state, to_state, *values.values()) != 1:
        raise Conflict("order_moved", state=order.state, event=event)
    write_log(order.id, order.state, to_state, why or event, facts=facts, actor=actor)
    return to_state


def write_log(
    order_id: int, from_state: str | None, to_state: str, why: str, *,
    facts: dict[str, Any] | None = None, actor: str | None = None,
) -> None:  # fmt: skip
    """Add a row to the order's log: who, from, to, why."""
    insert_row(
        OrderLog,
        order=order_id,
        from_state=from_state,
        to_state=to_state,
        actor=actor or context.actor.get(),
        why=why[:80],
        facts=facts,
        at=clock.now(),
    )
