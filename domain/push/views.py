"""What queries of push return: facts and codes, without texts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.lint import Finding


@dataclass(frozen=True)
class CampaignForm:
    """A campaign as it is written.

    ``content``: template and subscription {template_id, values, url}; mass {kind, text|media_ids};
    service {text}. ``audience``: {kind: all | distributors | buyers | never_bought | members,
    days?, member_ids?}.
    """

    title: str
    carrier: str
    content: dict[str, Any]
    audience: dict[str, Any]
    is_promotion: bool = True
    send_at: datetime | None = None


@dataclass(frozen=True)
class CarrierReach:
    """How many of an audience one carrier may reach, and why not the others.

    ``refusal`` is set if the carrier can't be used at all. Reasons of ``excluded``: closed,
    stopped, not_agreed, capped, not_following, no_grant, window_closed.
    """

    carrier: str
    reached: int
    excluded: dict[str, int]
    refusal: str | None = None


@dataclass(frozen=True)
class ReachPreview:
    """The preview of a campaign: audience, reach per carrier, words, end of the quiet hours.

    ``blocking`` words prevent the start; ``warnings`` (marketing words in a service template)
    don't.
    """

    audience: int
    carriers: tuple[CarrierReach, ...]
    blocking: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    quiet_until: datetime | None
    risks: tuple[str, ...] = ()

    def of(self, carrier: str) -> CarrierReach:
        """The reach of one carrier."""
        return next(c for c in self.carriers if c.carrier == carrier)


@dataclass(frozen=True)
class CampaignView:
    """A campaign with the number of its messages by state."""

    id: int
    title: str
    carrier: str
    is_promotion: bool
    content: dict[str, Any]
    audience: dict[str, Any]
    state: str  # draft, sending, paused, done, stopped
    audience_size: int
    stop_reason: str | None
    stop_cause: str | None
    created_by: str
    created_at: datetime
    send_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def reached(self) -> int:
        """The number of messages sent."""
        return sum(self.counts.get(s, 0) for s in ("sent", "delivered", "unknown"))


@dataclass(frozen=True)
class DeliveryView:
    """A campaign's result for one person; ``error`` is a reason or WeChat's code."""

    id: int
    member_id: int
    name: str
    state: str
    error: str | None
    said: str | None  # WeChat's words
    at: datetime


@dataclass(frozen=True)
class TemplateView:
    """A template or subscription notice of the account."""

    template_id: str
    kind: str
    title: str
    purpose: str | None
    fields: tuple[tuple[str, str], ...]
    is_active: bool
