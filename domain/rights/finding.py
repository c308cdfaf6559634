"""Requests for the merchant's search (全站查找)."""

from __future__ import annotations

from kernel.finding import Found, Sought
from models import RightsRequest


def find_requests(sought: Sought, limit: int) -> list[Found]:
    """By a request's number."""
    if not sought.number:
        return []
    rows = RightsRequest.select().where(RightsRequest.request_no == sought.number).limit(limit)
    return [
        Found(row.request_no, row.request_no, state=row.state, at=row.created_at) for row in rows
    ]
