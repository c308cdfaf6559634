"""Kinds of delivery: an order goes where its kind says, and only some are sent by parcel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from domain import freight, orders
from domain.freight import RowForm, TemplateForm
from domain.orders import DeliveryKind, Destination, PlaceOrder, ShipForm, deliveries
from kernel.errors import Conflict, Invalid
from tests.factories.catalog import make_product
from tests.factories.members import make_member
from tests.factories.orders import order_form, paid_order, placed_order

pytestmark = pytest.mark.usefixtures("wired")
COUNTER = "counter"


@pytest.fixture
def at_the_counter() -> Iterator[list[int]]:
    """A kind that is handed over at the counter, without freight; the ids of its orders."""
    placed: list[int] = []

    def destination(form: PlaceOrder) -> Destination:
        found = deliveries.delivery_kind("express").destination(form)
        return replace(found, masked=f"{form.to}", place=None)

    kind = DeliveryKind(
        COUNTER, destination, lambda order_id, _: placed.append(order_id), has_parcels=False,
        has_freight=False,
    )  # fmt: skip
    orders.register_delivery(kind)
    yield placed
    del deliveries._kinds[COUNTER]


def test_an_order_keeps_its_kind_and_where_it_goes(db: Any, at_the_counter: list[int]) -> None:
    bought = placed_order(
        product=make_product(price_fen=5_900), delivery=COUNTER, to="柜台",
        expected_payable_fen=5_900,
    )  # fmt: skip
    assert (bought.row.delivery, bought.row.masked_address) == (COUNTER, "柜台")
    assert (bought.row.freight_fen, bought.payable_fen) == (0, 5_900)
    assert at_the_counter == [bought.order_id]
    assert orders.order_by_id(bought.order_id).delivery == COUNTER
    assert placed_order().row.delivery == "express"


def test_where_nothing_is_sent_the_counter_still_serves(
    db: Any, at_the_counter: list[int]
) -> None:
    made = make_product(price_fen=5_900)
    template = freight.add_template(TemplateForm("瓶装", "count"), RowForm("base", first_fen=800))
    freight.save_row(template, RowForm("none", ("四川省",)), 1)
    freight.set_template([made.product_id], template)
    items = [(made.sku_id, 1)]
    assert [each.why for each in orders.blocked_items(items, "四川省")] == ["not_delivered"]
    assert orders.blocked_items(items, "四川省", None, COUNTER) == []
    assert orders.preview_order(items, "四川省", delivery=COUNTER)[1].payable_fen == 5_900
    placed_order(product=made, delivery=COUNTER, expected_payable_fen=5_900)


def test_what_has_no_parcels_is_not_shipped(db: Any, at_the_counter: list[int]) -> None:
    bought = paid_order(
        product=make_product(price_fen=5_900), delivery=COUNTER, expected_payable_fen=5_900
    )
    sent = paid_order()
    with pytest.raises(Conflict, match="has_no_parcels"):
        orders.ship_parcel(bought.order_id, ShipForm("顺丰速运", "SF12345678"))
    assert [each.order_no for each in orders.list_to_ship()] == [sent.order_no]


def test_an_unknown_kind_is_refused(db: Any) -> None:
    form = order_form(make_member(), [(make_product().sku_id, 1)], delivery="drone")
    with pytest.raises(Invalid) as refused:
        orders.place_order(form)
    assert (refused.value.code, refused.value.field) == ("choice_unknown", "delivery")
