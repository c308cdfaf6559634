"""Distributors for the merchant's search (全站查找)."""

from __future__ import annotations

from typing import Any

from domain import payouts
from kernel.finding import Found, Sought
from kernel.people_hashes import is_name
from models import Distributor, Member


def find_distributors(sought: Sought, limit: int) -> list[Found]:
    """By referral code, or a whole name: the shown one, the nickname, or the real name.

    Parts of a shown name are for the list of distributors.
    """
    if not sought.text:
        return []
    people = payouts.members_by_real_name(sought.text, limit)
    named = Member.select(Member.id).where(is_name(Member.name_hash, sought.text))
    people |= {row.id for row in named.order_by(Member.id.desc()).limit(limit)}
    meanings: list[Any] = [is_name(Distributor.name_hash, sought.text)]
    if sought.number:
        meanings.append(Distributor.referral_code == sought.number)
    if people:
        meanings.append(Distributor.member.in_(people))
    found: dict[int, Any] = {}
    for meaning in meanings:
        rows = Distributor.select().where(meaning).order_by(Distributor.id.desc())
        found |= {row.id: row for row in rows.limit(limit)}
    return [
        Found(str(row.member_id), row.display_name, row.referral_code, row.state)
        for row in sorted(found.values(), key=lambda row: -row.id)
    ][:limit]
