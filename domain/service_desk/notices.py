"""What members and the owner are told by the service desk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from domain.notices import MemberNotice, Number, Occasion, OwnerNotice, Text
from models import ServiceTicket


@dataclass(frozen=True, kw_only=True)
class TicketAnswered(MemberNotice):
    """A question got its answer, which the member may judge (客服答复)."""

    KEY: ClassVar[str] = "ticket_answered"
    OCCASION: ClassVar[Occasion | None] = "ticket"
    ticket_no: Number

    @property
    def answer(self) -> Text:
        """What was answered; '' where the ticket is open again."""
        row = ServiceTicket.get_or_none(ServiceTicket.ticket_no == self.ticket_no)
        return (row.answer or "") if row is not None else ""


@dataclass(frozen=True, kw_only=True)
class ComplaintOpened(OwnerNotice):
    """Somebody complains (投诉)."""

    KEY: ClassVar[str] = "complaint_opened"
    PAGE: ClassVar[str] = "/admin/tickets/{ticket_no}"
    ticket_no: Number
