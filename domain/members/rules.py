"""Masks, the limits of an address and the customer-service window. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from kernel.errors import Invalid
from kernel.text import clean_line, fits, graphemes, phone_of, too_long

# WeChat's customer-service window (客服消息窗口): five messages within 48 hours of a person's
# message, three within a minute of a follow, a scan or a tap on the menu.
WORD_WINDOW = timedelta(hours=48)
TAP_WINDOW = timedelta(minutes=1)
_PHONE = re.compile(r"1[3-9][0-9]{9}")
_LIMITS = {"name": 30, "province": 20, "city": 20, "district": 20, "detail": 100}


@dataclass(frozen=True)
class AddressForm:
    """A delivery address as it was typed (收货地址)."""

    name: str
    phone: str
    province: str
    city: str
    district: str
    detail: str


def has_window(word_at: datetime | None, tap_at: datetime | None, now: datetime) -> bool:
    """True while a customer-service message may be sent, by the last message and the last tap."""
    by_word = word_at is not None and now - word_at < WORD_WINDOW
    return by_word or (tap_at is not None and now - tap_at < TAP_WINDOW)


def checked_address(form: AddressForm) -> AddressForm:
    """The address with cleaned texts. Raises Invalid with the first field that is wrong."""
    values = {name: clean_line(getattr(form, name)) for name in _LIMITS}
    for name, limit in _LIMITS.items():
        if not values[name]:
            raise Invalid("address_missing", name)
        if not fits(values[name], limit, limit * 4):
            raise Invalid(too_long(values[name], limit), name, limit=limit)
    phone = phone_of(form.phone)
    if not _PHONE.fullmatch(phone):
        raise Invalid("phone_bad", "phone")
    return AddressForm(phone=phone, **values)


State = Literal["active", "closed"]


def mask_name(name: str | None) -> str:
    """A name with only its first character (or emoji) visible: 小林 → 小*."""
    signs = graphemes(clean_line(name or ""))
    return f"{signs[0]}{'*' * min(max(len(signs) - 1, 1), 2)}" if signs else "微信用户"


def numbered_name(number: str) -> str:
    """The name of a member who has given none: 会员 and a number."""
    return f"会员{number}"


def mask_middle(name: str | None) -> str:
    """A name with its middle hidden, as friends can tell it apart: 林小雨 → 林*雨, 小林 → 小*."""
    signs = graphemes(clean_line(name or ""))
    if len(signs) < 3:
        return mask_name(name)
    return f"{signs[0]}{'*' * min(len(signs) - 2, 2)}{signs[-1]}"


def mask_phone(phone: str) -> str:
    """A phone number with its middle hidden: 138****8000."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 7 else "****"


def mask_address(form: AddressForm) -> str:
    """The masked form of an address, for lists and logs."""
    area = f"{form.province}{form.city}{form.district}"
    return f"{mask_name(form.name)} {mask_phone(form.phone)} {area}***"
