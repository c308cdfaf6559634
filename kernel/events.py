"""In-transaction events: a lower domain informs upper ones within the same transaction.

A verb ``publish``es a frozen dataclass. ``app`` subscribes the handlers in the order of one list.
A handler that raises rolls the verb back. Work after the transaction belongs into the outbox.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

_handlers: dict[type, list[Callable[[Any], None]]] = defaultdict(list)


def subscribe(event: type, handler: Callable[[Any], None]) -> None:
    """Call ``handler`` for each published event of exactly this type; idempotent."""
    if handler not in _handlers[event]:
        _handlers[event].append(handler)


def publish(event: Any) -> None:
    """Call the handlers of an event at once, in the running transaction."""
    for handler in _handlers[type(event)]:
        handler(event)


def unsubscribe_all() -> None:
    """Remove every handler; for tests that subscribe their own."""
    _handlers.clear()
