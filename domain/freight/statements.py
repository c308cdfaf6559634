"""Prepared SQL of freight: read with each price."""

from __future__ import annotations

from typing import Any

from kernel.store import prepared
from models import FreightGoods, FreightRow, FreightTemplate


@prepared
def heads() -> Any:
    """All templates without their rows; a change of a row changes its template's version."""
    return FreightTemplate.select(
        FreightTemplate.id, FreightTemplate.basis, FreightTemplate.is_default,
        FreightTemplate.version, FreightTemplate.created_at,
    ).order_by(FreightTemplate.id)  # fmt: skip


@prepared
def rows() -> Any:
    """All rows of all templates."""
    return FreightRow.select(
        FreightRow.id, FreightRow.template, FreightRow.kind, FreightRow.regions,
        FreightRow.first_units, FreightRow.first_fen, FreightRow.next_units, FreightRow.next_fen,
        FreightRow.free_from_fen, FreightRow.days_from, FreightRow.days_to,
    ).order_by(FreightRow.id)  # fmt: skip


@prepared
def goods(product_ids: Any) -> Any:
    """The templates of products."""
    mine = FreightGoods.product.in_(product_ids)
    return FreightGoods.select(FreightGoods.product, FreightGoods.template).where(mine)
