"""Differences for the merchant's search (全站查找)."""

from __future__ import annotations

from domain.reconcile.queries import DifferenceFilter, list_differences
from kernel.finding import Found, Sought


def find_differences(sought: Sought, limit: int) -> list[Found]:
    """By the number that a line of WeChat's bill has."""
    if not sought.number:
        return []
    chosen = DifferenceFilter("all", number=sought.number)
    return [
        Found(str(each.id), each.out_number, each.day, each.stands, each.theirs_fen)
        for each in list_differences(chosen, limit=limit)
    ]
