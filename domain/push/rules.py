"""Which carrier may reach whom, and when. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from domain.members import WORD_WINDOW
from kernel.clock import SHANGHAI
from kernel.money import BP

CampaignState = Literal["draft", "sending", "paused", "done", "stopped"]
StopCause = Literal["offer_over", "block_share"]
"""Why a campaign stopped by itself, besides WeChat's refusal of the account."""
DeliveryState = Literal[
    "queued", "sending", "sent", "delivered", "blocked", "failed", "skipped", "unknown"
]
NotSent = Literal[
    "closed", "stopped", "not_agreed", "capped", "not_following", "no_grant", "window_closed",
    "mass_needs_two", "interrupted", "user_block", "system_failed", "refused",
]  # fmt: skip
"""Why a message was not sent or did not arrive, besides the codes of WeChat's interfaces."""
CARRIERS = ("template", "subscription", "mass", "service")
MASS_LEAST, MASS_MOST = 2, 10_000
LEAST_RESULTS = 50  # the share of fewer results is not reliable
LEAST_BLOCKS = 2


@dataclass(frozen=True)
class Person:
    """What decides whether a person may be written to."""

    member_id: int
    openid: str
    is_following: bool
    last_message_at: datetime | None
    has_agreed: bool
    has_stopped: bool
    grants: int = 0
    sent_this_week: int = 0
    is_closed: bool = False


@dataclass(frozen=True)
class Limits:
    """The merchant's settings that apply here."""

    allow_template_promotion: bool
    weekly_cap: int


def text_of(content: dict[str, Any]) -> str:
    """All text of a campaign's content that people read."""
    return "\n".join(parts_of(content))


def parts_of(content: dict[str, Any]) -> list[str]:
    """The texts of a campaign's content, one a field."""
    parts: list[str] = []
    for value in content.values():
        if isinstance(value, str):
            parts.append(value)
        elif isinstance(value, dict):
            parts += [str(v) for v in value.values()]
    return parts


def carrier_refusal(carrier: str, limits: Limits, *, is_promotion: bool) -> str | None:
    """Why a carrier can't be used at all, or None.

    Template messages are for service notices. Promoting by them risks the account, so it is
    allowed only if the merchant switched it on.
    """
    if carrier not in CARRIERS:
        return "carrier_unknown"
    if carrier == "template" and is_promotion and not limits.allow_template_promotion:
        return "template_promotion_off"
    return None


def why_person_excluded(
    carrier: str, person: Person, limits: Limits, *, is_promotion: bool, now: datetime
) -> NotSent | None:
    """Why this person may not be written to by this carrier now, or None.

    A promotion needs the person's agreement, no 退订, and room within the weekly cap.
    """
    if person.is_closed:
        return "closed"
    if is_promotion:
        reason = _promotion_refusal(carrier, person, limits)
        if reason is not None:
            return reason
    if carrier == "subscription":
        return None if person.grants > 0 else "no_grant"
    if not person.is_following:
        return "not_following"
    if carrier == "service" and not has_window(person.last_message_at, now):
        return "window_closed"
    return None


def _promotion_refusal(carrier: str, person: Person, limits: Limits) -> NotSent | None:
    if person.has_stopped:
        return "stopped"
    # A granted subscription notice is an agreement of its own.
    if not person.has_agreed and carrier != "subscription":
        return "not_agreed"
    if person.sent_this_week >= limits.weekly_cap:
        return "capped"
    return None


def has_window(last_message_at: datetime | None, now: datetime) -> bool:
    """True while a campaign may use the customer-service window: 48 hours after a message.

    The minute after a follow or a scan is over before a campaign reaches a person.
    """
    return last_message_at is not None and now - last_message_at < WORD_WINDOW


def quiet_until(now: datetime, from_hour: int, to_hour: int) -> datetime | None:
    """The end of the quiet hours (Shanghai) if the instant is within them, else None (免打扰)."""
    if from_hour == to_hour:
        return None
    local = now.astimezone(SHANGHAI)
    is_over_midnight = from_hour > to_hour
    is_late, is_early = local.hour >= from_hour, local.hour < to_hour
    if not (is_late or is_early if is_over_midnight else is_late and is_early):
        return None
    end = local.replace(hour=to_hour, minute=0, second=0, microsecond=0)
    return end + timedelta(days=1) if end <= local else end


def is_blocked_too_often(settled: int, blocked: int, stop_bp: int) -> bool:
    """True if so many people block the account that sending on would endanger it."""
    enough = settled >= LEAST_RESULTS and blocked >= LEAST_BLOCKS
    return enough and blocked * BP > stop_bp * settled


@dataclass
class Count:
    """The number of people a carrier reaches, and the reasons for the others."""

    reached: int = 0
    excluded: dict[str, int] = field(default_factory=dict)

    def add(self, reason: str | None) -> None:
        """Count one person; ``reason`` None means reached."""
        if reason is None:
            self.reached += 1
        else:
            self.excluded[reason] = self.excluded.get(reason, 0) + 1


def count_reach(
    people: Iterable[Person], limits: Limits, counts: dict[str, Count], *,
    is_promotion: bool, now: datetime,
) -> None:  # fmt: skip
    """Add people to the count of each carrier."""
    for person in people:
        for carrier, count in counts.items():
            count.add(
                why_person_excluded(carrier, person, limits, is_promotion=is_promotion, now=now)
            )
