"""The service desk: each question or complaint has a number, an owner and a time limit (工单)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from peewee import fn

from domain import audit, members, outbox
from domain.members import tidy
from domain.push.views import TicketView
from kernel import clock, ids
from kernel.errors import Conflict, Invalid, LimitReached, NotFound
from models import ServiceTicket

HOURS = {"question": 24, "complaint": 72}
MOST_OPEN = 5
MOST_TEXT = 1000


def open_ticket(member_id: int, text: str, kind: str = "question") -> str:
    """A member's question or complaint is taken down; answers its number."""
    said = tidy(text)
    if not said:
        raise Invalid("ticket_empty", "text")
    if len(said) > MOST_TEXT:
        raise Invalid("text_too_long", "text", limit=MOST_TEXT)
    if kind not in HOURS:
        raise Invalid("ticket_kind_unknown", "kind")
    mine = (ServiceTicket.member == member_id) & (ServiceTicket.state == "open")
    if ServiceTicket.select().where(mine).count() >= MOST_OPEN:
        raise LimitReached("tickets_open", limit=MOST_OPEN)
    now = clock.now()
    number = ids.out_number("TK")
    ServiceTicket.insert(
        ticket_no=number, member=member_id, kind=kind, text=said, created_at=now,
        due_at=now + timedelta(hours=HOURS[kind]),
    ).execute()  # fmt: skip
    if kind == "complaint":
        outbox.tell_owner("complaint_opened", ticket_no=number)
    return number


def take_ticket(ticket_no: str, actor: str) -> None:
    """A staff member makes a ticket theirs (认领)."""
    row = _must(ticket_no)
    _change(row, {"owner": actor[:64]}, ("open", "answered"))
    audit.record("ticket.take", "ticket", ticket_no, before=row.owner, after=actor, actor=actor)


def answer_ticket(ticket_no: str, answer: str, actor: str) -> None:
    """A staff member answers; the member is told and may close it or ask on (答复)."""
    row = _must(ticket_no)
    said = tidy(answer)
    if not said:
        raise Invalid("ticket_empty", "answer")
    if len(said) > MOST_TEXT:
        raise Invalid("text_too_long", "answer", limit=MOST_TEXT)
    _change(row, {"answer": said, "state": "answered", "owner": row.owner or actor[:64]},
            ("open", "answered"))  # fmt: skip
    audit.record("ticket.answer", "ticket", ticket_no, after={"length": len(said)}, actor=actor)
    outbox.tell(row.member_id, "ticket_answered", ticket_no=ticket_no)


def reopen_ticket(ticket_no: str, member_id: int, text: str) -> None:
    """The member is not content: the ticket is open again with a new time limit (追问)."""
    row = _mine(ticket_no, member_id)
    said = tidy(text)
    if not said:
        raise Invalid("ticket_empty", "text")
    both = f"{row.text}\n—\n{said}"[: MOST_TEXT * 2]
    due = clock.now() + timedelta(hours=HOURS[row.kind])
    _change(row, {"text": both, "state": "open", "due_at": due}, ("answered",))


def close_ticket(ticket_no: str, actor: str, member_id: int | None = None) -> None:
    """A ticket ends: its member accepts the answer, or a person answered and closes it (结案)."""
    row = _must(ticket_no) if member_id is None else _mine(ticket_no, member_id)
    allowed = ("answered",) if member_id is None else ("open", "answered")
    _change(row, {"state": "closed", "closed_at": clock.now()}, allowed)
    audit.record("ticket.close", "ticket", ticket_no, before=row.state, actor=actor)


def my_tickets(member_id: int, before: int | None = None, limit: int = 20) -> list[TicketView]:
    """A member's tickets, newest first."""
    return _views(ServiceTicket.member == member_id, before, limit)


def ticket_page(ticket_no: str, member_id: int | None = None) -> TicketView:
    """One ticket, for its member or the merchant. Raises NotFound."""
    row = _must(ticket_no) if member_id is None else _mine(ticket_no, member_id)
    return _views(ServiceTicket.id == row.id, None, 1)[0]


def ticket_desk(
    state: str | None = "open", before: int | None = None, limit: int = 50
) -> list[TicketView]:
    """Tickets for the merchant, newest first."""
    chosen = ServiceTicket.id > 0 if state is None else ServiceTicket.state == state
    return _views(chosen, before, limit)


def ticket_counts() -> dict[str, int]:
    """How many are open, answered, closed, and how many open ones are overdue."""
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


def _views(chosen: Any, before: int | None, limit: int) -> list[TicketView]:
    query = ServiceTicket.select().where(chosen)
    if before is not None:
        query = query.where(ServiceTicket.id < before)
    rows = list(query.order_by(ServiceTicket.id.desc()).limit(limit))
    people = members.profiles(row.member_id for row in rows)
    now = clock.now()
    return [
        TicketView(
            row.ticket_no, row.member_id, people[row.member_id].shown_name, row.kind, row.text,
            row.state, row.owner, row.answer, row.due_at,
            row.state == "open" and row.due_at < now, row.created_at, row.closed_at, row.id,
        )
        for row in rows
    ]  # fmt: skip


def _must(ticket_no: str) -> ServiceTicket:
    row = ServiceTicket.get_or_none(ServiceTicket.ticket_no == ticket_no)
    if row is None:
        raise NotFound("ticket_missing")
    return row


def _mine(ticket_no: str, member_id: int) -> ServiceTicket:
    row = _must(ticket_no)
    if row.member_id != member_id:
        raise NotFound("ticket_missing")
    return row


def _change(row: ServiceTicket, values: dict[str, Any], allowed: tuple[str, ...]) -> None:
    if row.state not in allowed:
        raise Conflict("state_moved", state=row.state)
    same = (ServiceTicket.id == row.id) & (ServiceTicket.state == row.state)
    if ServiceTicket.update(**values).where(same).execute() != 1:
        raise Conflict("state_moved", state=row.state)
