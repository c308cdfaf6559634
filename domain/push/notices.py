"""A notice to one member about their own matters: by what way, with what facts (服务通知)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain import members
from domain.push.templates import template_for
from kernel import clock
from models import Order, ServiceTicket

# every purpose that domains tell, and the occasion whose template serves it
OCCASIONS = {
    "order_paid": "order_paid", "order_shipped": "order_shipped", "refund": "refund",
    "order_refunded": "refund", "first_visit": "commission", "new_customer": "commission",
    "commission_pending": "commission", "commission_released": "commission",
    "commission_taken_back": "commission", "withdrawal_awaiting": "withdrawal",
    "withdrawal_paid": "withdrawal", "withdrawal_returned": "withdrawal",
    "withdrawal_rejected": "withdrawal", "ticket_answered": "ticket",
    "case_return": "ticket", "case_rejected": "ticket",
}  # fmt: skip
# nobody gets a template message only because somebody looked
_WINDOW_ONLY = frozenset({"first_visit", "new_customer"})


@dataclass(frozen=True)
class NoticePlan:
    """The ways to a member: the open window first, then the occasion's template."""

    openid: str
    has_window: bool
    template_id: str | None
    fields: tuple[tuple[str, str], ...]
    facts: dict[str, Any]


def plan_notice(member_id: int, purpose: str, facts: dict[str, Any]) -> NoticePlan | None:
    """How a member can be told; None for somebody who doesn't follow."""
    who = members.identity(member_id)
    if who is None or not who.is_following:
        return None
    occasion = OCCASIONS.get(purpose)
    chosen = template_for(occasion) if occasion and purpose not in _WINDOW_ONLY else None
    return NoticePlan(
        openid=who.openid,
        has_window=who.has_window(clock.now()),
        template_id=chosen.template_id if chosen else None,
        fields=chosen.fields if chosen else (),
        facts=told_facts(facts),
    )


def told_facts(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts for words: ids replaced by what a person knows, other people masked."""
    found = dict(facts)
    if "order_id" in found:
        order = Order.get_or_none(Order.id == found["order_id"])
        found["order_no"] = order.order_no if order else ""
    if str(found.get("ticket_no", "")).startswith("TK"):
        ticket = ServiceTicket.get_or_none(ServiceTicket.ticket_no == found["ticket_no"])
        found["answer"] = (ticket.answer or "") if ticket else ""
    if "customer_id" in found:
        people = members.profiles([int(found["customer_id"])])
        found["who"] = next((p.masked_name for p in people.values()), "")
    return found
