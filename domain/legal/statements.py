"""Prepared SQL of legal documents, for pages and orders that need the version in force."""

from __future__ import annotations

from typing import Any

from kernel.store import prepared
from models import LegalVersion

HEAD = (
    LegalVersion.id, LegalVersion.kind, LegalVersion.number, LegalVersion.what_changed,
    LegalVersion.asks_again, LegalVersion.facts, LegalVersion.effective_at,
    LegalVersion.published_at, LegalVersion.published_by,
)  # fmt: skip


@prepared
def in_force(kind: Any, now: Any) -> Any:
    """The published version of a kind that is in force at an instant."""
    return _in_force(kind, now).limit(1)


@prepared
def asked_again(kind: Any, now: Any) -> Any:
    """The last version in force that asks everybody to agree anew."""
    asks = LegalVersion.asks_again == True  # noqa: E712
    return _in_force(kind, now).where(asks).limit(1)


@prepared
def announced(kind: Any, now: Any) -> Any:
    """The newest published version of a kind, if it is not yet in force."""
    mine = (LegalVersion.kind == kind) & (LegalVersion.number > 0)
    query = LegalVersion.select(*HEAD).where(mine & (LegalVersion.effective_at > now))
    return query.order_by(LegalVersion.number.desc()).limit(1)


def _in_force(kind: Any, now: Any) -> Any:
    mine = (LegalVersion.kind == kind) & (LegalVersion.number > 0)
    query = LegalVersion.select(*HEAD).where(mine & (LegalVersion.effective_at <= now))
    return query.order_by(LegalVersion.number.desc())
