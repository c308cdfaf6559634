"""Freight by template (运费模板): which row of it counts for a place, and its fee. Pure.

``docs/algorithms/freight.md`` has the rules, ``tests/golden/freight.yaml`` worked cases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from domain import regions
from kernel.errors import Invalid

Basis = Literal["count", "weight", "amount"]
BASES: tuple[Basis, ...] = ("count", "weight", "amount")
Kind = Literal["base", "area", "none"]
REGIONS_MOST = 60
UNITS_MOST = 100_000_000
DAYS_MOST = 60


@dataclass(frozen=True)
class Row:
    """A row of a template; ``kind``: base (everywhere), area, none (not delivered there).

    ``first_units`` cost ``first_fen``, each begun ``next_units`` above them ``next_fen``. Units
    are pieces, grams or fen of goods, by the template's basis. ``days_to`` is 0 if none is said.
    """

    kind: Kind
    regions: frozenset[str] = frozenset()
    first_units: int = 1
    first_fen: int = 0
    next_units: int = 0
    next_fen: int = 0
    free_from_fen: int | None = None
    days_from: int = 0
    days_to: int = 0

    def fee_fen(self, units: int, amount_fen: int) -> int:
        """The fee for goods of these units and this sum."""
        if self.free_from_fen is not None and amount_fen >= self.free_from_fen:
            return 0
        above = max(0, units - self.first_units)
        steps = -(-above // self.next_units) if self.next_units else 0
        return self.first_fen + steps * self.next_fen


EVERYWHERE = Row("base")


@dataclass(frozen=True)
class Template:
    """A freight template with its rows."""

    id: int
    basis: Basis
    rows: tuple[Row, ...]

    def row_for(self, place: str | None) -> Row:
        """The row of the smallest region that contains a place; else the one for everywhere."""
        for code in regions.chain_of(place or ""):
            for row in self.rows:
                if code in row.regions:
                    return row
        return next((row for row in self.rows if row.kind == "base"), EVERYWHERE)


@dataclass(frozen=True)
class Plan:
    """What counts for the products of an order."""

    of_product: Mapping[int, Template] = field(default_factory=dict)
    default: Template | None = None

    def template_of(self, product_id: int) -> Template | None:
        """The template of a product, else the shop's default; None for a plain line."""
        return self.of_product.get(product_id, self.default)


NO_PLAN = Plan()


@dataclass(frozen=True)
class TemplateForm:
    """A template as the merchant typed it."""

    name: str
    basis: Basis


@dataclass(frozen=True)
class RowForm:
    """A row as the merchant typed it; ``places`` are names of regions, as people write them."""

    kind: Kind
    places: tuple[str, ...] = ()
    first_units: int = 1
    first_fen: int = 0
    next_units: int = 0
    next_fen: int = 0
    free_from_fen: int | None = None
    days_from: int = 0
    days_to: int = 0


def checked_row(form: RowForm) -> dict[str, Any]:
    """The values of a row. Raises Invalid with the field and, of a region, its name."""
    codes: list[str] = []
    for name in form.places:
        code = regions.place_named(name)
        if not code:
            raise Invalid("freight_region_unknown", "places", name=name)
        codes.append(code)
    if form.kind != "base" and not codes:
        raise Invalid("field_missing", "places")
    if len(codes) > REGIONS_MOST:
        raise Invalid("too_many_rows", "places", limit=REGIONS_MOST)
    if form.next_fen and not form.next_units:
        raise Invalid("freight_next_units", "next_units")
    if form.days_from > form.days_to:
        raise Invalid("freight_days_bad", "days_to")
    return {
        "kind": form.kind,
        "regions": sorted(set(codes)) if form.kind != "base" else [],
        "first_units": form.first_units,
        "first_fen": form.first_fen,
        "next_units": form.next_units,
        "next_fen": form.next_fen,
        "free_from_fen": form.free_from_fen,
        "days_from": form.days_from,
        "days_to": form.days_to,
    }
