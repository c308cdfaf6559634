"""What people are told, as outbox rows: a purpose and facts, words are put to them by the face."""

from __future__ import annotations

from typing import Any

from domain.outbox.service import enqueue


def tell(member_id: int, purpose: str, **facts: Any) -> None:
    """A member is told about their own matters, by whatever way WeChat allows then."""
    enqueue("notify.member", {"member_id": member_id, "purpose": purpose, "facts": facts})


def tell_owner(purpose: str, **facts: Any) -> None:
    """The owner is told that something stopped or needs a person."""
    enqueue("notify.owner", {"purpose": purpose, "facts": facts})
