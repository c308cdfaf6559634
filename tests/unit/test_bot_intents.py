"""Answers in ``bot/intents``: each file is found, and its text reads and leads on."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from bot import intents
from bot.call import Call
from bot.handlers import questions
from bot.intent import Intent
from bot.speech import Speech
from bot.words import normal
from kernel import clock
from kernel.chat import Text, TextReply
from kernel.chat_text import TEXT_BYTES_MAX
from kernel.web.templates import Renderer
from tests.face.chat import config_with

CONFIG = config_with()
SPEECH = Speech(Renderer(CONFIG), "https://mall.example")


class Deps:
    """A store that runs the query at once."""

    store: Any

    def __init__(self) -> None:
        self.store = self

    async def read(self, query: Any, *args: Any) -> Any:
        return query(*args)


def said(words: str) -> Call:
    message = Text("o1", "gh", clock.now(), "1", words)
    return Call(message, 7, cast("Any", Deps()), SPEECH)


def test_each_file_is_found_and_named_after_its_intent() -> None:
    files = {path.stem for path in Path(intents.__path__[0]).glob("*.py")} - {"__init__"}
    assert {each.id for each in intents.INTENTS} == files
    assert len(intents.INTENTS) == len(files) >= 4


@pytest.mark.parametrize("intent", intents.INTENTS, ids=lambda each: each.id)
def test_its_words_are_in_normal_form_and_are_its_own(intent: Intent) -> None:
    assert intent.words
    assert [normal(word) for word in intent.words] == list(intent.words)
    others = {word for each in intents.INTENTS if each is not intent for word in each.words}
    assert others.isdisjoint(intent.words)


@pytest.mark.parametrize(
    ("intent", "word"), [(each, word) for each in intents.INTENTS for word in each.words]
)
async def test_each_of_its_words_gets_its_answer_with_a_way_on(intent: Intent, word: str) -> None:
    reply = await questions.router.dispatch(said(f"请问{word}的事"))
    assert isinstance(reply, TextReply)
    assert "<a href=" in reply.content
    assert len(reply.content.encode()) <= TEXT_BYTES_MAX
    if intent.facts is None:
        assert reply.content == SPEECH.written(intent.answer)


async def test_of_several_that_match_the_heavier_one_answers() -> None:
    reply = await questions.router.dispatch(said("发票地址写错了，酒也漏了"))
    assert isinstance(reply, TextReply)
    assert reply.content.startswith("很抱歉")


async def test_facts_are_read_for_the_member_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    own = Intent(id="own", words=("几号",), facts=lambda member_id: member_id,
                 answer="您是 {{ facts }} 号")  # fmt: skip
    monkeypatch.setattr(questions, "INTENTS", (own,))
    reply = await questions.router.dispatch(said("我是几号"))
    assert isinstance(reply, TextReply)
    assert reply.content == "您是 7 号"
