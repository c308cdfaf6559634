"""Notices of the service desk, to members and the owner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from domain.notices import MemberNotice, Number, Occasion, OwnerNotice, Text
from models import ServiceTicket


@dataclass(frozen=True, kw_only=True)
class TicketAnswered(MemberNotice):
    """A ticket was answered; the member may rate the answer (客服答复)."""

    KEY: ClassVar[str] = "ticket_answered"
    OCCASION: ClassVar[Occasion | None] = "ticket"
    ticket_no: Number

    @property
    def answer(self) -> Text:
        """The answer; '' if the ticket was reopened."""
        row = ServiceTicket.get_or_none(ServiceTicket.ticket_no == self.ticket_no)
        return (row.answer or "") if row is not None else ""


@dataclass(frozen=True, kw_only=True)
class ComplaintOpened(OwnerNotice):
    """A complaint was opened (投诉)."""

    KEY: ClassVar[str] = "complaint_opened"
    PAGE: ClassVar[str] = "/admin/tickets/{ticket_no}"
    ticket_no: Number
