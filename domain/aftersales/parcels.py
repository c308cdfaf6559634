"""Doubts about the tracking number of a returned parcel (退货单号存疑).

A flag only warns the merchant. Money follows the merchant's receipt of the goods (ADR 0051).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from models import AfterSale, Order, Parcel

_SHORTEST = 8  # the carriers have no shorter numbers
_BLOCK = re.compile(r"(\d{1,4}?)\1+\d{0,3}")


@dataclass(frozen=True)
class ParcelFlag:
    """A doubt; ``used_twice`` and ``own_parcel`` name the other case or order."""

    kind: str
    number: str = ""
    case_id: int | None = None
    is_same_buyer: bool = False


def looks_invented(number: str) -> bool:
    """True for numbers that look made up: too short, few digits, 111111, 123456, 123123.

    It is a guess by pattern over the longest run of digits.
    """
    digits = max(re.findall(r"\d+", number), key=len, default="")
    if len(number) < _SHORTEST or len(digits) < 6:
        return True
    if len(set(digits)) <= 2 or _BLOCK.fullmatch(digits):
        return True
    steps = [(int(b) - int(a)) % 10 for a, b in pairwise(digits)]
    return any(_longest(steps, step) >= max(5, len(steps) // 2) for step in (0, 1, 9))


def parcel_flags(case_id: int, member_id: int, number: str | None) -> tuple[ParcelFlag, ...]:
    """Doubts about a return's number: used by another case, our own parcel, or made up."""
    if not number:
        return ()
    flags = [ParcelFlag("invented")] if looks_invented(number) else []
    used: AfterSale
    others = AfterSale.select().where(
        (AfterSale.return_tracking_no == number) & (AfterSale.id != case_id)
    )
    for used in others.order_by(AfterSale.id).limit(5):
        mine = used.member_id == member_id
        flags.append(ParcelFlag("used_twice", used.case_no, used.id, mine))
    own = Order.select(Order.order_no).join(Parcel, on=Parcel.order == Order.id)
    orders = own.where(Parcel.tracking_no == number).limit(1)
    flags += [ParcelFlag("own_parcel", order.order_no) for order in orders]
    sent = AfterSale.select().where(AfterSale.sent_tracking_no == number).limit(1)
    flags += [ParcelFlag("own_parcel", row.case_no, row.id) for row in sent]
    return tuple(flags)


def _longest(steps: Sequence[int], step: int) -> int:
    """The length of the longest run of ``change_state``."""
    best = run = 0
    for each in steps:
        run = run + 1 if each == step else 0
        best = max(best, run)
    return best
