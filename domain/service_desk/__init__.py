"""The service desk (客服工单): questions and complaints with a number and a time limit."""

from domain.service_desk.about import ORDER, about, with_order
from domain.service_desk.queries import (
    my_tickets,
    ticket_counts,
    ticket_desk,
    ticket_page,
)
from domain.service_desk.service import (
    HOURS,
    MOST_OPEN,
    answer_ticket,
    close_ticket,
    open_ticket,
    reopen_ticket,
    take_ticket,
)
from domain.service_desk.views import TicketView

__all__ = [
    "HOURS",
    "MOST_OPEN",
    "ORDER",
    "TicketView",
    "about",
    "answer_ticket",
    "close_ticket",
    "my_tickets",
    "open_ticket",
    "reopen_ticket",
    "take_ticket",
    "ticket_counts",
    "ticket_desk",
    "ticket_page",
    "with_order",
]
