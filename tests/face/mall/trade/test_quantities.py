"""A quantity that is not available is refused with its reason and never changed."""

from __future__ import annotations

import pytest

from domain import cart, settings
from domain.cart import member_owner
from models import CartLine, Order, Sku
from tests.face.shoppers import Shopper
from tests.factories.catalog import make_product
from tests.factories.members import make_address
from tests.harness.markup import count_of, texts_of, values_of, words_of

TOO_MANY = [
    ("500", "数量应在 1 到 99 之间"), ("6", "库存不足，仅剩 5 件"), ("0", "请输入 1 到 9999"),
    ("-1", "不能是负数"), ("1.5", "不要小数"), ("一箱", "阿拉伯数字"), ("1e1", "不要用 e"),
    ("2箱", "看不懂这个单位"), ("", "请输入整数"), ("99999", "请输入 1 到 9999"),
]  # fmt: skip


def _content(lin: Shopper) -> list[tuple[int, int]]:
    return [(x.sku_id, x.quantity) for x in CartLine.select().order_by(CartLine.id)]


@pytest.mark.parametrize("to", ["cart", "buy"])
@pytest.mark.parametrize(("typed", "told"), TOO_MANY)
async def test_a_bad_quantity_is_not_added_to_the_cart(
    lin: Shopper, to: str, typed: str, told: str
) -> None:
    product = make_product(stock=5)
    page = f"/m/p/{product.product_id}"
    fields = (await lin.get(page)).fields("/m/cart")
    refused = await lin.post("/m/cart", fields, qty=typed, to=to)
    assert refused.status == 422
    assert words_of(refused.text, ".notice p").startswith("没有加入")
    assert told in words_of(refused.text, ".notice p")
    assert told in words_of(refused.text, "#buy .error")
    assert dict(refused.fields("/m/cart"))["qty"] == typed
    assert _content(lin) == []


@pytest.mark.parametrize("typed", ["3", "３", "3件", " 3 "])
async def test_a_quantity_may_be_typed_with_wide_digits_or_a_unit(
    lin: Shopper, typed: str
) -> None:
    product = make_product(stock=5)
    page = f"/m/p/{product.product_id}"
    fields = (await lin.get(page)).fields("/m/cart")
    done = await lin.post("/m/cart", fields, qty=typed, to="buy")
    assert done.location == f"/m/checkout?sku={product.sku_id}&qty=3"
    await lin.post("/m/cart", fields, qty=typed, to="cart")
    assert _content(lin) == [(product.sku_id, 3)]


async def test_adding_more_shows_the_number_in_the_cart(lin: Shopper) -> None:
    product = make_product(stock=5)
    page = f"/m/p/{product.product_id}"
    fields = (await lin.get(page)).fields("/m/cart")
    await lin.post("/m/cart", fields, qty="2", to="cart")
    await lin.post("/m/cart", fields, qty="3", to="cart")
    assert "购物车里共 5 件" in words_of((await lin.get(page)).text, ".toast")
    refused = await lin.post("/m/cart", fields, qty="1", to="cart")
    assert words_of(refused.text, ".notice p").startswith("没有加入：库存不足")
    assert _content(lin) == [(product.sku_id, 5)]


@pytest.mark.parametrize(("typed", "told"), TOO_MANY)
@pytest.mark.row("B5")
async def test_the_cart_names_the_quantity_that_it_refused(
    lin: Shopper, typed: str, told: str
) -> None:
    product = make_product("小泉", stock=5)
    cart.add(member_owner(lin.member_id or 0), product.sku_id, 2)
    fields = (await lin.get("/m/cart")).fields("/m/cart/change")
    name = f"q{product.sku_id}"
    refused = await lin.post("/m/cart/change", fields, **{name: typed})
    assert refused.status == 303
    toast = words_of((await lin.get("/m/cart")).text, ".toast")
    refusal = f"“小泉”没有改成 {typed} 件，仍是 2 件"
    assert " ".join(refusal.split()) in toast
    assert told in toast
    assert _content(lin) == [(product.sku_id, 2)]


async def test_more_than_the_stock_waits_for_another_quantity(lin: Shopper) -> None:
    product = make_product("小泉", stock=5, is_liquor=False)
    make_address(lin.member_id or 0)
    held = await lin.get(f"/m/checkout?sku={product.sku_id}&qty=6")
    (error,) = texts_of(held.text, ".errors li")
    assert error.startswith("“小泉”库存不足，仅剩 5 件，您要 6 件")
    assert count_of(held.text, "[form=order]") == 0
    change = f"/m/checkout?sku={product.sku_id}&qty=5"
    assert texts_of(held.text, f".errors a[href='{change}']") == ["改买 5 件"]
    refused = await lin.post("/m/checkout", held.fields("/m/checkout"))
    assert refused.status == 409
    assert "您要 6 件" in words_of(refused.text, ".errors li")
    assert Order.select().count() == 0
    agreed = await lin.get(change)
    assert texts_of(agreed.text, "button[form=order]") == ["去付款"]


async def test_a_cart_with_too_little_stock_waits_for_another_quantity(lin: Shopper) -> None:
    """The order was once placed without the line that has too little stock."""
    short, other = make_product("小泉", stock=5), make_product("大泉")
    owner = member_owner(lin.member_id or 0)
    cart.add(owner, short.sku_id, 5)
    cart.add(owner, other.sku_id, 1)
    Sku.update(stock=3).where(Sku.id == short.sku_id).execute()
    seen = await lin.get("/m/checkout")
    assert (seen.status, seen.location) == (303, "/m/cart")
    shown = (await lin.get("/m/cart")).text
    assert texts_of(shown, ".weui-btn_disabled") == ["请先修改标出的数量"]
    assert "库存不足，仅剩 3 件，请修改数量" in texts_of(shown, ".line-spec")


async def test_merged_carts_keep_a_quantity_above_the_limit(lin: Shopper) -> None:
    settings.change(settings.Trade, {"max_line_quantity": 5})
    product = make_product("小泉", stock=50)
    mine = member_owner(lin.member_id or 0)
    cart.add(mine, product.sku_id, 4)
    cart.add("s:7", product.sku_id, 3)
    cart.merge("s:7", mine)
    assert _content(lin) == [(product.sku_id, 7)]
    shown = (await lin.get("/m/cart")).text
    assert "超过单次限购，最多 5 件，请修改数量" in texts_of(shown, ".line-spec")
    assert "/m/checkout" not in values_of(shown, "a", "href")
    assert (await lin.get("/m/checkout")).location == "/m/cart"
