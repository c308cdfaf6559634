"""Planned shelving is carried out once at its instant; copies are drafts without stock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain import catalog
from domain.catalog import AttributeForm, MatrixRow, SkuForm, Spec
from domain.catalog.shelving import carry_out_plans
from kernel import clock, context
from kernel.errors import Conflict, Invalid
from models import Sku, SystemEvent
from tests.factories.catalog import make_category, make_picture, make_product

HOUR = timedelta(hours=1)


def state(product_id: int) -> str:
    return catalog.product_page(product_id, include_hidden=True).state


def later(hours: int) -> None:
    clock.set_offset(clock.offset() + hours * HOUR)


def run() -> dict[str, int]:
    """The job as the worker runs it."""
    with context.acting("system"):
        return carry_out_plans()


def test_a_product_goes_on_and_off_at_its_instants(db: Any) -> None:
    product_id = make_product(state="draft").product_id
    now = clock.now()
    catalog.plan_shelf(product_id, now + HOUR, now + 3 * HOUR)
    assert run() == {"on": 0, "off": 0, "dropped": 0}
    assert state(product_id) == "draft"
    later(1)
    assert run() == {"on": 1, "off": 0, "dropped": 0}
    assert (state(product_id), catalog.plan_of(product_id).on_at) == ("on_shelf", None)
    later(2)
    assert run()["off"] == 1
    assert state(product_id) == "off_shelf"
    assert run() == {"on": 0, "off": 0, "dropped": 0}
    assert SystemEvent.select().where(SystemEvent.action == "product.put_on_shelf").count() == 1


def test_a_plan_that_its_state_forbids_is_dropped(db: Any) -> None:
    product_id = make_product(state="draft").product_id
    catalog.plan_shelf(product_id, clock.now() + HOUR, None)
    catalog.set_state(product_id, "put_on_shelf")
    later(2)
    assert run() == {"on": 0, "off": 0, "dropped": 1}
    assert catalog.plan_of(product_id).on_at is None


def test_what_cannot_be_planned_is_refused_at_its_field(db: Any) -> None:
    draft, shelved = make_product(state="draft").product_id, make_product().product_id
    now = clock.now()
    for product_id, on_at, off_at, code, field in (
        (draft, now - HOUR, None, "plan_past", "on_at"),
        (draft, None, now, "plan_past", "off_at"),
        (draft, now + 2 * HOUR, now + HOUR, "plan_order", "off_at"),
        (shelved, now + HOUR, None, "plan_shelved", "on_at"),
    ):
        with pytest.raises(Invalid) as refused:
            catalog.plan_shelf(product_id, on_at, off_at)
        assert (refused.value.code, refused.value.field) == (code, field)
    with pytest.raises(Conflict, match="product_moved"):
        catalog.plan_shelf(draft, now + HOUR, None, version=99)
    catalog.plan_shelf(draft, now + HOUR, None)
    catalog.plan_shelf(draft, None, None)
    later(2)
    assert run()["on"] == 0


def test_a_copy_is_a_draft_without_stock_and_codes(db: Any) -> None:
    place = catalog.add_attribute(make_category(), AttributeForm("产地"))
    made = make_product(
        "陈酿", tags=("送礼",), brand="山泉坊", skus=[SkuForm(29800, 7, "500ml", "A1")]
    )
    catalog.set_pictures(made.product_id, [make_picture("a"), make_picture("b")])
    catalog.set_attributes(made.product_id, {place: "泸州"})
    rows = [
        MatrixRow(("500ml",), 29800, 15000, 3, "A1"),
        MatrixRow(("1L",), 49800, 25000, 4, "A2"),
    ]
    catalog.save_matrix(made.product_id, (Spec("容量", ("500ml", "1L")),), rows)
    copied = catalog.copy_product(made.product_id, "陈酿新装")
    page = catalog.product_page(copied, include_hidden=True)
    assert (page.title, page.state, page.brand, page.tags) == (
        "陈酿新装",
        "draft",
        "山泉坊",
        ("送礼",),
    )
    assert page.facts == (("产地", "泸州"),)
    assert len(page.pictures) == 2
    assert [(s.spec_text, s.price_fen, s.left) for s in page.skus] == [
        ("500ml", 29800, 0), ("1L", 49800, 0),
    ]  # fmt: skip
    sold = (Sku.product == copied) & ~Sku.is_removed
    mine = list(Sku.select().where(sold).order_by(Sku.position))
    assert [(row.code, row.cost_fen) for row in mine] == [(None, 15000), (None, 25000)]
    assert catalog.product_page(made.product_id).skus[0].left == 7
    assert catalog.skus_out_of_balance() == []
