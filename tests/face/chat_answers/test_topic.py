"""A question without a product is about the product of the previous answer."""

from __future__ import annotations

from typing import Any

from tests.face.chat import Chat
from tests.factories.catalog import make_product


async def test_the_next_questions_are_about_the_shown_product(chat: Chat) -> None:
    make_product("山泉坊·陈酿", price_fen=29800, strength="52%vol")
    make_product("桂花露酒", price_fen=9800, strength="28%vol")
    assert (await chat.say("桂花露酒")).cards[0][0] == "桂花露酒　¥98"
    assert "¥98" in (await chat.say("那多少钱")).text
    assert "28%vol" in (await chat.say("这个多少度")).text
    assert (await chat.say("还有货吗")).text.startswith("桂花露酒")


async def test_a_name_in_the_question_precedes_the_topic(chat: Chat) -> None:
    make_product("山泉坊·陈酿", price_fen=29800)
    make_product("桂花露酒", price_fen=9800)
    await chat.say("桂花露酒")
    assert "¥298" in (await chat.say("陈酿多少钱")).text
    assert "¥298" in (await chat.say("那多少钱一瓶")).text


async def test_a_topic_is_kept_per_person(chat: Chat) -> None:
    make_product("山泉坊·陈酿")
    make_product("桂花露酒", price_fen=9800)
    await chat.say("桂花露酒")
    other = chat.of("oFan0000000000000000000000BB")
    assert (await other.say("那多少钱")).text.startswith("在售的价格")


async def test_without_redis_the_chat_asks_for_the_product(
    open_chat: Any, broken_redis: Any
) -> None:
    chat = await open_chat(redis=broken_redis)
    make_product("山泉坊·陈酿")
    make_product("桂花露酒", price_fen=9800)
    await chat.say("桂花露酒")
    assert (await chat.say("那多少钱")).text.startswith("在售的价格")
