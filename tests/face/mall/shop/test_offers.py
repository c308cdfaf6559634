"""Limited-time prices as shoppers meet them: seen everywhere, paid as seen, or refused."""

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
from tests.harness.markup import texts_of

pytestmark = pytest.mark.row("C3")
LIST, LOW = 29800, 26800


@pytest.fixture
def made() -> Any:
    return make_product(price_fen=LIST, is_liquor=False)


def _end(made: Any) -> str:
    (live,) = promotions.live_offers(clock.now(), is_fresh=True)
    return moment(live.ends_at)


async def test_every_page_shows_the_price_its_name_and_its_end(lin: Shopper, made: Any) -> None:
    limited_price(made.sku_id)
    make_address(lin.member_id or 0)
    cart.add(cart.member_owner(lin.member_id or 0), made.sku_id)
    pages = ("/m/", "/m/category", "/m/offers", "/m/cart", "/m/checkout")
    for path in pages:
        seen = await lin.get(path)
        assert "限时价" in seen.text, path
        assert f"至 {_end(made)}" in seen.text, path
        assert "268" in seen.text, path
    page = await lin.get(f"/m/p/{made.product_id}")
    assert "距结束" in page.text
    assert 'data-countdown="reload"' in page.text
    ends = promotions.live_offers(clock.now())[0].ends_at
    assert ends.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") in page.text  # without a script


async def test_what_is_seen_is_paid_and_the_order_says_why(lin: Shopper, made: Any) -> None:
    limited_price(made.sku_id)
    make_address(lin.member_id or 0)
    seen = await lin.get(f"/m/checkout?sku={made.sku_id}&qty=2")
    done = await lin.post("/m/checkout", seen.fields("/m/checkout"))
    assert done.status == 303
    order = Order.get()
    assert (order.payable_fen, order.goods_fen) == (2 * LOW, 2 * LIST)
    page = await lin.get(f"/m/orders/{order.order_no}")
    assert "限时价 −¥60.00" in page.text


async def test_one_that_ends_while_somebody_checks_out_is_refused_with_the_new_price(
    lin: Shopper, made: Any
) -> None:
    offer_id = limited_price(made.sku_id)
    make_address(lin.member_id or 0)
    seen = await lin.get(f"/m/checkout?sku={made.sku_id}&qty=1")
    fields = seen.fields("/m/checkout")
    stop(offer_id)
    refused = await lin.post("/m/checkout", fields)
    assert refused.status == 409
    assert "价格有变化，请核对后再提交" in refused.text
    assert "（优惠已结束）" in refused.text
    assert "¥268.00" in refused.text
    assert "¥298.00" in refused.text
    assert not Order.select().exists()
    again = await lin.post("/m/checkout", refused.fields("/m/checkout"))
    assert (again.status, OrderLine.get().paid_fen) == (303, LIST)


async def test_without_offers_nothing_is_promised(lin: Shopper, made: Any) -> None:
    limited_price(made.sku_id, starts_at=clock.now() + timedelta(hours=1))
    assert "正在优惠" not in (await lin.get("/m/")).text
    assert "目前没有进行中的优惠" in (await lin.get("/m/offers")).text
    assert "限时价" not in (await lin.get(f"/m/p/{made.product_id}")).text


async def test_a_strike_price_stands_only_where_it_is_lawful(lin: Shopper, made: Any) -> None:
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
    home = await lin.get("/m/category")
    assert "限时价" not in home.text  # the card shows the cheapest, which has no offer
    page = await lin.get(f"/m/p/{made.product_id}")
    assert page.text.count("限时价") >= 1


async def test_a_choice_that_nobody_offers_is_refused_by_its_name(lin: Shopper, made: Any) -> None:
    make_address(lin.member_id or 0)
    seen = await lin.get(f"/m/checkout?sku={made.sku_id}&qty=1")
    fields = seen.fields("/m/checkout")
    for name, said in (("coupon_id", "优惠券"), ("gift", "赠品"), ("else", "else")):
        refused = await lin.post("/m/checkout", [*fields, (f"choice-{name}", "5")])
        assert (refused.status, f"所选优惠（{said}）不可用" in refused.text) == (422, True)
    assert not Order.select().exists()
    looked = await lin.get(f"/m/checkout?sku={made.sku_id}&qty=1&choice-coupon_id=5")
    assert (looked.status, "所选优惠（优惠券）不可用" in looked.text) == (422, True)


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
    assert "¥298.00" in (await lin.get("/m/checkout")).text
    page = await lin.get(f"/m/orders/{Order.get().order_no}")
    assert "限时价 −¥30.00" in page.text
