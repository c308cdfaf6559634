"""Who the shop is before the law: company, licences, numbers, complaint address (证照与联系方式).

The configuration's ``site`` gives the first values; what the merchant keeps here replaces them.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from domain import settings


class Business(settings.Switches):
    """The company as the law wants it shown (公示信息)."""

    KEY: ClassVar[str] = "business"
    legal_name: str = Field(default="", max_length=80)
    complaint_phone: str = Field(default="", max_length=30)
    service_hours: str = Field(default="", max_length=40)
    email: str = Field(default="", max_length=80)
    address: str = Field(default="", max_length=160)


_shop_name = ""
_first = Business()


def set_first_values(shop_name: str, first: Business) -> None:
    """Set the configured name of the shop and its company, once at the start."""
    global _shop_name, _first
    _shop_name, _first = shop_name, first


def shop_name() -> str:
    """The name of the shop, from the configuration."""
    return _shop_name


def business() -> Business:
    """The company as it is shown now."""
    kept = settings.get(Business)
    return kept if kept.legal_name else _first
