"""优惠 in the chat: the running offers, or that there are none."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kernel import clock
from tests.face.chat import Chat
from tests.factories.catalog import make_product
from tests.factories.offers import limited_price

pytestmark = pytest.mark.row("D2")
ASKED = ("优惠", "限时价", "活动", "有什么优惠", "最近有没有活动？", "酒有打折吗", "優惠")


@pytest.mark.parametrize("words", ASKED)
async def test_the_answer_has_price_end_and_link_of_each_offer(chat: Chat, words: str) -> None:
    made = make_product(title="陈酿", price_fen=29800)
    limited_price(made.sku_id)
    answer = await chat.say(words)
    assert "限时价 ¥268" in answer.text
    assert f"/m/p/{made.product_id}" in answer.text
    assert "/m/offers" in answer.text


@pytest.mark.parametrize("words", ["第二件半价", "买一送一", "哪些酒第二件半价？", "优惠"])
async def test_an_offer_without_a_lower_unit_price_is_named_too(chat: Chat, words: str) -> None:
    made = make_product(title="陈酿", price_fen=29800)
    limited_price(
        0, kind="second_piece", label="第二件半价", scope="product", targets=(made.product_id,),
        rules={"rate_bp": 5000},
    )  # fmt: skip
    answer = await chat.say(words)
    assert "第二件半价 ¥298，至" in answer.text
    assert f"/m/p/{made.product_id}" in answer.text


async def test_without_offers_the_answer_says_so(chat: Chat) -> None:
    made = make_product(price_fen=29800)
    limited_price(made.sku_id, starts_at=clock.now() + timedelta(hours=1))
    answer = await chat.say("有什么优惠")
    assert "目前没有进行中的优惠" in answer.text
    assert "268" not in answer.text
    assert {"订阅", "退订"} <= set(answer.commands)


async def test_products_have_the_price_that_an_order_pays(chat: Chat) -> None:
    made = make_product(title="陈酿", price_fen=29800)
    make_product(title="坛藏", price_fen=69800)
    limited_price(made.sku_id)
    assert "¥268（限时价）" in (await chat.say("商品")).text
