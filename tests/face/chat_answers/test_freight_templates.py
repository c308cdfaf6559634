"""Freight by template in the chat: by region, by product, and where nothing is sent."""

from __future__ import annotations

import pytest

from domain import freight
from domain.freight import RowForm, TemplateForm
from tests.face.chat import Chat
from tests.factories.catalog import make_product


@pytest.fixture
def by_weight(chat: Chat) -> int:
    """The shop's default: by weight, dearer to Xinjiang, not to Zhoushan."""
    base = RowForm("base", first_units=1000, first_fen=1200, next_units=500, next_fen=300,
                   free_from_fen=39900, days_from=2, days_to=4)  # fmt: skip
    made = freight.add_template(TemplateForm("大件", "weight"), base)
    far = RowForm("area", ("新疆",), first_units=1000, first_fen=2500, next_units=1000,
                  next_fen=1200, days_from=5, days_to=9)  # fmt: skip
    freight.save_row(made, far, 1)
    freight.save_row(made, RowForm("none", ("舟山市",)), 2)
    freight.make_default(made)
    make_product("陈酿"), make_product("大坛")
    return made


@pytest.mark.row("B5")
@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("寄到新疆多少钱", "寄新疆：首 1 公斤 ¥25，每加 1 公斤 ¥12。"),
        ("寄到上海运费多少", "寄上海：首 1 公斤 ¥12，每加 0.5 公斤 ¥3，满 ¥399 包邮。"),
        ("寄到舟山运费多少", "寄舟山：暂时不配送。"),
        ("运费多少", "首 1 公斤 ¥12，每加 0.5 公斤 ¥3，满 ¥399 包邮。"),
    ],
)
async def test_the_freight_follows_the_template(
    chat: Chat, by_weight: int, words: str, says: str
) -> None:
    assert (await chat.say(words)).text.split("\n")[0] == says


async def test_days_and_places_without_delivery_are_told(chat: Chat, by_weight: int) -> None:
    lines = (await chat.say("运费多少")).text.split("\n")
    assert "发货后 2–4 天送达。" in lines
    assert "舟山市暂时不配送。" in lines
    assert "发货后 5–9 天送达。" in (await chat.say("寄到新疆运费多少")).text.split("\n")


@pytest.mark.row("B5")
async def test_the_delivery_area_follows_the_template(chat: Chat, by_weight: int) -> None:
    assert (await chat.say("能送到舟山吗")).text.startswith("抱歉，舟山暂时不配送")
    assert "新疆可以送，发货后 9 天内送达" in (await chat.say("能送到新疆吗")).text
    assert "除舟山市外，内地各地都可以送" in (await chat.say("能送到哪里")).text
