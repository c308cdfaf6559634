"""What happens to orders after they are placed: pay, close, ship, receive, complete."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from domain import adults, after_restore_hold, audit, members, outbox, reservations, settings
from domain.orders import rules, statements
from domain.orders.addressing import address_values, sealed_copy
from domain.orders.deliveries import Destination, columns_of, delivery_kind
from domain.orders.events import (
    OrderCancelled,
    OrderCompleted,
    OrderPaid,
    OrderPaidLate,
    OrderReceived,
    OrderShipped,
)
from domain.orders.paying import open_numbers
from domain.orders.reserving import reserving_order
from domain.orders.rules import LineCount, ShipForm
from domain.orders.steps import change_state, lock_order, write_log
from domain.settings import Trade
from kernel import clock, context, events
from kernel.errors import Conflict, NotFound, Retryable
from models import Order, OrderLine, OrderLog, Parcel, ParcelLine

EXTENDED = "extended"
FRIEND = "friend"
EXTENDABLE_LAST = timedelta(days=3)
PAID_LATE = timedelta(hours=12)
"""A payment learnt of later than this publishes ``OrderPaidLate``, so that its day's figures are
made again. It is half the time that a day stays open after its end; no transaction takes as long
as the other half.
"""


def mark_paid(
    order_id: int, amount_fen: int, at: datetime | None = None, payment_id: int | None = None
) -> bool:
    """Mark an order as paid and its goods as sold; False if it can't take the money (付款成功).

    ``amount_fen`` is all that was paid for it, in one payment or in several; ``payment_id`` is the
    last of them, for the log. An order in ``closing`` can still be paid: a payment that is found
    while it is being closed counts.
    """
    order = lock_order(order_id)
    if (order.state, "pay") not in rules.ORDER_STATES or amount_fen != order.payable_fen:
        return False
    now = clock.now()
    paid_at = at or now
    change_state(
        order,
        "pay",
        paid_fen=amount_fen,
        paid_at=paid_at,
        cancel_reason=None,
        closing_at=None,
        facts={"payment_id": payment_id},
    )
    reservations.take(reserving_order(order))
    events.publish(OrderPaid(order_id, order.delivery))
    if paid_at < now - PAID_LATE:
        events.publish(OrderPaidLate(order_id, paid_at))
    return True


def begin_closing(order_id: int, why: str, actor: str | None = None) -> str:
    """Write an unpaid order as ``closing``; WeChat is asked only after the commit (关闭订单).

    Returns the state; an order already closing or cancelled stays as it is. Raises Conflict if it
    is paid.
    """
    order = lock_order(order_id)
    if order.state in ("closing", "cancelled"):
        return str(order.state)
    change_state(order, "close", why, actor=actor, cancel_reason=why[:40], closing_at=clock.now())
    outbox.enqueue("orders.close", {"order_id": order_id})
    return "closing"


def cancel_unpaid(order_no: str, member_id: int, why: str = "buyer") -> int:
    """Begin to close the buyer's unpaid order; returns its id (取消订单)."""
    order_id = order_id_of(order_no, member_id)
    begin_closing(order_id, why, f"member:{member_id}")
    return order_id


def finish_closing(order_id: int) -> str:
    """Cancel a closing order and free its goods, once none of its payments is open at WeChat.

    Returns the state: ``paid`` if a payment was found. Raises Retryable('payments_open').
    """
    order = lock_order(order_id)
    if order.state != "closing":
        return str(order.state)
    if open_numbers(order_id):
        raise Retryable("payments_open", order_id=order_id)
    change_state(order, "cancel", order.cancel_reason or "", cancelled_at=clock.now())
    reservations.release(reserving_order(order))
    events.publish(OrderCancelled(order_id))
    return "cancelled"


def ship_parcel(order_id: int, form: ShipForm) -> int:
    """Ship a parcel with all or some of what is left to ship; returns its id (发货).

    Raises Conflict('order_state', 'nothing_to_ship', 'ship_too_many', 'parcel_known',
    'age_unproven', 'has_no_parcels', 'gift_waits'), Invalid, and Conflict for an order placed
    before a restored backup.
    """
    order = lock_order(order_id)
    rules.next_state(order.state, "ship_part")
    if not delivery_kind(order.delivery).has_parcels:
        raise Conflict("has_no_parcels")
    restored_at = after_restore_hold.held_since()
    if restored_at is not None and order.created_at < restored_at:
        raise Conflict(
            after_restore_hold.HELD
        )  # it may have been refunded after the backup (ADR 0041)
    if waits_for_address(order):
        raise Conflict("gift_waits")
    refuse_unproven_buyer(order)
    contents = rules.checked_parcel(form, line_counts(order_id))
    company, number = rules.checked_tracking(form.company, form.tracking_no)
    same = (Parcel.order == order_id) & (Parcel.tracking_no == number)
    if Parcel.select().where(same).exists():
        raise Conflict("parcel_known", "tracking_no")
    for line_id, n in contents:
        _ship_line(line_id, n)
    now = clock.now()
    parcel_id = int(
        Parcel.insert(
            order=order_id,
            company=company,
            tracking_no=number,
            shipped_at=now,
            by=context.actor.get(),
        ).execute()
    )
    rows = [{"parcel": parcel_id, "line": line_id, "quantity": n} for line_id, n in contents]
    ParcelLine.insert_many(rows).execute()
    is_all = all(line.is_settled for line in line_counts(order_id))
    facts = {"parcel_id": parcel_id, "company": company, "tracking_no": number}
    if is_all:
        change_state(order, "ship_all", facts=facts, **wholly_shipped_values())
    else:
        change_state(order, "ship_part", facts=facts)
    events.publish(OrderShipped(order_id, parcel_id))
    return parcel_id


def wholly_shipped_values() -> dict[str, Any]:
    """The order's values once everything is shipped: the time for receipt starts."""
    now = clock.now()
    days = settings.get(Trade).receive_within_days
    return {"shipped_at": now, "receive_by_at": now + timedelta(days=days)}


def hand_over(order_id: int) -> None:
    """All goods that are left were handed over at a counter: the order is received (当面交付).

    Raises Conflict('order_state').
    """
    order = lock_order(order_id)
    rules.next_state(order.state, "collect")
    for line in line_counts(order_id):
        if line.left:
            _ship_line(line.line_id, line.left)
    now = clock.now()
    until = now + timedelta(days=settings.get(Trade).complete_after_days)
    change_state(order, "collect", shipped_at=now, received_at=now, complete_by_at=until)
    events.publish(OrderReceived(order.id, now))


def redirect(order_id: int, to: Destination) -> None:
    """The order goes elsewhere, before anything left the house (改收货地点).

    Raises Conflict('order_state').
    """
    order = lock_order(order_id)
    if order.state not in ("awaiting_payment", "paid"):
        raise Conflict("order_state", state=order.state, event="redirect")
    Order.update(**columns_of(to)).where(Order.id == order_id).execute()
    write_log(order_id, order.state, order.state, "redirected")


def confirm_receipt(order_no: str, member_id: int) -> None:
    """The buyer confirms receipt (确认收货). Raises NotFound, Conflict('order_state')."""
    order = lock_order(order_id_of(order_no, member_id))
    _receive(order, "buyer", f"member:{member_id}", confirmed_by=member_id)


def confirm_receipt_of_gift(order_id: int, recipient_id: int) -> None:
    """The friend who got a gift confirms receipt. Raises NotFound, Conflict('order_state')."""
    order = lock_order(order_id)
    if order.recipient_id != recipient_id:
        raise NotFound("order_missing")
    _receive(order, FRIEND, f"member:{recipient_id}")


def give_recipient(order: Any, recipient_id: int, address_id: int) -> None:
    """Give a paid gift the friend who takes it, and their address (填写收货地址).

    The caller has locked the order. Raises NotFound for another's address,
    Conflict('order_state', 'order_moved').
    """
    if not waits_for_address(order):
        raise Conflict("order_state", state=order.state, event="accept")
    address, personal = members.address_and_key(recipient_id, address_id)
    values = address_values(address, sealed_copy(address, personal))
    change_state(
        order, "accept", actor=f"member:{recipient_id}", recipient=recipient_id, **values
    )  # fmt: skip


def receive_if_due(order_id: int) -> bool:
    """Mark an order as received if its time is over and no case is open (自动收货)."""
    order = lock_order(order_id)
    is_due = order.receive_by_at is not None and order.receive_by_at <= clock.now()
    if order.state != "shipped" or not is_due or order.open_cases:
        return False
    _receive(order, "timeout", "system")
    return True


def complete_order(order_id: int) -> bool:
    """Complete an order if its time for returns is over and no case is open (交易完成)."""
    order = lock_order(order_id)
    is_due = order.complete_by_at is not None and order.complete_by_at <= clock.now()
    if order.state != "received" or not is_due or order.open_cases:
        return False
    change_state(order, "complete", "timeout", actor="system", completed_at=clock.now())
    events.publish(OrderCompleted(order_id))
    return True


def extend_receipt(order_id: int, days: int) -> None:
    """Give the buyer 1 to 30 more days for receipt (延长收货). Raises Conflict('order_state')."""
    order = lock_order(order_id)
    if order.state != "shipped" or not 1 <= days <= 30:
        raise Conflict("order_state", state=order.state, event="extend")
    later = order.receive_by_at + timedelta(days=days)
    Order.update(receive_by_at=later).where(Order.id == order_id).execute()
    audit.record("order.extend", "order", order_id, after={"days": days})


def extend_receipt_as_buyer(order_no: str, member_id: int) -> None:
    """Give the buyer three more days, once, within the last three days (买家延长收货).

    Raises NotFound for another's order, Conflict('extend_too_early', 'extended_before').
    """
    order = lock_order(order_id_of(order_no, member_id))
    if order.state == "shipped" and order.receive_by_at - clock.now() > EXTENDABLE_LAST:
        raise Conflict("extend_too_early", days=EXTENDABLE_LAST.days)
    done = (OrderLog.order == order.id) & (OrderLog.why == EXTENDED)
    if OrderLog.select().where(done).exists():
        raise Conflict("extended_before")
    extend_receipt(order.id, EXTENDABLE_LAST.days)
    write_log(order.id, order.state, order.state, EXTENDED, actor=f"member:{member_id}")


def write_merchant_note(order_id: int, note: str) -> None:
    """Save a note that only the merchant sees (商家备注). Raises Invalid, NotFound."""
    note = rules.checked_note(note)
    if Order.update(merchant_note=note).where(Order.id == order_id).execute() != 1:
        raise NotFound("order_missing")
    audit.record("order.note", "order", order_id, after={"note": note})


def order_id_of(order_no: str, member_id: int | None = None) -> int:
    """The id of an order; with a member, only one of their own. Raises NotFound."""
    where = Order.order_no == order_no
    if member_id is not None:
        where &= Order.member == member_id
    row = Order.select(Order.id).where(where).first()
    if row is None:
        raise NotFound("order_missing")
    return int(row.id)


def refuse_unproven_buyer(order: Any) -> None:
    """Refuse liquor to a buyer, or a friend, whose age is in doubt. Raises Conflict."""
    people = {order.member_id, order.recipient_id} - {None}
    if any(map(adults.is_held, people)) and statements.liquor_line.first(order.id) is not None:
        raise Conflict("age_unproven")


def waits_for_address(order: Any) -> bool:
    """Whether a gift has no friend yet who took it (待领取)."""
    return order.delivery == rules.GIFT and order.recipient_id is None


def line_counts(order_id: int) -> list[LineCount]:
    """An order's lines as the shipping rules need them."""
    query = OrderLine.select().where(OrderLine.order == order_id).order_by(OrderLine.id)
    return [
        LineCount(line.id, line.quantity, line.shipped, line.withheld, line.dropped)
        for line in query
    ]


def _receive(order: Any, why: str, actor: str, *, confirmed_by: int | None = None) -> None:
    now = clock.now()
    until = now + timedelta(days=settings.get(Trade).complete_after_days)
    change_state(order, "receive", why, actor=actor, received_at=now, complete_by_at=until)
    events.publish(OrderReceived(order.id, now, confirmed_by))


def _ship_line(line_id: int, n: int) -> None:
    after = OrderLine.shipped + n
    bounded = (OrderLine.id == line_id) & (after + OrderLine.withheld <= OrderLine.quantity)
    if OrderLine.update(shipped=after).where(bounded).execute() != 1:
        row = OrderLine.get_by_id(line_id)
        left = row.quantity - row.withheld - row.shipped
        raise Conflict("ship_too_many", line_id=line_id, left=left)
