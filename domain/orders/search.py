"""Search of orders by words (查找订单); each meaning of a word uses an index of its own.

A word is the beginning of an order's number, a parcel's or member's whole number, a mobile number
or its last four digits, or a receiver's name. Names are kept masked: a name finds all receivers
with the same first character and length, and a single character all that begin with it. The same
words find the same orders on every database. See ADR 0065.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Sequence
from functools import reduce
from typing import Any

from domain import members
from kernel.store import UNSORTED, Sorting, sorted_page
from kernel.text import clean_line, length, number_of, phone_of
from models import Member, Order, Parcel

SORTS = {"no": Order.id, "paid": Order.payable_fen}
"""What the merchant's list can be sorted by. What was paid is what was to be paid, or nothing."""

PREFIX = "ORD"
_NUMBER = re.compile("[0-9A-Z]+")
_PHONE = re.compile("1[0-9]{10}")
_MASKED_PHONE = re.compile(r"1[0-9]{2}\*{4}[0-9]{4}")
_DIGIT = re.compile("[0-9]")
_NUMBER_SIZE = 32


def find_order_ids(words: str, chosen: Any, limit: int, by: Sorting = UNSORTED) -> list[int]:
    """Ids of the first orders in an order, among the chosen ones, in which every word is found.

    Each meaning of one word is a query of its own with its own index, because one OR over all of
    them would read every order. The other words only filter its rows.
    """
    # A number is the better first word: it leaves fewer orders to filter than a name.
    first, *others = sorted(words.split(), key=lambda word: not _DIGIT.search(word))
    for word in others:
        chosen &= reduce(operator.or_, _conditions_for_word(word))
    field = SORTS.get(by.name, Order.id)
    found: dict[int, Any] = {}
    for meaning in _conditions_for_word(first):
        query = Order.select(Order.id, field.alias("place")).where(chosen & meaning)
        for row in sorted_page(query, field, by, Order.id, limit):
            found[row.id] = row.place
    ids = sorted(found, key=lambda order_id: (found[order_id], order_id))
    return (ids if by.is_rising else ids[::-1])[:limit]


def _conditions_for_word(word: str) -> list[Any]:
    """Conditions on an order, one for each thing that the word may be."""
    # Orders without ``receiver`` were placed by the previous release during an upgrade (ADR 0042).
    meanings = [Order.receiver.is_null() & Order.masked_address.contains(word)]
    meanings += [Order.receiver == name for name in _receivers(word)]
    number, phone = number_of(word), _masked_phone(word)
    if phone:
        meanings.append(
            (Order.phone_end == phone[-4:]) & Order.masked_address.contains(f" {phone} ")
        )
    if not _NUMBER.fullmatch(number):
        return meanings
    if len(number) == 4 and number.isdigit():
        meanings.append(Order.phone_end == number)
    if number.startswith(PREFIX[: len(number)]):
        last = number.ljust(_NUMBER_SIZE, "Z")
        meanings.append((Order.order_no >= number) & (Order.order_no <= last))
    return meanings + _owners_of(number)


def _owners_of(number: str) -> list[Any]:
    """Conditions for the order of a parcel's number, and for the orders of a member's number."""
    parcels = Parcel.select(Parcel.order).where(Parcel.tracking_no == number)
    sent = [row.order_id for row in parcels]
    who = Member.get_or_none(Member.public_no == number)
    by_parcel = [Order.id.in_(sent)] if sent else []
    return by_parcel + ([Order.member == who.id] if who is not None else [])


def _receivers(word: str) -> Sequence[str]:
    """The masks that a name may have; none for a word with a digit, which is no name."""
    name = clean_line(word)
    if _DIGIT.search(name) or not name:
        return ()
    mask = members.mask_name(name)
    return (mask, f"{mask}*") if length(name) == 1 else (mask,)


def _masked_phone(word: str) -> str:
    """The mask '138****8000' of a mobile number or of a mask; '' for any other word."""
    phone = phone_of(word)
    if _PHONE.fullmatch(phone):
        return members.mask_phone(phone)
    return phone if _MASKED_PHONE.fullmatch(phone) else ""
