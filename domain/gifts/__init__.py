"""Gifts (送礼): a friend gives the address. See ``docs/algorithms/gifts.md``."""

from domain.gifts.erasing import PERSONAL
from domain.gifts.queries import (
    AnswerView,
    BuyerView,
    FriendView,
    GiftLine,
    Got,
    Waiting,
    arrival_days,
    closed_to_items,
    count_waiting,
    days_to_accept,
    facts_of_orders,
    gift_for_buyer,
    gift_for_opener,
    gift_of_order,
    gifts_overdue,
    list_got,
    list_waiting_of,
    order_no_of_own,
    packing_of_orders,
    token_of_got,
)
from domain.gifts.rules import STATES, GiftForm, GiftTimes
from domain.gifts.service import (
    Acceptance,
    accept,
    cancel,
    confirm_receipt,
    decline,
    note_opened,
    say_minor,
)

__all__ = [
    "PERSONAL", "STATES", "Acceptance", "AnswerView", "BuyerView", "FriendView", "GiftForm",
    "GiftLine", "GiftTimes", "Got", "Waiting", "accept", "arrival_days", "cancel",
    "closed_to_items", "confirm_receipt", "count_waiting", "days_to_accept", "decline",
    "facts_of_orders", "gift_for_buyer", "gift_for_opener", "gift_of_order", "gifts_overdue",
    "list_got", "list_waiting_of", "note_opened", "order_no_of_own", "packing_of_orders",
    "say_minor", "token_of_got",
]  # fmt: skip
