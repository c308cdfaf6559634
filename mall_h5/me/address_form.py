"""The fields of an address on a form: regions to choose from, and a paste box that fills them.

Both work without scripts: a button of the form asks for the next list, or to read what was pasted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain import regions
from domain.regions import Division, Recognised
from kernel.text import phone_of
from kernel.web.forms import Form, Typed
from mall_h5.trade_words import TEXT

FIELDS = ("name", "phone", "province", "city", "district", "detail")
PARTS = ("province", "city", "district")
STEP = "step"
STEPS = ("region", "recognise", "replace", "drop")
"""Values of the button that was pressed: show the next list, fill from the paste box, replace what
was typed; at the checkout: leave out what can't be bought."""
LABELS = TEXT.names("address.field")


@dataclass(frozen=True)
class Choice:
    """One of the three lists: its options, the chosen one, and what was typed if it is none."""

    options: tuple[str, ...]
    value: str
    unknown: str

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The options as a select takes them."""
        return [(name, name) for name in self.options]


@dataclass(frozen=True)
class Understood:
    """What a paste box was read as. ``kept``: what stays as typed, with what was read instead."""

    read: tuple[tuple[str, str], ...]
    kept: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]


def is_step(form: Form) -> bool:
    """True if the form was sent to be filled further, and not to be stored."""
    return form.raw(STEP) in STEPS


def stepped(form: Form) -> tuple[Typed, Understood | None]:
    """The values of the form after its button, and what was understood of the paste box."""
    values = form.values
    if form.raw(STEP) not in ("recognise", "replace"):
        return values, None
    found = _read(regions.recognise(form.raw("pasted")))
    replaces = form.raw(STEP) == "replace"
    filled, kept = dict(values), []
    region_is_typed = any(values[name] for name in PARTS) and not replaces
    for name, value in found.items():
        is_typed = region_is_typed if name in PARTS else bool(values[name]) and not replaces
        if not is_typed:
            filled[name] = value
        elif _differs(name, values, value):
            kept.append((LABELS[name], value))
    if replaces and "province" in found:
        filled |= {name: found.get(name, "") for name in PARTS}
    missing = tuple(
        LABELS[name] for name in FIELDS if not filled.get(name) and _is_due(name, filled)
    )
    read = tuple((LABELS[name], value) for name, value in found.items())
    return Typed(filled), Understood(read, tuple(kept), missing)


def _differs(name: str, values: Mapping[str, str], value: str) -> bool:
    typed = phone_of(values[name]) if name == "phone" else values[name]
    return typed != value


def _is_due(name: str, values: Mapping[str, str]) -> bool:
    """A city without districts needs none."""
    return name != "district" or not values.get("city") or bool(choices(values)[name].options)


def _read(found: Recognised) -> dict[str, str]:
    """What was recognised, by field, without what was not."""
    place = found.region
    if found.is_empty and not any(sign.isdigit() for sign in found.detail):
        return {}
    values = {
        "name": found.name,
        "phone": found.phone,
        "province": place.province if place else "",
        "city": place.city if place else "",
        "district": place.district if place else "",
        "detail": found.detail,
    }
    return {name: value for name, value in values.items() if value}


def choices(values: Mapping[str, str]) -> dict[str, Choice]:
    """The three lists for what was chosen so far, by field."""
    found: dict[str, Choice] = {}
    below: tuple[Division, ...] = regions.provinces()
    for name in PARTS:
        typed = values.get(name, "")
        chosen = _chosen(below, typed)
        if chosen is None and name == "city" and len(below) == 1:
            chosen = below[0]
        names = [each.name for each in below if not each.is_retired]
        if chosen is not None and chosen.is_retired:
            names.append(chosen.name)
        value = chosen.name if chosen else ""
        unknown = typed if typed and chosen is None and below else ""
        found[name] = Choice(tuple(names), value, unknown)
        level = regions.cities_of if name == "province" else regions.districts_of
        below = level(chosen.code, is_retired=True) if chosen else ()
    return found


def _chosen(among: tuple[Division, ...], typed: str) -> Division | None:
    exact = (each for each in among if each.name == typed)
    near = (each for each in among if typed and regions.is_named(each, typed))
    return next(exact, next(near, None))


def form_facts(values: Mapping[str, str], understood: Understood | None = None) -> dict[str, Any]:
    """What the fields' macro needs beside the values."""
    return {"regions": choices(values), "understood": understood}
