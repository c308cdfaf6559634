"""The place that a sentence names, and the places that get no parcels."""

from __future__ import annotations

import re
from functools import cache

from domain import regions

NOT_SERVED = frozenset({"香港", "澳门", "台湾", "海外"})
"""An address of the mall has a mainland mobile number; these places have none."""

_ENDINGS = ("维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "特别行政区", "省", "市")


def place_of(region: str) -> str:
    """The code of a province or city by its name; "" for none, and for places not served."""
    return "" if region in NOT_SERVED or not region else regions.place_named(region)


def short_province(name: str) -> str:
    """A province as people say it: 新疆维吾尔自治区 → 新疆."""
    for ending in _ENDINGS:
        if name.endswith(ending):
            return name.removesuffix(ending)
    return name


def place_sent_to(words: str) -> str:
    """The city that stands behind 寄到, 送到 and the like; "" without one."""
    found = _sent_to().search(words)
    return found[1] if found else ""


@cache
def _sent_to() -> re.Pattern[str]:
    names = {
        alias
        for province in regions.provinces()
        for city in regions.cities_of(province.code)
        for alias in regions.aliases(city)
    }
    longest = sorted(names, key=len, reverse=True)
    return re.compile(f"(?:寄|送|发|到|去|往)({'|'.join(longest)})")
