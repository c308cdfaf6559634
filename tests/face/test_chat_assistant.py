"""A language model chooses the question of an unsure sentence, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from bot import assistant as asking
from kernel.errors import Refused, Retryable
from tests.face.chat import Chat

UNSURE = "我朋友那边说的那个"


class Model:
    """A model that returns a fixed choice or fails, and stores its calls."""

    def __init__(self, chosen: str | None = None, error: Exception | None = None) -> None:
        self.chosen, self.error = chosen, error
        self.delay = 0.0
        self.asked: list[tuple[str, Mapping[str, str]]] = []

    async def choose(self, sentence: str, questions: Mapping[str, str]) -> str | None:
        """The method of the port."""
        self.asked.append((sentence, questions))
        await asyncio.sleep(self.delay)
        if self.error is not None:
            raise self.error
        return self.chosen


async def said(open_chat: Any, model: Model, *sentences: str) -> str:
    chat: Chat = await open_chat(assistant=model)
    answer = ""
    for sentence in sentences:
        answer = (await chat.say(sentence)).text
    return answer


async def test_the_chosen_question_gets_our_own_answer(open_chat: Any) -> None:
    model = Model("dispatch")
    assert (await said(open_chat, model, UNSURE)).startswith("付款后 48 小时内发货")
    ((sentence, questions),) = model.asked
    assert sentence == UNSURE
    assert questions["return_policy"] == "退货规则"
    assert "none" in questions


async def test_an_understood_sentence_is_not_sent_to_the_model(open_chat: Any) -> None:
    model = Model("dispatch")
    await said(open_chat, model, "怎么退货", "帮助", "退订", "好")
    assert model.asked == []


async def test_personal_numbers_are_masked_before_they_are_sent(open_chat: Any) -> None:
    model = Model()
    await said(open_chat, model, f"{UNSURE}，我电话13800138000")
    ((sentence, _),) = model.asked
    assert "13800138000" not in sentence


@pytest.mark.parametrize(
    "model",
    [
        Model(None), Model("none"), Model("delete_everything"), Model(error=Retryable("503")),
        Model(error=Refused("401")), Model(error=TimeoutError()),
    ],
    ids=["nothing", "none", "unknown", "down", "refused", "slow"],
)  # fmt: skip
async def test_a_failure_of_the_model_has_no_effect(open_chat: Any, model: Model) -> None:
    assert "把这句话留给客服" in await said(open_chat, model, UNSURE)


async def test_the_wait_for_the_model_is_limited(
    open_chat: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "SECONDS", 0.05)
    model = Model("dispatch")
    model.delay = 60
    assert "把这句话留给客服" in await said(open_chat, model, UNSURE)


async def test_calls_for_one_person_are_limited(open_chat: Any) -> None:
    model = Model()
    await said(open_chat, model, *[UNSURE] * 9)
    assert len(model.asked) == asking.ASKED_A_MINUTE
