"""Checkout: the shown price is the paid price, and a repeated form places no second order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from yarl import URL

from domain import cart, catalog, freight, members
from domain.catalog import SkuForm, StockShort
from domain.freight import RowForm, TemplateForm
from mall_h5.trade import soldout
from models import Address, CartLine, CommandResult, Member, Order, OrderLine, Sku
from tests.face.shoppers import PHONE, Shopper, signed_in, visitor
from tests.factories.catalog import make_product
from tests.factories.members import make_address
from tests.harness.markup import count_of, is_nowhere, texts_of, values_of, words_of

ADDRESS = {
    "name": "林𠮷山😀", "phone": "138 0013 8000", "province": "四川省", "city": "泸州市",
    "district": "江阳区", "detail": "酒城大道 1 号",
}  # fmt: skip


def fill(shopper: Shopper, *sku_ids: int, quantity: int = 1) -> None:
    """Put SKUs into a member's cart."""
    assert shopper.member_id is not None
    for sku_id in sku_ids:
        cart.add(cart.member_owner(shopper.member_id), sku_id, quantity)


def orders_of(shopper: Shopper) -> list[Any]:
    return list(Order.select().where(Order.member == shopper.member_id).order_by(Order.id))


async def checkout(shopper: Shopper, path: str = "/m/checkout") -> list[tuple[str, str]]:
    """The fields that the form of the checkout would send."""
    seen = await shopper.get(path)
    assert seen.status == 200, seen.text
    return seen.fields("/m/checkout")


def login(path: str) -> str:
    """The address of the sign-in that returns to a path."""
    return str(URL(f"/oauth/login?next={quote(path, safe='')}"))


def one(fields: list[tuple[str, str]], name: str) -> str:
    return dict(fields)[name]


@pytest.mark.row("B5")
async def test_the_whole_cart_is_ordered_and_emptied(lin: Shopper) -> None:
    first = make_product(price_fen=29800)
    second = make_product(price_fen=5900, is_liquor=False)
    make_address(lin.member_id or 0)
    fill(lin, first.sku_id, second.sku_id, quantity=2)
    seen = await lin.get("/m/checkout")
    assert texts_of(seen.text, ".breakdown div")[0] == "商品金额 4 件 ¥714.00"
    assert texts_of(seen.text, ".actionbar-sum .price") == ["¥ 714"]
    fields = seen.fields("/m/checkout")
    assert one(fields, "expected_payable_fen") == "71400"
    done = await lin.post("/m/checkout", fields, adult="1", note="放门卫😀")
    (order,) = orders_of(lin)
    assert (done.status, done.location) == (303, f"/m/pay/{order.order_no}?now=1")
    assert (order.payable_fen, order.note, order.state) == (71400, "放门卫😀", "awaiting_payment")
    assert CartLine.select().count() == 0
    assert Member.get_by_id(lin.member_id).adult_confirmed_at is not None


async def test_buying_at_once_does_not_change_the_cart(lin: Shopper) -> None:
    kept, bought = make_product(), make_product(price_fen=19900, is_liquor=False)
    make_address(lin.member_id or 0)
    fill(lin, kept.sku_id)
    fields = await checkout(lin, f"/m/checkout?sku={bought.sku_id}&qty=3")
    done = await lin.post("/m/checkout", fields)
    assert done.status == 303
    assert [line.quantity for line in OrderLine.select()] == [3]
    assert [line.sku_id for line in CartLine.select()] == [kept.sku_id]


async def test_the_checkout_of_an_empty_cart_redirects_to_the_cart(lin: Shopper) -> None:
    seen = await lin.get("/m/checkout")
    assert (seen.status, seen.location) == (303, "/m/cart")
    assert texts_of((await lin.get("/m/cart")).text, ".toast") == ["请先选择要购买的商品"]


async def test_the_checkout_of_an_ordered_cart_redirects_to_the_order(lin: Shopper) -> None:
    """The back button once led to the empty cart and the message 请先选择要购买的商品."""
    product = make_product(is_liquor=False)
    make_address(lin.member_id or 0)
    fill(lin, product.sku_id)
    await lin.post("/m/checkout", await checkout(lin))
    (order,) = orders_of(lin)
    back = await lin.get("/m/checkout")
    assert (back.status, back.location) == (303, f"/m/orders/{order.order_no}")
    assert is_nowhere((await lin.get(back.location)).text, "请先选择")


@pytest.mark.parametrize(("minutes", "is_shown"), [(0, True), (29, True), (31, False)])
async def test_a_second_checkout_of_the_same_goods_links_to_the_order(
    lin: Shopper, minutes: int, is_shown: bool
) -> None:
    """After the back button the page once showed a fresh form, which placed a second order."""
    product, other = make_product(is_liquor=False), make_product(is_liquor=False)
    make_address(lin.member_id or 0)
    path = f"/m/checkout?sku={product.sku_id}&qty=2"
    await lin.post("/m/checkout", await checkout(lin, path))
    (order,) = orders_of(lin)
    Order.update(created_at=order.created_at - timedelta(minutes=minutes)).execute()
    links = values_of((await lin.get(path)).text, ".notice a, a.notice", "href")
    assert (f"/m/pay/{order.order_no}" in links) == is_shown
    for else_wanted in (f"sku={product.sku_id}&qty=1", f"sku={other.sku_id}&qty=2"):
        other_page = await lin.get(f"/m/checkout?{else_wanted}")
        assert is_nowhere(other_page.text, order.order_no)


async def test_the_same_form_sent_twice_places_one_order(lin: Shopper) -> None:
    product = make_product(is_liquor=False)
    make_address(lin.member_id or 0)
    fill(lin, product.sku_id)
    fields = await checkout(lin)
    first = await lin.post("/m/checkout", fields)
    second = await lin.post("/m/checkout", fields)
    assert first.location == second.location != ""
    assert len(orders_of(lin)) == 1
    assert Sku.get_by_id(product.sku_id).held == 1


async def test_a_used_form_with_other_content_links_to_the_first_order(lin: Shopper) -> None:
    product = make_product(is_liquor=False)
    make_address(lin.member_id or 0)
    fields = await checkout(lin, f"/m/checkout?sku={product.sku_id}&qty=1")
    await lin.post("/m/checkout", fields)
    again = await lin.post("/m/checkout", fields, note="换了留言")
    (order,) = orders_of(lin)
    assert again.status == 409
    assert values_of(again.text, ".notice a", "href") == [f"/m/orders/{order.order_no}"]
    fresh = again.fields("/m/checkout")
    assert one(fresh, "note") == "换了留言"
    assert one(fresh, "_idem") != one(fields, "_idem")


async def test_a_changed_price_is_shown_and_the_typed_note_is_kept(lin: Shopper) -> None:
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
async def test_an_address_typed_in_the_checkout_is_saved(lin: Shopper) -> None:
    product = make_product(is_liquor=False)
    fields = await checkout(lin, f"/m/checkout?sku={product.sku_id}&qty=1")
    assert "address" not in dict(fields)
    assert (await lin.post("/m/checkout", fields, **ADDRESS)).status == 303
    (kept,) = members.list_addresses(lin.member_id or 0)
    assert (kept.form.name, kept.form.phone) == ("林𠮷山😀", "13800138000")


LHASA = {"province": "西藏自治区", "city": "拉萨市", "district": "城关区"}


@pytest.mark.row("B5")
async def test_the_freight_of_a_far_province_is_shown_before_anything_is_saved(
    lin: Shopper,
) -> None:
    product = make_product(is_liquor=False, price_fen=5900)
    fields = await checkout(lin, f"/m/checkout?sku={product.sku_id}&qty=1")
    far = await lin.post("/m/checkout", fields, **(ADDRESS | LHASA))
    assert far.status == 409
    assert "¥10.00 → ¥25.00" in " ".join(texts_of(far.text, ".errors li"))
    assert Address.select().count() == 0
    assert orders_of(lin) == []
    fresh = far.fields("/m/checkout")
    assert one(fresh, "detail") == "酒城大道 1 号"
    assert (await lin.post("/m/checkout", fresh)).status == 303
    assert [order.freight_fen for order in orders_of(lin)] == [2500]


async def test_a_bad_address_is_an_error_at_its_field(lin: Shopper) -> None:
    product = make_product(is_liquor=False)
    fields = await checkout(lin, f"/m/checkout?sku={product.sku_id}&qty=1")
    refused = await lin.post("/m/checkout", fields, **(ADDRESS | {"phone": "12345"}))
    assert refused.status == 422
    assert words_of(refused.text, "#e-phone").startswith("请填写 11 位手机号")
    assert Address.select().count() == Order.select().count() == 0


@pytest.mark.row("L2")
async def test_liquor_needs_a_tick_for_the_age(lin: Shopper) -> None:
    product = make_product()
    make_address(lin.member_id or 0)
    fields = await checkout(lin, f"/m/checkout?sku={product.sku_id}&qty=1")
    assert "adult" not in dict(fields)
    refused = await lin.post("/m/checkout", fields)
    assert refused.status == 422
    assert count_of(refused.text, "#e-adult") == 1
    assert orders_of(lin) == []
    assert Member.get_by_id(lin.member_id).adult_confirmed_at is None


async def test_each_product_without_returns_needs_a_tick(lin: Shopper) -> None:
    product = make_product(is_liquor=False, is_return_exempt=True)
    make_address(lin.member_id or 0)
    name = f"exempt-{product.sku_id}"
    fields = await checkout(lin, f"/m/checkout?sku={product.sku_id}&qty=1")
    assert name not in dict(fields)
    refused = await lin.post("/m/checkout", fields)
    assert refused.status == 422
    assert count_of(refused.text, f"#e-{name}") == 1
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
async def test_more_than_the_stock_is_refused_with_the_title(lin: Shopper) -> None:
    product = make_product("小泉", stock=2, is_liquor=False)
    make_address(lin.member_id or 0)
    fields = await checkout(lin, f"/m/checkout?sku={product.sku_id}&qty=3")
    refused = await lin.post("/m/checkout", fields)
    assert refused.status == 409
    assert words_of(refused.text, ".errors li").startswith("“小泉”库存不足，仅剩 2 件")
    assert orders_of(lin) == []
    assert Sku.get_by_id(product.sku_id).stock == 2


async def test_a_sold_out_product_is_named_and_no_longer_selected_in_the_cart(
    lin: Shopper,
) -> None:
    fine, out = make_product("陈酿", is_liquor=False), make_product("酒杯", is_liquor=False)
    make_address(lin.member_id or 0)
    fill(lin, fine.sku_id, out.sku_id)
    fields = await checkout(lin)
    catalog.adjust_stock(out.sku_id, -out_of(out.sku_id), "盘亏")
    refused = await lin.post("/m/checkout", fields)
    assert refused.status == 409
    assert texts_of(refused.text, ".errors li") == ["酒杯：已售罄"]
    assert is_nowhere(refused.text, "0 件")
    shown = (await lin.get("/m/cart")).text
    assert values_of(shown, "input[name=pick][disabled]", "value") == [str(out.sku_id)]
    assert texts_of(shown, "a[href='/m/checkout']") == ["去结算"]
    done = await lin.post("/m/checkout", await checkout(lin))
    assert done.status == 303
    assert [line.sku_id for line in OrderLine.select()] == [fine.sku_id]


async def test_a_product_sold_out_meanwhile_is_named_and_nothing_is_saved(
    lin: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soldout, "SECONDS", 0.0)  # as if the restock came over a second later
    product = make_product("小泉", stock=1, is_liquor=False)
    make_address(lin.member_id or 0)
    fields = await checkout(lin, f"/m/checkout?sku={product.sku_id}&qty=1")
    catalog.adjust_stock(product.sku_id, -1, "盘亏")
    refused = await lin.post("/m/checkout", fields)
    assert refused.status == 409
    assert words_of(refused.text, ".result .note").startswith("“小泉”已售罄")
    assert count_of(refused.text, "[name=_idem]") == 0  # no form, which could only fail again
    assert texts_of(refused.text, ".result a[href='/m/']") == ["去看看别的"]
    assert orders_of(lin) == []
    catalog.adjust_stock(product.sku_id, 1, "到货")
    assert (await lin.post("/m/checkout", fields)).status == 303


@pytest.mark.row("B4")
async def test_in_a_rush_a_remembered_refusal_answers_all_but_the_buyer(
    lin: Shopper, wang: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soldout, "SECONDS", 60.0)  # so that a slow machine stays within it
    product = make_product("小泉", stock=1, is_liquor=False)
    path = f"/m/checkout?sku={product.sku_id}&qty=1"
    for shopper in (lin, wang):
        make_address(shopper.member_id or 0)
    lins, wangs = await checkout(lin, path), await checkout(wang, path)
    bought = await lin.post("/m/checkout", lins)
    assert (await wang.post("/m/checkout", wangs)).status == 409
    catalog.adjust_stock(product.sku_id, 1, "到货")  # not looked up while the refusal is kept
    told = await wang.post("/m/checkout", wangs)
    assert told.status == 409
    assert words_of(told.text, ".result .note").startswith("“小泉”已售罄")
    again = await lin.post("/m/checkout", lins)
    assert (again.status, again.location) == (303, bought.location)
    other = await wang.post("/m/checkout", wangs, **{"from": "cart"})
    assert other.status == 303  # refusals of a cart are not kept


def test_refusals_are_kept_for_a_second_and_are_limited_in_number() -> None:
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
    """The stock of a SKU."""
    return int(Sku.get_by_id(sku_id).stock)


async def test_an_unknown_page_links_to_the_home_page_and_not_to_itself(lin: Shopper) -> None:
    seen = await lin.get("/m/p/999999")
    assert seen.status == 404
    assert texts_of(seen.text, ".result h1") == ["没有找到"]
    assert texts_of(seen.text, ".result a") == ["回到首页"]
    assert is_nowhere(seen.text, "再试一次")


async def test_a_product_off_the_shelf_is_refused_with_its_title(lin: Shopper) -> None:
    product = make_product("旧款", is_liquor=False)
    make_address(lin.member_id or 0)
    fields = await checkout(lin, f"/m/checkout?sku={product.sku_id}&qty=1")
    catalog.set_state(product.product_id, "take_off_shelf")
    refused = await lin.post("/m/checkout", fields)
    assert refused.status == 409
    assert words_of(refused.text, ".result .note").startswith("“旧款”商品已下架")
    assert orders_of(lin) == []


async def test_an_address_of_another_member_is_not_found(lin: Shopper, wang: Shopper) -> None:
    product = make_product(is_liquor=False)
    theirs = make_address(wang.member_id or 0)
    make_address(lin.member_id or 0)
    fields = await checkout(lin, f"/m/checkout?sku={product.sku_id}&qty=1&address={theirs}")
    assert one(fields, "address") != str(theirs)
    refused = await lin.post("/m/checkout", fields, address=str(theirs))
    assert refused.status == 404
    assert Order.select().count() == 0


async def test_a_wrong_csrf_token_places_no_order(lin: Shopper) -> None:
    product = make_product(is_liquor=False)
    make_address(lin.member_id or 0)
    fields = await checkout(lin, f"/m/checkout?sku={product.sku_id}&qty=1")
    refused = await lin.post("/m/checkout", fields, _csrf="0" * 40)
    assert refused.status == 403
    assert Order.select().count() == CommandResult.select().count() == 0


@pytest.mark.row("B1")
async def test_after_an_expired_session_the_sign_in_returns_to_the_checkout(lin: Shopper) -> None:
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
    assert words_of((await lin.get("/m/")).text, ".toast").startswith("登录已过期")
    assert Order.select().count() == CommandResult.select().count() == 0
    assert CartLine.select().count() == 1


async def test_without_the_cookie_the_sign_in_returns_to_the_same_page(
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


async def test_the_sign_in_returns_to_pages_of_the_mall_only(lin: Shopper) -> None:
    lin.session_ends()
    lin.stands_on = "/m/addresses/new?next=/m/checkout"
    back = await lin.post("/m/addresses/new", list(ADDRESS.items()))
    assert (back.status, back.location) == (302, login("/m/addresses/new?next=/m/checkout"))
    lin.stands_on = "/admin/orders"
    back = await lin.post("/m/addresses/new", list(ADDRESS.items()))
    assert back.location == login("/m/")


async def test_a_note_that_is_too_long_is_refused_and_kept_in_the_form(lin: Shopper) -> None:
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


async def test_an_order_of_zero_yuan_needs_no_payment(lin: Shopper) -> None:
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
    assert texts_of((await lin.get(done.location)).text, ".result h1") == ["下单成功"]


async def test_outside_wechat_a_code_opens_the_checkout_in_wechat(mall: Any) -> None:
    product = make_product()
    nobody = visitor(mall)
    nobody.agent = PHONE
    seen = await nobody.get(f"/m/checkout?sku={product.sku_id}&qty=2")
    assert seen.status == 401
    (code,) = values_of(seen.text, ".poster img", "src")
    assert code.endswith("/code.svg")
    assert Order.select().count() == 0


async def test_the_address_picker_returns_to_the_same_checkout(lin: Shopper) -> None:
    product = make_product()
    first = make_address(lin.member_id or 0)
    second = make_address(lin.member_id or 0, name="张三")
    path = f"/m/checkout?sku={product.sku_id}&qty=2"
    shown = await lin.get(path)
    assert "next=%2Fm%2Fcheckout%3Fsku" in values_of(shown.text, "a.post", "href")[0]
    picker = await lin.get(f"/m/addresses?next=%2Fm%2Fcheckout%3Fsku%3D{product.sku_id}%26qty%3D2")
    assert f"{path}&address={second}" in values_of(picker.text, "a.post", "href")
    fields = await checkout(lin, f"{path}&address={second}")
    assert one(fields, "address") == str(second) != str(first)


async def test_the_address_picker_returns_to_the_checkout_only(lin: Shopper) -> None:
    make_address(lin.member_id or 0)
    seen = await lin.get("/m/addresses?next=https://evil.example/m/checkout")
    assert is_nowhere(seen.text, "evil")


@pytest.mark.row("B5")
async def test_what_cannot_be_sent_is_removed_in_one_tap_and_the_rest_goes_on(
    lin: Shopper,
) -> None:
    fine, jar = make_product("陈酿", is_liquor=False), make_product("大坛", is_liquor=False)
    template = freight.add_template(TemplateForm("大坛", "count"), RowForm("base", first_fen=0))
    freight.save_row(template, RowForm("none", ("四川",)), 1)
    make_address(lin.member_id or 0)
    fill(lin, fine.sku_id, jar.sku_id)
    freight.set_template([jar.product_id], template)
    seen = await lin.get("/m/checkout")
    assert texts_of(seen.text, ".errors li") == ["大坛：不能寄到这个地区"]
    assert count_of(seen.text, ".actionbar button") == 0
    refused = await lin.post("/m/checkout", seen.fields("/m/checkout"), note="放门卫")
    assert refused.status == 409
    assert orders_of(lin) == []
    on = await lin.post("/m/checkout", refused.fields("/m/checkout"), step="drop")
    assert count_of(on.text, ".errors") == 0
    assert one(on.fields("/m/checkout"), "note") == "放门卫"
    assert (await lin.post("/m/checkout", on.fields("/m/checkout"))).status == 303
    assert [line.sku_id for line in OrderLine.select()] == [fine.sku_id]
    assert [row.sku_id for row in CartLine.select()] == [jar.sku_id]  # it stays in the cart


async def test_a_single_product_that_is_not_sent_there_can_have_another_address(
    lin: Shopper,
) -> None:
    jar = make_product("大坛", is_liquor=False)
    template = freight.add_template(TemplateForm("大坛", "count"), RowForm("base", first_fen=500))
    freight.save_row(template, RowForm("none", ("四川",)), 1)
    freight.set_template([jar.product_id], template)
    make_address(lin.member_id or 0)
    beijing = make_address(lin.member_id or 0, province="北京市")
    path = f"/m/checkout?sku={jar.sku_id}&qty=1"
    far = await lin.get(path)
    assert texts_of(far.text, ".errors li") == ["大坛：不能寄到这个地区"]
    assert count_of(far.text, "button[value=drop]") == 0
    fields = await checkout(lin, f"{path}&address={beijing}")
    assert (await lin.post("/m/checkout", fields)).status == 303
    (order,) = orders_of(lin)
    assert (order.freight_fen, order.region[:2]) == (500, "11")


async def test_nothing_left_after_removing_leads_to_the_cart(lin: Shopper) -> None:
    product = make_product("陈酿", is_liquor=False)
    make_address(lin.member_id or 0)
    fill(lin, product.sku_id)
    fields = await checkout(lin)
    catalog.set_state(product.product_id, "take_off_shelf")
    done = await lin.post("/m/checkout", fields, step="drop")
    assert (done.status, done.location) == (303, "/m/cart")


@pytest.mark.row("B5")
async def test_the_cart_says_what_is_missing_for_free_freight(lin: Shopper) -> None:
    product = make_product(price_fen=5900, is_liquor=False)
    fill(lin, product.sku_id)
    assert "还差 ¥40.00 免运费" in words_of((await lin.get("/m/cart")).text, ".breakdown")
    make_address(lin.member_id or 0, province="新疆维吾尔自治区")
    shown = words_of((await lin.get("/m/cart")).text, ".breakdown")
    assert "¥25.00" in shown
    template = freight.add_template(
        TemplateForm("瓶装", "count"),
        RowForm("base", first_fen=800, free_from_fen=7100, days_from=2, days_to=4),
    )
    freight.make_default(template)
    shown = words_of((await lin.get("/m/checkout")).text, ".breakdown")
    assert "还差 ¥12.00 免运费，发货后 2–4 天送达" in shown


@pytest.mark.row("B5")
async def test_card_and_invoice_are_kept_on_the_order(lin: Shopper) -> None:
    product = make_product(is_liquor=False)
    make_address(lin.member_id or 0)
    fields = await checkout(lin, f"/m/checkout?sku={product.sku_id}&qty=1")
    wished = {"greeting": "生日快乐😀", "invoice_kind": "company"}
    refused = await lin.post("/m/checkout", fields, **wished)
    assert refused.status == 422
    assert words_of(refused.text, "#e-invoice_title") == "请填写此项"
    wrong = {"invoice_title": "山泉酒业有限公司", "invoice_tax_no": "123"}
    refused = await lin.post("/m/checkout", refused.fields("/m/checkout"), **wrong)
    assert "税号" in words_of(refused.text, "#e-invoice_tax_no")
    assert one(refused.fields("/m/checkout"), "greeting") == "生日快乐😀"
    done = await lin.post(
        "/m/checkout", refused.fields("/m/checkout"), invoice_tax_no="9135 0100m000100y43"
    )
    assert done.status == 303
    (order,) = orders_of(lin)
    assert (order.greeting, order.invoice_kind, order.invoice_title, order.invoice_tax_no) == (
        "生日快乐😀", "company", "山泉酒业有限公司", "91350100M000100Y43",
    )  # fmt: skip
    shown = (await lin.get(f"/m/orders/{order.order_no}")).text
    assert "生日快乐😀" in texts_of(shown, ".facts dd")


@pytest.mark.row("B5")
async def test_the_cart_is_the_same_on_every_device(lin: Shopper) -> None:
    """The cart belongs to the member; a browser's own cart joins it at the sign-in."""
    product = make_product(is_liquor=False)
    fill(lin, product.sku_id, quantity=2)
    phone = (await lin.get("/m/cart")).text
    other = signed_in(lin.client, lin.member_id or 0)
    assert other.cookie != lin.cookie
    assert values_of((await other.get("/m/cart")).text, "input[name=pick]", "value") == values_of(
        phone, "input[name=pick]", "value"
    )
    cart.remove(cart.member_owner(lin.member_id or 0), [product.sku_id])
    assert count_of((await other.get("/m/cart")).text, "input[name=pick]") == 0
