"""What happens to pickups: placed, paid, ready, handed over, refused, not collected (到店自提)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain import aftersales, audit, logistics, members, orders, settings
from domain.members import AddressForm
from domain.notices import notify
from domain.orders import Destination, PlaceOrder, lock_order
from domain.orders.events import OrderCancelled, OrderPaid, OrderRefunded
from domain.pickups import notices, rules, statements
from domain.pickups.rules import CODE_LENGTH, Collector, Facts, PickupTimes
from kernel import clock, context, ids
from kernel.crypto import vault
from kernel.errors import Conflict, Forbidden, Invalid, NotFound
from kernel.personal import mask_phone
from kernel.store import lock_row
from models import Order, OrderLine, Pickup, PickupRefusal

SAME_PRESS = timedelta(minutes=2)
"""A button that is pressed again on a slow network within this time was pressed once."""
CODE, CONTEXT = "pickup.code", "pickup.sealed_code"
Places = frozenset[int] | None
"""The places whose pickups somebody sees; None for all."""


def destination(form: PlaceOrder) -> Destination:
    """Where an order is collected, and by whom. Raises Invalid, Conflict('place_closed')."""
    if not isinstance(form.to, Collector):
        raise Invalid("place_unchosen", "place")
    return _destination(form.member_id, form.to)


def _destination(member_id: int, to: Collector) -> Destination:
    place = logistics.open_place(to.place_id)
    form = members.checked_address(
        AddressForm(to.name, to.phone, place.province, place.city, place.district,
                    f"{place.name} {place.street}"[:100])
    )  # fmt: skip
    masked = f"{members.mask_name(form.name)} {mask_phone(form.phone)} {place.name}"
    return orders.sealed_destination(member_id, form, masked)


def begin(order_id: int, form: PlaceOrder) -> None:
    """Write where a placed order is collected."""
    assert isinstance(form.to, Collector)  # ``destination`` saw to it
    Pickup.insert(order=order_id, place=form.to.place_id).execute()


def prepare(event: OrderPaid) -> None:
    """Make the code of a paid order; only its buyer can read it (提货码)."""
    row = statements.of_order.first(event.order_id)
    if row is None:
        return
    member_id = int(Order.get_by_id(event.order_id).member_id)
    code = ids.random_code(CODE_LENGTH)
    _move(
        row, "pay", code_hash=vault().blind(CODE, code),
        sealed_code=members.seal_for(member_id, code, CONTEXT),
    )  # fmt: skip


def end(event: OrderCancelled | OrderRefunded) -> None:
    """End the pickup of a cancelled or refunded order; its code is worth nothing."""
    row = statements.of_order.first(event.order_id)
    if row is not None and (row.state, "end") in rules.STEPS:
        _move(row, "end")


def mark_ready(pickup_id: int, places: Places = None) -> None:
    """The goods are ready at the place; the buyer is told (备好货).

    Raises NotFound, Forbidden('pickup_other_place'), Conflict('pickup_state', 'pickup_in_case').
    """
    row, order = _locked(pickup_id, places)
    if row.state == "preparing" and order.open_cases:
        raise Conflict("pickup_in_case")
    remind_at, until = rules.times_from(clock.now(), settings.get(PickupTimes))
    _move(row, "ready", ready_at=clock.now(), remind_at=remind_at, collect_by_at=until)
    audit.record("pickup.ready", "order", order.id, after={"place": _name(row)})
    notify(order.member_id, notices.PickupReady(order_id=order.id, until=until))


def hand_over(pickup_id: int, age: str, places: Places = None) -> str:
    """Hand the goods to who showed the code; the order counts as received (核销).

    ``age`` is what the clerk confirms about the collector's age; liquor needs it. A code works
    once; a second press of the same clerk within two minutes is the first one again. Returns the
    order's number. Raises NotFound, Forbidden, Invalid('age_unchecked'), Conflict with what
    ``rules.why_not`` says, and Conflict('age_unproven').
    """
    row, order = _locked(pickup_id, places)
    who, since = context.actor.get(), clock.now() - SAME_PRESS
    if row.state == "collected" and row.collected_by == who and row.collected_at > since:
        return str(order.order_no)
    problem = rules.why_not(facts_of(row, order), clock.now())
    if problem is not None:
        raise problem
    orders.refuse_unproven_buyer(order)
    said = rules.checked_age(age, has_liquor=has_liquor(order.id))
    _move(row, "collect", age_check=said, collected_at=clock.now(), collected_by=who)
    orders.hand_over(order.id)
    audit.record("pickup.collect", "order", order.id, after={"place": _name(row), "age": said})
    return str(order.order_no)


def refuse(pickup_id: int, reason: str, places: Places = None) -> None:
    """Record that liquor was not handed over, and why; the order still waits (拒绝交付).

    Raises NotFound, Forbidden, Invalid('choice_unknown'), Conflict.
    """
    row, order = _locked(pickup_id, places)
    if reason not in rules.REFUSALS:
        raise Invalid("choice_unknown", "reason")
    problem = rules.why_not(facts_of(row, order), clock.now())
    if problem is not None:
        raise problem
    who, now = context.actor.get(), clock.now()
    same = (PickupRefusal.pickup == row.id) & (PickupRefusal.reason == reason)
    again = same & (PickupRefusal.by == who) & (PickupRefusal.at > now - SAME_PRESS)
    if PickupRefusal.select().where(again).exists():
        return
    PickupRefusal.insert(pickup=row.id, reason=reason, by=who, at=now).execute()
    audit.record("pickup.refuse", "order", order.id, after={"place": _name(row), "reason": reason})


def change_place(order_no: str, member_id: int, place_id: int) -> None:
    """The buyer collects elsewhere, as long as the goods are not ready (更换自提点).

    Raises NotFound for another's order, Conflict('pickup_state', 'place_closed').
    """
    order = lock_order(orders.order_id_of(order_no, member_id))
    row = statements.of_order.first(order.id)
    if row is None:
        raise NotFound("pickup_missing")
    if row.state not in ("waiting", "preparing"):
        raise Conflict("pickup_state", state=row.state, event="change")
    if row.place_id == place_id:
        return
    now = orders.decrypted_address(order)
    to = _destination(member_id, Collector(place_id, now["name"], now["phone"]))
    same = (Pickup.id == row.id) & (Pickup.state == row.state)
    if Pickup.update(place=place_id).where(same).execute() != 1:
        raise Conflict("pickup_state", state=row.state, event="change")
    orders.redirect(order.id, to)


def remind_if_due(pickup_id: int) -> bool:
    """Remind the buyer once that the goods wait; False if it is not due."""
    row = lock_row(Pickup, pickup_id)
    due = row is not None and row.state == "ready" and row.remind_at is not None
    if row is None or not due or row.remind_at > clock.now():
        return False
    Pickup.update(remind_at=None).where(Pickup.id == pickup_id).execute()
    order = Order.get_by_id(row.order_id)
    notify(order.member_id, notices.PickupWaits(order_id=order.id, until=row.collect_by_at))
    return True


def refund_if_due(pickup_id: int) -> bool:
    """Refund an order that nobody collected in time; False if it is not due (逾期未取退款).

    Everything that no case claims goes back through the one gate; the goods are for sale again.
    """
    row, order = _locked(pickup_id, None)
    is_due = row.state == "ready" and row.collect_by_at is not None
    if not is_due or row.collect_by_at > clock.now() or order.open_cases:
        return False
    _move(row, "lapse")
    aftersales.refund_by_rule(order.order_no, "not_collected")
    notify(order.member_id, notices.PickupLapsed(order_id=order.id, fen=order.paid_fen))
    return True


def facts_of(row: Any, order: Any) -> Facts:
    """What decides about a pickup, from its row and its order's."""
    return Facts(row.state, order.state, order.open_cases, row.collect_by_at, row.collected_at)


def has_liquor(order_id: int) -> bool:
    """Whether an order has liquor that was not refunded."""
    left = (OrderLine.order == order_id) & (OrderLine.quantity > OrderLine.refunded)
    return any(line.is_liquor for line in OrderLine.select().where(left))


def may_see(place_id: int, places: Places) -> None:
    """Refuse the pickups of other places. Raises Forbidden('pickup_other_place')."""
    if places is not None and place_id not in places:
        raise Forbidden("pickup_other_place", name=logistics.place(place_id).name)


def _locked(pickup_id: int, places: Places) -> tuple[Any, Any]:
    """A pickup and its order, locked; the order first, as everywhere."""
    found = Pickup.get_or_none(Pickup.id == pickup_id)
    if found is None:
        raise NotFound("pickup_missing")
    order = lock_order(found.order_id)
    row: Any = lock_row(Pickup, pickup_id)
    may_see(row.place_id, places)
    return row, order


def _move(row: Any, event: str, **values: Any) -> None:
    """Move a pickup from the state that was read. Raises Conflict('pickup_state')."""
    state = rules.next_state(row.state, event)
    same = (Pickup.id == row.id) & (Pickup.state == row.state)
    if Pickup.update(state=state, **values).where(same).execute() != 1:
        raise Conflict("pickup_state", state=row.state, event=event)


def _name(row: Any) -> str:
    return logistics.place(row.place_id).name
