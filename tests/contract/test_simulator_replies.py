"""Passive replies that the simulator accepts or refuses, and the URL check of its console."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from simulator.account import xmlcodec
from simulator.account.media import store
from tests.contract.sim_fixtures import MakeDesk
from tests.contract.sim_shop import Desk, sha1

MISTAKEN = "该公众号提供的服务出现故障，请稍后再试"
CARD = {"Title": "标题", "Description": "说明", "PicUrl": "", "Url": "http://127.0.0.1/m/"}


async def answered(desk: Desk, body: dict[str, Any] | bytes, path: str = "text") -> Any:
    """A person writes and the shop answers with this body."""
    if not desk.sim.world.phones["lin"].is_following:
        await desk.do("/phones/lin/follow")

    async def answer(_request: web.Request, raw: bytes) -> web.Response:
        asked = xmlcodec.parse(raw.decode())
        frame = {
            "ToUserName": asked["FromUserName"],
            "FromUserName": asked["ToUserName"],
            "CreateTime": 1,
        }
        given = body if isinstance(body, bytes) else xmlcodec.render(frame | body).encode()
        return web.Response(body=given, content_type="text/xml")

    desk.shop.answer_push = answer
    if path == "event":
        fields = {"MsgType": "event", "Event": "CLICK", "EventKey": "k"}
        return await desk.do("/push/raw", phone="lin", fields=fields)
    return await desk.do("/phones/lin/text", content="在吗")


def text(content: str) -> dict[str, Any]:
    return {"MsgType": "text", "Content": content}


def news(count: int, said: int | None = None, **changes: str) -> dict[str, Any]:
    items = [CARD | changes] * count
    number = count if said is None else said
    return {"MsgType": "news", "ArticleCount": number, "Articles": {"item": items}}


def without(name: str) -> dict[str, Any]:
    item = {k: v for k, v in CARD.items() if k != name}
    return {"MsgType": "news", "ArticleCount": 1, "Articles": {"item": item}}


GOOD: list[tuple[str, dict[str, Any]]] = [
    ("text", text("字" * 682)),
    ("text", text("a" * 2048)),
    ("text", news(1)),
    ("event", news(8)),
    ("text", news(1, Title="字" * 42, Description="字" * 170)),
]
BAD: list[tuple[str, dict[str, Any] | bytes, str]] = [
    ("text", text(""), "Content is empty"),
    ("text", text(" \n"), "Content is empty"),
    ("text", text("字" * 683), "more than 2048 bytes"),
    ("text", text("a" * 100_000), "more than 2048 bytes"),
    ("text", {"MsgType": "text"}, "Content is missing"),
    ("text", news(2), "above 1"),
    ("event", news(9), "above 8"),
    ("event", news(0), "Articles is missing"),
    ("event", news(2, said=3), "ArticleCount is wrong"),
    ("text", news(1, Description="字" * 171), "Description has more than 512 bytes"),
    ("text", news(1, Title="字" * 43), "Title has more than 128 bytes"),
    ("text", news(1, Url="h" * 2049), "Url has more than 2048 bytes"),
    ("text", news(1, Title=""), "Title is empty"),
    ("text", without("PicUrl"), "PicUrl is missing"),
    ("text", {"MsgType": "image", "Image": {"MediaId": "no"}}, "unknown or has expired"),
    ("text", {"MsgType": "nothing"}, "is unknown"),
    ("text", b"<html><a>1</a></html>", "root is not <xml>"),
    ("text", b"<xml><A>\x01</A></xml>", "not well-formed"),
    ("text", "<xml><A>字</A></xml>".encode("gbk"), "not UTF-8"),
    ("text", b" ", "no element found"),
    ("text", b'{"content":"ok"}', "not well-formed"),
]


@pytest.mark.parametrize(("path", "body"), GOOD)
async def test_a_reply_within_the_limits_is_shown(desk: Desk, path: str, body: Any) -> None:
    done = await answered(desk, body, path)
    assert done["push"]["outcome"] == "reply", done["push"]["tries"]


@pytest.mark.parametrize(("path", "body", "why"), BAD)
async def test_an_invalid_reply_is_shown_to_the_person_as_unavailable(
    desk: Desk, path: str, body: Any, why: str
) -> None:
    done = await answered(desk, body, path)
    assert (done["reply"], done["push"]["outcome"]) == (None, "unavailable")
    assert why in done["push"]["tries"][0]["error"]
    shown = (await desk.see("/phones/lin/chat"))["messages"][-1]
    assert (shown["sender"], shown["body"]) == ("wechat", {"content": MISTAKEN})


@pytest.mark.parametrize(("kind", "part"), [("image", "Image"), ("voice", "Voice")])
async def test_media_of_another_type_or_expired_are_no_valid_reply(
    desk: Desk, kind: str, part: str
) -> None:
    other = {"image": "voice", "voice": "image"}[kind]
    kept = {k: store(desk.sim, k, "a", "", b"x").id for k in (kind, other)}
    body = {"MsgType": kind, part: {"MediaId": kept[kind]}}
    assert (await answered(desk, body))["push"]["outcome"] == "reply"
    wrong = await answered(desk, {"MsgType": kind, part: {"MediaId": kept[other]}})
    assert f"MediaId is of type {other}" in wrong["push"]["tries"][0]["error"]
    await desk.do("/clock", advance_seconds=3 * 86_400 + 1)
    assert (await answered(desk, body))["push"]["outcome"] == "unavailable"


async def test_music_needs_a_cover(desk: Desk) -> None:
    cover = store(desk.sim, "thumb", "a.jpg", "image/jpeg", b"x").id
    assert (await answered(desk, {"MsgType": "music", "Music": {"Title": "歌"}}))["reply"] is None
    done = await answered(desk, {"MsgType": "music", "Music": {"ThumbMediaId": cover}})
    assert done["push"]["outcome"] == "reply"


async def test_a_redirect_is_not_followed(desk: Desk) -> None:
    await desk.do("/phones/lin/follow")

    async def away(_request: web.Request, _raw: bytes) -> web.Response:
        raise web.HTTPFound("/elsewhere")

    desk.shop.answer_push = away
    done = await desk.do("/phones/lin/text", content="在吗")
    assert (done["push"]["outcome"], done["push"]["tries"][0]["status"]) == ("unavailable", 302)


# --- the URL check -----------------------------------------------------------------------
Serve = Callable[..., Awaitable[Any]]
ECHO_FAULTS = {
    "another": (200, "something else", "应答不是 echostr"),
    "quoted": (200, '"{echo}"', "应答不是 echostr"),
    "with a line break": (200, "{echo}\n", "应答不是 echostr"),
    "forbidden": (403, "{echo}", "应答 403"),
}


async def shop_that_echoes(aiohttp_server: Serve, status: int, text: str, seen: list[Any]) -> str:
    async def verify(request: web.Request) -> web.Response:
        seen.append(dict(request.query))
        return web.Response(text=text.format(echo=request.query["echostr"]), status=status)

    app = web.Application()
    app.router.add_get("/wechat", verify)
    server = await aiohttp_server(app)
    return str(server.make_url("")).rstrip("/")


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
async def test_connecting_sends_a_signed_echostr_and_saves_the_address(
    make_desk: MakeDesk, aiohttp_server: Serve, mode: str
) -> None:
    desk, seen = await make_desk(mode=mode), []
    base = await shop_that_echoes(aiohttp_server, 200, "{echo}", seen)
    done = await desk.do("/connect", app_base_url=base + "/")
    assert (done["connected"], desk.settings.app_base_url) == (True, base)
    query = seen[0]
    assert set(query) == {"signature", "timestamp", "nonce", "echostr"}
    parts = sorted([desk.settings.token, query["timestamp"], query["nonce"]])
    assert query["signature"] == sha1("".join(parts))


@pytest.mark.parametrize(("status", "text", "why"), ECHO_FAULTS.values(), ids=ECHO_FAULTS)
@pytest.mark.parametrize("path", ["/connect", "/push"])
async def test_an_address_that_does_not_echo_is_not_saved(
    desk: Desk, aiohttp_server: Serve, path: str, status: int, text: str, why: str
) -> None:
    base = await shop_that_echoes(aiohttp_server, status, text, [])
    answer = await desk.ask("POST", path, {"app_base_url": base})
    assert (answer[0], why in answer[1]["error"]["message"]) == (409, True)
    assert desk.settings.app_base_url == desk.shop.base


async def test_an_echo_after_five_seconds_fails_the_check(
    make_desk: MakeDesk, aiohttp_server: Serve
) -> None:
    desk = await make_desk(push_timeout_s=0.1)
    release = asyncio.Event()

    async def slow(request: web.Request) -> web.Response:
        await release.wait()
        return web.Response(text=request.query["echostr"])

    app = web.Application()
    app.router.add_get("/wechat", slow)
    base = str((await aiohttp_server(app)).make_url("")).rstrip("/")
    status, answer = await desk.ask("POST", "/connect", {"app_base_url": base})
    release.set()
    assert (status, "超时" in answer["error"]["message"]) == (409, True)
