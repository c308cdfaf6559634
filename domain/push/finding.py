"""Campaigns for the merchant's search (全站查找)."""

from __future__ import annotations

from kernel.finding import Found, Sought
from models import PushCampaign


def find_campaigns(sought: Sought, limit: int) -> list[Found]:
    """By part of the title; a shop has hundreds of campaigns, not more."""
    if not sought.text:
        return []
    rows = PushCampaign.select().where(PushCampaign.title.contains(sought.text))
    return [
        Found(str(row.id), row.title, "", row.state, at=row.created_at)
        for row in rows.order_by(PushCampaign.id.desc()).limit(limit)
    ]
