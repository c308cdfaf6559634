"""Distributors for the merchant's search (全站查找)."""

from __future__ import annotations

from domain.distribution.queries.people import list_distributors
from kernel.finding import Found, Sought


def find_distributors(sought: Sought, limit: int) -> list[Found]:
    """By referral code, or part of the name that a distributor shows."""
    if not sought.text:
        return []
    rows = (row.distributor for row in list_distributors(None, sought.text, None, limit))
    return [
        Found(str(each.member_id), each.display_name, each.referral_code, each.state)
        for each in rows
    ]
