"""Compression of answers to browsers; small answers and those to machines are not compressed."""

from __future__ import annotations

import asyncio
import gzip
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import brotli
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from hypothesis import given
from hypothesis import strategies as st

from kernel.web import compressed
from kernel.web.compressed import FEWEST_BYTES, StaticFiles, best_encoding, compress
from kernel.web.masks import masked, unmasked

STYLE = ".mall { color: #5b6b3a }\n" * 400
Browse = Callable[..., Awaitable[TestClient[Any, Any]]]


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("GZIP", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0.2, gzip;q=0.8", "gzip"),
        ("gzip;q=0.5, br;q=0.5", "br"),
        ("*", "br"),
        ("*;q=0.1, gzip", "gzip"),
        ("br;q=nonsense, gzip;q=1", "gzip"),
        ("identity", None),
        ("*;q=0", None),
        ("gzip;q=0, br;q=0", None),
        ("", None),
        ("brotli, gz", None),
    ],
)
def test_the_coding_is_one_that_the_browser_accepts(accepted: str, coding: str | None) -> None:
    assert best_encoding(accepted) == coding


@given(accepted=st.text(alphabet="brgzip*;q=01., -", max_size=40))
def test_any_accept_encoding_header_is_handled(accepted: str) -> None:
    assert best_encoding(accepted) in ("br", "gzip", None)


@pytest.fixture
async def site(aiohttp_client: Browse, tmp_path: Path) -> TestClient[Any, Any]:
    """An application with a page, JSON, an answer to a machine, and static files."""
    (tmp_path / "css").mkdir()
    (tmp_path / "css" / "mall.css").write_text(STYLE, encoding="utf-8")
    (tmp_path / "photo.png").write_bytes(b"\x89PNG" + b"0" * 3_000)
    (tmp_path.parent / "secret.css").write_text("hidden")

    def says(text: str, kind: str) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handler(_: web.Request) -> web.Response:
            return web.Response(text=text, content_type=kind, headers={"Vary": "HX-Request"})

        return handler

    @web.middleware
    async def packing(request: web.Request, handler: Any) -> web.StreamResponse:
        response: web.StreamResponse = await handler(request)
        compress(request, response)
        return response

    app = web.Application(middlewares=[packing])
    app.router.add_get("/page", says("山泉坊" * 2_000, "text/html"))
    app.router.add_get("/small", says("x" * (FEWEST_BYTES - 1), "text/html"))
    app.router.add_get("/state", says('{"a": "' + "b" * 2_000 + '"}', "application/json"))
    app.router.add_get("/machine", says("<xml>" + "b" * 2_000 + "</xml>", "application/xml"))
    app.router.add_get("/static/{path:.+}", StaticFiles(tmp_path).serve)
    return await aiohttp_client(app, auto_decompress=False)


@pytest.mark.parametrize("path", ["/page", "/state"])
@pytest.mark.parametrize(
    ("accepted", "unpack"), [("br, gzip", brotli.decompress), ("gzip", gzip.decompress)]
)
async def test_compressed_pages_and_data_have_the_original_content(
    site: TestClient[Any, Any], path: str, accepted: str, unpack: Callable[[bytes], bytes]
) -> None:
    async with site.get(path, headers={"Accept-Encoding": "identity"}) as answer:
        plain = await answer.read()
        assert "Content-Encoding" not in answer.headers
        assert answer.headers["Vary"] == "HX-Request, Accept-Encoding"
    async with site.get(path, headers={"Accept-Encoding": accepted}) as answer:
        sent = await answer.read()
        assert answer.headers["Vary"] == "HX-Request, Accept-Encoding"
        assert int(answer.headers["Content-Length"]) == len(sent) < len(plain) / 10
        assert unpack(sent) == plain
    async with site.head(path, headers={"Accept-Encoding": accepted}) as answer:
        assert int(answer.headers["Content-Length"]) == len(sent)


@pytest.mark.parametrize("path", ["/small", "/machine"])
async def test_small_answers_and_those_to_machines_are_not_compressed(
    site: TestClient[Any, Any], path: str
) -> None:
    async with site.get(path, headers={"Accept-Encoding": "br, gzip"}) as answer:
        assert "Content-Encoding" not in answer.headers


async def test_a_file_is_compressed_once_for_simultaneous_requests(
    site: TestClient[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    packed = compressed.packed

    def counted(data: bytes, coding: str, quality: int, level: int) -> bytes:
        made.append(coding)
        return packed(data, coding, quality, level)

    monkeypatch.setattr(compressed, "packed", counted)

    async def ask(accepted: str) -> bytes:
        headers = {"Accept-Encoding": accepted}
        async with site.get("/static/css/mall.css", headers=headers) as answer:
            assert answer.status == 200
            assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
            assert answer.headers["Vary"] == "Accept-Encoding"
            return await answer.read()

    bodies = await asyncio.gather(*(ask("br") for _ in range(8)), *(ask("gzip") for _ in range(8)))
    assert sorted(made) == ["br", "gzip"]
    assert {brotli.decompress(body) for body in bodies[:8]} == {STYLE.encode()}
    assert {gzip.decompress(body) for body in bodies[8:]} == {STYLE.encode()}
    assert await ask("identity") == STYLE.encode()


async def test_after_a_failed_read_the_next_request_reads_the_file(
    site: TestClient[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = compressed._read_packed
    faults = [OSError("too many open files")]

    def failing(path: Path, coding: str) -> Any:
        if faults:
            raise faults.pop()
        return read(path, coding)

    monkeypatch.setattr(compressed, "_read_packed", failing)
    async with site.get("/static/css/mall.css") as answer:
        assert answer.status == 500
    async with site.get("/static/css/mall.css") as answer:
        assert answer.status == 200


async def test_a_file_with_a_matching_etag_is_not_sent_again(site: TestClient[Any, Any]) -> None:
    headers = {"Accept-Encoding": "br"}
    async with site.get("/static/css/mall.css", headers=headers) as answer:
        etag = answer.headers["ETag"]
    async with site.get(
        "/static/css/mall.css", headers=headers | {"If-None-Match": etag}
    ) as again:
        assert again.status == 304
        assert await again.read() == b""
    other = {"Accept-Encoding": "gzip", "If-None-Match": etag}
    async with site.get("/static/css/mall.css", headers=other) as again:
        assert again.status == 200


async def test_pictures_are_not_compressed(site: TestClient[Any, Any]) -> None:
    async with site.get("/static/photo.png", headers={"Accept-Encoding": "br"}) as answer:
        assert "Content-Encoding" not in answer.headers
        assert (await answer.read()).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "path", ["none.css", "css", "../secret.css", "%2e%2e/secret.css", "css/..%2f..%2fsecret.css"]
)
async def test_nothing_outside_of_the_folder_is_served(
    site: TestClient[Any, Any], path: str
) -> None:
    from yarl import URL

    async with site.get(URL(f"/static/{path}", encoded=True)) as answer:
        assert answer.status == 404


async def test_in_the_demo_a_changed_file_is_read_again(
    aiohttp_client: Browse, tmp_path: Path
) -> None:
    file = tmp_path / "a.css"
    app = web.Application()
    app.router.add_get("/static/{path:.+}", StaticFiles(tmp_path, is_watched=True).serve)
    client = await aiohttp_client(app)
    for second, text in enumerate(("one", "other")):
        file.write_text(text)
        os.utime(file, (second, second))
        async with client.get("/static/a.css") as answer:
            assert await answer.text() == text


def test_a_masked_secret_differs_each_time_and_is_read_back() -> None:
    secret = "00ff" * 10
    seen = {masked(secret) for _ in range(50)}
    assert len(seen) == 50
    assert {unmasked(each) for each in seen} == {secret}


@given(text=st.text(max_size=80))
def test_any_text_can_be_unmasked_without_an_error(text: str) -> None:
    assert isinstance(unmasked(text), str)


@pytest.mark.parametrize("text", ["", "a", "AAA=", "酒", "AAAA", "a" * 40])
def test_a_forged_token_is_refused(text: str) -> None:
    assert unmasked(text) != "00ff" * 10
