"""Answers in ``bot/intents``: each file is loaded, and its title leads to its answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from bot import intents
from bot.call import Call
from bot.handlers import COMMANDS, questions
from bot.intent import Asked, Intent
from bot.router import dispatch
from bot.speech import Speech
from bot.understanding.matcher import Examples, understand
from bot.understanding.weights import weights
from bot.words import normal
from kernel import clock
from kernel.chat import Text, TextReply
from kernel.web.templates import Renderer
from kernel.words import folded
from tests.face.chat import config_with

CONFIG = config_with()
SPEECH = Speech(Renderer(CONFIG), "https://mall.example")
INTENTS = list(intents.INTENTS.values())
TITLE_MOST = 10


class Deps:
    """Fake dependencies whose store runs queries directly."""

    store: Any

    def __init__(self) -> None:
        self.store = self

    async def read(self, query: Any, *args: Any) -> Any:
        return query(*args)


def said(words: str) -> Call:
    message = Text("o1", "gh", clock.now(), "1", words)
    return Call(message, 7, cast("Any", Deps()), SPEECH)


def test_each_file_is_loaded_and_named_after_its_intent() -> None:
    files = {path.stem for path in Path(intents.__path__[0]).glob("*.py")} - {"__init__"}
    assert set(intents.INTENTS) == files
    assert {each.id for each in INTENTS} == files


def test_every_question_of_the_corpus_has_an_answer() -> None:
    assert set(weights().intents) - set(intents.INTENTS) == {"none"}


def test_titles_differ_and_fit_on_a_tap() -> None:
    titles = [normal(each.title) for each in INTENTS]
    assert len(titles) == len(set(titles))
    assert [each for each in titles if not 1 < len(each) <= TITLE_MOST] == []


@pytest.mark.parametrize("intent", INTENTS, ids=lambda each: each.id)
def test_an_intent_s_title_leads_to_this_intent(intent: Intent) -> None:
    """A tap sends the title, so a command with the same words must lead to the same answer."""
    words = normal(intent.title)
    named = next((each.intent for each in COMMANDS if each.rest_of(words) is not None), None)
    assert named in {None, intent.id}
    assert understand(folded(intent.title), intents.KNOWN).intent == intent.id


@pytest.mark.parametrize("intent", INTENTS, ids=lambda each: each.id)
def test_an_intent_has_either_a_text_or_a_reply(intent: Intent) -> None:
    assert bool(intent.answer) != bool(intent.reply)
    assert not intent.without or intent.facts


async def test_facts_are_read_for_the_member_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    def own_number(asked: Asked) -> int:
        return asked.member_id

    own = Intent(id="own", title="我是几号", facts=own_number, answer="您是 {{ facts }} 号")
    monkeypatch.setattr(questions, "INTENTS", {"own": own})
    call = said("我是几号")
    call.examples = Examples(titles=[intents.Example(sentence="我是几号", intent="own")])
    reply = await dispatch((questions.router,), call)
    assert isinstance(reply, TextReply)
    assert reply.content == "您是 7 号"
