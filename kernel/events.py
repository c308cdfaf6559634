"""In-transaction events: how a lower domain tells the upper ones, in the same transaction.

A verb ``publish``es a frozen dataclass; ``app`` has subscribed the handlers, in an order that is
written in one list there. A handler that raises undoes the verb. Nothing here is asynchronous or
leaves the transaction: that is the outbox's work.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

_handlers: dict[type, list[Callable[[Any], None]]] = defaultdict(list)


def subscribe(event: type, handler: Callable[[Any], None]) -> None:
    """Call ``handler`` for each published event of exactly this type; twice is once."""
    if handler not in _handlers[event]:
        _handlers[event].append(handler)


def publish(event: Any) -> None:
    """Hand an event to its handlers, now, in the running transaction."""
    for handler in _handlers[type(event)]:
        handler(event)


def unsubscribe_all() -> None:
    """Forget every handler; for tests that wire their own."""
    _handlers.clear()
