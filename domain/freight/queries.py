"""What freight counts for goods, and the merchant's templates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from domain import regions
from domain.freight import statements
from domain.freight.rules import NO_PLAN, Basis, Kind, Plan, Row, Template
from kernel.errors import NotFound
from kernel.store import database, when_committed
from models import FreightGoods, FreightRow, FreightTemplate


def plan_for(product_ids: Iterable[int]) -> Plan:
    """The templates of products, as they are now."""
    heads = tuple(statements.heads.all())
    if not heads:
        return NO_PLAN
    templates = _templates(heads)
    default = next((templates[head.id] for head in heads if head.is_default), None)
    ids = sorted(set(product_ids))
    goods = statements.goods.all(ids) if ids else []
    return Plan({each.product_id: templates[each.template_id] for each in goods}, default)


@dataclass(frozen=True)
class _Kept:
    """The templates as they were read last, and the heads by which a change shows."""

    database: Any
    heads: tuple[Any, ...]
    templates: dict[int, Template]


_kept: _Kept | None = None


def _templates(heads: tuple[Any, ...]) -> dict[int, Template]:
    """All templates by id. Their rows are read again once a head has changed."""
    kept, here = _kept, database.obj
    if kept is not None and kept.database is here and kept.heads == heads:
        return kept.templates
    found: dict[int, list[Row]] = {head.id: [] for head in heads}
    for row in statements.rows.all():
        if row.template_id in found:
            found[row.template_id].append(_row(row))
    templates = {head.id: Template(head.id, head.basis, tuple(found[head.id])) for head in heads}
    when_committed(partial(_keep, _Kept(here, heads, templates)))
    return templates


def _keep(read: _Kept) -> None:
    global _kept
    _kept = read


def _row(row: Any) -> Row:
    return Row(
        row.kind, frozenset(row.regions), row.first_units, row.first_fen, row.next_units,
        row.next_fen, row.free_from_fen, row.days_from, row.days_to,
    )  # fmt: skip


@dataclass(frozen=True)
class RowView:
    """A row of a template with the names of its regions."""

    id: int
    kind: Kind
    places: tuple[str, ...]
    row: Row


@dataclass(frozen=True)
class TemplateView:
    """A template for the merchant: its rows, that for everywhere first, and how many products."""

    id: int
    name: str
    basis: Basis
    is_default: bool
    rows: tuple[RowView, ...]
    products: int
    version: int

    @property
    def base(self) -> Row:
        """The row for everywhere."""
        return self.rows[0].row


def list_templates() -> list[TemplateView]:
    """All templates, in the order they were made; there are few."""
    return [_view(row) for row in FreightTemplate.select().order_by(FreightTemplate.id)]


def template(template_id: int) -> TemplateView:
    """One template. Raises NotFound."""
    row = FreightTemplate.get_or_none(FreightTemplate.id == template_id)
    if row is None:
        raise NotFound("freight_template_missing")
    return _view(row)


def _view(one: Any) -> TemplateView:
    mine = FreightRow.select().where(FreightRow.template == one.id).order_by(FreightRow.id)
    views = [
        RowView(row.id, row.kind, tuple(map(regions.name_of, row.regions)), _row(row))
        for row in mine
    ]
    views.sort(key=lambda view: view.kind != "base")
    products = FreightGoods.select().where(FreightGoods.template == one.id).count()
    return TemplateView(
        one.id, one.name, one.basis, one.is_default, tuple(views), products, one.version
    )


def template_names(product_ids: Iterable[int]) -> dict[int, str]:
    """The names of products' templates; a product with the shop's default has none."""
    ids = sorted(set(product_ids))
    if not ids:
        return {}
    names = {row.id: row.name for row in FreightTemplate.select()}
    return {row.product_id: names[row.template_id] for row in statements.goods.all(ids)}
