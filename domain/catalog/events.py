"""Events that the catalogue publishes; subscribers run in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ProductChanged:
    """A product's texts, specifications, attributes or prices changed, or it is new."""

    product_id: int


@dataclass(frozen=True)
class CategoryRenamed:
    """A category has another name, so that other words find its products."""

    category_id: int
