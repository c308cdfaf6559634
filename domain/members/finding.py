"""Members for the merchant's search (全站查找)."""

from __future__ import annotations

from typing import Any

from domain.members.queries import member_views
from kernel.finding import Found, Sought
from models import Member


def find_members(sought: Sought, limit: int) -> list[Found]:
    """By the member's number or the whole nickname; parts of one are for the list of members."""
    meanings: list[Any] = [Member.nickname == sought.text] if sought.text else []
    if sought.number:
        meanings.append(Member.public_no == sought.number)
    ids: set[int] = set()
    for meaning in meanings:
        rows = Member.select(Member.id).where(meaning).order_by(Member.id.desc())
        ids |= {row.id for row in rows.limit(limit)}
    found = member_views(ids)
    return [
        Found(str(each.id), each.masked_name, each.public_no, at=each.created_at)
        for each in sorted(found.values(), key=lambda each: -each.id)
    ][:limit]
