"""Promotions for the merchant's search (全站查找)."""

from __future__ import annotations

from domain.promotions.queries import list_offers
from kernel.finding import Found, Sought


def find_offers(sought: Sought, limit: int) -> list[Found]:
    """By part of the title, or of what shoppers read; a shop has hundreds, not more."""
    if not sought.text:
        return []
    return [
        Found(str(each.id), each.form.title, each.form.label, each.phase, at=each.form.starts_at)
        for each in list_offers(words=sought.text, limit=limit)
    ]
