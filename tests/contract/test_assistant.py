"""The client of a language model's HTTP service, with good, bad and late answers."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gateways.assistant import HttpAssistant
from gateways.http import new_session
from kernel.config import Assistant
from kernel.errors import Refused, Retryable

QUESTIONS = {"return_policy": "怎么退货", "refund_when": "退款多久到账", "none": "都不是"}


class Model:
    """The service: records requests and answers by ``answer`` after ``delay`` seconds."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.headers: list[Any] = []
        self.answer: Callable[[], web.Response] = lambda: said("return_policy")
        self.delay = 0.0

    async def complete(self, request: web.Request) -> web.Response:
        """POST /v1/chat/completions."""
        self.asked.append(await request.json())
        self.headers.append(request.headers)
        await asyncio.sleep(self.delay)
        return self.answer()


def said(content: Any) -> web.Response:
    return web.json_response({"choices": [{"message": {"role": "assistant", "content": content}}]})


@pytest.fixture
async def model() -> AsyncIterator[tuple[Model, HttpAssistant]]:
    served = Model()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", served.complete)
    server = TestServer(app)
    await server.start_server()
    session = new_session()
    config = Assistant(base_url=str(server.make_url("/v1")), api_key="key-of-a-test", model="m1")
    yield served, HttpAssistant(config, session)
    await session.close()
    await server.close()


async def test_the_model_gets_the_questions_and_chooses_one(
    model: tuple[Model, HttpAssistant],
) -> None:
    served, assistant = model
    assert await assistant.choose("这瓶我不想要了", QUESTIONS) == "return_policy"
    (asked,) = served.asked
    assert (asked["model"], asked["temperature"]) == ("m1", 0)
    system, user = asked["messages"]
    assert all(f"{name}: {title}" in system["content"] for name, title in QUESTIONS.items())
    assert user == {"role": "user", "content": "这瓶我不想要了"}
    assert served.headers[0]["Authorization"] == "Bearer key-of-a-test"


@pytest.mark.parametrize("content", [" return_policy\n", '"return_policy"', "return_policy。"])
async def test_punctuation_around_the_id_is_ignored(
    model: tuple[Model, HttpAssistant], content: str
) -> None:
    served, assistant = model
    served.answer = lambda: said(content)
    assert await assistant.choose("退", QUESTIONS) == "return_policy"


@pytest.mark.parametrize(
    "content", ["您好！退货请联系客服", "delete_everything", "", None, 7, ["a"]]
)
async def test_an_answer_that_is_no_known_id_chooses_nothing(
    model: tuple[Model, HttpAssistant], content: Any
) -> None:
    served, assistant = model
    served.answer = lambda: said(content)
    assert await assistant.choose("退", QUESTIONS) is None


@pytest.mark.parametrize(
    "body",
    ["", "not json", "{}", '{"choices": []}', '{"choices": [{}]}', "[]", "null", "[" * 60_000],
)
async def test_a_malformed_answer_is_retryable(
    model: tuple[Model, HttpAssistant], body: str
) -> None:
    served, assistant = model
    served.answer = lambda: web.Response(text=body, content_type="application/json")
    with pytest.raises(Retryable):
        await assistant.choose("退", QUESTIONS)


async def test_a_too_long_answer_is_retryable(model: tuple[Model, HttpAssistant]) -> None:
    served, assistant = model
    served.answer = lambda: web.Response(text=json.dumps("x" * 200_000))
    with pytest.raises(Retryable):
        await assistant.choose("退", QUESTIONS)


@pytest.mark.parametrize(
    ("status", "error"), [(429, Retryable), (503, Retryable), (401, Refused), (302, Refused)]
)
async def test_a_refusal_differs_from_a_busy_service(
    model: tuple[Model, HttpAssistant], status: int, error: type[Exception]
) -> None:
    served, assistant = model
    served.answer = lambda: web.Response(status=status)
    with pytest.raises(error):
        await assistant.choose("退", QUESTIONS)


async def test_the_time_limit_is_about_two_seconds(model: tuple[Model, HttpAssistant]) -> None:
    served, assistant = model
    served.delay = 30
    began = time.monotonic()
    with pytest.raises(Retryable):
        await assistant.choose("退", QUESTIONS)
    assert 1.5 < time.monotonic() - began < 20
