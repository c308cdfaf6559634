"""Opening hours, the areas of a place, and which place is near. Pure.

``docs/algorithms/pickups.md`` has the rules.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain import regions
from domain.regions import UnknownPart
from kernel.clock import SHANGHAI
from kernel.errors import Invalid
from kernel.text import clean_line

DAYS = 7
SERVES_MOST = 60
READY_MOST = 7 * 24 * 60
_HOURS = re.compile(r"(\d{1,2})[:：](\d{2})\s*[^0-9]\s*(\d{1,2})[:：](\d{2})")
_POINT = re.compile(r"(-?\d{1,2}(?:\.\d{1,8})?)[,，\s]+(-?\d{1,3}(?:\.\d{1,8})?)")
_PHONE = re.compile(r"[0-9][0-9 \-]{5,18}[0-9]")
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class PlaceForm:
    """A place as the merchant typed it.

    ``hours`` are seven texts, Monday first; "" is a closed day. ``point`` is latitude and
    longitude in one text, or "". ``serves`` are names of regions.
    """

    name: str
    province: str
    city: str
    district: str
    address: str
    phone: str
    hours: tuple[str, ...]
    ready_minutes: int = 120
    map_url: str = ""
    point: str = ""
    serves: tuple[str, ...] = ()


@dataclass(frozen=True)
class Opening:
    """Whether a place is open; ``at`` is when it closes, or opens next; None if it never does."""

    is_open: bool
    at: datetime | None


def checked_place(form: PlaceForm) -> dict[str, Any]:
    """The values of a place. Raises Invalid with the first field that is wrong."""
    name, address = clean_line(form.name), clean_line(form.address)
    for field, text in (("name", name), ("address", address)):
        if not text:
            raise Invalid("field_missing", field)
    try:
        region = regions.resolve(form.province, form.city, form.district)
    except UnknownPart as unknown:
        code = "region_missing" if unknown.is_missing else "region_unknown"
        raise Invalid(code, unknown.field) from None
    phone = clean_line(form.phone)
    if not _PHONE.fullmatch(phone):
        raise Invalid("place_phone_bad", "phone")
    if not 0 <= form.ready_minutes <= READY_MOST:
        raise Invalid("place_ready_bad", "ready_minutes")
    if form.map_url and not form.map_url.startswith("https://"):
        raise Invalid("place_map_bad", "map_url")
    latitude, longitude = _point(form.point)
    return {
        "name": name, "region": region.code, "address": address, "phone": phone,
        "hours": checked_hours(form.hours), "ready_minutes": form.ready_minutes,
        "map_url": form.map_url, "latitude_e6": latitude, "longitude_e6": longitude,
        "serves": _areas(form.serves),
    }  # fmt: skip


def checked_hours(hours: Sequence[str]) -> list[str]:
    """Seven texts such as 09:00-21:00, "" for a closed day. Raises Invalid with the field."""
    found = []
    for day, text in enumerate((*hours, *[""] * DAYS)[:DAYS]):
        said = clean_line(text)
        if not said:
            found.append("")
            continue
        match = _HOURS.fullmatch(said)
        if match is None:
            raise Invalid("place_hours_bad", f"hours{day}")
        from_hour, from_minute, to_hour, to_minute = (int(part) for part in match.groups())
        begins, ends = from_hour * 60 + from_minute, to_hour * 60 + to_minute
        if from_minute > 59 or to_minute > 59 or not begins < ends <= 24 * 60:
            raise Invalid("place_hours_bad", f"hours{day}")
        found.append(f"{from_hour:02}:{from_minute:02}-{to_hour:02}:{to_minute:02}")
    if not any(found):
        raise Invalid("place_never_open", "hours0")
    return found


def _point(text: str) -> tuple[int | None, int | None]:
    if not clean_line(text):
        return None, None
    match = _POINT.fullmatch(clean_line(text))
    if match is None:
        raise Invalid("place_point_bad", "point")
    whole, _, part = match.group(1).partition(".")
    latitude = _millionths(whole, part)
    whole, _, part = match.group(2).partition(".")
    longitude = _millionths(whole, part)
    if abs(latitude) > 90_000_000 or abs(longitude) > 180_000_000:
        raise Invalid("place_point_bad", "point")
    return latitude, longitude


def _millionths(whole: str, part: str) -> int:
    sign = -1 if whole.startswith("-") else 1
    return sign * (abs(int(whole)) * 1_000_000 + int(part.ljust(6, "0")[:6]))


def _areas(names: Sequence[str]) -> list[str]:
    codes = set()
    for name in names:
        code = regions.place_named(name)
        if not code:
            raise Invalid("freight_region_unknown", "serves", name=name)
        codes.add(code)
    if len(codes) > SERVES_MOST:
        raise Invalid("too_many_rows", "serves", limit=SERVES_MOST)
    return sorted(codes)


def opening(hours: Sequence[str], now: datetime) -> Opening:
    """Whether a place with these hours is open at an instant, and when that changes."""
    here = now.astimezone(SHANGHAI)
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
    for ahead in range(DAYS + 1):
        day = midnight + ahead * _DAY
        text = hours[day.weekday()]
        if not text:
            continue
        begins, ends = (day + _of_day(part) for part in text.split("-"))
        if begins <= here < ends:
            return Opening(is_open=True, at=ends)
        if here < begins:
            return Opening(is_open=False, at=begins)
    return Opening(is_open=False, at=None)


def _of_day(text: str) -> timedelta:
    hour, minute = text.split(":")
    return timedelta(hours=int(hour), minutes=int(minute))


def nearness(place: str, serves: Sequence[str], buyer: str) -> int:
    """How near a place is to a buyer: 3 its district, 2 its city or served, 1 its province.

    ``place`` and ``buyer`` are codes of regions; 0 for everything else.
    """
    mine, theirs = regions.chain_of(place), regions.chain_of(buyer)
    levels = {1: 1, 2: 2, 3: 3}
    near = levels.get(len(set(mine) & set(theirs)), 0)
    return max(near, 2) if set(serves) & set(theirs) else near
