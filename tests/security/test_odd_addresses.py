"""Unusual addresses: served or refused with a page, and signed as the browser has them."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from typing import Any

import pytest

from tests.harness.markup import texts_of, words_of
from tests.harness.world import AGENT
from tests.security.town import MEMBER, Town

CHEN = "陈".encode()
SERVED = (
    b"/m/?", b"/m/??", b"/m/?a=&b=&=", b"/m/?&&&", b"/m/?=", b"/m/?a#b", b"/m/#x", b"/m/?%",
    b"/m/?x=%u9648", b"/m/?x=%E9%99", b"/m/?x=%e9%99%88", b"/m/?x=%25E9%2599%2588",
    b"/m/?x=" + CHEN, b"/m/?" + CHEN, b"/m/?x=\xe9", b"/m/?x=\xff\xfe", b"/m/?r=" + CHEN,
    b"/m/?x=%ED%A0%80", b"/m/?x=a+b%20c", b"/m/?x=a,b;c:d@e!$'()*", b"/m/?x=[1]", b"/m/?x={1}|^`",
    b"/m/?x=%2F%3f%23", b"/m/?x=" + b"a" * 7000, b"/m/?" + b"a=1&" * 1500,
    b"http://shop.example/m/?x=1",
)  # fmt: skip
MISSING = (
    b"/m/" + CHEN, b"/m/%E9%99%88", b"/m/\xe9", b"/m/\xff\xfe", b"/m/%", b"/m/%zz", b"/m/p/1%",
    b"/m/p/%2e%2e", b"/m/p%2f1", b"/m/p/1%2F", b"/m/%25E9", b"/m//", b"//m/", b"/m/;x",
    b"/m/p/1;x", b"/m/p/" + CHEN, b"/m/p/\xc2\xb2", b"/m/l/" + CHEN, b"/legal/" + CHEN,
    b"/" + CHEN,
    b"/static/" + CHEN + b".css", b"/uploads/" + CHEN, b"/admin/" + CHEN, b"/oauth/" + CHEN,
    b"/m/orders/" + CHEN, b"/m/pay/" + CHEN, b"/m/d/" + CHEN,
)  # fmt: skip
REFUSED = (
    b"/m/ x", b"/m/?q=a b", b"/m/\x01", b"/m/?q=\x7f", b"m/", b"http://[/m/", b"/m/?q=%00",
    b"/m/" + CHEN + b" x", b"/m/?" + b"a" * 9000,
)  # fmt: skip


async def get(town: Town, target: bytes, *, split: int = 0, who: str = "buyer") -> tuple[int, str]:
    """Send an address as bytes, as a member in WeChat; answers the status and the response."""
    assert town.client.server.port is not None
    reader, writer = await asyncio.open_connection("127.0.0.1", town.client.server.port)
    cookie = town.people[who].cookies[MEMBER]
    head = f"\r\nHost: shop.example\r\nConnection: close\r\nUser-Agent: {AGENT}\r\n"
    whole = b"GET " + target + b" HTTP/1.1" + f"{head}Cookie: {MEMBER}={cookie}\r\n\r\n".encode()
    writer.write(whole[:split] if split else whole)
    if split:
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.write(whole[split:])
    text = (await reader.read()).decode(errors="replace")
    writer.close()
    return int(text.split(" ", 2)[1]), text


@pytest.fixture
def signed(town: Town, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that pages are signed for."""
    seen: list[str] = []

    async def page_config(url: str, apis: Any) -> dict[str, Any]:
        seen.append(url)
        return {"appId": "wx", "timestamp": 1, "nonceStr": "n", "signature": "s"}

    monkeypatch.setattr(town.runtime.wechat.pages, "page_config", page_config)
    return seen


async def test_a_page_is_signed_for_the_address_as_the_page_sees_it(
    town: Town, signed: list[str]
) -> None:
    """A ``?`` at the end was once lost, and the JS-SDK refused the signature."""
    public_url = town.runtime.config.public_url
    for target in SERVED:
        signed.clear()
        status, text = await get(town, target)
        assert status == 200, target[:60]
        seen = re.sub(rb"[\x80-\xff]", lambda each: b"%%%02X" % each[0][0], target)
        seen = seen.removeprefix(b"http://shop.example").split(b"#")[0]
        wanted = seen.decode()
        if target.startswith(b"http://"):  # the form for proxies; the browser has the rest
            wanted = "/m/?x=1"
        assert signed == [public_url + wanted], target[:60]
        (shared,) = texts_of(text, "script#jssdk")
        assert json.loads(shared)["friend"]["link"] == f"{public_url}/m/"


async def test_a_distributors_page_is_signed_for_its_address_with_the_code(
    town: Town, signed: list[str]
) -> None:
    """A distributor is redirected to a plain address, which is signed."""
    public_url = town.runtime.config.public_url
    assert (await get(town, SERVED[0], who="distributor"))[0] == 302
    for target in SERVED[:-1]:
        status, text = await get(town, target, who="distributor")
        if status == 302:
            found = re.search(r"\r\nLocation: (/m/\S*)\r\n", text)
            assert found is not None, target[:60]
            target = found[1].encode()
            signed.clear()
            status, text = await get(town, target, who="distributor")
            assert "r=" in target.decode()
            assert signed == [public_url + target.decode()]
        assert status == 200, target[:60]
        (shared,) = texts_of(text, "script#jssdk")
        assert "?r=" in json.loads(shared)["friend"]["link"]


async def test_a_missing_address_is_answered_with_a_page(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    """An unencoded 陈 in a path was once a bad request."""
    for target in MISSING:
        status, text = await get(town, target)
        assert status in {403, 404}, (target, status)
        if target.startswith((b"/m/", b"/legal/")):
            page = text.partition("\r\n\r\n")[2]
            assert page.rstrip().endswith("</html>"), target
            assert words_of(page, "main"), target
    assert [r for r in caplog.records if r.exc_info or r.levelno >= logging.ERROR] == []


async def test_an_invalid_address_is_refused_and_not_repeated(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    for target in REFUSED:
        status, response = await get(town, target)
        assert status in {400, 414}, (target[:40], status)
        assert "aaaaaaaa" not in response
        assert "Traceback" not in response
    assert [r for r in caplog.records if r.exc_info or r.levelno >= logging.ERROR] == []


async def test_a_search_for_raw_bytes_equals_that_for_escaped_ones(town: Town) -> None:
    pages = [
        (await get(town, b"/m/search?q=" + word))[1].split("<main")[1].split("</main")[0]
        for word in ("酒".encode(), b"%E9%85%92", b"%e9%85%92")
    ]
    forms = [re.sub(r'value="[\w-]{20,}"', "", page) for page in pages]
    assert forms[0] == forms[1] == forms[2]


async def test_a_body_that_looks_like_a_request_is_never_rewritten(town: Town) -> None:
    """Its length would be wrong, and its end be read as another request."""
    assert town.client.server.port is not None
    reader, writer = await asyncio.open_connection("127.0.0.1", town.client.server.port)
    body = "GET /陈 HTTP/1.1\r\n".encode() * 3
    head = "POST /wechat?signature=0 HTTP/1.1\r\nHost: x\r\n"
    writer.write(f"{head}Content-Length: {len(body) * 2}\r\n\r\n".encode())
    await writer.drain()
    for _ in range(2):
        await asyncio.sleep(0.05)
        writer.write(body)
        await writer.drain()
    answer = (await reader.readuntil(b"\r\n\r\n")).decode()
    assert answer.split(" ")[1] in {"403", "429"}, answer
    length = re.search(r"Content-Length: ([0-9]+)", answer)
    assert length is not None
    await reader.readexactly(int(length[1]))
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    last = (await reader.read()).decode()
    writer.close()
    assert last.startswith("HTTP/1.1 200")
    assert last.count("HTTP/1.1") == 1


async def test_an_address_in_two_pieces_is_answered(town: Town) -> None:
    """An address is rewritten only in a whole line; others go to the parser unchanged."""
    status, _ = await get(town, b"/m/?x=1", split=9)
    assert status == 200
    status, _ = await get(town, b"/m/" + CHEN, split=9)
    assert status in {400, 404}
