"""Tickets that the chat opens by itself: a complaint, a suspicion, an order that is waited for."""

from __future__ import annotations

from bot.call import Call
from domain import service_desk
from domain.service_desk import TicketView
from kernel.errors import LimitReached
from kernel.text import clean_line, shortened

LINE_MOST = 60
WEAK = 0.2
"""Below this the chat guessed what was meant: it asks before it opens a ticket."""


def is_guess(call: Call, intent: str) -> bool:
    """Whether nobody is sure that this was meant."""
    return call.meaning.intent == intent and call.meaning.score < WEAK


def as_typed(call: Call) -> str:
    """The text as it was typed, for people to read; the normal form is for matching only."""
    return call.typed or call.words


def line_of(call: Call) -> str:
    """The start of what was typed on one line, for a tap that sends it again."""
    return shortened(clean_line(as_typed(call)), LINE_MOST)


async def noted(
    call: Call, kind: str, *, order_no: str | None = None, topic: str = ""
) -> TicketView | None:
    """The ticket for what was said, the same one if it was said within a day.

    None if this person has too many open tickets.
    """
    text = shortened(as_typed(call), service_desk.MOST_TEXT - 100, service_desk.MOST_TEXT - 100)
    try:
        number = await call.write(
            service_desk.open_ticket_once, call.member_id, text, kind, order_no, topic
        )
    except LimitReached:
        return None
    found: TicketView = await call.read(service_desk.ticket_detail, number, call.member_id)
    return found
