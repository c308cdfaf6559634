"""Filters of a shelf with the number of products behind each value (筛选).

A filter is named by the attribute's name, so that one filter of a search covers the attribute of
several categories. ``brand`` and ``strength`` are columns of the product.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from peewee import fn

from domain.catalog.attributes import AttributeRow
from domain.catalog.attributes import row_of as attribute_row
from models import Attribute, Product, ProductAttribute

Chosen = tuple[tuple[str, str], ...]
"""Filters with the chosen value of each, as pages show it; a filter may have several."""
CHOSEN_MOST = 12
_FIGURE = re.compile(r"([0-9]+)(?:\.([0-9]+))?")
_NO_FIGURE = 10**12
VALUES_MOST = 24
COLUMNS: Mapping[str, Any] = {"brand": Product.brand, "strength": Product.strength}


@dataclass(frozen=True)
class FilterValue:
    """A value of a filter, and how many products it would leave."""

    text: str
    products: int
    is_chosen: bool


@dataclass(frozen=True)
class Filter:
    """A filter (筛选项); ``name`` is an attribute's name, or ``brand`` or ``strength``."""

    name: str
    values: tuple[FilterValue, ...]


def narrowed(query: Any, chosen: Chosen, without: str = "") -> Any:
    """A query of products with the chosen values; ``without`` leaves one filter out."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for name, text in chosen:
        if name != without:
            wanted[name].add(text)
    known = _filter_attributes() if wanted.keys() - COLUMNS.keys() else {}
    for name, texts in wanted.items():
        if name in COLUMNS:
            query = query.where(COLUMNS[name].in_(sorted(texts)))
        else:
            query = query.where(Product.id.in_(_stating(known.get(name, ()), texts)))
    return query


def filters_of(products: Any, chosen: Chosen) -> tuple[Filter, ...]:
    """The filters of the products that a query of ids finds, before ``chosen`` narrows it.

    The counts of a filter ignore its own chosen values: choosing one more shows more products.
    """
    known = _filter_attributes()
    picked = {name for name, _ in chosen}
    rest = narrowed(products, chosen)
    found = []
    for name in (*COLUMNS, *known):
        base = narrowed(products, chosen, name) if name in picked else rest
        counts = _of_column(base, name) if name in COLUMNS else _of_attribute(base, known[name])
        texts = {text for filter_name, text in chosen if filter_name == name}
        counts |= {text: 0 for text in texts if text not in counts}
        values = [FilterValue(t, n, t in texts) for t, n in _in_order(counts, known.get(name))]
        if len(values) > 1 or texts:
            found.append(Filter(name, tuple(values[:VALUES_MOST])))
    return tuple(found)


def _filter_attributes() -> dict[str, list[AttributeRow]]:
    """The attributes that are filters, by name, in the merchant's order."""
    found: dict[str, list[AttributeRow]] = {}
    query = Attribute.select().where(Attribute.is_filter)
    for row in query.order_by(Attribute.position, Attribute.id):
        found.setdefault(row.name, []).append(attribute_row(row))
    return found


def _stating(attributes: Iterable[AttributeRow], texts: Iterable[str]) -> Any:
    """The products that state one of the texts in one of the attributes of a name."""
    query: Any = ProductAttribute.select(ProductAttribute.product)
    wanted = ProductAttribute.id < 0  # an unknown filter finds nothing
    for each in attributes:
        values = sorted(text.removesuffix(each.form.unit) for text in texts)
        mine = ProductAttribute.attribute == each.id
        wanted |= mine & ProductAttribute.value.in_(values)
    return query.where(wanted)


def _of_column(products: Any, name: str) -> Counter[str]:
    column = COLUMNS[name]
    query: Any = Product.select(column, fn.COUNT(Product.id)).where(
        Product.id.in_(products) & (column != "")
    )
    return Counter(dict(query.group_by(column).tuples()))


def _of_attribute(products: Any, attributes: Iterable[AttributeRow]) -> Counter[str]:
    by_id = {each.id: each for each in attributes}
    query: Any = ProductAttribute.select(
        ProductAttribute.attribute, ProductAttribute.value, fn.COUNT(ProductAttribute.id)
    ).where(ProductAttribute.attribute.in_(sorted(by_id)) & ProductAttribute.product.in_(products))
    counts: Counter[str] = Counter()
    grouped = query.group_by(ProductAttribute.attribute, ProductAttribute.value)
    for attribute_id, value, count in grouped.tuples():
        counts[by_id[attribute_id].shown(value)] += count
    return counts


def _in_order(
    counts: Mapping[str, int], attributes: Iterable[AttributeRow] | None
) -> list[tuple[str, int]]:
    """Choices in the merchant's order, figures by size, other texts by number of products."""
    options = [text for each in attributes or () for text in each.form.options]
    places = {text: place for place, text in reversed(list(enumerate(options)))}

    def key(item: tuple[str, int]) -> tuple[int, int, int, str]:
        text, count = item
        return (places.get(text, len(places)), _size(text), -count, text)

    return sorted(counts.items(), key=key)


def _size(text: str) -> int:
    """The figure with which a text begins, in thousandths; texts without one follow."""
    found = _FIGURE.match(text)
    return int(found[1]) * 1000 + int((found[2] or "").ljust(3, "0")[:3]) if found else _NO_FIGURE
