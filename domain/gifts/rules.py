"""The table of a gift's states, its days, and what a buyer may write. Pure.

``docs/algorithms/gifts.md`` has the rules, ``tests/golden/gifts.yaml`` worked cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar, Literal

from pydantic import Field

from domain.settings import Switches
from kernel import clock
from kernel.errors import Conflict, Invalid
from kernel.personal import mask_documents
from kernel.text import clean_line

# (state, event) -> state; every other pair raises.
GIFT_STATES = {
    ("unpaid", "pay"): "waiting",
    ("unpaid", "close"): "closed",
    ("waiting", "accept"): "accepted",
    ("waiting", "cancel"): "cancelled",
    ("waiting", "lapse"): "lapsed",
    ("waiting", "close"): "closed",
}
STATES = tuple(dict.fromkeys([*(s for s, _ in GIFT_STATES), *GIFT_STATES.values()]))
ENDS = ("accepted", "cancelled", "lapsed", "closed")
AnswerKind = Literal["declined", "minor"]
SIGNATURE_MOST = 12
SAID_MOST = 100
UNSAID_DAYS = 5
"""Days from sending to arrival where the freight does not say."""
AHEAD_MOST = timedelta(days=60)


class GiftTimes(Switches):
    """How long a gift waits for its friend (送礼)."""

    KEY: ClassVar[str] = "gifts"
    accept_days: int = Field(default=7, ge=1, le=30)
    """Days until a gift that nobody took is refunded."""
    remind_days: int = Field(default=3, ge=1, le=30)
    """Days until the buyer is reminded."""


@dataclass(frozen=True)
class GiftForm:
    """What a buyer adds to an order that is a gift. ``signature`` is "" to stay unnamed."""

    signature: str = ""
    arrive_by: str = ""


@dataclass(frozen=True)
class Waits:
    """The instants of a paid gift; ``remind_at`` is None if it ends before."""

    remind_at: datetime | None
    expires_at: datetime


def next_state(state: str, event: str) -> str:
    """The state after an event. Raises Conflict('gift_state')."""
    try:
        return GIFT_STATES[state, event]
    except KeyError:
        raise Conflict("gift_state", state=state, event=event) from None


def waits_of(paid_at: datetime, accept_days: int, remind_days: int) -> Waits:
    """How long a gift waits that was paid at an instant."""
    remind = paid_at + timedelta(days=remind_days) if remind_days < accept_days else None
    return Waits(remind, paid_at + timedelta(days=accept_days))


def arrival_days(now: datetime, ship_hours: int, days_to: int) -> tuple[date, date]:
    """The first and the last day that a buyer may wish for; ``days_to`` is 0 if not said."""
    sent = clock.business_day(now + timedelta(hours=ship_hours))
    return sent + timedelta(days=days_to or UNSAID_DAYS), clock.business_day(now) + AHEAD_MOST


def checked_arrival(wish: str, earliest: date, latest: date) -> str:
    """A wished day as ``YYYY-MM-DD``, "" for none.

    Raises Invalid('date_bad', 'gift_day_too_early', 'gift_day_too_late') with both days.
    """
    wish = wish.strip()
    if not wish:
        return ""
    try:
        day = date.fromisoformat(wish)
    except ValueError:
        raise Invalid("date_bad", "arrive_by") from None
    bounds = {"earliest": earliest.isoformat(), "latest": latest.isoformat()}
    if day < earliest:
        raise Invalid("gift_day_too_early", "arrive_by", **bounds)
    if day > latest:
        raise Invalid("gift_day_too_late", "arrive_by", **bounds)
    return day.isoformat()


def checked_signature(text: str) -> str:
    """The signature, cleaned; "" for none. Raises Invalid('text_too_long')."""
    text = mask_documents(clean_line(text))
    if len(text) > SIGNATURE_MOST:
        raise Invalid("text_too_long", "signature", limit=SIGNATURE_MOST)
    return text
