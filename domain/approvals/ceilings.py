"""What one person, and the whole shop, may do by hand in a day (当日上限).

Each use adds to two rows, the person's and the shop's, by an UPDATE that matches only while the
sum is within the ceiling; so parallel requests can't exceed it. See
``docs/algorithms/approvals.md``.
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
    """What one step uses: a refund in fen, a rebinding, a send to so many people."""

    kind: Used
    times: int = 1
    fen: int = 0


@dataclass(frozen=True)
class Ceiling:
    """The most of a kind in a day; ``fen`` None sets no limit on the amount."""

    times: int
    fen: int | None = None


def count_against_ceilings(use: Use, actor: str) -> None:
    """Count a step of a staff member against the day's ceilings.

    Acts of the system are not counted. Acts decided by two people count for the shop's day,
    without a limit. Raises LimitReached('second_person', cause=…) above the single limit or a
    ceiling of the day; nothing is counted then.
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
    # The shop's row first: parallel requests take turns there, so that they can't deadlock at
    # persons' rows.
    if not _add(use, SHOP, shop):
        raise LimitReached("second_person", cause="shop_day")
    if not _add(use, actor, person):
        raise LimitReached("second_person", cause="person_day")


@contextmanager
def decided_by_two() -> Iterator[None]:
    """Marks the code within as the execution of a decision by two people."""
    before = _is_decided.set(True)
    try:
        yield
    finally:
        _is_decided.reset(before)


def count_proposal(actor: str) -> None:
    """Count a proposal of today. Raises LimitReached('proposals_many')."""
    if not _add(Use("proposal"), actor, Ceiling(PROPOSALS_A_DAY)):
        raise LimitReached("proposals_many", limit=PROPOSALS_A_DAY)


def used_today(kind: Used, who: str) -> Use:
    """What a person, or the shop, used today."""
    row = StaffDay.get_or_none(_row_of_today(kind, who))
    return Use(kind, int(row.times), int(row.total_fen)) if row else Use(kind, 0, 0)


def ceilings_of(kind: Used, chosen: StaffCeilings) -> tuple[Ceiling, Ceiling]:
    """A kind's ceilings of the day: a person's and the shop's."""
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
    where = _row_of_today(use.kind, who)
    if most is not None:
        where &= StaffDay.times <= most.times - use.times
        if most.fen is not None:
            where &= StaffDay.total_fen <= most.fen - use.fen
    more = {"times": StaffDay.times + use.times, "total_fen": StaffDay.total_fen + use.fen}
    if not StaffDay.select().where(_row_of_today(use.kind, who)).exists():
        insert_once(StaffDay, day=_today(), who=who[:64], kind=use.kind)
    return bool(StaffDay.update(**more).where(where).execute() == 1)


def _row_of_today(kind: str, who: str) -> Any:
    return (StaffDay.day == _today()) & (StaffDay.who == who[:64]) & (StaffDay.kind == kind)


def _today() -> str:
    return clock.business_day(clock.now()).isoformat()
