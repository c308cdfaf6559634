"""My orders: own ones only, in tabs and pages, with what can be done next."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain import cart, catalog
from kernel import clock
from models import CartLine, Order, OrderLog
from tests.face.shoppers import Shopper
from tests.factories.catalog import make_product
from tests.factories.orders import (
    paid_order,
    placed_order,
    received_order,
    ship_all,
    shipped_order,
)
from tests.harness.markup import texts_of


@pytest.mark.row("B7")
async def test_tabs_count_and_hold_only_their_own(lin: Shopper, wang: Shopper) -> None:
    waiting, paid = placed_order(lin.member_id), paid_order(lin.member_id)
    theirs = placed_order(wang.member_id)
    every = await lin.get("/m/orders")
    assert f"/m/orders/{waiting.order_no}" in every.text
    assert f"/m/orders/{paid.order_no}" in every.text
    assert theirs.order_no not in every.text
    to_ship = await lin.get("/m/orders?tab=to_ship")
    assert paid.order_no in to_ship.text
    assert waiting.order_no not in to_ship.text
    me = await lin.get("/m/me")
    assert texts_of(me.text, ".quick .count") == ["有 1 件", "有 1 件"]


async def test_more_than_a_page_is_reached_by_a_link(lin: Shopper) -> None:
    product = make_product()
    made = [placed_order(lin.member_id, product=product) for _ in range(12)]
    first = await lin.get("/m/orders?tab=to_pay")
    assert made[11].order_no in first.text
    assert made[1].order_no not in first.text
    assert f"/m/orders?tab=to_pay&amp;before={made[2].order_id}" in first.text
    second = await lin.get(f"/m/orders?tab=to_pay&before={made[2].order_id}")
    assert made[1].order_no in second.text
    assert made[0].order_no in second.text
    assert made[2].order_no not in second.text


async def test_nonsense_in_the_address_shows_all(lin: Shopper) -> None:
    assert (await lin.get("/m/orders?tab=x&before=-1")).status == 200
    assert (await lin.get("/m/orders/ORD000000000000")).status == 404


@pytest.mark.row("B7")
async def test_an_order_shows_parcels_address_and_price(lin: Shopper) -> None:
    product = make_product("陈酿", price_fen=5900)
    bought = paid_order(lin.member_id, product=product, quantity=2, note="放门卫😀")
    line = bought.line_ids[0]
    ship_all(bought, (line, 1))
    seen = await lin.get(f"/m/orders/{bought.order_no}")
    assert "部分已发货" in seen.text
    assert "春熙路1号" in seen.text
    assert "放门卫😀" in seen.text
    assert "¥118.00" in seen.text
    assert 'data-copy="SF' in seen.text
    assert "/receive" not in seen.text


async def test_receipt_is_confirmed_once(lin: Shopper) -> None:
    bought = shipped_order(lin.member_id)
    done = await lin.post(f"/m/orders/{bought.order_no}/receive")
    assert done.location == f"/m/orders/{bought.order_no}"
    assert bought.row.state == "received"
    again = await lin.post(f"/m/orders/{bought.order_no}/receive")
    assert again.status == 409
    assert "订单状态已变化" in again.text
    log = OrderLog.select().where((OrderLog.order == bought.order_id)
                                  & (OrderLog.to_state == "received"))  # fmt: skip
    assert log.count() == 1


@pytest.mark.parametrize("act", ["receive", "extend", "again", "cancel"])
async def test_another_s_order_is_not_found(lin: Shopper, wang: Shopper, act: str) -> None:
    bought = shipped_order(wang.member_id)
    assert (await lin.get(f"/m/orders/{bought.order_no}")).status == 404
    assert (await lin.post(f"/m/orders/{bought.order_no}/{act}")).status == 404
    assert bought.row.state == "shipped"
    assert CartLine.select().count() == 0


@pytest.mark.parametrize("act", ["receive", "extend", "again"])
async def test_a_wrong_token_does_nothing(lin: Shopper, act: str) -> None:
    bought = shipped_order(lin.member_id)
    assert (await lin.post(f"/m/orders/{bought.order_no}/{act}", _csrf="x")).status == 403
    assert bought.row.state == "shipped"
    assert CartLine.select().count() == 0


async def test_receipt_can_be_put_off_once_in_its_last_days(lin: Shopper) -> None:
    bought = shipped_order(lin.member_id)
    due = bought.row.receive_by_at
    early = await lin.post(f"/m/orders/{bought.order_no}/extend")
    assert early.status == 409
    assert bought.row.receive_by_at == due
    assert "/extend" not in (await lin.get(f"/m/orders/{bought.order_no}")).text
    clock.set_offset(timedelta(days=8))
    assert "/extend" in (await lin.get(f"/m/orders/{bought.order_no}")).text
    assert (await lin.post(f"/m/orders/{bought.order_no}/extend")).status == 303
    assert bought.row.receive_by_at == due + timedelta(days=3)
    clock.set_offset(timedelta(days=12))
    again = await lin.post(f"/m/orders/{bought.order_no}/extend")
    assert again.status == 409
    assert bought.row.receive_by_at == due + timedelta(days=3)


async def test_buying_again_names_what_is_gone(lin: Shopper) -> None:
    kept, gone = make_product("陈酿"), make_product("旧款")
    bought = received_order(lin.member_id, items=[(kept.sku_id, 2), (gone.sku_id, 1)])
    catalog.set_state(gone.product_id, "take_off_shelf")
    done = await lin.post(f"/m/orders/{bought.order_no}/again")
    assert done.location == "/m/cart"
    found = cart.view(cart.member_owner(lin.member_id or 0))
    assert [(line.sku_id, line.quantity) for line in found.lines] == [(kept.sku_id, 2)]
    assert "旧款：商品已下架" in (await lin.get("/m/cart")).text


@pytest.mark.row("B6")
async def test_a_late_order_says_why_it_was_cancelled(lin: Shopper) -> None:
    from domain.orders.service import begin_closing, finish_closing

    bought = placed_order(lin.member_id)
    begin_closing(bought.order_id, "timeout", "system")
    assert "正在关闭" in (await lin.get(f"/m/orders/{bought.order_no}")).text
    finish_closing(bought.order_id)
    seen = await lin.get(f"/m/orders/{bought.order_no}")
    assert "超时未付款，订单自动取消" in seen.text
    assert Order.get_by_id(bought.order_id).state == "cancelled"
