"""Search of orders by words (查找订单); each meaning of a word uses an index of its own.

A word is the beginning of an order's number, a parcel's or member's whole number, a mobile number
or its last four digits, or a receiver's name. Whole names and mobile numbers are compared by their
keyed hashes. A mask, such as 林** or 138****8000, finds all that have it, and a single character
all names that begin with it. The same words find the same orders on every database. See ADR 0065
and 0091.
"""

from __future__ import annotations

import operator
import re
from functools import reduce
from typing import Any

from domain import members
from kernel.people_hashes import is_name, is_phone
from kernel.personal import mask_phone
from kernel.store import UNSORTED, Sorting, sorted_page
from kernel.text import clean_line, length, number_of, phone_of
from models import Member, Order, Parcel

SORTS = {"no": Order.id, "paid": Order.payable_fen}
"""What the merchant's list can be sorted by. What was paid is what was to be paid, or nothing."""

PREFIX = "ORD"
_NUMBER = re.compile("[0-9A-Z]+")
_PHONE = re.compile("1[0-9]{10}")
_MASKED_NAME = re.compile(r"[^*]+\*{1,2}")
_MASKED_PHONE = re.compile(r"1[0-9]{2}\*{4}[0-9]{4}")
_DIGIT = re.compile("[0-9]")
_NUMBER_SIZE = 32


def find_order_ids(words: str, chosen: Any, limit: int, by: Sorting = UNSORTED) -> list[int]:
    """Ids of the first orders in an order, among the chosen ones, in which every word is found.

    Each meaning of one word is a query of its own with its own index, because one OR over all of
    them would read every order. The other words only filter its rows.
    """
    phone = phone_of(words)
    # A number is the better first word: it leaves fewer orders to filter than a name.
    first, *others = (
        [phone] if _PHONE.fullmatch(phone)
        else sorted(words.split(), key=lambda word: not _DIGIT.search(word))
    )  # fmt: skip
    meanings = [chosen & is_name(Order.name_hash, words)] if others else []
    for word in others:
        chosen &= reduce(operator.or_, _conditions_for_word(word))
    meanings += [chosen & meaning for meaning in _conditions_for_word(first)]
    field = SORTS.get(by.name, Order.id)
    found: dict[int, Any] = {}
    for meaning in meanings:
        query = Order.select(Order.id, field.alias("place")).where(meaning)
        for row in sorted_page(query, field, by, Order.id, limit):
            found[row.id] = row.place
    ids = sorted(found, key=lambda order_id: (found[order_id], order_id))
    return (ids if by.is_rising else ids[::-1])[:limit]


def _conditions_for_word(word: str) -> list[Any]:
    """Conditions on an order, one for each thing that the word may be."""
    # Orders without hashes or ``receiver`` were placed by a previous release during an upgrade
    # (ADR 0042), or their text can't be read any more.
    meanings = [Order.receiver.is_null() & Order.masked_address.contains(word)]
    meanings += _receivers(word) + _phones(word)
    number = number_of(word)
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


def _receivers(word: str) -> list[Any]:
    """Conditions for a receiver's mask, the first character of a name, or a whole name."""
    name = clean_line(word)
    if not name:
        return []
    if _MASKED_NAME.fullmatch(name):
        return [Order.receiver == name]
    whole = is_name(Order.name_hash, name)
    if _DIGIT.search(name):
        return [whole]
    mask = members.mask_name(name)
    if length(name) == 1:
        return [Order.receiver == mask, Order.receiver == f"{mask}*"]
    return [whole, Order.name_hash.is_null() & (Order.receiver == mask)]


def _phones(word: str) -> list[Any]:
    """Conditions for a mobile number, or for its mask."""
    phone = phone_of(word)
    if _MASKED_PHONE.fullmatch(phone):
        return [_has_phone(phone)]
    if not _PHONE.fullmatch(phone):
        return []
    mask = mask_phone(phone)
    return [is_phone(Order.phone_hash, phone), Order.phone_hash.is_null() & _has_phone(mask)]


def _has_phone(mask: str) -> Any:
    """The condition that the masked address has this masked number."""
    return (Order.phone_end == mask[-4:]) & Order.masked_address.contains(f" {mask} ")
