"""What becomes of a deleted member's orders: sums stay, name, phone and address go."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain import members
from domain.orders.deliveries import ADDRESS_CONTEXT
from kernel import clock
from kernel.erasure import Blank, Kept, Mask, Person, Personal, Traces
from kernel.errors import NotFound
from models import Order, OrderLine, OrderLog, Parcel

YEAR = timedelta(days=365)


def traces_of(member_id: int) -> Traces:
    """The people and streets that the member's orders went to, and the orders' numbers."""
    marks: list[str] = []
    subjects: list[tuple[str, str]] = []
    for row in Order.select().where(Order.member == member_id):
        subjects += [("order", row.order_no), ("order", str(row.id))]
    for row in Order.select().where(_to(member_id)):
        if row.sealed_address:
            marks += members.marks_of_address(member_id, row.sealed_address, ADDRESS_CONTEXT)
        marks += [row.masked_address] if row.masked_address else []
    return Traces(marks=tuple(marks), subjects=tuple(subjects))


def keep_addresses(who: Person) -> None:
    """Keep the delivery addresses of paid orders sealed, as long as law asks for them."""
    years, now = members.rights_times().order_years, clock.now()
    paid = _to(who.member_id) & Order.paid_at.is_null(False)
    for row in Order.select().where(paid & (Order.sealed_address != "")):
        ended = row.completed_at or row.received_at or row.cancelled_at or row.paid_at
        until = ended + years * YEAR
        if until <= now:
            continue
        try:
            text = members.open_for(who.member_id, row.sealed_address, ADDRESS_CONTEXT)
        except NotFound:
            continue  # the key is gone already
        members.keep_sealed(who.member_id, "order", row.id, "transactions", text, until)


def _to(member_id: int) -> Any:
    """The orders whose address is the member's: not gifts that a friend took."""
    mine = (Order.member == member_id) & Order.recipient.is_null()
    return mine | (Order.recipient == member_id)


def _addressed(who: Person) -> Any:
    return _to(who.member_id)


def _mine(who: Person) -> Any:
    return Order.member == who.member_id


def _log(who: Person) -> Any:
    return OrderLog.order.in_(Order.select(Order.id).where(_mine(who)))


PERSONAL = Personal(
    "orders",
    rows=(
        Blank(Order, _addressed, {
            "sealed_address": "", "masked_address": "", "receiver": None, "phone_end": None,
            "name_hash": None, "phone_hash": None, "region": "",
        }),
        Blank(Order, _mine, {
            "note": "", "merchant_note": "", "greeting": "", "invoice_title": "",
            "invoice_tax_no": "",
        }),
    ),
    masks=(Mask(OrderLog, ("why", "facts", "actor"), _log),),
    kept=(
        Kept(Order, (
            "order_no", "state", "delivery", "source", "medium", "cancel_reason", "invoice_kind",
        ), "transactions"),
        Kept(OrderLine, ("kind", "title", "spec_text", "picture", "adjustments"), "transactions"),
        Kept(OrderLog, ("from_state", "to_state"), "transactions"),
        Kept(Parcel, ("company", "tracking_no", "by"), "transactions"),
    ),
    traces=traces_of,
    first=keep_addresses,
)  # fmt: skip
