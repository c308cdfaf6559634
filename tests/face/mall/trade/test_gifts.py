"""送礼 in the mall: from the till to the friend's page, which shows no price anywhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain import aftersales, cart, gifts, orders
from domain.orders import ShipForm
from domain.payments.service import settle
from kernel import clock
from models import AgeDoubt, Binding, Gift, Order
from tests.face.shoppers import Shopper, signed_in
from tests.factories.catalog import make_picture, make_product
from tests.factories.distribution import make_distributor
from tests.factories.members import make_address, make_member
from tests.factories.orders import Bought, begin, paid_result
from tests.harness.markup import (
    forms_of,
    is_nowhere,
    script_data_of,
    texts_of,
    values_of,
    words_of,
)

pytestmark = pytest.mark.usefixtures("wired")

HOME = {
    "name": "周小桐", "phone": "139 1234 5678", "province": "浙江省", "city": "杭州市",
    "district": "西湖区", "detail": "文三路 9 号",
}  # fmt: skip
PRICES = ("735.19", "73519", "¥", "￥")
"""The sum of the gift in these tests; a shorter one also stands in keys and instants."""


@pytest.fixture
def zhou(mall: Any) -> Shopper:
    """The friend, on a phone of their own."""
    return signed_in(mall, make_member("周小桐", is_adult=False))


@pytest.fixture
def he(mall: Any) -> Shopper:
    """A second person who got the link."""
    return signed_in(mall, make_member("小何", is_adult=False))


async def ordered(buyer: Shopper, **fields: str) -> str:
    """Order a gift at the till; returns the order's number."""
    made = make_product("送礼陈酿", price_fen=73519, stock=5)
    path = f"/m/checkout?sku={made.sku_id}&qty=1&delivery=gift"
    seen = await buyer.get(path)
    assert seen.status == 200, seen.text
    sent = {"adult": "1", "greeting": "生日快乐", "signature": "阿慧"} | fields
    done = await buyer.post("/m/checkout", seen.fields("/m/checkout"), **sent)
    assert done.status == 303, done.text
    order = Order.select().order_by(Order.id.desc()).first()
    assert done.location == f"/m/pay/{order.order_no}?now=1"
    return str(order.order_no)


def pay_for(order_no: str) -> None:
    """The payment of the order arrives."""
    order = Order.get(Order.order_no == order_no)
    bought = Bought(order.id, order_no, order.member_id, order.payable_fen, None)  # type: ignore[arg-type]
    assert settle(paid_result(begin(bought), order.payable_fen)) == "booked"


async def given(buyer: Shopper, **fields: str) -> tuple[str, str]:
    """A paid gift: the order's number, and the path that the friend opens."""
    number = await ordered(buyer, **fields)
    pay_for(number)
    return number, f"/m/g/{gifts.gift_for_buyer(number, buyer.member_id or 0).token}"


async def taken(friend: Shopper, path: str, **fields: str) -> Any:
    """The friend takes the gift with a typed address."""
    seen = await friend.get(path)
    return await friend.post(path, seen.fields(path), **({"adult": "1"} | HOME | fields))


def has_no_price(html: str) -> bool:
    """Whether a page, with its attributes and scripts, has no sum of the gift."""
    return all(is_nowhere(html, price) for price in PRICES)


@pytest.mark.row("B13")
async def test_a_gift_is_paid_without_an_address_and_sent_on(lin: Shopper) -> None:
    number = await ordered(lin)
    order = Order.get(Order.order_no == number)
    assert (order.delivery, order.sealed_address, order.greeting) == ("gift", "", "生日快乐")
    pay_for(number)
    result = await lin.get(f"/m/pay/{number}/result")
    assert "发给好友" in texts_of(result.text, ".btn-stack a")[0]
    page = await lin.get(f"/m/orders/{number}/gift")
    assert texts_of(page.text, "h1")[0] == "把礼物发给好友"
    assert has_no_price(page.text)  # the buyer may show this page, too
    order_page = await lin.get(f"/m/orders/{number}")
    assert texts_of(order_page.text, "h1")[0] == "等待好友领取"


@pytest.mark.row("B13")
async def test_the_friend_sees_goods_card_and_sender_and_no_price_anywhere(
    lin: Shopper, zhou: Shopper
) -> None:
    number, path = await given(lin)
    seen = await zhou.get(path)
    words = words_of(seen.text)
    assert "阿慧 送您一份礼物" in words
    assert "生日快乐" in words
    assert "送礼陈酿" in words
    assert has_no_price(seen.text)
    assert is_nowhere(seen.text, number)
    done = await taken(zhou, path)
    assert (done.status, done.location) == (303, path)
    pages = [path, "/m/gifts", "/m/orders", "/m/me"]
    for state in ("paid", "shipped", "received"):
        order = Order.get(Order.order_no == number)
        assert order.state == state
        for each in pages:
            page = await zhou.get(each)
            assert page.status == 200
            assert has_no_price(page.text), (state, each)
        if state == "paid":
            orders.ship_parcel(order.id, ShipForm("顺丰速运", "SF1234567890"))
        elif state == "shipped":
            mine = await zhou.get(path)
            assert "SF1234567890" in words_of(mine.text)
            assert (
                await zhou.post(f"{path}/receive", mine.fields(f"{path}/receive"))
            ).status == 303
    assert (await zhou.get(f"/m/orders/{number}")).status == 404


async def test_the_buyer_sees_the_parcel_and_not_the_address(lin: Shopper, zhou: Shopper) -> None:
    number, path = await given(lin)
    await taken(zhou, path)
    order = Order.get(Order.order_no == number)
    orders.ship_parcel(order.id, ShipForm("顺丰速运", "SF1234567890"))
    for each in (f"/m/orders/{number}", f"/m/orders/{number}/gift", "/m/orders"):
        page = await lin.get(each)
        for secret in ("文三路", "13912345678", "周小桐"):
            assert is_nowhere(page.text, secret), (each, secret)
    assert "SF1234567890" in words_of((await lin.get(f"/m/orders/{number}")).text)


async def test_an_unnamed_buyer_is_nowhere_on_the_friends_page(
    lin: Shopper, zhou: Shopper
) -> None:
    _, path = await given(lin, signature="")
    seen = await zhou.get(path)
    assert texts_of(seen.text, "h1")[0] == "有人送您一份礼物"
    assert is_nowhere(seen.text, "小林")
    assert is_nowhere(seen.text, "阿慧")


async def test_the_first_to_accept_owns_it(lin: Shopper, zhou: Shopper, he: Shopper) -> None:
    _, path = await given(lin)
    form = (await he.get(path)).fields(path)
    await taken(zhou, path)
    late = await he.post(path, form, adult="1", **HOME)
    assert late.status == 409
    page = await he.get(path)
    assert texts_of(page.text, "h2")[0] == "这份礼物已经被领取"
    assert is_nowhere(page.text, "送礼陈酿")
    assert (await he.get("/m/gifts")).status == 200


async def test_without_the_confirmation_of_age_nothing_is_taken(
    lin: Shopper, zhou: Shopper
) -> None:
    _, path = await given(lin)
    seen = await zhou.get(path)
    refused = await zhou.post(path, seen.fields(path), **HOME)
    assert refused.status == 422
    assert "18 周岁" in texts_of(refused.text, ".error")[0]
    assert Gift.get().state == "waiting"
    kept = await zhou.post(f"{path}/minor", seen.fields(f"{path}/minor"))
    assert kept.status == 303
    assert AgeDoubt.get(AgeDoubt.open_for == zhou.member_id).cause == "said"
    page = await zhou.get(path)
    assert "只能由年满 18 周岁的人领取" in words_of(page.text)
    assert path not in [form.action for form in forms_of(page.text)]


async def test_each_mistake_is_beside_its_field(lin: Shopper, zhou: Shopper) -> None:
    _, path = await given(lin)
    wrong = await taken(zhou, path, phone="123")
    assert wrong.status == 422
    assert "手机号" in texts_of(wrong.text, ".errors li")[0]
    assert values_of(wrong.text, "#f-name", "value") == ["周小桐"]
    far = await taken(zhou, path, province="西藏自治区", city="拉萨市", district="城关区")
    assert far.status == 409
    assert "不能寄到这个省份" in texts_of(far.text, ".errors li")[0]
    step = await zhou.post(path, (await zhou.get(path)).fields(path), step="recognise",
                           pasted="周小桐 13912345678 浙江省杭州市西湖区文三路9号")  # fmt: skip
    assert step.status == 200
    assert "识别到" in words_of(step.text)


async def test_a_kept_address_is_offered(lin: Shopper, zhou: Shopper) -> None:
    address_id = make_address(zhou.member_id or 0, name="周小桐")
    _, path = await given(lin)
    seen = await zhou.get(path)
    done = await zhou.post(path, seen.fields(path), adult="1", address=str(address_id))
    assert done.status == 303
    assert Order.get().receiver == "周**"
    other = make_address(lin.member_id or 0)
    number, second = await given(lin)
    refused = await zhou.post(second, (await zhou.get(second)).fields(second), adult="1",
                              address=str(other))  # fmt: skip
    assert refused.status == 404
    assert Order.get(Order.order_no == number).recipient_id is None


async def test_the_buyer_cancels_and_is_told(lin: Shopper, zhou: Shopper) -> None:
    number, path = await given(lin)
    page = await lin.get(f"/m/orders/{number}/gift")
    action = f"/m/orders/{number}/gift/cancel"
    assert (await lin.post(action, page.fields(action))).status == 303
    assert Gift.get().state == "cancelled"
    assert texts_of((await zhou.get(path)).text, "h2")[0] == "这份礼物已经取消或过期"
    assert (await lin.post(action, page.fields(action))).status == 303  # a second tap


async def test_words_of_who_declines_reach_the_buyer(lin: Shopper, zhou: Shopper) -> None:
    number, path = await given(lin)
    seen = await zhou.get(path)
    action = f"{path}/decline"
    assert (await zhou.post(action, seen.fields(action), said="心意领了")).status == 303
    assert "心意领了" in words_of((await lin.get(f"/m/orders/{number}/gift")).text)


async def test_a_forbidden_greeting_is_refused_at_the_till(lin: Shopper) -> None:
    made = make_product(price_fen=29800, stock=5)
    path = f"/m/checkout?sku={made.sku_id}&qty=1&delivery=gift"
    seen = await lin.get(path)
    assert texts_of(seen.text, ".promise li")[0] == "好友领取后 48 小时内发货"
    assert "偏远地区另加" not in words_of(seen.text), "the freight is the one for everywhere"
    for fields, name in (
        ({"greeting": "国家级特供酒，全国第一"}, "greeting"),
        ({"arrive_by": "2020-01-01"}, "arrive_by"),
        ({"signature": "一" * 13}, "signature"),
    ):
        refused = await lin.post("/m/checkout", seen.fields("/m/checkout"), adult="1", **fields)
        assert refused.status == 422, name
        assert values_of(refused.text, ".errors a", "href") == [f"#f-{name}"]
    assert Order.select().count() == 0


async def test_foreign_numbers_and_links_are_not_found(lin: Shopper, zhou: Shopper) -> None:
    number, path = await given(lin)
    assert (await zhou.get(f"/m/orders/{number}/gift")).status == 404
    assert (await zhou.get(f"/m/gifts/{number}")).status == 404
    assert (await zhou.get(path[:-2] + "xx")).status == 404
    assert (await zhou.get(f"/m/g/{'a' * 22}.{'b' * 24}")).status == 404
    own = await lin.get(path)
    assert (own.status, own.location) == (303, f"/m/orders/{number}/gift")
    await taken(zhou, path)
    mine = await zhou.get(f"/m/gifts/{number}")
    assert (mine.status, mine.location) == (302, path)


async def test_the_card_that_is_sent_has_no_code_and_binds_nobody(
    mall: Any, zhou: Shopper
) -> None:
    """A distributor's gift is no touch: the friend is bound only by a link of theirs."""
    hui = signed_in(mall, make_distributor("阿慧"))
    number, path = await given(hui)
    card = script_data_of((await hui.get(f"/m/orders/{number}/gift")).text, "jssdk")["friend"]
    assert card["link"].endswith(path)
    assert card["title"] == "阿慧 送您一份礼物"
    await taken(zhou, path)
    assert "?" not in path
    assert Binding.select().where(Binding.member == zhou.member_id).count() == 0


async def test_the_cart_and_the_product_lead_to_a_gift(lin: Shopper) -> None:
    made = make_product(price_fen=29800, stock=5)
    cart.add(cart.member_owner(lin.member_id or 0), made.sku_id, 1)
    page = await lin.get("/m/cart")
    links = values_of(page.text, "a.weui-btn", "href")
    assert "/m/checkout?delivery=gift" in links
    product = await lin.get(f"/m/p/{made.product_id}")
    assert values_of(product.text, "#sku button[value=gift]", "aria-label") == ["送礼给朋友"]
    sent = await lin.post("/m/cart", product.fields("/m/cart"), to="gift", qty="2")
    assert sent.location == f"/m/checkout?sku={made.sku_id}&qty=2&delivery=gift"


async def test_a_gift_can_be_taken_until_its_last_day(lin: Shopper, zhou: Shopper) -> None:
    _, path = await given(lin)
    form = (await zhou.get(path)).fields(path)
    clock.set_offset(timedelta(days=7, minutes=1))
    try:
        late = await zhou.post(path, form, adult="1", **HOME)
    finally:
        clock.set_offset(timedelta(0))
    assert late.status == 409
    assert "取消或过期" in words_of(late.text)


async def test_a_case_pauses_the_gift(lin: Shopper, zhou: Shopper) -> None:
    number, path = await given(lin)
    make_picture("d")
    aftersales.cancel_paid_order(number, lin.member_id or 0)
    assert texts_of((await zhou.get(path)).text, "h1")[0] == "暂时不能领取"
