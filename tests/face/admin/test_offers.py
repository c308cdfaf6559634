"""优惠活动 on the merchant's pages: drafts, checks before the start, start and stop."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain import promotions
from kernel import clock
from kernel.clock import SHANGHAI
from models import OfferRow
from tests.face.desk import Desk, hire, who_did
from tests.factories.catalog import make_product
from tests.factories.distribution import make_rule
from tests.factories.members import make_member
from tests.factories.offers import limited_form, limited_price
from tests.factories.orders import placed_order
from tests.harness.markup import (
    count_of,
    errors_of,
    facts_of,
    lines_of,
    table_of,
    texts_of,
    values_of,
    words_of,
)

pytestmark = pytest.mark.row("C3")
URL = "/admin/offers"


@pytest.fixture
def made(desk: Desk) -> Any:
    return make_product("山泉坊·陈酿", price_fen=29800)


def typed_at(days: float) -> str:
    """A time some days from now, as the browser's field sends it in Shanghai."""
    return (clock.now() + timedelta(days=days)).astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")


def filled(made: Any, price: str = "268", **more: str) -> dict[str, str]:
    """The form of a limited-time price of one specification."""
    return {
        "kind": "limited_price", "p": str(made.product_id), "title": "双十二预热",
        "label": "限时价", "starts_at": "", "ends_at": typed_at(3), "way": "price",
        f"price-{made.sku_id}": price, "_idem": "one-time-key-0001",
    } | more  # fmt: skip


def state(offer_id: int) -> str:
    return str(OfferRow.get_by_id(offer_id).state)


async def test_an_offer_is_made_from_its_goods_and_started(desk: Desk, made: Any) -> None:
    make_rule(1000)
    _, picker = await desk.get(f"{URL}/new?q=陈酿")
    assert str(made.product_id) in values_of(picker, "input[name=p]", "value")
    _, form = await desk.get(f"{URL}/new?kind=limited_price&p={made.product_id}")
    assert count_of(form, f"input[name=price-{made.sku_id}]") == 1
    status, place = await desk.post(f"{URL}/new", **filled(made))
    assert status == 303
    offer_id = int(place.rsplit("/", 1)[1])
    _, sheet = await desk.get(place)
    ((goods, *effect),) = table_of(sheet)
    assert goods.endswith("现价 ¥298.00")
    assert effect == ["¥268.00", "不显示", "¥26.80 原 ¥29.80"]
    assert "上线后立即开始" in words_of(sheet, f"form[action='{place}/start'] .note")
    assert promotions.live_offers(clock.now(), is_fresh=True) == ()
    status, _ = await desk.post(f"{place}/start", version="1")
    assert (status, state(offer_id)) == (303, "on")
    assert [o.id for o in promotions.live_offers(clock.now(), is_fresh=True)] == [offer_id]
    assert who_did("offer.start") == "staff:boss"
    _, listed = await desk.get(f"{URL}?phase=running")
    assert ["双十二预热" in row[0] for row in table_of(listed)] == [True]


async def test_a_time_is_typed_in_shanghai_and_stored_in_utc(desk: Desk, made: Any) -> None:
    await desk.post(f"{URL}/new", **filled(made, starts_at=typed_at(1)))
    row = OfferRow.get()
    wanted = datetime.strptime(typed_at(1), "%Y-%m-%dT%H:%M").replace(tzinfo=SHANGHAI)
    assert row.starts_at == wanted
    assert row.starts_at.utcoffset() == timedelta(0)


async def test_two_requests_make_one_draft(desk: Desk, made: Any) -> None:
    first = await desk.post(f"{URL}/new", **filled(made))
    second = await desk.post(f"{URL}/new", **filled(made))
    assert (first, OfferRow.select().count()) == (second, 1)


async def test_an_old_tab_neither_saves_nor_starts(desk: Desk, made: Any) -> None:
    offer_id = promotions.draft_offer(limited_form(made.sku_id))
    saved = await desk.post(f"{URL}/{offer_id}/edit", **filled(made, "258", version="1"))
    assert saved[0] == 303
    status, text = await desk.post(f"{URL}/{offer_id}/edit", **filled(made, "1", version="1"))
    assert status == 422
    assert "活动刚被别人修改过" in lines_of(text, ".errors li")
    typed = values_of(text, f"input[name=price-{made.sku_id}]", "value")
    assert typed == ["1"]  # what was typed is kept
    status, text = await desk.post(f"{URL}/{offer_id}/start", version="1")
    assert status == 422
    assert "活动刚被别人修改过" in lines_of(text, ".errors li")
    assert (state(offer_id), promotions.offer_detail(offer_id).form.rules["prices"]) == (
        "draft", {str(made.sku_id): 25800},
    )  # fmt: skip


async def test_a_price_far_from_the_present_one_is_confirmed_first(desk: Desk, made: Any) -> None:
    for n, price, said in ((1, "0", "有规格变为 0 元"), (2, "29.8", "低于现价的一半")):
        _, place = await desk.post(f"{URL}/new", **filled(made, price, _idem=f"one-time-key-{n}"))
        _, sheet = await desk.get(place)
        assert said in lines_of(sheet, ".notice")
        status, text = await desk.post(f"{place}/start", version="1")
        assert status == 422
        assert "请先核对价格并勾选" in errors_of(text)["checked"]
        assert not promotions.live_offers(clock.now(), is_fresh=True)
        status, _ = await desk.post(f"{place}/start", version="1", checked="1")
        assert status == 303
        await desk.post(f"{place}/stop", reason="试完了", _typed="停止")


async def test_a_stop_needs_a_reason_and_its_word_and_works_at_once(desk: Desk, made: Any) -> None:
    offer_id = limited_price(made.sku_id)
    bought = placed_order(make_member(), product=made)
    for values in ({"reason": "", "_typed": "停止"}, {"reason": "价格有误", "_typed": "停"}):
        await desk.post(f"{URL}/{offer_id}/stop", **values)
        assert state(offer_id) == "on"
    await desk.post(f"{URL}/{offer_id}/stop", reason="价格有误", _typed="停止")
    assert (state(offer_id), promotions.live_offers(clock.now())) == ("stopped", ())
    _, sheet = await desk.get(f"{URL}/{offer_id}")
    assert facts_of(sheet)["停止"].endswith("，价格有误")
    _, order = await desk.get(f"/admin/orders/{bought.order_no}")
    assert "限时价 −¥30.00" in table_of(order)[0][0]
    assert f"{URL}/{offer_id}" in values_of(order, "td a", "href")


async def test_a_started_offer_is_copied_and_can_t_be_changed(desk: Desk, made: Any) -> None:
    offer_id = limited_price(made.sku_id)
    status, _ = await desk.get(f"{URL}/{offer_id}/edit")
    assert status == 409
    status, text = await desk.post(f"{URL}/{offer_id}/edit", **filled(made, version="2"))
    assert status == 422
    assert "不能修改" in lines_of(text, ".errors li")
    _, copy = await desk.get(f"{URL}/new?from={offer_id}")
    assert values_of(copy, f"input[name=price-{made.sku_id}]", "value") == ["268.00"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"title": ""}, "#f-title"),
        ({"ends_at": ""}, "#f-ends_at"),
        ({"ends_at": "明天"}, "请填写日期和时间"),
        ({"ends_at": "2020-01-01T00:00"}, "结束时间必须晚于开始时间"),
        ({"way": "sku_rate", "rate": "85"}, "请至少勾选一个参加的规格"),
        ({"way": "product_rate", "rate": "0"}, "应大于 0% 且小于 100%"),
        ({"way": "product_rate", "rate": "100"}, "应大于 0% 且小于 100%"),
        ({"way": "product_rate", "rate": "八五"}, "#f-rate"),
    ],
)
async def test_a_mistake_is_named_and_nothing_typed_is_lost(
    desk: Desk, made: Any, more: dict[str, str], said: str
) -> None:
    status, text = await desk.post(f"{URL}/new", **filled(made, **more))
    assert status == 422
    told = [*texts_of(text, ".errors li"), *values_of(text, ".errors a", "href")]
    assert [each for each in told if said in each]
    assert values_of(text, f"input[name=price-{made.sku_id}]", "value") == ["268"]
    assert not OfferRow.select().exists()


async def test_an_offer_by_prices_needs_a_price(desk: Desk, made: Any) -> None:
    status, text = await desk.post(f"{URL}/new", **filled(made, ""))
    assert status == 422
    assert "请至少为一个规格填写限时价" in lines_of(text, ".errors li")


@pytest.mark.parametrize("way", ["sku_rate", "product_rate"])
async def test_a_rate_is_shown_as_the_price_of_each_specification(
    desk: Desk, made: Any, way: str
) -> None:
    more = {"way": way, "rate": "85", f"on-{made.sku_id}": "1"}
    _, place = await desk.post(f"{URL}/new", **filled(made, "", **more))
    _, sheet = await desk.get(place)
    assert table_of(sheet)[0][1] == "¥253.30"
    assert "售价的 85%" in words_of(sheet, ".head p")
    _, form = await desk.get(f"{place}/edit")
    assert values_of(form, "input[name=way][checked]", "value") == [way]


async def test_overlaps_and_prices_without_effect_are_named_before_the_start(
    desk: Desk, made: Any
) -> None:
    limited_price(made.sku_id, title="早一个")
    _, place = await desk.post(f"{URL}/new", **filled(made, "298"))
    _, sheet = await desk.get(place)
    assert "与 “早一个” 时间重叠" in lines_of(sheet, ".notice-warn")
    assert "有规格不低于现价" in lines_of(sheet, ".notice-warn")


async def test_a_draft_can_be_dropped(desk: Desk, made: Any) -> None:
    offer_id = promotions.draft_offer(limited_form(made.sku_id))
    await desk.post(f"{URL}/{offer_id}/drop", version="1")
    assert state(offer_id) == "dropped"
    assert (await desk.get(f"{URL}/{offer_id}"))[0] == 404
    assert "周末限时价" not in words_of((await desk.get(URL))[1])


async def test_who_may_only_see_offers_can_t_stop_one(desk: Desk, made: Any) -> None:
    offer_id = limited_price(made.sku_id)
    hire("fin", "finance")
    desk.sign_in("fin")
    _, sheet = await desk.get(f"{URL}/{offer_id}")
    assert "停止活动" not in words_of(sheet)
    status, _ = await desk.post(f"{URL}/{offer_id}/stop", reason="不行", _typed="停止")
    assert (status, state(offer_id)) == (403, "on")
