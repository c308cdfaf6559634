"""The service desk (客服工单): questions and complaints with a number and a time limit."""

from domain.service_desk.erasing import PERSONAL
from domain.service_desk.finding import find_tickets
from domain.service_desk.queries import (
    list_tickets,
    list_tickets_of_member,
    reveal_ticket,
    ticket_counts,
    ticket_detail,
)
from domain.service_desk.service import (
    HOURS,
    MOST_OPEN,
    MOST_OPEN_OF_HEALTH,
    MOST_TEXT,
    answer_ticket,
    claim_ticket,
    close_ticket,
    open_ticket,
    open_ticket_once,
    reopen_ticket,
)
from domain.service_desk.views import TicketView

__all__ = [
    "HOURS",
    "MOST_OPEN",
    "MOST_OPEN_OF_HEALTH",
    "MOST_TEXT",
    "PERSONAL",
    "TicketView",
    "answer_ticket",
    "claim_ticket",
    "close_ticket",
    "find_tickets",
    "list_tickets",
    "list_tickets_of_member",
    "open_ticket",
    "open_ticket_once",
    "reopen_ticket",
    "reveal_ticket",
    "ticket_counts",
    "ticket_detail",
]
