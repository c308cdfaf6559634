"""Cells of a product sheet: how each is written, and what a typed one means. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from kernel import typed
from kernel.errors import Invalid
from kernel.money import yuan
from kernel.text import shortened

ProductFault = Literal["others_wrong", "cost_not_yours"]
"""What only a sheet is told; the other reasons are refusals."""

OF_PRODUCT = (
    "title", "subtitle", "category", "brand", "strength", "tags", "attributes", "is_liquor",
    "is_return_exempt", "position",
)  # fmt: skip
"""What all rows of a product say alike; one of them is enough."""

OF_SKU = ("spec", "code", "price", "cost", "stock", "low_stock", "weight_g")
NAMES = ("product_id", *OF_PRODUCT, "sku_id", "spec_names", *OF_SKU)
PARTED = "；"
YES, NO = "1", "0"
_LIMITS = {"title": 80, "subtitle": 160, "brand": 40, "strength": 20}
_COUNTS = {"low_stock": 1_000_000, "weight_g": 1_000_000, "stock": 10_000_000, "position": 10_000}
_NOISE = 8
_SPLIT = re.compile(r"\s*[；;]\s*")
_TAGS = re.compile(r"[\s,，、]+")


def read_cell(name: str, text: str) -> Any:
    """What a cell means, in the type of the field. Raises Invalid with the cell's name."""
    if name in _LIMITS:
        return typed.words(text, _LIMITS[name], name)
    if name in ("price", "cost"):
        return typed.amount(_without_noise(text), name)
    if name in _COUNTS:
        found = typed.count(text, name, signed=name == "position")
        if abs(found) > _COUNTS[name]:
            raise Invalid("count_huge", name, limit=_COUNTS[name])
        return found
    if name in ("is_liquor", "is_return_exempt"):
        if text not in (YES, NO):
            raise Invalid("flag_bad", name)
        return text == YES
    if name == "tags":
        return tuple(dict.fromkeys(tag for tag in _TAGS.split(text) if tag))
    return text


def _without_noise(text: str) -> str:
    """A computed price as a spreadsheet keeps it: '19.989999999999998' → '19.99'."""
    whole, _, part = text.partition(".")
    if len(part) < _NOISE or not (whole + part).isascii() or not (whole + part).isdigit():
        return text
    scaled = int(whole) * 10**_NOISE + int(part[:_NOISE])
    fen = (scaled + 10**_NOISE // 200) // (10**_NOISE // 100)
    return yuan(fen) if abs(scaled - fen * (10**_NOISE // 100)) <= 1 else text


def parts_of(text: str) -> tuple[str, ...]:
    """'500ml；单瓶' → ('500ml', '单瓶')."""
    return tuple(_SPLIT.split(text.strip()))


def joined(parts: Sequence[str]) -> str:
    """Names or values of several specifications, in one cell."""
    return PARTED.join(parts)


def stated_text(stated: Mapping[str, str]) -> str:
    """Attributes in one cell: '香型：酱香型；产地：四川泸州'."""
    return PARTED.join(f"{name}：{value}" for name, value in stated.items())


def read_stated(text: str, known: Sequence[str]) -> dict[str, str]:
    """The attributes of a cell by name; names are known, since a value may contain a colon.

    Raises Invalid('attribute_unknown') for what begins with no known name.
    """
    if not text.strip():
        return {}
    names = "|".join(re.escape(each) for each in sorted(known, key=len, reverse=True))
    begin = re.compile(rf"(?:^|[；;])\s*({names})\s*[：:]") if names else None
    found = list(begin.finditer(text)) if begin else []
    if not found or found[0].start() != 0:
        raise Invalid("attribute_unknown", "attributes", found=shortened(text, 20))
    ends = [each.start() for each in found[1:]] + [len(text)]
    values = {
        each[1]: text[each.end() : end].strip(" ；;")
        for each, end in zip(found, ends, strict=True)
    }
    for value in values.values():
        if parted := _SPLIT.split(value)[1:]:
            raise Invalid("attribute_unknown", "attributes", found=shortened(parted[0], 20))
    return values
