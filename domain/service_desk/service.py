"""Tickets of the service desk, each with a number, an owner and a time limit (工单)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any, Literal

from domain import audit, settings
from domain.notices import notify, notify_owner
from domain.service_desk.notices import ComplaintOpened, TicketAnswered
from kernel import clock, ids
from kernel.errors import Conflict, Invalid, LimitReached, NotFound
from kernel.personal import mask_documents
from kernel.text import clean_line, clean_text, shortened
from kernel.words import folded
from models import ServiceTicket

State = Literal["open", "answered", "closed"]
HOURS = {"question": "question_answer_hours", "complaint": "complaint_answer_hours"}
"""The setting of each kind of ticket that says within how many hours it is answered."""
MOST_OPEN = 5
MOST_OPEN_OF_HEALTH = 20
"""The bound for a text about somebody's health: only a flood is refused."""
MOST_TEXT = 1000
SAID_AGAIN = timedelta(days=1)
"""Within this time the same words are the same ticket, where a machine opens it."""


_HEALTH = re.compile(
    "中毒|住院|医院|急诊|抢救|洗胃|昏迷|休克|呕吐|吐血|失明|看不见|过敏|救护|不省人事|甲醇|工业酒精|假酒|毒酒"
    "|喝死|喝出(?:人命|事|病)|生命危险|病危|死了|poison|hospital|methanol|fake"
)
"""Health and safety: such a text gets a number also beside many open tickets."""


def _checked_text(text: str) -> str:
    """The typed text, cleaned line by line, without numbers of documents and cards."""
    return mask_documents(clean_text("\n".join(map(clean_line, clean_text(text).split("\n")))))


def open_ticket(
    member_id: int, text: str, kind: str = "question", order_no: str | None = None
) -> str:
    """Open a ticket for a member's question or complaint; returns its number.

    ``order_no`` is the order that it is about; the caller has checked whose it is. A text about
    health or fakes is taken beyond ``MOST_OPEN``, too.

    Raises Invalid, LimitReached('tickets_open').
    """
    said = _checked_text(text)
    if not said:
        raise Invalid("ticket_empty", "text")
    if len(said) > MOST_TEXT:
        raise Invalid("text_too_long", "text", limit=MOST_TEXT)
    if kind not in HOURS:
        raise Invalid("ticket_kind_unknown", "kind")
    mine = (ServiceTicket.member == member_id) & (ServiceTicket.state == "open")
    most = MOST_OPEN_OF_HEALTH if _HEALTH.search(folded(said)) else MOST_OPEN
    if ServiceTicket.select().where(mine).count() >= most:
        raise LimitReached("tickets_open", limit=most)
    now = clock.now()
    number = ids.out_number("TK")
    ServiceTicket.insert(
        ticket_no=number, member=member_id, kind=kind, text=said, order_no=order_no,
        created_at=now, due_at=_due(kind, now),
    ).execute()  # fmt: skip
    if kind == "complaint":
        notify_owner(ComplaintOpened(ticket_no=number))
    return number


def open_ticket_once(
    member_id: int, text: str, kind: str = "question", order_no: str | None = None,
    topic: str = "",
) -> str:  # fmt: skip
    """Open a ticket unless the member said the same within a day; returns its number.

    With a ``topic`` every open ticket on it about the same order is the same, whatever the words;
    its text begins with the topic. Raises as ``open_ticket``.
    """
    said = _checked_text(text)
    same = (
        (ServiceTicket.member == member_id)
        & (ServiceTicket.kind == kind)
        & (ServiceTicket.state != "closed")
        & (ServiceTicket.created_at > clock.now() - SAID_AGAIN)
    )
    if topic:
        said = f"{topic}：{said}"
        same &= ServiceTicket.text.startswith(f"{topic}：") & (ServiceTicket.order_no == order_no)
    else:
        same &= ServiceTicket.text == said
    known = ServiceTicket.select().where(same).order_by(ServiceTicket.id.desc()).first()
    if known is not None:
        return str(known.ticket_no)
    return open_ticket(member_id, said, kind, order_no)


def claim_ticket(ticket_no: str, actor: str) -> None:
    """Make a staff member the ticket's owner (认领)."""
    row = ticket_or_raise(ticket_no)
    _change(row, {"owner": actor[:64]}, ("open", "answered"))
    audit.record("ticket.take", "ticket", ticket_no, before=row.owner, after=actor, actor=actor)


def answer_ticket(ticket_no: str, answer: str, actor: str) -> None:
    """Answer a ticket; the member is notified and may close or reopen it (答复)."""
    row = ticket_or_raise(ticket_no)
    said = _checked_text(answer)
    if not said:
        raise Invalid("ticket_empty", "answer")
    if len(said) > MOST_TEXT:
        raise Invalid("text_too_long", "answer", limit=MOST_TEXT)
    _change(row, {"answer": said, "state": "answered", "owner": row.owner or actor[:64]},
            ("open", "answered"))  # fmt: skip
    audit.record("ticket.answer", "ticket", ticket_no, after={"length": len(said)}, actor=actor)
    notify(row.member_id, TicketAnswered(ticket_no=ticket_no))


def reopen_ticket(ticket_no: str, member_id: int, text: str) -> None:
    """Reopen an answered ticket with a new time limit: the member asks on (追问)."""
    row = ticket_of_member_or_raise(ticket_no, member_id)
    said = _checked_text(text)
    if not said:
        raise Invalid("ticket_empty", "text")
    both = shortened(f"{row.text}\n—\n{said}", MOST_TEXT * 2)
    due = _due(row.kind, clock.now())
    _change(row, {"text": both, "state": "open", "due_at": due}, ("answered",))


def close_ticket(ticket_no: str, actor: str, member_id: int | None = None) -> None:
    """Close a ticket: its member at any time, staff after an answer (结案)."""
    row = (
        ticket_or_raise(ticket_no)
        if member_id is None
        else ticket_of_member_or_raise(ticket_no, member_id)
    )
    allowed = ("answered",) if member_id is None else ("open", "answered")
    _change(row, {"state": "closed", "closed_at": clock.now()}, allowed)
    audit.record("ticket.close", "ticket", ticket_no, before=row.state, actor=actor)


def ticket_or_raise(ticket_no: str) -> ServiceTicket:
    """A ticket's row. Raises NotFound('ticket_missing')."""
    row = ServiceTicket.get_or_none(ServiceTicket.ticket_no == ticket_no)
    if row is None:
        raise NotFound("ticket_missing")
    return row


def ticket_of_member_or_raise(ticket_no: str, member_id: int) -> ServiceTicket:
    """The row of a member's own ticket. Raises NotFound('ticket_missing')."""
    row = ticket_or_raise(ticket_no)
    if row.member_id != member_id:
        raise NotFound("ticket_missing")
    return row


def _change(row: ServiceTicket, values: dict[str, Any], allowed: tuple[str, ...]) -> None:
    if row.state not in allowed:
        raise Conflict("state_moved", state=row.state)
    same = (ServiceTicket.id == row.id) & (ServiceTicket.state == row.state)
    if ServiceTicket.update(**values).where(same).execute() != 1:
        raise Conflict("state_moved", state=row.state)


def _due(kind: str, now: datetime) -> datetime:
    hours: int = getattr(settings.get(settings.Service), HOURS[kind])
    return now + timedelta(hours=hours)
