"""Reads of tickets, for their members and the merchant (工单列表)."""

from __future__ import annotations

from typing import Any

from peewee import fn

from domain import audit, members
from domain.service_desk.service import ticket_of_member_or_raise, ticket_or_raise
from domain.service_desk.views import TicketView
from kernel import clock
from kernel.personal import mask_numbers
from models import ServiceTicket


def list_tickets_of_member(
    member_id: int, before: int | None = None, limit: int = 20
) -> list[TicketView]:
    """A member's tickets, newest first."""
    return _views(ServiceTicket.member == member_id, before, limit, is_own=True)


def ticket_detail(ticket_no: str, member_id: int | None = None) -> TicketView:
    """One ticket, for its member or the merchant. Raises NotFound."""
    row = (
        ticket_or_raise(ticket_no)
        if member_id is None
        else ticket_of_member_or_raise(ticket_no, member_id)
    )
    return _views(ServiceTicket.id == row.id, None, 1, is_own=member_id is not None)[0]


def reveal_ticket(ticket_no: str) -> str:
    """What a member wrote with the phones in it; each call is recorded in the audit (查看原文).

    Raises NotFound.
    """
    text = str(ticket_or_raise(ticket_no).text)
    audit.record("ticket.text_seen", "ticket", ticket_no)
    return text


def list_tickets(
    state: str | None = "open", before: int | None = None, limit: int = 50, *, number: str = ""
) -> list[TicketView]:
    """Tickets for the merchant, newest first; ``number`` is a ticket's or its order's."""
    chosen = ServiceTicket.id > 0 if state is None else ServiceTicket.state == state
    if number:
        chosen &= (ServiceTicket.ticket_no == number) | (ServiceTicket.order_no == number)
    return _views(chosen, before, limit)


def ticket_counts() -> dict[str, int]:
    """The number of tickets by state, and of overdue open ones."""
    query: Any = ServiceTicket.select(
        ServiceTicket.state, fn.COUNT(ServiceTicket.id)
    ).group_by(ServiceTicket.state).tuples()  # fmt: skip
    late = (ServiceTicket.state == "open") & (ServiceTicket.due_at < clock.now())
    counts = {str(state): int(count) for state, count in query}
    return (
        {"open": 0, "answered": 0, "closed": 0}
        | counts
        | {"overdue": int(ServiceTicket.select().where(late).count())}
    )


def _views(
    chosen: Any, before: int | None, limit: int, *, is_own: bool = False
) -> list[TicketView]:
    """The chosen tickets, newest first; only who wrote a text reads the phones in it."""
    query = ServiceTicket.select().where(chosen)
    if before is not None:
        query = query.where(ServiceTicket.id < before)
    rows = list(query.order_by(ServiceTicket.id.desc()).limit(limit))
    people = members.member_views(row.member_id for row in rows)
    now = clock.now()
    return [
        TicketView(
            row.ticket_no, row.member_id, people[row.member_id].masked_name, row.kind,
            row.text if is_own else mask_numbers(row.text), row.state, row.owner, row.answer,
            row.due_at, row.state == "open" and row.due_at < now, row.created_at, row.closed_at,
            row.id, row.order_no or "",
        )
        for row in rows
    ]  # fmt: skip
