"""A purchase in a shop with a simulated WeChat: browse, buy, pay, receive, partial refund."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from domain import orders
from domain.aftersales import approve_case, case_id_of
from domain.orders import ShipForm
from tests.harness.markup import facts_of, script_data_of, texts_of, values_of, words_of
from tests.harness.world import Page, Phone, World, open_world

ADDRESS = {
    "name": "林𠮷山😀", "phone": "13800138000", "province": "四川省", "city": "泸州市",
    "district": "江阳区", "detail": "酒城大道 1 号",
}  # fmt: skip


@pytest.fixture
async def world(tmp_path: Path, db: Any, database_url: str) -> AsyncIterator[World]:
    """A seeded shop with a simulated WeChat."""
    db.close()
    async with open_world(tmp_path, database_url) as opened:
        yield opened


async def first_product(phone: Phone, words: str) -> Page:
    """Search for a product and open the first result."""
    shelf = await phone.open(f"/m/search?q={words}")
    return await phone.open(shelf.links("/m/p/")[0])


def order_no_of(page: Page) -> str:
    """The order number in a page's address."""
    found = re.search(r"ORD[0-9A-Z]+", page.url)
    assert found is not None, page.url
    return found[0]


@pytest.mark.row("D3", "B6")
async def test_an_order_is_paid_received_and_refunded_in_part(world: World) -> None:
    lin = await world.phone("lin")
    product = await first_product(lin, "品鉴装")
    cart = await lin.submit(product.form("/m/cart"), qty="3", to="cart")
    assert cart.status == 200
    checkout = await lin.open("/m/checkout")
    assert "品鉴装" in words_of(checkout.text, ".line-name")
    order = checkout.form("/m/checkout")
    assert "adult" not in order.fields
    refused = await lin.submit(order, **ADDRESS, note="请放门卫😀")
    assert refused.status == 422
    assert texts_of(refused.text, "#e-adult") == ["购买酒类请先确认收货人已满 18 周岁"]
    assert refused.form("/m/checkout").fields["note"] == "请放门卫😀"
    till = await lin.submit(refused.form("/m/checkout"), adult="1")
    assert till.status == 200, till.text
    order_no = order_no_of(till)
    before = await lin.wallet_fen()
    params = script_data_of(till.text, "pay")["params"]
    paid = await lin.pay(params=params)
    assert paid["result"] == "ok"
    result = await lin.open(f"/m/pay/{order_no}/result")
    assert texts_of(result.text, ".result h1") == ["付款成功"]
    assert before - await lin.wallet_fen() == 17700
    assert texts_of((await lin.open("/m/cart")).text, ".empty h2") == ["购物车还是空的"]

    page = await lin.open(f"/m/orders/{order_no}")
    assert texts_of(page.text, ".state h1") == ["等待发货"]
    assert "酒城大道 1 号" in words_of(page.text, ".post .note")
    store = world.runtime.store
    order_id = await store.read(orders.order_id_of, order_no)
    await store.write(orders.ship_parcel, order_id, ShipForm("顺丰速运", "SF1234567890"))
    page = await lin.open(f"/m/orders/{order_no}")
    assert "SF1234567890" in values_of(page.text, "[data-copy]", "data-copy")
    received = await lin.submit(page.form("/receive"))
    assert texts_of(received.text, ".state h1") == ["已收货"]

    ask = await lin.open(received.links("/m/aftersales/new")[0])
    form = ask.form("/m/aftersales/new")
    case = await lin.submit(form, quantity="1", reason="missing", note="少一瓶🍶")
    assert texts_of(case.text, ".state h1") == ["等待商家处理"]
    assert facts_of(case.text)["退款金额"] == "¥59.00"
    case_no = case.url.rsplit("/", 1)[1]
    case_id = await store.read(case_id_of, case_no)
    wallet = await lin.wallet_fen()
    await store.write(approve_case, case_id)
    await world.settle()
    await world.settle()
    assert texts_of((await lin.open(case.url)).text, ".state h1") == ["退款成功"]
    assert await lin.wallet_fen() == wallet + 5900
    after = await lin.open(f"/m/orders/{order_no}")
    assert texts_of(after.text, ".line .badge") == ["已退 1 件 ¥59.00"]
