"""A picture and cards after an answer: the text is the reply, what follows is sent after it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import bot.following
import bot.late
import bot.webhook
from bot import choices
from bot.late import deliver_late
from domain import catalog, chat_answers
from domain.chat_answers import AnswerForm
from kernel.chat import Article, Reply, TextReply
from kernel.errors import Refused
from kernel.pictures import StoredPicture
from tests.face.chat import OPENID, Chat
from tests.face.chat_desk import settled
from tests.face.conftest import OpenChat
from tests.factories.catalog import make_product
from tests.harness.waiting import PATIENCE

PICTURE, OTHER = "a" * 64, "b" * 64
ASKED = "可以停车吗"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The chat reads changes at once, sends at once what follows, and is never late."""
    monkeypatch.setattr(choices, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(bot.late, "REST_SECONDS", 0.0)
    monkeypatch.setattr(bot.webhook, "BUDGET_SECONDS", PATIENCE)


def answer(asked: str = ASKED, picture: str = PICTURE, products: tuple[int, ...] = ()) -> str:
    """An own answer with what follows it; its intent."""
    if picture:
        catalog.save_picture(StoredPicture(picture, 750, 500, "#aabbcc", (375, 750)))
    form = AnswerForm(f"关于{asked}", asked, picture, products)
    return f"own_{chat_answers.answer_missed((), form, [asked], 'staff:lisa')}"


def sent(chat: Chat) -> list[tuple[str, str]]:
    """The kind of each message that was sent, with its picture's id or its card's title."""
    return [
        (kind, content.title if isinstance(content, Article) else content)
        for _, kind, content in chat.messenger.sent
    ]


async def test_the_text_is_the_reply_and_the_others_are_sent_in_their_order(chat: Chat) -> None:
    wine, cups = make_product("桂花露酒", price_fen=9800), make_product("酒杯", price_fen=6600)
    answer(products=(cups.product_id, wine.product_id))
    said = await chat.say(ASKED)
    assert (said.kind, said.text) == ("text", f"关于{ASKED}")
    await settled(chat, 3)
    assert sent(chat) == [("image", "media-1"), ("news", "酒杯　¥66"), ("news", "桂花露酒　¥98")]
    assert chat.messenger.uploads == [PICTURE.encode()]
    card = chat.messenger.sent[1][2]
    assert f"/m/p/{cups.product_id}" in card.url
    assert {to for to, _, _ in chat.messenger.sent} == {OPENID}


async def test_the_program_s_own_answer_is_followed_too(chat: Chat) -> None:
    before = await chat.say("怎么付款")
    catalog.save_picture(StoredPicture(PICTURE, 750, 500, "#aabbcc", (375, 750)))
    chat_answers.change_answer("pay_methods", AnswerForm("", picture=PICTURE), 0, "staff:lisa")
    assert (await chat.say("怎么付款")).text == before.text
    await settled(chat)
    assert sent(chat) == [("image", "media-1")]
    chat_answers.revert_answer("pay_methods", "staff:lisa")
    await chat.say("怎么付款")
    assert len(chat.messenger.sent) == 1


async def test_a_product_that_is_off_the_shelf_is_left_out(chat: Chat) -> None:
    gone, here = make_product("旧酒", state="off_shelf"), make_product("新酒", price_fen=9800)
    answer(picture="", products=(gone.product_id, here.product_id))
    await chat.say(ASKED)
    await settled(chat)
    assert sent(chat) == [("news", "新酒　¥98")]


async def test_one_product_is_what_the_next_question_is_about(chat: Chat) -> None:
    make_product("桂花露酒", price_fen=9800)
    wine = make_product("山泉坊·陈酿", price_fen=29800)
    answer(picture="", products=(wine.product_id,))
    await chat.say(ASKED)
    assert "¥298" in (await chat.say("那多少钱")).text


async def test_a_picture_is_uploaded_once_and_again_when_wechat_forgot_it(chat: Chat) -> None:
    answer()
    for _ in range(2):
        await chat.say(ASKED)
    await settled(chat, 2)
    chat.messenger.forgotten.add("media-1")
    await chat.say(ASKED)
    await settled(chat, 3)
    assert [content for _, content in sent(chat)] == ["media-1", "media-1", "media-2"]
    assert len(chat.messenger.uploads) == 2


async def test_those_who_ask_at_once_wait_for_one_upload(chat: Chat) -> None:
    answer()
    await asyncio.gather(*(chat.say(ASKED) for _ in range(3)))
    await settled(chat, 3)
    assert len(chat.messenger.uploads) == 1


async def test_a_picture_that_can_t_be_uploaded_costs_neither_text_nor_cards(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def refuse(*_: Any) -> Any:
        raise Refused("40009", "invalid image size")

    monkeypatch.setattr(chat.messenger, "upload_image", refuse)
    answer(products=(make_product("桂花露酒", price_fen=9800).product_id,))
    assert (await chat.say(ASKED)).text == f"关于{ASKED}"
    await settled(chat)
    assert sent(chat) == [("news", "桂花露酒　¥98")]
    assert "what follows an answer could not be sent: 40009" in caplog.text


async def test_a_picture_whose_file_is_gone_is_left_out(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def nothing(_: str) -> None:
        return None

    monkeypatch.setattr(chat.deps.followers, "_read", nothing)
    answer(products=(make_product("桂花露酒").product_id,))
    await chat.say(ASKED)
    await settled(chat)
    assert [kind for kind, _ in sent(chat)] == ["news"]
    assert "is not in the uploads folder" in caplog.text


async def test_without_redis_a_picture_is_uploaded_each_time(
    open_chat: OpenChat, broken_redis: Any
) -> None:
    chat = await open_chat(redis=broken_redis)
    answer()
    for _ in range(2):
        await chat.say(ASKED)
    await settled(chat, 2)
    assert sent(chat) == [("image", "media-1"), ("image", "media-2")]


async def test_two_questions_are_followed_by_as_much_as_wechat_accepts(chat: Chat) -> None:
    made = [make_product(f"酒{n}").product_id for n in range(6)]
    answer("可以停车吗", PICTURE, tuple(made[:3]))
    answer("有没有班车", OTHER, tuple(made[3:]))
    both = await chat.say("可以停车吗？有没有班车？")
    assert both.text == "关于可以停车吗\n\n关于有没有班车"
    await settled(chat, bot.following.MOST)
    await asyncio.sleep(0.05)
    assert [kind for kind, _ in sent(chat)] == ["image", "news", "news", "news"]


async def test_what_follows_a_late_answer_comes_after_it(chat: Chat) -> None:
    async def reply() -> Reply:
        return TextReply("来了")

    card = Article("桂花露酒　¥98", "", "https://mall.example.com/m/p/1")
    await deliver_late(chat.deps, OPENID, asyncio.create_task(reply()), lambda: [card])
    assert sent(chat) == [("text", "来了"), ("news", "桂花露酒　¥98")]


async def test_an_answer_that_is_off_is_followed_by_nothing(chat: Chat) -> None:
    intent = answer()
    chat_answers.switch_answer(intent, True, "staff:lisa")
    await chat.say(ASKED)
    await asyncio.sleep(0.05)
    assert sent(chat) == []
