"""Members for the merchant's search (全站查找)."""

from __future__ import annotations

from typing import Any

from domain.members.queries import member_views
from kernel.finding import Found, Sought
from kernel.people_hashes import is_name, is_phone
from models import Address, Member


def find_members(sought: Sought, limit: int) -> list[Found]:
    """By the member's number, the whole nickname, or the whole name or phone of an address.

    Parts of a nickname are for the list of members.
    """
    if not sought.text:
        return []
    ids = _ids_of(Member.id, is_name(Member.name_hash, sought.text), limit)
    ids |= _ids_of(Address.member, is_name(Address.name_hash, sought.text), limit)
    if sought.number:
        ids |= _ids_of(Member.id, Member.public_no == sought.number, limit)
    if sought.phone:
        ids |= _ids_of(Address.member, is_phone(Address.phone_hash, sought.phone), limit)
    found = member_views(ids)
    return [
        Found(str(each.id), each.masked_name, each.public_no, at=each.created_at)
        for each in sorted(found.values(), key=lambda each: -each.id)
    ][:limit]


def _ids_of(column: Any, meaning: Any, limit: int) -> set[int]:
    """The newest members with one meaning, by its own index."""
    rows = column.model.select(column).where(meaning).order_by(column.model.id.desc())
    return {int(each) for (each,) in rows.limit(limit).tuples()}
