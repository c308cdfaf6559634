"""Makes or changes one product from its rows; a refusal leaves it as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from domain import catalog
from domain.catalog import SkuForm
from domain.product_sheets.checking import Plan, PlannedSku, matrix_rows, plan_of
from kernel.errors import Conflict


def save_product_rows(rows: Sequence[Mapping[str, str]], mark: int) -> int:
    """Save the rows of one product (导入商品); returns its id. A new one is a draft.

    The rows are looked at again. Raises what is wrong with them, and
    Conflict('product_sheet_moved') if the product is not what the preview showed (``mark``).
    """
    seen = plan_of(rows)
    if seen.goods is None:
        if mark:
            raise Conflict("product_sheet_moved", "title")
        return _create(seen)
    catalog.lock_product(seen.goods.id)
    plan = plan_of(rows)
    if plan.goods is None or plan.goods.mark != mark:
        raise Conflict("product_sheet_moved", "title")
    _change(plan)
    return plan.goods.id


def _create(plan: Plan) -> int:
    forms = [_form(each) for each in plan.skus]
    if not plan.specs:
        product_id = catalog.create_product(plan.form, forms)
        _set_costs(product_id, plan.skus)
    else:
        first = SkuForm(forms[0].price_fen, 0, forms[0].spec_text)
        single = [first if len(plan.specs) > 1 else forms[0]]
        product_id = catalog.create_product(plan.form, single)
        catalog.save_matrix(product_id, plan.specs, matrix_rows(plan))
    if plan.stated:
        catalog.set_attributes(product_id, plan.stated)
    return product_id


def _set_costs(product_id: int, made: Sequence[PlannedSku]) -> None:
    skus = catalog.product_detail_for_merchant(product_id).skus
    for sku, each in zip(skus, made, strict=True):
        if each.row.cost_fen is not None:
            catalog.set_cost(sku.id, each.row.cost_fen)


def _change(plan: Plan) -> None:
    goods = plan.goods
    if goods is None:  # a new product is made elsewhere
        return
    if plan.form != goods.form:
        catalog.edit_product(goods.id, plan.form)
    changed = [each for each in plan.skus if each.is_changed]
    if changed and goods.specs:
        catalog.save_matrix(goods.id, plan.specs, matrix_rows(plan))
    else:
        for each in changed:
            _save_sku(goods.id, each)
    if plan.stated:
        stands = {row.attribute.id: row.value for row in catalog.stated_by(goods.id) if row.value}
        catalog.set_attributes(goods.id, stands | plan.stated)


def _save_sku(product_id: int, it: PlannedSku) -> None:
    if it.sku is None:
        sku_id = catalog.add_sku(product_id, _form(it))
    else:
        sku_id = it.sku.sku_id
        catalog.edit_sku_of_product(product_id, sku_id, _form(it))
    if it.row.cost_fen is not None and (it.sku is None or it.sku.cost_fen != it.row.cost_fen):
        catalog.set_cost(sku_id, it.row.cost_fen)


def _form(it: PlannedSku) -> SkuForm:
    row = it.row
    return SkuForm(row.price_fen, row.stock, it.spec_text, row.code or None, row.low_stock,
                   row.weight_g)  # fmt: skip
