"""The table of a promotion's states, its times and the limits of its form. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from domain.promotions.offers import Scope
from kernel.errors import Conflict, Invalid
from kernel.text import clean_line

TARGETS_MOST = 200
LASTS_MOST = timedelta(days=90)
AHEAD_MOST = timedelta(days=366)
Phase = Literal["draft", "planned", "running", "stopped", "ended", "dropped"]

# (state, event) -> state; every other pair raises. See ``docs/algorithms/offers.md``.
OFFER_STATES = {
    ("draft", "start"): "on",
    ("draft", "drop"): "dropped",
    ("on", "stop"): "stopped",
    ("on", "end"): "ended",
}


@dataclass(frozen=True)
class OfferForm:
    """A promotion as the merchant enters it (活动信息); times are UTC."""

    kind: str
    title: str
    label: str
    starts_at: datetime
    ends_at: datetime
    scope: Scope
    targets: tuple[int, ...]
    rules: Mapping[str, Any]
    tells_carts: bool = False


def next_state(state: str, event: str) -> str:
    """The state after an event. Raises Conflict('offer_state')."""
    try:
        return OFFER_STATES[state, event]
    except KeyError:
        raise Conflict("offer_state", state=state, event=event) from None


def phase(state: str, starts_at: datetime, ends_at: datetime, at: datetime) -> Phase:
    """A promotion's phase at an instant; one that is on begins and ends by time alone."""
    if state != "on":
        return state  # type: ignore[return-value]
    if at < starts_at:
        return "planned"
    return "running" if at < ends_at else "ended"


def checked_form(form: OfferForm, scopes: tuple[Scope, ...], now: datetime) -> OfferForm:
    """A form with its texts, times and goods within bounds. Raises Invalid with the field."""
    if not 1 <= len(clean_line(form.title)) <= 60:
        raise Invalid("field_missing" if not form.title.strip() else "text_too_long", "title",
                      limit=60)  # fmt: skip
    if not 1 <= len(clean_line(form.label)) <= 20:
        raise Invalid("field_missing" if not form.label.strip() else "text_too_long", "label",
                      limit=20)  # fmt: skip
    if form.scope not in scopes:
        raise Invalid("choice_unknown", "scope")
    if form.scope != "order" and not form.targets:
        raise Invalid("offer_targets_missing", "targets")
    if len(form.targets) > TARGETS_MOST:
        raise Invalid("too_many_rows", "targets", limit=TARGETS_MOST)
    check_times(form.starts_at, form.ends_at, now)
    return form


def check_times(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Check that a promotion ends after its start and after now, and lasts at most 90 days.

    It may start at most 366 days ahead. Raises Invalid('offer_ends_before_start',
    'offer_over_already', 'offer_too_long', 'offer_too_far').
    """
    if ends_at <= starts_at:
        raise Invalid("offer_ends_before_start", "ends_at")
    if ends_at <= now:
        raise Invalid("offer_over_already", "ends_at")
    if ends_at - starts_at > LASTS_MOST:
        raise Invalid("offer_too_long", "ends_at", days=LASTS_MOST.days)
    if starts_at - now > AHEAD_MOST:
        raise Invalid("offer_too_far", "starts_at", days=AHEAD_MOST.days)
