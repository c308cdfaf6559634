"""Checkout: the price that is seen is the price that is paid, one tap is one order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from yarl import URL

from domain import cart, catalog, members
from domain.catalog import SkuForm, StockShort
from mall_h5.trade import soldout
from models import Address, CartLine, CommandResult, Member, Order, OrderLine, Sku
from tests.face.shoppers import PHONE, Shopper, visitor
from tests.factories.catalog import make_product
from tests.factories.members import make_address
from tests.harness.markup import texts_of, values_of

ADDRESS = {
    "name": "林𠮷山😀", "phone": "138 0013 8000", "province": "四川省", "city": "泸州市",
    "district": "江阳区", "detail": "酒城大道 1 号",
}  # fmt: skip


def fill(shopper: Shopper, *sku_ids: int, quantity: int = 1) -> None:
    """Put things into a member's cart."""
    assert shopper.member_id is not None
    for sku_id in sku_ids:
        cart.add(cart.member_owner(shopper.member_id), sku_id, quantity)


def orders_of(shopper: Shopper) -> list[Any]:
    return list(Order.select().where(Order.member == shopper.member_id).order_by(Order.id))


async def checkout(shopper: Shopper, path: str = "/m/checkout") -> list[tuple[str, str]]:
    """What the checkout's form would send."""
    seen = await shopper.get(path)
    assert seen.status == 200, seen.text
    return seen.fields("/m/checkout")


def login(path: str) -> str:
    """The sign-in that comes back to a path."""
    return str(URL(f"/oauth/login?next={quote(path, safe='')}"))


def one(fields: list[tuple[str, str]], name: str) -> str:
    return dict(fields)[name]


@pytest.mark.row("B5")
async def test_the_whole_cart_is_ordered_and_leaves_the_cart(lin: Shopper) -> None:
    first = make_product(price_fen=29800)
    second = make_product(price_fen=5900, is_liquor=False)
    make_address(lin.member_id or 0)
    fill(lin, first.sku_id, second.sku_id, quantity=2)
    seen = await lin.get("/m/checkout")
    assert "¥714.00" in seen.text
    fields = seen.fields("/m/checkout")
    assert one(fields, "expected_payable_fen") == "71400"
    done = await lin.post("/m/checkout", fields, adult="1", note="放门卫😀")
    (order,) = orders_of(lin)
    assert (done.status, done.location) == (303, f"/m/pay/{order.order_no}?now=1")
    assert (order.payable_fen, order.note, order.state) == (71400, "放门卫😀", "awaiting_payment")
    assert CartLine.select().count() == 0
    assert Member.get_by_id(lin.member_id).adult_confirmed_at is not None


async def test_buying_at_once_leaves_the_cart_alone(lin: Shopper) -> None:
    kept, bought = make_product(), make_product(price_fen=19900, is_liquor=False)
    make_address(lin.member_id or 0)
    fill(lin, kept.sku_id)
    fields = await checkout(lin, f"/m/checkout?sku={bought.sku_id}&qty=3")
    done = await lin.post("/m/checkout", fields)
    assert done.status == 303
    assert [line.quantity for line in OrderLine.select()] == [3]
    assert [line.sku_id for line in CartLine.select()] == [kept.sku_id]


async def test_an_empty_cart_leads_back_to_the_cart(lin: Shopper) -> None:
    seen = await lin.get("/m/checkout")
    assert (seen.status, seen.location) == (303, "/m/cart")
    assert "请先选择要购买的商品" in (await lin.get("/m/cart")).text


async def test_back_after_ordering_the_cart_leads_to_the_order(lin: Shopper) -> None:
    """It led to an empty cart with a reproach: 请先选择要购买的商品."""
    product = make_product(is_liquor=False)
    make_address(lin.member_id or 0)
    fill(lin, product.sku_id)
    await lin.post("/m/checkout", await checkout(lin))
    (order,) = orders_of(lin)
    back = await lin.get("/m/checkout")
    assert (back.status, back.location) == (303, f"/m/orders/{order.order_no}")
    assert "请先选择" not in (await lin.get(back.location)).text


@pytest.mark.parametrize(("minutes", "is_said"), [(0, True), (29, True), (31, False)])
async def test_back_after_buying_at_once_says_that_it_was_ordered(
    lin: Shopper, minutes: int, is_said: bool
) -> None:
    """The page showed a fresh form, and one more tap was a second order."""
    product, other = make_product(is_liquor=False), make_product(is_liquor=False)
    make_address(lin.member_id or 0)
    path = f"/m/checkout?sku={product.sku_id}&qty=2"
    await lin.post("/m/checkout", await checkout(lin, path))
    (order,) = orders_of(lin)
    Order.update(created_at=order.created_at - timedelta(minutes=minutes)).execute()
    links = values_of((await lin.get(path)).text, ".notice a, a.notice", "href")
    assert (f"/m/pay/{order.order_no}" in links) == is_said
    for else_wanted in (f"sku={product.sku_id}&qty=1", f"sku={other.sku_id}&qty=2"):
        assert order.order_no not in (await lin.get(f"/m/checkout?{else_wanted}")).text


async def test_the_same_tap_twice_is_one_order(lin: Shopper) -> None:
    product = make_product(is_liquor=False)
    make_address(lin.member_id or 0)
    fill(lin, product.sku_id)
    fields = await checkout(lin)
    first = await lin.post("/m/checkout", fields)
    second = await lin.post("/m/checkout", fields)
    assert first.location == second.location != ""
    assert len(orders_of(lin)) == 1
    assert Sku.get_by_id(product.sku_id).held == 1


async def test_a_used_form_with_other_content_shows_what_was_ordered(lin: Shopper) -> None:
    product = make_product(is_liquor=False)
    make_address(lin.member_id or 0)
    fields = await checkout(lin, f"/m/checkout?sku={product.sku_id}&qty=1")
    await lin.post("/m/checkout", fields)
    again = await lin.post("/m/checkout", fields, note="换了留言")
    (order,) = orders_of(lin)
    assert again.status == 409
    assert f"/m/orders/{order.order_no}" in again.text
    fresh = again.fields("/m/checkout")
    assert one(fresh, "note") == "换了留言"
    assert one(fresh, "_idem") != one(fields, "_idem")


async def test_a_changed_price_is_shown_and_nothing_is_lost(lin: Shopper) -> None:
    product = make_product("陈酿", price_fen=29800, is_liquor=False)
    make_address(lin.member_id or 0)
    fields = await checkout(lin, f"/m/checkout?sku={product.sku_id}&qty=2")
    catalog.set_price(product.sku_id, 30800)
    refused = await lin.post("/m/checkout", fields, note="请尽快")
    assert refused.status == 409
    assert orders_of(lin) == []
    changes = " ".join(texts_of(refused.text, ".errors li"))
    assert "¥298.00 → ¥308.00" in changes
    assert "¥596.00 → ¥616.00" in changes
    fresh = refused.fields("/m/checkout")
    assert one(fresh, "note") == "请尽快"
    assert (await lin.post("/m/checkout", fresh)).status == 303
    assert [order.payable_fen for order in orders_of(lin)] == [61600]


@pytest.mark.row("B5")
async def test_an_address_typed_here_is_kept_with_the_order(lin: Shopper) -> None:
    product = make_product(is_liquor=False)
    fields = await checkout(lin, f"/m/checkout?sku={product.sku_id}&qty=1")
    assert "address" not in dict(fields)
    assert (await lin.post("/m/checkout", fields, **ADDRESS)).status == 303
    (kept,) = members.list_addresses(lin.member_id or 0)
    assert (kept.form.name, kept.form.phone) == ("林𠮷山😀", "13800138000")


@pytest.mark.row("B5")
async def test_a_far_province_shows_its_freight_before_anything_is_kept(lin: Shopper) -> None:
    product = make_product(is_liquor=False, price_fen=5900)
    fields = await checkout(lin, f"/m/checkout?sku={product.sku_id}&qty=1")
    far = await lin.post("/m/checkout", fields, **(ADDRESS | {"province": "西藏"}))
    assert far.status == 409
    assert "¥10.00 → ¥25.00" in " ".join(texts_of(far.text, ".errors li"))
    assert Address.select().count() == 0
    assert orders_of(lin) == []
    fresh = far.fields("/m/checkout")
    assert one(fresh, "detail") == "酒城大道 1 号"
    assert (await lin.post("/m/checkout", fresh)).status == 303
    assert [order.freight_fen for order in orders_of(lin)] == [2500]


async def test_a_bad_address_is_named_at_its_field(lin: Shopper) -> None:
    product = make_product(is_liquor=False)
    fields = await checkout(lin, f"/m/checkout?sku={product.sku_id}&qty=1")
    refused = await lin.post("/m/checkout", fields, **(ADDRESS | {"phone": "12345"}))
    assert refused.status == 422
    assert 'id="e-phone"' in refused.text
    assert "请填写 11 位手机号" in refused.text
    assert Address.select().count() == Order.select().count() == 0


@pytest.mark.row("L2")
async def test_liquor_needs_the_buyer_s_own_tick(lin: Shopper) -> None:
    product = make_product()
    make_address(lin.member_id or 0)
    fields = await checkout(lin, f"/m/checkout?sku={product.sku_id}&qty=1")
    assert "adult" not in dict(fields)
    refused = await lin.post("/m/checkout", fields)
    assert refused.status == 422
    assert 'id="e-adult"' in refused.text
    assert orders_of(lin) == []
    assert Member.get_by_id(lin.member_id).adult_confirmed_at is None


async def test_goods_that_cannot_go_back_need_a_tick_each(lin: Shopper) -> None:
    product = make_product(is_liquor=False, is_return_exempt=True)
    make_address(lin.member_id or 0)
    name = f"exempt-{product.sku_id}"
    fields = await checkout(lin, f"/m/checkout?sku={product.sku_id}&qty=1")
    assert name not in dict(fields)
    refused = await lin.post("/m/checkout", fields)
    assert refused.status == 422
    assert f'id="e-{name}"' in refused.text
    assert orders_of(lin) == []
    done = await lin.post("/m/checkout", refused.fields("/m/checkout"), **{name: "1"})
    assert done.status == 303
    assert [line.is_return_exempt for line in OrderLine.select()] == [True]


@pytest.mark.parametrize("quantity", ["0", "-1", "1000000000", "abc", "1.5", "٣", "9" * 30])
async def test_an_impossible_quantity_is_refused(lin: Shopper, quantity: str) -> None:
    product = make_product()
    make_address(lin.member_id or 0)
    seen = await lin.get(f"/m/checkout?sku={product.sku_id}&qty={quantity}")
    assert seen.status == 422
    fields = await checkout(lin, f"/m/checkout?sku={product.sku_id}&qty=1")
    sent = await lin.post(
        "/m/checkout", fields, item=f"{product.sku_id}:{quantity}:29800", adult="1"
    )
    assert sent.status == 422
    assert orders_of(lin) == []
    assert Sku.get_by_id(product.sku_id).held == 0


@pytest.mark.row("B4")
async def test_more_than_are_left_is_said_by_name(lin: Shopper) -> None:
    product = make_product("小泉", stock=2, is_liquor=False)
    make_address(lin.member_id or 0)
    fields = await checkout(lin, f"/m/checkout?sku={product.sku_id}&qty=3")
    refused = await lin.post("/m/checkout", fields)
    assert refused.status == 409
    assert "“小泉”库存不足，仅剩 2 件" in refused.text
    assert orders_of(lin) == []
    assert Sku.get_by_id(product.sku_id).stock == 2


async def test_what_is_sold_out_is_left_out_of_the_cart_and_said_at_the_checkout(
    lin: Shopper,
) -> None:
    fine, out = make_product("陈酿", is_liquor=False), make_product("酒杯", is_liquor=False)
    make_address(lin.member_id or 0)
    fill(lin, fine.sku_id, out.sku_id)
    fields = await checkout(lin)
    catalog.adjust_stock(out.sku_id, -out_of(out.sku_id), "盘亏")
    refused = await lin.post("/m/checkout", fields)
    assert refused.status == 409
    assert "“酒杯”已售罄" in refused.text
    assert "0 件" not in refused.text
    shown = (await lin.get("/m/cart")).text
    assert values_of(shown, "input[name=pick][disabled]", "value") == [str(out.sku_id)]
    assert 'href="/m/checkout">去结算' in shown
    done = await lin.post("/m/checkout", await checkout(lin))
    assert done.status == 303
    assert [line.sku_id for line in OrderLine.select()] == [fine.sku_id]


async def test_who_comes_too_late_hears_so_by_name_and_nothing_is_kept(
    lin: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soldout, "SECONDS", 0.0)  # the goods come back more than a second later
    product = make_product("小泉", stock=1, is_liquor=False)
    make_address(lin.member_id or 0)
    fields = await checkout(lin, f"/m/checkout?sku={product.sku_id}&qty=1")
    catalog.adjust_stock(product.sku_id, -1, "盘亏")
    refused = await lin.post("/m/checkout", fields)
    assert refused.status == 409
    assert "“小泉”已售罄" in refused.text
    assert 'name="_idem"' not in refused.text  # no form that could only fail again
    assert 'href="/m/">去看看别的' in refused.text
    assert orders_of(lin) == []
    catalog.adjust_stock(product.sku_id, 1, "到货")
    assert (await lin.post("/m/checkout", fields)).status == 303


@pytest.mark.row("B4")
async def test_in_a_rush_the_late_are_told_at_once_but_not_who_has_bought(
    lin: Shopper, wang: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soldout, "SECONDS", 60.0)  # a second of a slow machine
    product = make_product("小泉", stock=1, is_liquor=False)
    path = f"/m/checkout?sku={product.sku_id}&qty=1"
    for shopper in (lin, wang):
        make_address(shopper.member_id or 0)
    lins, wangs = await checkout(lin, path), await checkout(wang, path)
    bought = await lin.post("/m/checkout", lins)
    assert (await wang.post("/m/checkout", wangs)).status == 409
    catalog.adjust_stock(product.sku_id, 1, "到货")  # meanwhile nobody looks again
    told = await wang.post("/m/checkout", wangs)
    assert (told.status, "“小泉”已售罄" in told.text) == (409, True)
    again = await lin.post("/m/checkout", lins)
    assert (again.status, again.location) == (303, bought.location)
    other = await wang.post("/m/checkout", wangs, **{"from": "cart"})
    assert other.status == 303  # a basket is looked at as a whole


def test_sold_out_is_remembered_for_a_second_and_for_so_many() -> None:
    now = [100.0]
    memory = soldout.SoldOut(lambda: now[0])
    refusal = StockShort("stock_short", left=0)
    memory.note(7, refusal)
    assert (memory.lately(7), memory.lately(8)) == (refusal, None)
    now[0] += soldout.SECONDS
    assert memory.lately(7) is None
    for sku_id in range(5_000):
        memory.note(sku_id, refusal)
    assert len(memory._until) <= 1_000


def out_of(sku_id: int) -> int:
    """All that is left of a specification."""
    return int(Sku.get_by_id(sku_id).stock)


async def test_a_page_that_is_not_there_leads_home_not_round_again(lin: Shopper) -> None:
    seen = await lin.get("/m/p/999999")
    assert seen.status == 404
    assert ("没有找到" in seen.text, "再试一次" in seen.text) == (True, False)


async def test_what_left_the_shelf_is_said_by_name(lin: Shopper) -> None:
    product = make_product("旧款", is_liquor=False)
    make_address(lin.member_id or 0)
    fields = await checkout(lin, f"/m/checkout?sku={product.sku_id}&qty=1")
    catalog.set_state(product.product_id, "take_off_shelf")
    refused = await lin.post("/m/checkout", fields)
    assert refused.status == 409
    assert "“旧款”商品已下架" in refused.text
    assert orders_of(lin) == []


async def test_another_s_address_is_not_found(lin: Shopper, wang: Shopper) -> None:
    product = make_product(is_liquor=False)
    theirs = make_address(wang.member_id or 0)
    make_address(lin.member_id or 0)
    fields = await checkout(lin, f"/m/checkout?sku={product.sku_id}&qty=1&address={theirs}")
    assert one(fields, "address") != str(theirs)
    refused = await lin.post("/m/checkout", fields, address=str(theirs))
    assert refused.status == 404
    assert Order.select().count() == 0


async def test_a_form_of_another_browser_changes_nothing(lin: Shopper) -> None:
    product = make_product(is_liquor=False)
    make_address(lin.member_id or 0)
    fields = await checkout(lin, f"/m/checkout?sku={product.sku_id}&qty=1")
    refused = await lin.post("/m/checkout", fields, _csrf="0" * 40)
    assert refused.status == 403
    assert Order.select().count() == CommandResult.select().count() == 0


@pytest.mark.row("B1")
async def test_who_was_signed_out_comes_back_to_the_same_checkout(lin: Shopper) -> None:
    kept, bought = make_product(is_liquor=False), make_product(is_liquor=False)
    make_address(lin.member_id or 0)
    second = make_address(lin.member_id or 0, name="张三")
    fill(lin, kept.sku_id)
    path = f"/m/checkout?sku={bought.sku_id}&qty=2&address={second}"
    now, cart_now = await checkout(lin, path), await checkout(lin)
    lin.session_ends()
    back = await lin.post("/m/checkout", now)
    assert (back.status, back.location) == (302, login(path))
    first = one(cart_now, "address")
    back = await lin.post("/m/checkout", cart_now)
    assert (back.status, back.location) == (302, login(f"/m/checkout?address={first}"))
    assert "登录已过期" in (await lin.get("/m/")).text
    assert Order.select().count() == CommandResult.select().count() == 0
    assert CartLine.select().count() == 1


async def test_who_lost_the_cookie_too_signs_in_and_stands_on_the_same_page(
    lin: Shopper, mall: Any
) -> None:
    product = make_product(is_liquor=False)
    make_address(lin.member_id or 0)
    page = f"/m/checkout?sku={product.sku_id}&qty=1"
    fields = await checkout(lin, page)
    other = visitor(mall)
    other.stands_on = page
    back = await other.post("/m/checkout", fields, _csrf=one(fields, "_csrf"))
    assert (back.status, back.location) == (302, login(page))
    assert Order.select().count() == 0


async def test_any_form_leads_back_to_its_page_and_never_out_of_the_mall(lin: Shopper) -> None:
    lin.session_ends()
    lin.stands_on = "/m/addresses/new?next=/m/checkout"
    back = await lin.post("/m/addresses/new", list(ADDRESS.items()))
    assert (back.status, back.location) == (302, login("/m/addresses/new?next=/m/checkout"))
    lin.stands_on = "/admin/orders"
    back = await lin.post("/m/addresses/new", list(ADDRESS.items()))
    assert back.location == login("/m/")


async def test_a_note_is_bounded_and_kept_while_it_is_mended(lin: Shopper) -> None:
    product = make_product(is_liquor=False)
    make_address(lin.member_id or 0)
    fields = await checkout(lin, f"/m/checkout?sku={product.sku_id}&qty=1")
    long = "𠮷" * 201
    refused = await lin.post("/m/checkout", fields, note=long)
    assert refused.status == 422
    assert one(refused.fields("/m/checkout"), "note") == long
    done = await lin.post("/m/checkout", refused.fields("/m/checkout"), note="𠮷" * 200)
    assert done.status == 303
    assert [order.note for order in orders_of(lin)] == ["𠮷" * 200]


async def test_a_made_up_form_is_refused(lin: Shopper) -> None:
    make_address(lin.member_id or 0)
    assert (await lin.post("/m/checkout")).status == 422
    assert (await lin.post("/m/checkout", item="1:1")).status == 422
    unknown = await lin.post("/m/checkout", item="999:1:1", _idem="a" * 20, address="1",
                             expected_payable_fen="1")  # fmt: skip
    assert unknown.status == 404
    assert Order.select().count() == 0


async def test_an_order_of_nothing_to_pay_skips_the_till(lin: Shopper) -> None:
    product = make_product(skus=[SkuForm(price_fen=1, stock=5)], is_liquor=False)
    Sku.update(price_fen=0).where(Sku.id == product.sku_id).execute()
    make_address(lin.member_id or 0)
    from domain.settings import Freight, change

    change(Freight, {"flat_fen": 0})
    fields = await checkout(lin, f"/m/checkout?sku={product.sku_id}&qty=1")
    done = await lin.post("/m/checkout", fields)
    (order,) = orders_of(lin)
    assert done.location == f"/m/pay/{order.order_no}/result"
    assert order.state == "paid"
    assert "下单成功" in (await lin.get(done.location)).text


async def test_outside_wechat_a_code_carries_the_cart_over(mall: Any) -> None:
    product = make_product()
    nobody = visitor(mall)
    nobody.agent = PHONE
    seen = await nobody.get(f"/m/checkout?sku={product.sku_id}&qty=2")
    assert seen.status == 401
    assert "/code.svg" in seen.text
    assert Order.select().count() == 0


async def test_choosing_an_address_comes_back_to_the_same_goods(lin: Shopper) -> None:
    product = make_product()
    first = make_address(lin.member_id or 0)
    second = make_address(lin.member_id or 0, name="张三")
    path = f"/m/checkout?sku={product.sku_id}&qty=2"
    shown = await lin.get(path)
    assert "next=%2Fm%2Fcheckout%3Fsku" in shown.text
    picker = await lin.get(f"/m/addresses?next=%2Fm%2Fcheckout%3Fsku%3D{product.sku_id}%26qty%3D2")
    assert f"{path}&amp;address={second}".replace("&qty", "&amp;qty") in picker.text
    fields = await checkout(lin, f"{path}&address={second}")
    assert one(fields, "address") == str(second) != str(first)


async def test_the_picker_goes_nowhere_else(lin: Shopper) -> None:
    make_address(lin.member_id or 0)
    seen = await lin.get("/m/addresses?next=https://evil.example/m/checkout")
    assert "evil" not in seen.text
