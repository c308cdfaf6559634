"""Who the shop is before the law: company, permits, numbers, complaint address (证照与联系方式).

The configuration's ``site`` gives the first values; what the merchant keeps here replaces them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import ClassVar, NamedTuple

from pydantic import Field, field_validator

from domain import settings
from kernel import clock

_PICTURE = r"^([0-9a-f]{64})?$"
WARN_BEFORE = timedelta(days=45)
_DAYS = ("licence_until", "food_permit_until", "liquor_permit_until")
PICTURES = ("licence_picture", "food_permit_picture", "liquor_permit_picture")
"""The pictures of the documents, by the field that holds each picture's id."""


class Business(settings.Switches):
    """The company as the law wants it shown (公示信息).

    Days are ISO dates, pictures ids of stored pictures; '' for none.
    """

    KEY: ClassVar[str] = "business"
    legal_name: str = Field(default="", max_length=80)
    licence_no: str = Field(default="", max_length=40)
    licence_until: str = ""
    licence_picture: str = Field(default="", pattern=_PICTURE)
    food_permit: str = Field(default="", max_length=60)
    food_permit_until: str = ""
    food_permit_picture: str = Field(default="", pattern=_PICTURE)
    liquor_permit: str = Field(default="", max_length=60)
    liquor_permit_until: str = ""
    liquor_permit_picture: str = Field(default="", pattern=_PICTURE)
    more_licences: tuple[str, ...] = Field(default=(), max_length=10)
    icp: str = Field(default="", max_length=60)
    police_no: str = Field(default="", max_length=60)
    complaint_phone: str = Field(default="", pattern=r"^[0-9+() -]{0,30}$")
    service_hours: str = Field(default="", max_length=40)
    email: str = Field(default="", max_length=80, pattern=r"^$|^[^@\s]+@[^@\s]+\.[^@\s]+$")
    address: str = Field(default="", max_length=120)

    @field_validator(*_DAYS)
    @classmethod
    def _is_day(cls, value: str) -> str:
        if value:
            date.fromisoformat(value)
        return value


class PermitEnd(NamedTuple):
    """A permit that ends soon or has ended."""

    permit: str
    day: str
    has_ended: bool


_shop_name = ""
_first = Business()
_latest = _first


def set_first_values(shop_name: str, first: Business) -> None:
    """Set the configured name of the shop and its company, once at the start."""
    global _shop_name, _first, _latest
    _shop_name, _first, _latest = shop_name, first, first


def shop_name() -> str:
    """The name of the shop, from the configuration."""
    return _shop_name


def business() -> Business:
    """The company as it is shown now; the settings are read at most once a second."""
    return _shown(settings.get(Business))


def cached_business() -> Business | None:
    """The company without a query, or None if the settings must be read first."""
    kept = settings.cached(Business)
    return None if kept is None else _shown(kept)


def last_business() -> Business:
    """The company as this process last knew it, for pages while the database is away."""
    return _latest


def business_form() -> Business:
    """The company for its editor: what is kept, or the first values."""
    return _shown(settings.fresh(Business))


def permits_ending() -> list[PermitEnd]:
    """Permits that end within 45 days or have ended."""
    found, today = business(), clock.business_day(clock.now())
    return [
        PermitEnd(permit, until, has_ended=date.fromisoformat(until) < today)
        for permit, until in _permits(found)
        if until and date.fromisoformat(until) - WARN_BEFORE <= today
    ]


def missing_of_business() -> list[str]:
    """The names of what the law wants shown and is not filled in; one permit for liquor is enough.

    The public-security number and the further licences are not needed by everybody.
    """
    found = business()
    needed = ("legal_name", "licence_no", "icp", "complaint_phone", "service_hours", "address")
    missing = [name for name in needed if not getattr(found, name)]
    if not (found.food_permit or found.liquor_permit or found.more_licences):
        missing.append("food_permit")
    return missing


def _permits(found: Business) -> Iterator[tuple[str, str]]:
    for name in _DAYS:
        yield name.removesuffix("_until"), getattr(found, name)


def _shown(kept: Business) -> Business:
    global _latest
    _latest = kept if kept.legal_name else _first
    return _latest
