"""Freight templates (运费模板): kept, given to products, made the shop's default."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from domain import audit, catalog
from domain.freight.rules import BASES, RowForm, TemplateForm, checked_row
from kernel import clock
from kernel.errors import Conflict, Invalid, NotFound
from kernel.store import insert_once
from models import FreightGoods, FreightRow, FreightTemplate

TEMPLATES_MOST = 30
ROWS_MOST = 40


def add_template(form: TemplateForm, base: RowForm) -> int:
    """Add a template with its row for everywhere; returns its id.

    Raises Invalid, Conflict('freight_name_taken').
    """
    _check(form)
    if FreightTemplate.select().count() >= TEMPLATES_MOST:
        raise Invalid("too_many_rows", "name", limit=TEMPLATES_MOST)
    values = checked_row(base)
    if not insert_once(FreightTemplate, name=form.name, basis=form.basis, created_at=clock.now()):
        raise Conflict("freight_name_taken", "name")
    template_id = int(FreightTemplate.get(FreightTemplate.name == form.name).id)
    FreightRow.insert(template=template_id, **values).execute()
    audit.record("freight.add", "freight", template_id, after=asdict(form) | values)
    return template_id


def edit_template(template_id: int, form: TemplateForm, version: int) -> None:
    """Change a template's name and basis.

    Raises Invalid, NotFound, Conflict('freight_name_taken', 'freight_moved').
    """
    _check(form)
    row = _template(template_id)
    taken = (FreightTemplate.name == form.name) & (FreightTemplate.id != template_id)
    if FreightTemplate.select().where(taken).exists():
        raise Conflict("freight_name_taken", "name")
    _take_version(template_id, version)
    FreightTemplate.update(**asdict(form)).where(FreightTemplate.id == template_id).execute()
    before = {"name": row.name, "basis": row.basis}
    audit.record("freight.edit", "freight", template_id, before=before, after=asdict(form))


def _check(form: TemplateForm) -> None:
    if not form.name:
        raise Invalid("field_missing", "name")
    if form.basis not in BASES:
        raise Invalid("choice_unknown", "basis")


def _template(template_id: int) -> Any:
    row = FreightTemplate.get_or_none(FreightTemplate.id == template_id)
    if row is None:
        raise NotFound("freight_template_missing")
    return row


def _take_version(template_id: int, version: int) -> None:
    seen = (FreightTemplate.id == template_id) & (FreightTemplate.version == version)
    if FreightTemplate.update(version=version + 1).where(seen).execute() != 1:
        raise Conflict("freight_moved", "version")


def save_row(template_id: int, form: RowForm, version: int, row_id: int | None = None) -> int:
    """Add or change a row of a template; returns its id. The one for everywhere stays that.

    ``version`` is the template's. Raises Invalid with its field, NotFound,
    Conflict('freight_region_twice', 'freight_moved').
    """
    _template(template_id)
    values = checked_row(form)
    rows = list(FreightRow.select().where(FreightRow.template == template_id))
    here = next((row for row in rows if row.id == row_id), None)
    if row_id is not None and here is None:
        raise NotFound("freight_row_missing")
    if (form.kind == "base") != (here is not None and here.kind == "base"):
        raise Invalid("choice_unknown", "kind")
    if row_id is None and len(rows) >= ROWS_MOST:
        raise Invalid("too_many_rows", "places", limit=ROWS_MOST)
    others = {code for row in rows if row.id != row_id for code in row.regions}
    if others & set(values["regions"]):
        raise Conflict("freight_region_twice", "places")
    _take_version(template_id, version)
    if row_id is None:
        row_id = int(FreightRow.insert(template=template_id, **values).execute())
    else:
        FreightRow.update(**values).where(FreightRow.id == row_id).execute()
    audit.record("freight.row", "freight", template_id, after={"row": row_id} | values)
    return row_id


def remove_row(template_id: int, row_id: int) -> None:
    """Remove a row of a template, but not the one for everywhere. Raises NotFound."""
    mine = (FreightRow.id == row_id) & (FreightRow.template == template_id)
    row = FreightRow.get_or_none(mine & (FreightRow.kind != "base"))
    if row is None:
        raise NotFound("freight_row_missing")
    FreightRow.delete().where(mine).execute()
    FreightTemplate.update(version=FreightTemplate.version + 1).where(
        FreightTemplate.id == template_id
    ).execute()
    audit.record(
        "freight.row_remove",
        "freight",
        template_id,
        before={"row": row_id, "regions": row.regions},
    )


def make_default(template_id: int | None) -> None:
    """Make a template the shop's default, or none: then the settings count. Raises NotFound."""
    if template_id is not None:
        _template(template_id)
    before = FreightTemplate.get_or_none(FreightTemplate.is_default)
    FreightTemplate.update(is_default=False).where(FreightTemplate.is_default).execute()
    if template_id is not None:
        mine = FreightTemplate.id == template_id
        FreightTemplate.update(is_default=True).where(mine).execute()
    was = before.id if before else 0
    old, new = {"template": was or None}, {"template": template_id}
    audit.record("freight.default", "freight", template_id or was, before=old, after=new)


def remove_template(template_id: int) -> None:
    """Remove a template that no product has and that is not the default.

    Raises Conflict('freight_template_used'), NotFound.
    """
    row = _template(template_id)
    used = FreightGoods.select().where(FreightGoods.template == template_id).exists()
    if row.is_default or used:
        raise Conflict("freight_template_used")
    FreightRow.delete().where(FreightRow.template == template_id).execute()
    FreightTemplate.delete().where(FreightTemplate.id == template_id).execute()
    audit.record(
        "freight.remove", "freight", template_id, before={"name": row.name, "basis": row.basis}
    )


def set_template(product_ids: Iterable[int], template_id: int | None) -> None:
    """Give products a template; None: the shop's default. Raises NotFound for either."""
    ids = sorted(set(product_ids))
    if template_id is not None:
        _template(template_id)
    for product_id in ids:
        catalog.product_detail_for_merchant(product_id)
    FreightGoods.delete().where(FreightGoods.product.in_(ids)).execute()
    if template_id is not None:
        for product_id in ids:
            FreightGoods.insert(product=product_id, template=template_id).execute()
    for product_id in ids:
        audit.record("freight.goods", "product", product_id, after={"template": template_id})
