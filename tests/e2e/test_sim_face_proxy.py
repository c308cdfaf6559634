"""The proxy of the simulated webview, without a browser: cookies, addresses, frame headers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from simulator.app import make_app
from simulator.settings import Settings
from simulator.sim import SIM
from simulator.web import jar
from simulator.web.webview import open_policy
from simulator.world import Phone
from tests.harness.markup import count_of, is_nowhere, texts_of, values_of

Server = Callable[..., Awaitable[TestServer]]
SEEN = web.AppKey("seen", list[tuple[dict[str, str], str, str]])
PEOPLE = [{"id": "lin", "name": "小林"}]


def phone() -> Phone:
    return Phone("lin", "小林", "小林", "", "o1", "u1", 0)


@pytest.fixture
async def shop(aiohttp_server: Server) -> Any:
    """A shop that stores the requests it got."""

    async def echo(request: web.Request) -> web.Response:
        request.app[SEEN].append((dict(request.headers), request.raw_path, await request.text()))
        return web.Response(text="ok", headers={"X-Frame-Options": "DENY"})

    async def picture(request: web.Request) -> web.Response:
        return web.Response(body=b"\x89PNG" + origin(request).encode(), content_type="image/png")

    async def leave(request: web.Request) -> web.Response:
        target = f"{origin(request)}/b?next={origin(request)}/c"
        return web.Response(status=302, headers={"Location": target, "Set-Cookie": "a=1; Path=/"})

    async def document(request: web.Request) -> web.Response:
        escaped = origin(request).replace("/", r"\/")
        text = f'<html><head></head><a href="{origin(request)}/x">{escaped}\\/y</a></html>'
        return web.Response(text=text, content_type="text/html")

    def origin(request: web.Request) -> str:
        return f"http://{request.host}"

    app = web.Application()
    app[SEEN] = []
    app.router.add_route("*", "/echo", echo)
    app.router.add_get("/picture", picture)
    app.router.add_get("/leave", leave)
    app.router.add_get("/document", document)
    return await aiohttp_server(app)


@pytest.fixture
async def client(shop: TestServer, aiohttp_client: Callable[..., Any]) -> TestClient[Any, Any]:
    """A client of the simulator."""
    base = str(shop.make_url("")).rstrip("/")
    return await aiohttp_client(make_app(Settings(app_base_url=base, phones=PEOPLE)))


def at(client: TestClient[Any, Any]) -> tuple[str, dict[str, str]]:
    """The origin of the phone's webview, and the headers for requests to it."""
    host = f"lin.localhost:{client.server.port}"
    return f"http://{host}", {"Host": host}


async def test_addresses_are_mapped_both_ways(client: TestClient[Any, Any], shop: Any) -> None:
    here, headers = at(client)
    base = str(shop.make_url("")).rstrip("/")
    encoded = quote(here, safe="")
    sent = headers | {"Origin": here, "Referer": f"{here}/m/p/1"}
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    data = f"next={encoded}%2Fm%2F&link={here}/x"
    path = URL(f"/echo?url={encoded}%2Fpay&back={here}/y", encoded=True)
    async with client.post(path, data=data, headers=sent | kind) as answer:
        assert "X-Frame-Options" not in answer.headers
    [(seen, raw_path, body)] = shop.app[SEEN]
    assert (seen["Origin"], seen["Referer"]) == (base, f"{base}/m/p/1")
    assert raw_path == f"/echo?url={quote(base, safe='')}%2Fpay&back={base}/y"
    assert body == f"next={quote(base, safe='')}%2Fm%2F&link={base}/x"
    assert "MicroMessenger/8.0" in seen["User-Agent"]


async def test_a_document_gets_the_bridge_and_the_addresses_of_the_phone(
    client: TestClient[Any, Any],
) -> None:
    here, headers = at(client)
    async with client.get("/document", headers=headers) as answer:
        document = await answer.text()
    assert values_of(document, "a", "href") == [f"{here}/x"]
    assert texts_of(document, "a") == [here.replace("/", r"\/") + r"\/y"]
    assert count_of(document, "script[src*='/_phone/bridge.js']") == 1
    async with client.get("/document", headers=headers | {"HX-Request": "true"}) as answer:
        assert is_nowhere(await answer.text(), "bridge.js")


async def test_redirects_stay_on_the_phone_and_cookies_in_the_simulator(
    client: TestClient[Any, Any], shop: Any
) -> None:
    here, headers = at(client)
    base = str(shop.make_url("")).rstrip("/")
    async with client.get("/leave", headers=headers, allow_redirects=False) as answer:
        assert answer.headers["Location"] == f"{here}/b?next={base}/c"
        assert "Set-Cookie" not in answer.headers
    async with client.get("/echo", headers=headers | {"Cookie": "stolen=1"}) as answer:
        assert answer.status == 200
    assert shop.app[SEEN][-1][0]["Cookie"] == "a=1"
    assert len(client.app[SIM].world.phones["lin"].cookies) == 1


async def test_pictures_are_unchanged_and_an_unknown_host_is_not_found(
    client: TestClient[Any, Any], shop: Any
) -> None:
    _, headers = at(client)
    async with client.get("/picture", headers=headers) as answer:
        raw = await answer.read()
        assert raw == b"\x89PNG" + str(shop.make_url("")).rstrip("/").encode()
        assert answer.content_length == len(raw)
    async with client.get("/echo", headers={"Host": "nobody.localhost"}) as answer:
        assert answer.status == 404
    await shop.close()
    async with client.get("/echo", headers=headers) as answer:
        assert answer.status == 502


def test_cookies_follow_path_and_age() -> None:
    who = phone()
    lines = ["a=1; Path=/; Max-Age=60", "b=2; Path=/admin", "c=3", "=bad", "d"]
    jar.store(who, lines, "/m/p/1", now=1000)
    assert jar.header(who, "/m/p/2", 1059) == "c=3; a=1"
    assert jar.header(who, "/admin/x", 1059) == "b=2; a=1"
    assert jar.header(who, "/administrator", 1059) == "a=1"
    assert jar.header(who, "/m/p", 1060) == "c=3"
    jar.store(who, ["c=; Path=/m/p; Expires=Thu, 01 Jan 1970 00:00:00 GMT"], "/", now=1000)
    assert jar.header(who, "/m/p/2", 1000) == ""


@pytest.mark.parametrize(
    ("policy", "opened"),
    [
        ("frame-ancestors 'none'; img-src data:", "img-src data:"),
        ("script-src 'self'", "script-src 'self'"),
        (
            "default-src 'none'; script-src 'nonce-1'",
            "default-src 'none'; script-src 'nonce-1' 'self'; connect-src 'self'",
        ),
    ],
)
def test_a_content_policy_keeps_all_but_its_limits_on_framing(policy: str, opened: str) -> None:
    assert open_policy(policy) == opened
