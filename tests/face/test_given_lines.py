"""Lines of an order that cost nothing, on the pages of the buyer and of the merchant."""

from __future__ import annotations

import pytest

from domain.orders import Given
from models import CartLine, OrderLine, Parcel, ParcelLine
from tests.face.desk import Desk
from tests.face.shoppers import Shopper
from tests.factories.catalog import make_product
from tests.factories.orders import paid_order, ship_all
from tests.harness.markup import texts_of


@pytest.mark.row("B6")
async def test_a_gift_is_marked_beside_a_bought_line_of_the_same_sku(lin: Shopper) -> None:
    made = make_product("陈酿", price_fen=9_900)
    bought = paid_order(lin.member_id, product=made, quantity=2, given=[Given(made.sku_id, 1)])
    ship_all(bought, (bought.line_ids[1], 1))
    ship_all(bought)
    page = await lin.get(f"/m/orders/{bought.order_no}")
    assert texts_of(page.text, ".line .badge-brand") == ["赠品"]
    parcels = texts_of(page.text, ".card > .row .note")
    contents = sorted(each.partition("发出：")[2] for each in parcels)
    assert contents == ["陈酿 × 2", "陈酿（赠品） × 1"]


async def test_buying_again_leaves_gifts_out(lin: Shopper) -> None:
    made = make_product("陈酿")
    bought = paid_order(lin.member_id, product=made, quantity=2, given=[Given(made.sku_id, 3)])
    await lin.post(f"/m/orders/{bought.order_no}/again", page=f"/m/orders/{bought.order_no}")
    assert [row.quantity for row in CartLine.select()] == [2]


@pytest.mark.row("B6")
async def test_a_gift_is_shipped_as_a_separate_line(desk: Desk) -> None:
    made = make_product("陈酿")
    bought = paid_order(product=made, quantity=2, given=[Given(made.sku_id, 1, "reward")])
    _, page = await desk.get(f"/admin/orders/{bought.order_no}")
    to_ship = texts_of(page, "form[action$='/ship'] td")
    to_refund = texts_of(page, "form[action$='/refund'] label")
    for names in (to_ship, to_refund):
        assert [each.endswith("（奖品）") for each in names].count(True) == 1
    gift = OrderLine.get(OrderLine.kind == "reward")
    values = {f"n{gift.id}": "1", f"n{bought.line_ids[0]}": "0", "_idem": "k" * 22}
    await desk.post(
        f"/admin/orders/{bought.order_no}/ship", company="顺丰速运", tracking_no="SF77310042",
        **values,
    )  # fmt: skip
    assert Parcel.select().count() == 1
    assert [(row.line_id, row.quantity) for row in ParcelLine.select()] == [(gift.id, 1)]
