"""Sending notices: each becomes an outbox row in the transaction of its cause."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from domain.notices.registry import MemberNotice, OwnerNotice, stored_facts
from domain.outbox import enqueue, payloads_since
from kernel import clock
from kernel.events import subscribe

MEMBER, OWNER = "notify.member", "notify.owner"
_DAY = timedelta(days=1)
E = TypeVar("E")
_SENDERS: list[tuple[type, Callable[[Any], None]]] = []


def sent_on(event: type[E]) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Mark a function of a ``notices.py`` that sends its notice when the event is published."""

    def mark(sender: Callable[[E], None]) -> Callable[[E], None]:
        _SENDERS.append((event, sender))
        return sender

    return mark


def subscribe_all() -> None:
    """Subscribe every function marked by ``sent_on``; idempotent."""
    for event, sender in _SENDERS:
        subscribe(event, sender)


def notify(member_id: int, notice: MemberNotice) -> None:
    """Send a notice to a member, by whatever way WeChat allows when it is sent."""
    facts = stored_facts(notice)
    enqueue(MEMBER, {"member_id": member_id, "purpose": notice.KEY, "facts": facts})


def notify_owner(notice: OwnerNotice) -> None:
    """Send a notice to the owner."""
    enqueue(OWNER, {"purpose": notice.KEY, "facts": stored_facts(notice)})


def notify_owner_daily(notice: OwnerNotice) -> None:
    """Send a notice to the owner, at most once in 24 hours for the same ``code``."""
    about = (notice.KEY, stored_facts(notice).get("code"))
    rows = payloads_since(OWNER, clock.now() - _DAY)
    if all((row["purpose"], row["facts"].get("code")) != about for row in rows):
        notify_owner(notice)
