"""What queries of the service desk return: facts and codes, without texts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class TicketView:
    """A question or complaint with its number, owner and time limit (工单)."""

    ticket_no: str
    member_id: int
    name: str
    kind: str  # question, complaint
    text: str
    state: str  # open, answered, closed
    owner: str | None
    answer: str | None
    due_at: datetime
    is_overdue: bool
    created_at: datetime
    closed_at: datetime | None
    id: int = 0
    order_no: str = ""  # the order that it is about
