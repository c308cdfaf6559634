"""My orders: the list in tabs and pages, one order, and the steps that are possible."""

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
from tests.harness.markup import (
    facts_of,
    forms_of,
    is_nowhere,
    texts_of,
    values_of,
    words_of,
)


def listed(text: str) -> list[str]:
    """The addresses of the orders in a list."""
    return values_of(text, ".card > a", "href")


def steps_of(text: str, end: str) -> list[str]:
    """Where the forms of a page go whose address has this end."""
    return [form.action for form in forms_of(text) if form.action.endswith(end)]


@pytest.mark.row("B7")
async def test_tabs_count_and_list_the_orders_of_the_member(lin: Shopper, wang: Shopper) -> None:
    waiting, paid = placed_order(lin.member_id), paid_order(lin.member_id)
    theirs = placed_order(wang.member_id)
    every = await lin.get("/m/orders")
    assert listed(every.text) == [f"/m/orders/{each.order_no}" for each in (paid, waiting)]
    assert is_nowhere(every.text, theirs.order_no)
    to_ship = await lin.get("/m/orders?tab=to_ship")
    assert listed(to_ship.text) == [f"/m/orders/{paid.order_no}"]
    assert is_nowhere(to_ship.text, waiting.order_no)
    me = await lin.get("/m/me")
    assert texts_of(me.text, ".quick .count") == ["有 1 件", "有 1 件"]


async def test_a_link_leads_to_the_second_page(lin: Shopper) -> None:
    product = make_product()
    made = [placed_order(lin.member_id, product=product) for _ in range(12)]
    first = await lin.get("/m/orders?tab=to_pay")
    paths = [f"/m/orders/{each.order_no}" for each in reversed(made)]
    assert listed(first.text) == paths[:10]
    assert is_nowhere(first.text, made[1].order_no)
    further = f"/m/orders?tab=to_pay&before={made[2].order_id}"
    assert values_of(first.text, "a[rel=next]", "href") == [further]
    second = await lin.get(further)
    assert listed(second.text) == paths[10:]
    assert is_nowhere(second.text, made[2].order_no)


async def test_an_unknown_tab_shows_all_orders(lin: Shopper) -> None:
    assert (await lin.get("/m/orders?tab=x&before=-1")).status == 200
    assert (await lin.get("/m/orders/ORD000000000000")).status == 404


@pytest.mark.row("B7")
async def test_an_order_shows_parcels_address_and_price(lin: Shopper) -> None:
    product = make_product("陈酿", price_fen=5900)
    bought = paid_order(lin.member_id, product=product, quantity=2, note="放门卫😀")
    line = bought.line_ids[0]
    ship_all(bought, (line, 1))
    seen = await lin.get(f"/m/orders/{bought.order_no}")
    assert texts_of(seen.text, ".state h1") == ["部分已发货"]
    assert "春熙路1号" in words_of(seen.text, ".post .note")
    assert facts_of(seen.text)["留言"] == "放门卫😀"
    assert texts_of(seen.text, ".breakdown div")[0] == "商品金额 2 件 ¥118.00"
    (parcel, number) = values_of(seen.text, "[data-copy]", "data-copy")
    assert (parcel[:2], number) == ("SF", bought.order_no)
    assert is_nowhere(seen.text, "/receive")


async def test_receipt_is_confirmed_once(lin: Shopper) -> None:
    bought = shipped_order(lin.member_id)
    done = await lin.post(f"/m/orders/{bought.order_no}/receive")
    assert done.location == f"/m/orders/{bought.order_no}"
    assert bought.row.state == "received"
    again = await lin.post(f"/m/orders/{bought.order_no}/receive")
    assert again.status == 409
    assert words_of(again.text, ".result .note").startswith("订单状态已变化")
    log = OrderLog.select().where((OrderLog.order == bought.order_id)
                                  & (OrderLog.to_state == "received"))  # fmt: skip
    assert log.count() == 1


@pytest.mark.parametrize("act", ["receive", "extend", "again", "cancel"])
async def test_an_order_of_another_member_is_not_found(
    lin: Shopper, wang: Shopper, act: str
) -> None:
    bought = shipped_order(wang.member_id)
    assert (await lin.get(f"/m/orders/{bought.order_no}")).status == 404
    assert (await lin.post(f"/m/orders/{bought.order_no}/{act}")).status == 404
    assert bought.row.state == "shipped"
    assert CartLine.select().count() == 0


@pytest.mark.parametrize("act", ["receive", "extend", "again"])
async def test_a_wrong_csrf_token_changes_nothing(lin: Shopper, act: str) -> None:
    bought = shipped_order(lin.member_id)
    assert (await lin.post(f"/m/orders/{bought.order_no}/{act}", _csrf="x")).status == 403
    assert bought.row.state == "shipped"
    assert CartLine.select().count() == 0


async def test_the_time_for_receipt_can_be_extended_once_in_its_last_days(lin: Shopper) -> None:
    bought = shipped_order(lin.member_id)
    due = bought.row.receive_by_at
    early = await lin.post(f"/m/orders/{bought.order_no}/extend")
    assert early.status == 409
    assert bought.row.receive_by_at == due
    assert is_nowhere((await lin.get(f"/m/orders/{bought.order_no}")).text, "/extend")
    clock.set_offset(timedelta(days=8))
    page = await lin.get(f"/m/orders/{bought.order_no}")
    assert steps_of(page.text, "/extend") == [f"/m/orders/{bought.order_no}/extend"]
    assert (await lin.post(f"/m/orders/{bought.order_no}/extend")).status == 303
    assert bought.row.receive_by_at == due + timedelta(days=3)
    clock.set_offset(timedelta(days=12))
    again = await lin.post(f"/m/orders/{bought.order_no}/extend")
    assert again.status == 409
    assert bought.row.receive_by_at == due + timedelta(days=3)


async def test_buying_again_names_products_off_the_shelf(lin: Shopper) -> None:
    kept, gone = make_product("陈酿"), make_product("旧款")
    bought = received_order(lin.member_id, items=[(kept.sku_id, 2), (gone.sku_id, 1)])
    catalog.set_state(gone.product_id, "take_off_shelf")
    done = await lin.post(f"/m/orders/{bought.order_no}/again")
    assert done.location == "/m/cart"
    found = cart.view(cart.member_owner(lin.member_id or 0))
    assert [(line.sku_id, line.quantity) for line in found.lines] == [(kept.sku_id, 2)]
    assert "旧款：商品已下架" in words_of((await lin.get("/m/cart")).text, ".toast")


@pytest.mark.row("B6")
async def test_an_unpaid_order_shows_why_it_was_cancelled(lin: Shopper) -> None:
    from domain.orders.service import begin_closing, finish_closing

    bought = placed_order(lin.member_id)
    begin_closing(bought.order_id, "timeout", "system")
    closing = await lin.get(f"/m/orders/{bought.order_no}")
    assert texts_of(closing.text, ".state h1") == ["正在关闭"]
    finish_closing(bought.order_id)
    seen = await lin.get(f"/m/orders/{bought.order_no}")
    assert "超时未付款，订单自动取消" in words_of(seen.text, ".timeline li")
    assert Order.get_by_id(bought.order_id).state == "cancelled"
