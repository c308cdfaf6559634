"""Masks, the limits of an address and the customer-service window. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from domain import regions
from domain.regions import UnknownPart
from kernel.errors import Invalid
from kernel.personal import mask_phone
from kernel.text import clean_line, fits, graphemes, phone_of, too_long

# WeChat's customer-service window (客服消息窗口): five messages within 48 hours of a person's
# message, three within a minute of a follow, a scan or a tap on the menu.
WORD_WINDOW = timedelta(hours=48)
TAP_WINDOW = timedelta(minutes=1)
_PHONE = re.compile(r"1[3-9][0-9]{9}")
_LIMITS = {"name": 30, "province": 20, "city": 20, "district": 20, "detail": 100}
_CHOSEN = ("province", "city", "district")


@dataclass(frozen=True)
class AddressForm:
    """A delivery address as it was typed (收货地址).

    ``region`` is the code of its district, or of a city without districts; "" in addresses of an
    earlier release until they are changed.
    """

    name: str
    phone: str
    province: str
    city: str
    district: str
    detail: str
    region: str = ""

    @property
    def place(self) -> str:
        """The code of the region, also for an address of an earlier release; "" if unknown."""
        return self.region or regions.nearest(self.province, self.city, self.district)


def has_window(word_at: datetime | None, tap_at: datetime | None, now: datetime) -> bool:
    """True while a customer-service message may be sent, by the last message and the last tap."""
    by_word = word_at is not None and now - word_at < WORD_WINDOW
    return by_word or (tap_at is not None and now - tap_at < TAP_WINDOW)


def checked_address(form: AddressForm) -> AddressForm:
    """The address with cleaned texts and its region's code.

    Raises Invalid with the first field that is wrong: 'region_missing', 'region_unknown' for a
    province, city or district that no division is called.
    """
    values = {name: clean_line(getattr(form, name)) for name in _LIMITS}
    for name, limit in _LIMITS.items():
        if not values[name] and name not in _CHOSEN:
            raise Invalid("address_missing", name)
        if not fits(values[name], limit, limit * 4):
            raise Invalid(too_long(values[name], limit), name, limit=limit)
    phone = phone_of(form.phone)
    if not _PHONE.fullmatch(phone):
        raise Invalid("phone_bad", "phone")
    try:
        region = regions.resolve(*(values[name] for name in _CHOSEN))
    except UnknownPart as unknown:
        code = "region_missing" if unknown.is_missing else "region_unknown"
        raise Invalid(code, unknown.field) from None
    if region.code in regions.NOT_DELIVERABLE:
        raise Invalid("region_not_served", "province")
    values |= {name: getattr(region, name) for name in _CHOSEN}
    return AddressForm(phone=phone, region=region.code, **values)


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


def mask_address(form: AddressForm) -> str:
    """The masked form of an address, for lists and logs."""
    area = f"{form.province}{form.city}{form.district}"
    return f"{mask_name(form.name)} {mask_phone(form.phone)} {area}***"
