"""A quantity that can't be had is refused and said; it is never moved to one that can."""

from __future__ import annotations

import pytest

from domain import cart, settings
from domain.cart import member_owner
from models import CartLine, Order, Sku
from tests.face.shoppers import Shopper
from tests.factories.catalog import make_product
from tests.factories.members import make_address

TOO_MANY = [
    ("500", "数量应在 1 到 99 之间"), ("6", "库存不足，仅剩 5 件"), ("0", "请输入 1 到 9999"),
    ("-1", "不能是负数"), ("1.5", "不要小数"), ("一箱", "阿拉伯数字"), ("1e1", "不要用 e"),
    ("2箱", "看不懂这个单位"), ("", "请输入整数"), ("99999", "请输入 1 到 9999"),
]  # fmt: skip


def _content(lin: Shopper) -> list[tuple[int, int]]:
    return [(x.sku_id, x.quantity) for x in CartLine.select().order_by(CartLine.id)]


@pytest.mark.parametrize("to", ["cart", "buy"])
@pytest.mark.parametrize(("typed", "told"), TOO_MANY)
async def test_five_hundred_became_ninety_nine(
    lin: Shopper, to: str, typed: str, told: str
) -> None:
    product = make_product(stock=5)
    page = f"/m/p/{product.product_id}"
    fields = (await lin.get(page)).fields("/m/cart")
    refused = await lin.post("/m/cart", fields, qty=typed, to=to)
    assert refused.status == 422
    assert "没有加入" in refused.text
    assert told in refused.text
    assert dict(refused.fields("/m/cart"))["qty"] == typed
    assert _content(lin) == []


@pytest.mark.parametrize("typed", ["3", "３", "3件", " 3 "])
async def test_a_quantity_is_understood_as_people_type_it(lin: Shopper, typed: str) -> None:
    product = make_product(stock=5)
    page = f"/m/p/{product.product_id}"
    fields = (await lin.get(page)).fields("/m/cart")
    done = await lin.post("/m/cart", fields, qty=typed, to="buy")
    assert done.location == f"/m/checkout?sku={product.sku_id}&qty=3"
    await lin.post("/m/cart", fields, qty=typed, to="cart")
    assert _content(lin) == [(product.sku_id, 3)]


async def test_what_more_of_the_same_comes_to_is_said(lin: Shopper) -> None:
    product = make_product(stock=5)
    page = f"/m/p/{product.product_id}"
    fields = (await lin.get(page)).fields("/m/cart")
    await lin.post("/m/cart", fields, qty="2", to="cart")
    await lin.post("/m/cart", fields, qty="3", to="cart")
    assert "购物车里共 5 件" in (await lin.get(page)).text
    refused = await lin.post("/m/cart", fields, qty="1", to="cart")
    assert "没有加入：库存不足" in refused.text
    assert _content(lin) == [(product.sku_id, 5)]


@pytest.mark.parametrize(("typed", "told"), TOO_MANY)
@pytest.mark.row("B5")
async def test_a_cart_says_which_quantity_it_did_not_take(
    lin: Shopper, typed: str, told: str
) -> None:
    product = make_product("小泉", stock=5)
    cart.add(member_owner(lin.member_id or 0), product.sku_id, 2)
    fields = (await lin.get("/m/cart")).fields("/m/cart/change")
    name = f"q{product.sku_id}"
    refused = await lin.post("/m/cart/change", fields, **{name: typed})
    shown = (await lin.get("/m/cart")).text
    assert refused.status == 303
    assert f"“小泉”没有改成 {typed} 件，仍是 2 件" in shown
    assert told in shown
    assert _content(lin) == [(product.sku_id, 2)]


async def test_six_of_five_wait_until_the_shopper_has_said_how_many(lin: Shopper) -> None:
    product = make_product("小泉", stock=5, is_liquor=False)
    make_address(lin.member_id or 0)
    held = await lin.get(f"/m/checkout?sku={product.sku_id}&qty=6")
    assert "“小泉”库存不足，仅剩 5 件，您要 6 件" in held.text
    assert 'form="order"' not in held.text
    change = f"/m/checkout?sku={product.sku_id}&amp;qty=5"
    assert f'href="{change}">改买 5 件' in held.text
    refused = await lin.post("/m/checkout", held.fields("/m/checkout"))
    assert refused.status == 409
    assert "您要 6 件" in refused.text
    assert Order.select().count() == 0
    agreed = await lin.get(change.replace("&amp;", "&"))
    assert 'form="order"' in agreed.text


async def test_a_cart_that_sells_less_than_is_wanted_was_ordered_without_it(lin: Shopper) -> None:
    short, other = make_product("小泉", stock=5), make_product("大泉")
    owner = member_owner(lin.member_id or 0)
    cart.add(owner, short.sku_id, 5)
    cart.add(owner, other.sku_id, 1)
    Sku.update(stock=3).where(Sku.id == short.sku_id).execute()
    seen = await lin.get("/m/checkout")
    assert (seen.status, seen.location) == (303, "/m/cart")
    shown = (await lin.get("/m/cart")).text
    assert "请先修改标出的数量" in shown
    assert "库存不足，仅剩 3 件，请修改数量" in shown


async def test_two_carts_that_join_above_the_limit_keep_what_was_wanted(lin: Shopper) -> None:
    settings.change(settings.Trade, {"max_line_quantity": 5})
    product = make_product("小泉", stock=50)
    mine = member_owner(lin.member_id or 0)
    cart.add(mine, product.sku_id, 4)
    cart.add("s:7", product.sku_id, 3)
    cart.merge("s:7", mine)
    assert _content(lin) == [(product.sku_id, 7)]
    shown = (await lin.get("/m/cart")).text
    assert "超过单次限购，最多 5 件，请修改数量" in shown
    assert 'href="/m/checkout"' not in shown
    assert (await lin.get("/m/checkout")).location == "/m/cart"
