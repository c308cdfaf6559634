"""The kinds of legal documents, and when a version may come into force."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import ClassVar, Literal

from pydantic import Field

from domain import settings
from kernel import clock
from kernel.errors import Invalid

State = Literal["draft", "published"]
Kind = Literal["terms", "privacy", "distribution", "campaign"]
KINDS: tuple[Kind, ...] = ("terms", "privacy", "distribution", "campaign")
ANNOUNCED: tuple[Kind, ...] = ("distribution",)
"""Kinds whose changes are announced some days before they come into force."""

DRAFT = 0
AHEAD_MOST = timedelta(days=366)


class LegalTimes(settings.Switches):
    """Days of notice and of answers (法务时限)."""

    KEY: ClassVar[str] = "legal"
    announce_days: int = Field(default=7, ge=3, le=60)
    """Days between publishing new distribution rules and their coming into force."""
    request_days: int = Field(default=15, ge=1, le=30)
    """Working days to answer a person's request about their own data."""


def times() -> LegalTimes:
    """The present days of notice and of answers."""
    return settings.get(LegalTimes)


def checked_kind(kind: str) -> Kind:
    """A known kind. Raises Invalid('document_unknown')."""
    for known in KINDS:
        if known == kind:
            return known
    raise Invalid("document_unknown", "kind")


def effective_from(kind: Kind, day: date | None, now: datetime, announce_days: int) -> datetime:
    """The instant from which a version published now is in force; ``day`` None means at once.

    Raises Invalid('effective_past', 'effective_far', 'effective_too_soon').
    """
    today = clock.business_day(now)
    if kind in ANNOUNCED:
        earliest = today + timedelta(days=announce_days)
        if day is None or day < earliest:
            raise Invalid("effective_too_soon", "effective_on", days=announce_days,
                          day=earliest.isoformat())  # fmt: skip
    if day is None or day == today:
        return now
    if day < today:
        raise Invalid("effective_past", "effective_on")
    if day > today + AHEAD_MOST:
        raise Invalid("effective_far", "effective_on")
    return clock.day_start(day)
