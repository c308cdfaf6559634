"""The states of a pickup, its times, and what is checked before goods are handed over. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Literal, get_args

from pydantic import Field, model_validator

from domain.settings import Switches
from kernel.errors import Conflict, Invalid
from kernel.text import number_of

PICKUP = "pickup"
"""The kind of delivery (到店自提)."""

State = Literal["waiting", "preparing", "ready", "collected", "lapsed", "ended"]
STATES: tuple[State, ...] = get_args(State)
# (state, event) -> state; every other pair raises.
STEPS: dict[tuple[str, str], State] = {
    ("waiting", "pay"): "preparing",
    ("waiting", "end"): "ended",
    ("preparing", "ready"): "ready",
    ("preparing", "end"): "ended",
    ("ready", "collect"): "collected",
    ("ready", "lapse"): "lapsed",
    ("ready", "end"): "ended",
}
AgeCheck = Literal["adult", "id_seen"]
AGE_CHECKS: tuple[AgeCheck, ...] = get_args(AgeCheck)
"""What the clerk confirms: plainly of age, or an identity card was seen."""
Refusal = Literal["minor", "drunk", "no_proof"]
REFUSALS: tuple[Refusal, ...] = get_args(Refusal)
"""Why liquor was not handed over."""

CODE_LENGTH = 10
"""Fifty random bits."""


class PickupTimes(Switches):
    """How long goods wait at a place (自提时限)."""

    KEY: ClassVar[str] = "pickups"
    remind_after_days: int = Field(default=3, ge=1, le=30)
    refund_after_days: int = Field(default=7, ge=2, le=60)

    @model_validator(mode="after")
    def _reminds_first(self) -> PickupTimes:
        if self.remind_after_days >= self.refund_after_days:
            raise ValueError("remind_after_days")
        return self


@dataclass(frozen=True)
class Collector:
    """Who collects an order, and where."""

    place_id: int
    name: str
    phone: str


@dataclass(frozen=True)
class Facts:
    """What decides whether a pickup may be handed over now."""

    state: str
    order_state: str
    open_cases: int
    collect_by_at: datetime | None
    collected_at: datetime | None


def next_state(state: str, event: str) -> State:
    """The state after an event. Raises Conflict('pickup_state')."""
    try:
        return STEPS[state, event]
    except KeyError:
        raise Conflict("pickup_state", state=state, event=event) from None


def why_not(facts: Facts, now: datetime) -> Conflict | None:
    """Why goods can't be handed over now, or None."""
    if facts.state == "collected":
        return Conflict("pickup_collected", at=facts.collected_at)
    if facts.order_state in ("awaiting_payment", "closing"):
        return Conflict("pickup_unpaid")
    if facts.order_state == "cancelled":
        return Conflict("pickup_cancelled")
    if facts.order_state == "refunded" or facts.state == "ended":
        return Conflict("pickup_refunded")
    if facts.state == "lapsed" or (facts.collect_by_at and facts.collect_by_at <= now):
        return Conflict("pickup_lapsed")
    if facts.open_cases:
        return Conflict("pickup_in_case")
    if facts.state != "ready":
        return Conflict("pickup_not_ready")
    return None


def checked_age(age: str, *, has_liquor: bool) -> str:
    """The clerk's confirmation; "" without liquor. Raises Invalid('age_unchecked')."""
    if not has_liquor:
        return ""
    if age not in AGE_CHECKS:
        raise Invalid("age_unchecked", "age")
    return age


def times_from(now: datetime, times: PickupTimes) -> tuple[datetime, datetime]:
    """When the buyer is reminded, and until when goods wait."""
    return (
        now + timedelta(days=times.remind_after_days),
        now + timedelta(days=times.refund_after_days),
    )


def code_typed(text: str) -> str:
    """A code as it was typed or scanned: without spaces and hyphens; I, L and O are digits."""
    return number_of(text).translate(str.maketrans("ILO", "110"))[:40]
