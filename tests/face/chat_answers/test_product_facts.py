"""What a product states of its attributes answers before anything else."""

from __future__ import annotations

import pytest

from domain import catalog
from domain.catalog import AttributeForm
from tests.face.chat import Chat
from tests.factories.catalog import make_category, make_product

STATED = {"香型": "浓香型", "执行标准": "GB/T 10781.1", "保质期": "长期", "原料": "高粱、水"}


@pytest.mark.row("B3")
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("陈酿是什么香型", "香型：浓香型"), ("陈酿执行标准是多少", "执行标准：GB/T 10781.1"),
        ("陈酿保质期多久", "保质期：长期"), ("陈酿用什么粮食酿的", "原料与工艺：高粱、水"),
    ],
)  # fmt: skip
async def test_what_a_product_states_answers(chat: Chat, me: int, asked: str, said: str) -> None:
    category_id = make_category()
    ids = [catalog.add_attribute(category_id, AttributeForm(name)) for name in STATED]
    made = make_product("山泉坊·陈酿", description="老窖发酵。")
    make_product("山泉坊·小泉")
    catalog.set_attributes(made.product_id, dict(zip(ids, STATED.values(), strict=True)))
    answer = await chat.say(asked)
    assert said in answer.text.splitlines()
    assert "以瓶身标签为准" not in answer.text
    assert "以实物为准" not in answer.text


@pytest.mark.row("B3")
@pytest.mark.parametrize("asked", ["陈酿是什么牌子", "陈酿什么品牌", "这酒是哪个牌子的"])
async def test_the_brand_answers_and_is_not_invented(chat: Chat, me: int, asked: str) -> None:
    make_product("山泉坊·陈酿", brand="山泉坊酒厂")
    make_product("山泉坊·小泉")
    await chat.say("陈酿多少度")  # spoken of last
    answer = await chat.say(asked)
    assert "品牌：山泉坊酒厂" in answer.text.splitlines()
    answer = await chat.say("小泉什么品牌")
    assert "品牌：商品资料里没有写，以瓶身标签为准。" in answer.text.splitlines()


async def test_whose_shop_it_is_stays_a_question_about_the_company(chat: Chat, me: int) -> None:
    make_product("山泉坊·陈酿", brand="山泉坊酒厂")
    assert "销售者是" in (await chat.say("你们是什么品牌")).text
