"""How much one person, and the whole shop, may do by hand in a day (当日上限).

``docs/algorithms/approvals.md`` is the prose. Each use adds to two rows, the person's and the
shop's, by an UPDATE that only matches while the sum stays within the ceiling: of parallel requests
no more go through than the ceiling allows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Literal

from domain import settings
from domain.settings import StaffCeilings
from kernel import clock
from kernel.errors import LimitReached
from kernel.store import insert_once
from models import StaffDay

_is_decided: ContextVar[bool] = ContextVar("decided_by_two", default=False)
SHOP = "shop"
STAFF = "staff:"
Used = Literal["refund", "rebinding", "send", "proposal"]
PROPOSALS_A_DAY = 100


@dataclass(frozen=True)
class Use:
    """What one step uses: a refund of so many fen, one rebinding, a send to so many people."""

    kind: Used
    times: int = 1
    fen: int = 0


@dataclass(frozen=True)
class Ceiling:
    """The most of a kind in a day; None is no bound on the amount."""

    times: int
    fen: int | None = None


def spend(use: Use, actor: str) -> None:
    """Count a step that a staff member does alone against the day's ceilings.

    What the system does by itself is not counted; what two people decided counts towards the
    shop's day, without a bound. Raises LimitReached('second_person', cause=…) for a step above
    the single limit or above a ceiling of the day; then nothing is counted.
    """
    if not actor.startswith(STAFF):
        return
    if _is_decided.get():
        _add(use, SHOP, None)
        return
    chosen = settings.fresh(StaffCeilings)
    if use.kind == "refund" and use.fen > chosen.refund_single_fen:
        raise LimitReached("second_person", cause="single", limit_fen=chosen.refund_single_fen)
    person, shop = ceilings_of(use.kind, chosen)
    # The shop's row first: who takes turns there doesn't cross at the persons' rows.
    if not _add(use, SHOP, shop):
        raise LimitReached("second_person", cause="shop_day")
    if not _add(use, actor, person):
        raise LimitReached("second_person", cause="person_day")


@contextmanager
def decided_by_two() -> Iterator[None]:
    """While a decision is carried out: its steps are not one person's."""
    before = _is_decided.set(True)
    try:
        yield
    finally:
        _is_decided.reset(before)


def count_proposal(actor: str) -> None:
    """Count what somebody proposes today. Raises LimitReached('proposals_many')."""
    if not _add(Use("proposal"), actor, Ceiling(PROPOSALS_A_DAY)):
        raise LimitReached("proposals_many", limit=PROPOSALS_A_DAY)


def used_today(kind: Used, who: str) -> Use:
    """What somebody, or the shop, used so far today."""
    row = StaffDay.get_or_none(_mine(kind, who))
    return Use(kind, int(row.times), int(row.total_fen)) if row else Use(kind, 0, 0)


def ceilings_of(kind: Used, chosen: StaffCeilings) -> tuple[Ceiling, Ceiling]:
    """A kind's ceilings per day: one person's and the shop's."""
    return {
        "refund": (
            Ceiling(chosen.refunds_person_day, chosen.refund_fen_person_day),
            Ceiling(chosen.refunds_shop_day, chosen.refund_fen_shop_day),
        ),
        "rebinding": (
            Ceiling(chosen.rebindings_person_day), Ceiling(chosen.rebindings_shop_day),
        ),
        "send": (Ceiling(chosen.sends_person_day), Ceiling(chosen.sends_shop_day)),
        "proposal": (Ceiling(PROPOSALS_A_DAY), Ceiling(PROPOSALS_A_DAY)),
    }[kind]  # fmt: skip


def _add(use: Use, who: str, most: Ceiling | None) -> bool:
    where = _mine(use.kind, who)
    if most is not None:
        where &= StaffDay.times <= most.times - use.times
        if most.fen is not None:
            where &= StaffDay.total_fen <= most.fen - use.fen
    more = {"times": StaffDay.times + use.times, "total_fen": StaffDay.total_fen + use.fen}
    if not StaffDay.select().where(_mine(use.kind, who)).exists():
        insert_once(StaffDay, day=_today(), who=who[:64], kind=use.kind)
    return bool(StaffDay.update(**more).where(where).execute() == 1)


def _mine(kind: str, who: str) -> Any:
    return (StaffDay.day == _today()) & (StaffDay.who == who[:64]) & (StaffDay.kind == kind)


def _today() -> str:
    return clock.business_day(clock.now()).isoformat()
