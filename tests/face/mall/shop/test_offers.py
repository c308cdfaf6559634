"""Limited-time prices: every page shows them, and an order pays them or is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain import cart, catalog, promotions
from kernel import clock
from kernel.clock import SHANGHAI
from mall_h5.trade_words import moment
from models import Order, OrderLine
from tests.face.shoppers import Shopper
from tests.factories.catalog import make_product
from tests.factories.members import make_address
from tests.factories.offers import limited_price, stop
from tests.harness.markup import is_nowhere, texts_of, values_of, words_of

pytestmark = pytest.mark.row("C3")
LIST, LOW = 29800, 26800


@pytest.fixture
def made() -> Any:
    return make_product(price_fen=LIST, is_liquor=False)


def _end(made: Any) -> str:
    """The end of the only offer as tiles and lines show it."""
    (live,) = promotions.live_offers(clock.now(), is_fresh=True)
    return moment(live.ends_at)


async def test_every_page_shows_the_price_its_name_and_its_end(lin: Shopper, made: Any) -> None:
    limited_price(made.sku_id)
    make_address(lin.member_id or 0)
    cart.add(cart.member_owner(lin.member_id or 0), made.sku_id)
    for path in ("/m/", "/m/category", "/m/offers"):
        tile = words_of((await lin.get(path)).text, "a.good")
        assert "限时价" in tile, path
        assert tile.endswith(f"¥ 268 至 {_end(made)}"), path
    for path in ("/m/cart", "/m/checkout"):
        page = await lin.get(path)
        assert texts_of(page.text, ".line .badge") == [f"限时价 至 {_end(made)}"], path
        assert texts_of(page.text, ".line .price") == ["¥ 268"], path
    page = await lin.get(f"/m/p/{made.product_id}")
    assert values_of(page.text, ".offer time", "data-countdown") == ["reload"]
    ends = promotions.live_offers(clock.now())[0].ends_at
    local = ends.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")  # shown without a script
    assert texts_of(page.text, ".offer") == [f"限时价 距结束 {local}"]


async def test_the_shown_price_is_paid_and_named_in_the_order(lin: Shopper, made: Any) -> None:
    limited_price(made.sku_id)
    make_address(lin.member_id or 0)
    seen = await lin.get(f"/m/checkout?sku={made.sku_id}&qty=2")
    done = await lin.post("/m/checkout", seen.fields("/m/checkout"))
    assert done.status == 303
    order = Order.get()
    assert (order.payable_fen, order.goods_fen) == (2 * LOW, 2 * LIST)
    page = await lin.get(f"/m/orders/{order.order_no}")
    assert "限时价 −¥60.00" in texts_of(page.text, ".line .line-spec")


async def test_an_offer_that_ends_during_the_checkout_is_refused_with_the_new_price(
    lin: Shopper, made: Any
) -> None:
    offer_id = limited_price(made.sku_id)
    make_address(lin.member_id or 0)
    seen = await lin.get(f"/m/checkout?sku={made.sku_id}&qty=1")
    fields = seen.fields("/m/checkout")
    stop(offer_id)
    refused = await lin.post("/m/checkout", fields)
    assert refused.status == 409
    assert texts_of(refused.text, ".errors > b") == ["价格有变化，请核对后再提交"]
    changes = texts_of(refused.text, ".errors li")
    assert "（优惠已结束）" in changes[0]
    assert changes[0].endswith("¥268.00 → ¥298.00")
    assert not Order.select().exists()
    again = await lin.post("/m/checkout", refused.fields("/m/checkout"))
    assert (again.status, OrderLine.get().paid_fen) == (303, LIST)


async def test_an_offer_that_has_not_begun_is_shown_nowhere(lin: Shopper, made: Any) -> None:
    limited_price(made.sku_id, starts_at=clock.now() + timedelta(hours=1))
    assert is_nowhere((await lin.get("/m/")).text, "正在优惠")
    assert texts_of((await lin.get("/m/offers")).text, ".empty h2") == ["目前没有进行中的优惠"]
    assert is_nowhere((await lin.get(f"/m/p/{made.product_id}")).text, "限时价")


async def test_a_strike_price_is_shown_only_where_it_is_lawful(lin: Shopper, made: Any) -> None:
    offer_id = limited_price(made.sku_id)
    assert texts_of((await lin.get(f"/m/p/{made.product_id}")).text, ".was") == []
    stop(offer_id)
    clock.set_offset(timedelta(days=8))
    limited_price(made.sku_id)
    page = await lin.get(f"/m/p/{made.product_id}")
    assert texts_of(page.text, "s.was") == ["原价 ¥298"]


async def test_another_specification_keeps_its_price(lin: Shopper, made: Any) -> None:
    catalog.add_sku(made.product_id, catalog.SkuForm(19900, 5, "小瓶"))
    limited_price(made.sku_id)
    shelf = await lin.get("/m/category")
    assert is_nowhere(shelf.text, "限时价")  # a tile has the cheapest price, without an offer here
    page = await lin.get(f"/m/p/{made.product_id}")
    (other,) = [t for t in texts_of(page.text, ".sku") if "限时价" in t]
    assert other.endswith("¥ 268")


async def test_a_choice_that_is_not_offered_is_refused_by_name(lin: Shopper, made: Any) -> None:
    make_address(lin.member_id or 0)
    seen = await lin.get(f"/m/checkout?sku={made.sku_id}&qty=1")
    fields = seen.fields("/m/checkout")
    for name, said in (("coupon_id", "优惠券"), ("gift", "赠品"), ("else", "else")):
        refused = await lin.post("/m/checkout", [*fields, (f"choice-{name}", "5")])
        assert refused.status == 422
        assert words_of(refused.text, ".errors li").startswith(f"所选优惠（{said}）不可用")
    assert not Order.select().exists()
    looked = await lin.get(f"/m/checkout?sku={made.sku_id}&qty=1&choice-coupon_id=5")
    assert looked.status == 422
    assert "所选优惠（优惠券）不可用" in words_of(looked.text, "main")


async def test_an_order_under_an_offer_can_be_bought_again_at_todays_price(
    lin: Shopper, made: Any
) -> None:
    offer_id = limited_price(made.sku_id)
    make_address(lin.member_id or 0)
    seen = await lin.get(f"/m/checkout?sku={made.sku_id}&qty=1")
    await lin.post("/m/checkout", seen.fields("/m/checkout"))
    stop(offer_id)
    again = await lin.post(f"/m/orders/{Order.get().order_no}/again")
    assert again.status == 303
    checkout = await lin.get("/m/checkout")
    assert "商品金额 1 件 ¥298.00" in texts_of(checkout.text, ".breakdown div")
    page = await lin.get(f"/m/orders/{Order.get().order_no}")
    assert "限时价 −¥30.00" in texts_of(page.text, ".line .line-spec")
