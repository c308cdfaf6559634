"""Gifts: a friend gives the address of an order that the buyer paid (送礼).

Each step locks the order first, then changes the gift's state by one conditional UPDATE.
``docs/algorithms/gifts.md`` has the states.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain import adults, aftersales, members, orders, pricing, settings
from domain.gifts import notices, queries, rules
from domain.gifts.rules import GiftForm, GiftTimes, next_state
from domain.members import AddressForm
from domain.notices import notify
from domain.orders import DeliveryKind, Destination, PlaceOrder, lock_order
from domain.orders.events import (
    OrderCancelled,
    OrderPaid,
    OrderRefunded,
    OrderShipped,
)
from kernel import clock, ids, typed
from kernel.errors import Conflict, Invalid, NotFound
from kernel.personal import mask_documents
from kernel.store import insert_once, insert_row, lock_row
from models import Gift, GiftAnswer, Order

REASON = "gift_back"
_NO_ADDRESS = AddressForm("", "", "", "", "", "")


@dataclass(frozen=True)
class Acceptance:
    """What a friend sends to take a gift: an address of theirs, or a new one."""

    is_adult: bool
    address_id: int = 0
    address: AddressForm | None = None


def destination(order: PlaceOrder) -> Destination:
    """Nowhere yet; checks what the buyer wrote on the gift. Raises Invalid with its field."""
    wish = _wish(order)
    rules.checked_signature(wish.signature)
    if wish.arrive_by.strip():
        rules.checked_arrival(wish.arrive_by, *queries.arrival_days(order.items))
    return Destination(_NO_ADDRESS, "", "", None)


def placed(order_id: int, order: PlaceOrder) -> None:
    """Write the gift beside its order."""
    wish = _wish(order)
    insert_row(
        Gift,
        order=order_id,
        code=ids.token(16),
        signature=rules.checked_signature(wish.signature),
        arrive_by=wish.arrive_by.strip(),
    )


def _wish(order: PlaceOrder) -> GiftForm:
    return order.to if isinstance(order.to, GiftForm) else GiftForm()


KIND = DeliveryKind(orders.GIFT, destination, placed)


def begin_waiting(event: OrderPaid) -> None:
    """The order is paid: from now on a friend may take the gift."""
    if event.delivery != orders.GIFT:
        return
    gift = _of_order(event.order_id)
    times = settings.get(GiftTimes)
    waits = rules.waits_of(clock.now(), times.accept_days, times.remind_days)
    _step(gift, "pay", remind_at=waits.remind_at, expires_at=waits.expires_at)
    order = Order.get_by_id(event.order_id)
    notify(order.member_id, notices.GiftReady(order_id=order.id))


def close_unpaid(event: OrderCancelled) -> None:
    """The order was cancelled unpaid."""
    _close(event.order_id)


def close_refunded(event: OrderRefunded) -> None:
    """The order was refunded as a whole before a friend took the gift."""
    _close(event.order_id)


def _close(order_id: int) -> None:
    gift = _of_order(order_id)
    if gift is not None and (gift.state, "close") in rules.GIFT_STATES:
        _step(gift, "close", ended_at=clock.now(), remind_at=None)


def tell_friend(event: OrderShipped) -> None:
    """Tell the friend that a parcel is on its way; the buyer is told by the order."""
    gift = _of_order(event.order_id)
    if gift is not None and gift.friend_id is not None:
        told = notices.GiftShipped(gift_id=gift.id, parcel_id=event.parcel_id)
        notify(gift.friend_id, told)


def note_opened(token: str, member_id: int) -> None:
    """Count that somebody other than the buyer opened the gift."""
    gift = queries.gift_of_token(token)
    if Order.get_by_id(gift.order_id).member_id != member_id:
        Gift.update(opened=Gift.opened + 1).where(Gift.id == gift.id).execute()


def accept(token: str, friend_id: int, form: Acceptance) -> str:
    """A friend takes the gift and gives the address; returns the order's number (领取礼物).

    The same friend again changes nothing. Raises NotFound('gift_missing'),
    Conflict('gift_own', 'gift_taken', 'gift_ended', 'gift_paused', 'not_delivered',
    'age_unproven'), Invalid('adult_unconfirmed') and what an address raises.
    """
    gift, order = _locked(queries.gift_of_token(token))
    if gift.state == "accepted" and gift.friend_id == friend_id:
        return str(order.order_no)
    _check_open(gift, order, friend_id)
    _check_age(order.id, friend_id, is_adult=form.is_adult)
    address_id = form.address_id
    if form.address is not None:
        address_id = members.save_address(friend_id, form.address)
    address = members.address_of(friend_id, address_id)
    place = address.form.place or address.form.province
    if not pricing.fits_freight_of_everywhere(queries.paid_goods(order.id), place):
        raise Conflict("gift_not_delivered", "province")
    orders.give_recipient(order, friend_id, address_id)
    _step(gift, "accept", friend=friend_id, accepted_at=clock.now(), remind_at=None)
    is_late = queries.is_late(gift, order.id)
    notify(order.member_id, notices.GiftAccepted(order_id=order.id, is_late=is_late))
    return str(order.order_no)


def _check_open(gift: Any, order: Any, friend_id: int) -> None:
    if order.member_id == friend_id:
        raise Conflict("gift_own")
    if gift.state == "accepted":
        raise Conflict("gift_taken")
    if gift.state != "waiting" or gift.expires_at <= clock.now():
        raise Conflict("gift_ended")
    if order.state != "paid" or order.open_cases:
        raise Conflict("gift_paused")


def _check_age(order_id: int, friend_id: int, *, is_adult: bool) -> None:
    if not queries.has_liquor(order_id):
        return
    if not is_adult:
        raise Invalid("adult_unconfirmed", "is_adult")
    adults.refuse_if_held(friend_id)
    members.confirm_adult(friend_id)


def decline(token: str, member_id: int, said: str = "") -> None:
    """A friend does not want the gift; the buyer reads what they say (婉拒).

    The gift goes on waiting: the buyer sends it to another or cancels it. Raises
    NotFound('gift_missing'), Conflict('gift_own', 'gift_taken', 'gift_ended'), Invalid.
    """
    said = typed.words(mask_documents(said), rules.SAID_MOST, "said")
    _answer(token, member_id, "declined", said)


def say_minor(token: str, member_id: int) -> None:
    """A member says that they are under age: the gift is refused to them (未满 18 周岁).

    A doubt holds all liquor for them; the buyer is told that they can't take it, not why.
    """
    gift, _ = _answer(token, member_id, "minor", "")
    if queries.has_liquor(gift.order_id):
        adults.doubt_what_was_told(member_id, "said")


def _answer(token: str, member_id: int, kind: rules.AnswerKind, said: str) -> tuple[Any, Any]:
    gift, order = _locked(queries.gift_of_token(token))
    if order.member_id == member_id:
        raise Conflict("gift_own")
    if gift.state == "accepted":
        raise Conflict("gift_taken")
    if gift.state != "waiting":
        raise Conflict("gift_ended")
    now = clock.now()
    if insert_once(GiftAnswer, gift=gift.id, member=member_id, kind=kind, said=said, at=now):
        notify(order.member_id, notices.GiftDeclined(order_id=order.id, said=said))
    return gift, order


def cancel(order_no: str, member_id: int) -> None:
    """The buyer takes the gift back before a friend took it; it is refunded (取消礼物).

    Raises NotFound, Conflict('gift_taken', 'gift_ended', 'case_order_state'), and during the hold
    after a restore.
    """
    order_id = orders.order_id_of(order_no, member_id)
    found = _of_order(order_id)
    if found is None:
        raise NotFound("gift_missing")
    gift, order = _locked(found)
    if gift.state == "cancelled":
        return
    if gift.state != "waiting":
        raise Conflict("gift_taken" if gift.state == "accepted" else "gift_ended")
    _take_back(gift, order, "cancel", f"member:{member_id}")


def lapse(gift_id: int) -> bool:
    """Refund a gift whose days are over; False if it is not due (礼物过期退款)."""
    gift, order = _locked(Gift.get_by_id(gift_id))
    if gift.state != "waiting" or gift.expires_at > clock.now() or order.open_cases:
        return False
    _take_back(gift, order, "lapse", "system")
    notify(order.member_id, notices.GiftLapsed(order_id=order.id))
    return True


def _take_back(gift: Any, order: Any, event: str, actor: str) -> None:
    _step(gift, event, ended_at=clock.now(), remind_at=None)
    aftersales.refund_unsent(order.order_no, REASON, actor)


def remind(gift_id: int) -> bool:
    """Remind the buyer once that nobody has taken the gift yet; False if it is not due."""
    now = clock.now()
    due = (Gift.id == gift_id) & (Gift.state == "waiting") & (Gift.remind_at <= now)
    if Gift.update(remind_at=None).where(due).execute() != 1:
        return False
    gift = Gift.get_by_id(gift_id)
    order = Order.get_by_id(gift.order_id)
    notify(order.member_id, notices.GiftWaits(order_id=order.id))
    return True


def confirm_receipt(token: str, friend_id: int) -> None:
    """The friend confirms that everything has arrived. Raises NotFound, Conflict."""
    gift = queries.gift_of_token(token)
    orders.confirm_receipt_of_gift(gift.order_id, friend_id)


def _of_order(order_id: int) -> Any:
    return Gift.get_or_none(Gift.order == order_id)


def _locked(found: Any) -> tuple[Any, Any]:
    """The gift and its order, locked in this order always: the order first."""
    order = lock_order(found.order_id)
    gift = lock_row(Gift, found.id)
    if gift is None:
        raise NotFound("gift_missing")
    return gift, order


def _step(gift: Any, event: str, **values: Any) -> None:
    same = (Gift.id == gift.id) & (Gift.state == gift.state)
    to_state = next_state(gift.state, event)
    if Gift.update(state=to_state, **values).where(same).execute() != 1:
        raise Conflict("gift_moved")
