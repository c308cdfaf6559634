"""The members of a segment, page by page (人群).

A segment is ``{kind: all | distributors | buyers | never_bought | members, days?, member_ids?}``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.segments.statements import PAGES
from kernel import clock
from kernel.errors import Invalid

KINDS = tuple(PAGES)


@dataclass(frozen=True)
class Reader:
    """A member of a segment, with what decides whether they may be written to."""

    member_id: int
    openid: str
    is_following: bool
    last_message_at: datetime | None
    has_agreed: bool
    has_stopped: bool
    is_closed: bool


def check(audience: dict[str, Any]) -> None:
    """Check an audience. Raises Invalid('audience_unknown', 'audience_empty', 'audience_days')."""
    kind = audience.get("kind")
    if kind not in KINDS:
        raise Invalid("audience_unknown", "audience")
    if kind == "members" and not audience.get("member_ids"):
        raise Invalid("audience_empty", "audience")
    days = audience.get("days")
    if days is not None and not (isinstance(days, int) and 1 <= days <= 3650):
        raise Invalid("audience_days", "audience")


def members_after(audience: dict[str, Any], after_id: int, limit: int) -> list[Reader]:
    """The segment's next members by id, with one identity each."""
    kind = audience["kind"]
    given: tuple[Any, ...] = ()
    if kind == "members":
        given = ([int(i) for i in audience["member_ids"]],)
    elif kind in ("buyers", "never_bought"):
        days = audience.get("days")
        given = (clock.now() - timedelta(days=int(days)) if days else 0,)
    return [
        Reader(
            member_id=row[0],
            openid=row[1],
            is_following=bool(row[2]),
            last_message_at=row[3],
            has_agreed=row[4] is not None,
            has_stopped=row[5] is not None,
            is_closed=row[6] != "active",
        )
        for row in PAGES[kind].all(after_id, limit, *given)
    ]
