"""Numbers in what people type or paste: of orders, refunds and tickets, of parcels, of phones.

Our own numbers are found with or without their prefix, in any width, with separators and
invisible characters inside; the letters that they never hold are read as the digits they look
like.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from kernel.text import fold_digits, tracking_of

Kind = Literal[
    "order", "payment", "refund", "case", "withdrawal", "ticket", "bare", "wechat", "tracking",
    "phone",
]  # fmt: skip
PREFIXES: dict[str, Kind] = {
    "ORD": "order", "PAY": "payment", "REF": "refund", "AS": "case", "WD": "withdrawal",
    "TK": "ticket",
}  # fmt: skip
"""The kinds of our numbers by how they begin."""

_DIGIT = re.compile(r"\d")
_GAP = r"[\s\-_:.·]{0,3}"
_OWN = re.compile(
    rf"(?<![0-9A-Z])({'|'.join(PREFIXES)}){_GAP}"
    rf"((?:[0-9]{_GAP}){{6}}(?:[0-9A-Z]{_GAP}){{15}}[0-9A-Z])(?![0-9A-Z])"
)
_BARE = re.compile(r"(?<![0-9A-Z])[0-9]{6}[0-9A-Z]{16}(?![0-9A-Z])")
_OF_WECHAT = re.compile(r"(?<![0-9A-Z])[0-9]{28,32}(?![0-9A-Z])")
_TOKEN = re.compile(r"(?<![0-9A-Z])[0-9A-Z][0-9A-Z\-]{7,39}(?![0-9A-Z])")
_MOBILE = re.compile(r"(?:86)?1[3-9][0-9]{9}")
_PARCEL = re.compile("单号|运单|快递|物流|包裹|订单|退款")
_PHONE_END = re.compile(
    r"(?:(?:手机|电话|收货|号码|我的|的|号)*)(?:尾号|[后末](?:四|4)位)?(?:数字|数)?"
    r"[是为:\s]{0,3}([0-9]{4})"
)
_OF_PHONE = re.compile(r"(?:尾号|[后末](?:四|4)位)[是为:\s]{0,3}([0-9]{4})(?![0-9])")
_LOOKS_LIKE = str.maketrans("OIL", "011")
_SIGNS = re.compile(r"[\s\W_]+")
_SHORT = 6
"""Characters beside a number that make no question of their own: 查一下, 我的单号."""


@dataclass(frozen=True)
class Named:
    """A number as it is stored, its kind, and the words that stood beside it."""

    kind: Kind
    number: str
    beside: str = ""


def number_in(text: str) -> Named | None:
    """The number that a message is or names; None if it names none."""
    if not _DIGIT.search(text):
        return None
    plain = fold_digits(text).upper()
    return _own(plain) or _from_outside(plain) or _end_of_phone(plain)


def order_number_in(text: str) -> str:
    """The number of an order in a sentence, with its prefix; "" if there is none."""
    if not _DIGIT.search(text):
        return ""
    found = _own(fold_digits(text).upper())
    if found is None or found.kind not in ("order", "bare"):
        return ""
    return found.number if found.kind == "order" else f"ORD{found.number}"


def _own(plain: str) -> Named | None:
    """One of our numbers."""
    match = _OWN.search(plain)
    if match is not None:
        packed = re.sub(_GAP, "", match[2])
        number = match[1] + packed[:6] + packed[6:].translate(_LOOKS_LIKE)
        return Named(PREFIXES[match[1]], number, _beside(plain, match))
    match = _BARE.search(plain)
    if match is not None and not match[0].isdigit():
        return Named("bare", match[0][:6] + match[0][6:].translate(_LOOKS_LIKE),
                     _beside(plain, match))  # fmt: skip
    packed = re.sub(r"[\s\-]", "", plain)
    if _BARE.fullmatch(packed) and not packed.isdigit():
        return Named("bare", packed[:6] + packed[6:].translate(_LOOKS_LIKE))
    return None


def _from_outside(plain: str) -> Named | None:
    """WeChat's number of a payment or refund, or a carrier's of a parcel."""
    match = _OF_WECHAT.search(plain)
    if match is not None:
        return Named("wechat", match[0], _beside(plain, match))
    packed = re.sub(r"\s", "", plain)
    if _TOKEN.fullmatch(packed) and _is_parcel(packed):
        return Named("tracking", tracking_of(packed))
    for match in _TOKEN.finditer(plain):
        beside = _beside(plain, match)
        if _is_parcel(match[0]) and (len(beside) <= _SHORT or _PARCEL.search(beside)):
            return Named("tracking", tracking_of(match[0]), beside)
    return None


def _is_parcel(token: str) -> bool:
    """Whether a token may be a parcel's number: mostly digits, and no mobile phone."""
    digits = sum(char.isdigit() for char in token)
    return digits >= 6 and 2 * digits >= len(token) and not _MOBILE.fullmatch(token)


def _end_of_phone(plain: str) -> Named | None:
    """A phone's last four digits: alone, or named as such."""
    match = _PHONE_END.fullmatch(re.sub(r"[。！!,，.\s]+$", "", plain))
    if match is not None:
        return Named("phone", match[1])
    match = _OF_PHONE.search(plain)
    if match is not None and "卡" not in plain:
        return Named("phone", match[1], _beside(plain, match))
    return None


def _beside(plain: str, match: re.Match[str]) -> str:
    """What stands beside a number, without spaces and signs."""
    return _SIGNS.sub("", plain[: match.start()] + plain[match.end() :])
