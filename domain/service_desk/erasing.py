"""What becomes of a deleted member's tickets: numbers stay, what was said goes."""

from __future__ import annotations

from kernel.erasure import Blank, Kept, Personal, Traces
from models import ServiceTicket


def traces_of(member_id: int) -> Traces:
    """The numbers of the member's tickets."""
    rows = ServiceTicket.select(ServiceTicket.ticket_no).where(ServiceTicket.member == member_id)
    return Traces(subjects=tuple(("ticket", row.ticket_no) for row in rows))


PERSONAL = Personal(
    "service_desk",
    rows=(
        Blank(ServiceTicket, lambda who: ServiceTicket.member == who.member_id,
              {"text": "", "answer": None}),
    ),
    kept=(Kept(ServiceTicket, ("ticket_no", "kind", "order_no", "state", "owner"), "proof"),),
    traces=traces_of,
)  # fmt: skip
