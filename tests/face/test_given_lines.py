"""Lines that cost nothing, as buyer and merchant see them."""

from __future__ import annotations

import pytest

from domain.orders import Given
from models import CartLine, OrderLine, Parcel, ParcelLine
from tests.face.desk import Desk
from tests.face.shoppers import Shopper
from tests.factories.catalog import make_product
from tests.factories.orders import paid_order, ship_all


@pytest.mark.row("B6")
async def test_a_gift_of_the_same_bottle_is_told_from_what_was_bought(lin: Shopper) -> None:
    made = make_product("陈酿", price_fen=9_900)
    bought = paid_order(lin.member_id, product=made, quantity=2, given=[Given(made.sku_id, 1)])
    ship_all(bought, (bought.line_ids[1], 1))
    ship_all(bought)
    page = await lin.get(f"/m/orders/{bought.order_no}")
    assert page.text.count('badge-brand">赠品') == 1
    assert "陈酿（赠品） × 1" in page.text
    assert "陈酿 × 2" in page.text


async def test_what_was_given_is_not_bought_again(lin: Shopper) -> None:
    made = make_product("陈酿")
    bought = paid_order(lin.member_id, product=made, quantity=2, given=[Given(made.sku_id, 3)])
    await lin.post(f"/m/orders/{bought.order_no}/again", page=f"/m/orders/{bought.order_no}")
    assert [row.quantity for row in CartLine.select()] == [2]


@pytest.mark.row("B6")
async def test_the_desk_packs_a_gift_as_a_line_of_its_own(desk: Desk) -> None:
    made = make_product("陈酿")
    bought = paid_order(product=made, quantity=2, given=[Given(made.sku_id, 1, "reward")])
    _, page = await desk.get(f"/admin/orders/{bought.order_no}")
    assert page.count("（奖品）") >= 2  # to be packed, and to be refunded
    gift = OrderLine.get(OrderLine.kind == "reward")
    values = {f"n{gift.id}": "1", f"n{bought.line_ids[0]}": "0", "_idem": "k" * 22}
    await desk.post(
        f"/admin/orders/{bought.order_no}/ship", company="顺丰速运", tracking_no="SF77310042",
        **values,
    )  # fmt: skip
    assert Parcel.select().count() == 1
    assert [(row.line_id, row.quantity) for row in ParcelLine.select()] == [(gift.id, 1)]
