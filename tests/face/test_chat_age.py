"""Age in the chat: who says to be a minor buys nothing, and learns how to mend a mistake."""

from __future__ import annotations

import pytest

from domain import adults
from models import AgeDoubt
from tests.face.chat import LOGIN, Chat

PAGE = f"{LOGIN}/m/me/age"


@pytest.mark.row("L2")
@pytest.mark.parametrize(
    "said",
    [
        "我还没成年",
        "我未成年",
        "我今年16岁",
        "我才十五岁能买吗",
        "我没满18岁",
        "我还未成年怎么办？",
    ],
)
async def test_a_minor_s_own_word_is_a_doubt(chat: Chat, me: int, said: str) -> None:
    answer = await chat.say(said)
    assert adults.is_held(me)
    assert AgeDoubt.get().cause == "said"
    assert answer.pages[0].startswith(PAGE)


@pytest.mark.parametrize(
    "said",
    [
        "未成年能买吗", "我儿子还没成年能代收吗", "我弟16岁", "我今年26岁", "我18岁",
        "我家孩子没成年", "我买了16瓶", "我不是未成年",
    ],
)  # fmt: skip
async def test_other_sentences_are_none(chat: Chat, me: int, said: str) -> None:
    await chat.say(said)
    assert not adults.is_held(me)


@pytest.mark.row("L2")
async def test_the_answer_about_age_knows_the_doubt(chat: Chat, me: int) -> None:
    before = await chat.say("未成年能买吗")
    adults.doubt_what_was_told(me, "number")
    waiting = await chat.say("未成年能买吗")
    assert not any(page.startswith(PAGE) for page in before.pages)
    assert waiting.pages[0].startswith(PAGE)
