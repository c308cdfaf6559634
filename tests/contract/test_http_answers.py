"""The size limit of answers, so that no outside service can fill our memory."""

from __future__ import annotations

import gzip

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gateways.http import HttpCaller, new_session
from kernel.errors import Retryable

MOST = 1_000
PACKED = {"Content-Encoding": "gzip"}


async def _chunked(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    for _ in range(MOST):
        await answer.write(b"xx")
    return answer


async def _asked(kind: str) -> bytes:
    bodies = {
        "short": web.Response(body=b"x" * MOST),
        "long": web.Response(body=b"x" * (MOST + 1)),
        "packed": web.Response(body=gzip.compress(b"x" * MOST), headers=PACKED),
        "bomb": web.Response(body=gzip.compress(b"x" * MOST * 50), headers=PACKED),
    }

    async def answer(request: web.Request) -> web.StreamResponse:
        return await _chunked(request) if kind == "chunked" else bodies[kind]

    app = web.Application()
    app.router.add_get("/", answer)
    async with TestServer(app) as server, new_session() as session:
        url = str(server.make_url("/"))
        caller = HttpCaller(session, "test")
        return (await caller.send("GET", url, is_repeatable=True, bytes_max=MOST)).body


@pytest.mark.parametrize("kind", ["short", "packed"])
async def test_an_answer_within_the_limit_is_read_completely(kind: str) -> None:
    assert await _asked(kind) == b"x" * MOST


@pytest.mark.parametrize("kind", ["long", "chunked", "bomb"])
async def test_an_answer_beyond_the_limit_is_an_error(kind: str) -> None:
    with pytest.raises(Retryable) as refused:
        await _asked(kind)
    assert refused.value.code == "no_answer"
