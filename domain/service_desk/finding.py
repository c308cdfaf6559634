"""Tickets for the merchant's search (全站查找)."""

from __future__ import annotations

from kernel.finding import Found, Sought
from kernel.personal import mask_numbers
from kernel.text import shortened
from models import ServiceTicket


def find_tickets(sought: Sought, limit: int) -> list[Found]:
    """By a ticket's number."""
    if not sought.number:
        return []
    rows = ServiceTicket.select().where(ServiceTicket.ticket_no == sought.number).limit(limit)
    return [
        Found(row.ticket_no, row.ticket_no, shortened(mask_numbers(row.text), 30, 30), row.state,
              at=row.created_at)
        for row in rows
    ]  # fmt: skip
