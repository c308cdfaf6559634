"""Problems in operation for the merchant, whether or not they solve themselves (运行状况).

Each is computed from rows, so that all processes report the same. Nothing here stops anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from domain import adults, catalog, gifts, legal, staff
from domain.overview import checkup, statements
from domain.overview.claims import texts_at_risk
from domain.payments import clock_differences
from kernel import clock
from kernel.fields import from_micros
from models import OutboxRow

NOTICE_PATIENCE = timedelta(minutes=5)  # WeChat's first repetitions are over by then
NOTICE_DAY = timedelta(days=1)
STALLED_AFTER = timedelta(minutes=3)
NAMED = 3


@dataclass(frozen=True)
class Trouble:
    """A problem: a stable code, the number of things concerned, and its facts."""

    code: str
    count: int
    facts: dict[str, Any] = field(default_factory=dict)


def list_troubles() -> list[Trouble]:
    """All present problems, the most serious first."""
    now = clock.now()
    row = statements.trouble_counts.first(now - NOTICE_DAY, now - NOTICE_PATIENCE)
    found = [
        _some("payouts_uncertain", row.uncertain), _stalled(row.last_ran_at),
        *_clocks(), *_guessed_staff(), _some("payments_unanswered", row.payments),
        _some("refunds_unanswered", row.refunds), _some("payouts_unanswered", row.payouts),
        _some("notices_missing", row.notices), _some("tasks_retried", row.retried),
        _some("gifts_overdue", gifts.gifts_overdue()), _identity(),
        *_claims(), *_permits(), *_checkup(),
    ]  # fmt: skip
    return [each for each in found if each is not None]


def _stalled(last_us: int | None) -> Trouble | None:
    """No worker has run a job for minutes; notices, refunds and payouts wait."""
    waiting = clock.now() - from_micros(last_us) if last_us is not None else timedelta(0)
    if waiting < STALLED_AFTER:
        return None
    due = OutboxRow.select().where(OutboxRow.state.in_(("due", "leased"))).count()
    return Trouble("jobs_stalled", due, {"minutes": int(waiting.total_seconds()) // 60})


def _clocks() -> list[Trouble]:
    """Machines whose clock differs from WeChat's; above five minutes every call is refused."""
    return [
        Trouble(
            "clock_slow" if seconds > 0 else "clock_fast",
            1,
            {"machine": machine, "minutes": (abs(seconds) + 30) // 60},
        )
        for machine, seconds in sorted(clock_differences().items())
    ]


def _permits() -> list[Trouble]:
    """Permits that end soon or have ended; without them nothing may be sold."""
    return [
        Trouble(f"{each.permit}_{'ended' if each.has_ended else 'ends'}", 1, {"day": each.day})
        for each in legal.permits_ending()
    ]


def _identity() -> Trouble | None:
    """Members could not prove their age, because the provider did not answer."""
    count, code = adults.unanswered_calls()
    return Trouble("identity_unanswered", count, {"code": code}) if count else None


def _claims() -> list[Trouble]:
    """Texts in the shop whose evidence has ended, or ends soon."""
    found = texts_at_risk()
    ended = {(each.where, each.id) for each in found if each.day is None}
    ending = {(each.where, each.id) for each in found if each.day is not None} - ended
    days = [each.day for each in found if each.day is not None]
    first = min(days).isoformat() if days else ""
    made = [_some("claims_ended", len(ended)), _some("claims_end", len(ending))]
    return [Trouble(x.code, x.count, {"day": first}) for x in made if x is not None]


def _guessed_staff() -> list[Trouble]:
    """Staff whose password or one-time code is being tried again and again."""
    names = {each.id: each.name for each in staff.list_staff()}
    return [
        Trouble("staff_guessed", each.tries, {"who": names[each.staff_id]})
        for each in staff.list_guessed()
    ]


def _checkup() -> list[Trouble]:
    """Differences that the nightly check found in orders and stock."""
    by_code: dict[str, list[str]] = {}
    for each in checkup.stored_findings():
        names = by_code.setdefault(each.code, [])
        if each.no not in names:
            names.append(each.no)
    return [
        Trouble(code, len(names), {"which": _named(code, names[:NAMED])})
        for code, names in by_code.items()
    ]


def _named(code: str, names: Sequence[str]) -> tuple[str, ...]:
    """Orders' numbers, or SKUs' titles."""
    if not code.startswith("stock_"):
        return tuple(names)
    known = catalog.sku_lines([int(each) for each in names])
    return tuple(
        f"{known[int(each)].title} {known[int(each)].spec_text}".strip()
        for each in names
        if int(each) in known
    )


def _some(code: str, count: int) -> Trouble | None:
    return Trouble(code, count) if count else None
