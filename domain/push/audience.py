"""A campaign's audience page by page, with what decides whether a person may be written to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from domain import segments
from domain.push.rules import Person
from domain.push.statements import noticed_since, promoted_since, remaining_grants
from kernel import clock

PAGE = 1000
WEEK = timedelta(days=7)


def people_after(
    audience: dict[str, Any], after_id: int, limit: int = PAGE, *, template_id: str = "",
    is_promotion: bool = False,
) -> list[Person]:  # fmt: skip
    """The audience's next people by id, with one identity each.

    ``sent_this_week`` matters for promotions only; for others it is not read and is 0.
    """
    readers = segments.members_after(audience, after_id, limit)
    ids = [one.member_id for one in readers]
    grants, sent = _grants(ids, template_id), _sent_this_week(ids) if is_promotion else {}
    return [
        Person(
            member_id=one.member_id,
            openid=one.openid,
            is_following=one.is_following,
            last_message_at=one.last_message_at,
            has_agreed=one.has_agreed,
            has_stopped=one.has_stopped,
            grants=grants.get(one.member_id, 0),
            sent_this_week=sent.get(one.member_id, 0),
            is_closed=one.is_closed,
        )
        for one in readers
    ]


def audience_pages(
    audience: dict[str, Any], template_id: str = "", *, is_promotion: bool = False
) -> Iterator[list[Person]]:
    """The whole audience in pages."""
    after = 0
    while page := people_after(
        audience, after, PAGE, template_id=template_id, is_promotion=is_promotion
    ):
        yield page
        after = page[-1].member_id


def people_of(
    member_ids: list[int], template_id: str = "", *, is_promotion: bool = False
) -> dict[int, Person]:
    """These people as they are now, by id."""
    chosen = {"kind": "members", "member_ids": member_ids}
    found = people_after(
        chosen, 0, max(len(member_ids), 1), template_id=template_id, is_promotion=is_promotion
    )
    return {person.member_id: person for person in found}


def _grants(ids: list[int], template_id: str) -> dict[int, int]:
    if not template_id or not ids:
        return {}
    return {row.member_id: row.remaining for row in remaining_grants.all(ids, template_id)}


def _sent_this_week(ids: list[int]) -> dict[int, int]:
    """Promotions that were or may have been sent to each of these in the last seven days."""
    if not ids:
        return {}
    since = clock.now() - WEEK
    found: Counter[int] = Counter()
    for row in (*promoted_since.all(ids, since), *noticed_since.all(ids, since)):
        found[row.member_id] += int(row.sent)
    return found
