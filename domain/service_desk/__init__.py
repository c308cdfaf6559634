"""The service desk (客服工单): questions and complaints with a number and a time limit."""

from domain.service_desk.finding import find_tickets
from domain.service_desk.queries import (
    list_tickets,
    list_tickets_of_member,
    ticket_counts,
    ticket_detail,
)
from domain.service_desk.service import (
    HOURS,
    MOST_OPEN,
    answer_ticket,
    claim_ticket,
    close_ticket,
    open_ticket,
    reopen_ticket,
)
from domain.service_desk.views import TicketView

__all__ = [
    "HOURS",
    "MOST_OPEN",
    "TicketView",
    "answer_ticket",
    "claim_ticket",
    "close_ticket",
    "find_tickets",
    "list_tickets",
    "list_tickets_of_member",
    "open_ticket",
    "reopen_ticket",
    "ticket_counts",
    "ticket_detail",
]
