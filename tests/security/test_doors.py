"""Rules for every response: headers, cookies, caching, redirects, limits of size and time."""

from __future__ import annotations

import asyncio
import io
import json
import socket
import time
from dataclasses import replace
from http.cookies import SimpleCookie
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import pytest
from aiohttp.test_utils import TestClient, TestServer

import bot.webhook
from app.server import make_private_app
from kernel.crypto import vault
from kernel.ids import token
from kernel.web import forms, limits
from kernel.web.browsers import Browser
from mall_h5 import notify
from simulator.keys import DemoKeys
from simulator.settings import Settings
from tests.contract.fakes import PaySeal
from tests.contract.paying import PAID
from tests.face.chat import config_with
from tests.harness.markup import is_nowhere, values_of
from tests.security.test_route_matrix import MACHINES, address
from tests.security.town import MEMBER, STAFF, Person, Town, open_town, routes_of

PARTS = (
    "default-src 'self'", "script-src 'self'", "style-src 'self'", "object-src 'none'",
    "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'",
)  # fmt: skip


async def test_every_answer_carries_the_headers(town: Town) -> None:
    wrong = []
    people = [town.visitor(), *(town.people[n] for n in ("buyer", "distributor", "owner"))]
    for route in routes_of(town.app):
        if route.method != "GET":
            continue
        for who in people[-1:] if route.face == "admin" else people[:3]:
            got = await town.ask("GET", address(town, route), who)
            found = {
                "X-Content-Type-Options": got.headers.get("X-Content-Type-Options"),
                "X-Frame-Options": got.headers.get("X-Frame-Options"),
                "Referrer-Policy": got.headers.get("Referrer-Policy"),
            }
            if list(found.values()) != ["nosniff", "DENY", "strict-origin-when-cross-origin"]:
                wrong.append(f"{route} {got.status} {found}")
            policy = got.headers.get("Content-Security-Policy", "")
            is_page = got.headers.get("Content-Type", "").startswith("text/html")
            if is_page and not all(part in policy for part in PARTS):
                wrong.append(f"{route} {policy}")
            if "unsafe" in policy or "*" in policy:
                wrong.append(f"{route} {policy}")
            is_private = any(w in got.headers.get("Cache-Control", "") for w in ("private", "no-"))
            if is_page and not is_private:
                wrong.append(f"{route} may be kept by a cache between")
    assert wrong == []


async def test_answers_of_no_face_carry_the_headers_too(town: Town) -> None:
    for path, status in (("/nowhere", 404), ("/", 302), ("/static/none.css", 404)):
        got = await town.ask("GET", path, town.visitor())
        assert got.status == status
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert got.headers["X-Frame-Options"] == "DENY"


async def test_personal_answers_are_never_cached_for_others(town: Town) -> None:
    buyer, seller = town.people["buyer"], town.people["distributor"]
    for path, who in (
        (f"/m/pay/{town.waiting_no}/state", buyer), ("/m/orders", buyer), ("/m/d/", seller),
        (f"/m/pay/transfer/{town.shop.withdrawal_id}/state", seller), ("/m/whoami", buyer),
    ):  # fmt: skip
        cached = (await town.ask("GET", path, who)).headers.get("Cache-Control", "")
        assert "private" in cached or "no-store" in cached, path


async def test_methods_that_a_route_does_not_have_are_refused(town: Town) -> None:
    before = await town.digest()
    wrong = []
    for route in routes_of(town.app):
        if str(route) in MACHINES or route.pattern == "/uploads":
            continue
        for method in ("PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"):
            got = await town.ask(method, address(town, route), town.people["owner"])
            if got.status not in {403, 405}:
                wrong.append(f"{method} {route} {got.status}")
    assert wrong == []
    assert await town.digest() == before


def flags(headers: Any) -> dict[str, Any]:
    """The cookies that an answer sets."""
    jar: SimpleCookie = SimpleCookie()
    for line in headers.getall("Set-Cookie", []):
        jar.load(line)
    return dict(jar)


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_cookies_are_out_of_reach_of_scripts_and_other_sites(
    db: Any, database_url: str, keys: DemoKeys, tmp_path: Path, wired: None, scheme: str
) -> None:
    db.close()
    url = f"{scheme}://shop.example"
    async with open_town(tmp_path, database_url, keys, public_url=url) as town:
        for path in ("/m/", "/admin/sign-in", "/legal/terms"):
            got = await town.ask("GET", path, Person("new", {}))
            assert len(flags(got.headers)) == 2, path
            for cookie in flags(got.headers).values():
                assert cookie["httponly"]
                assert cookie["samesite"] == "Lax"
                assert cookie["path"] == "/"
                assert cookie["domain"] == ""
                assert bool(cookie["secure"]) == (scheme == "https")
            assert ("Strict-Transport-Security" in got.headers) == (scheme == "https")


async def test_links_are_ours_whatever_host_was_asked_for(town: Town) -> None:
    evil = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    for path, who in (
        ("/m/", town.people["buyer"]), ("/m/me", town.visitor()), ("/oauth/login", town.visitor()),
        ("/m/d/", town.people["distributor"]), ("/m/d/poster", town.people["distributor"]),
        ("/admin/", town.people["owner"]), ("/m/me", town.visitor(in_wechat=True)),
    ):  # fmt: skip
        got = await town.ask("GET", path, who, headers=evil)
        assert is_nowhere(got.text, "evil.example"), path
        assert "evil.example" not in got.place, path


async def test_a_form_with_a_foreign_host_and_origin_needs_the_token_all_the_same(
    town: Town,
) -> None:
    evil = {"Host": "evil.example", "Origin": "http://evil.example"}
    before = await town.digest()
    got = await town.ask(
        "POST", "/m/me/profile", town.people["buyer"], data={"nickname": "x"}, csrf=None,
        headers=evil,
    )  # fmt: skip
    assert got.status == 403
    assert await town.digest() == before


OUTSIDE = (
    "https://evil.example/", "//evil.example/", "/\\evil.example", "/%5Cevil.example",
    "\\\\evil.example", "javascript:alert(1)", "/m/..//evil.example", "/m//evil.example",
    "http:evil.example", "/\tevil.example", " //evil.example", "/m/\r\nLocation: //evil.example",
    "https:/evil.example", "///evil.example", "/m/@evil.example", "/.evil.example",
)  # fmt: skip


async def test_no_redirect_leads_to_a_foreign_address(town: Town) -> None:
    for place in OUTSIDE:
        await return_to(town, place)


async def return_to(town: Town, place: str) -> None:
    """Send a foreign address in every field and query that names a place to return to."""
    buyer, base = town.people["buyer"], "http://shop.example/m/"
    asked = quote(place, safe="")
    one = {"sku": str(town.shop.sku_id)}
    await town.ask("POST", "/m/cart/change", buyer, data={"remove": one["sku"]})
    answers = [
        await town.ask("GET", f"/oauth/login?next={asked}", buyer),
        await town.ask("POST", "/m/care", buyer, data={"care": "1", "next": place}),
        await town.ask("POST", "/m/cart", buyer, data=one | {"back": place}),
        await town.ask("POST", "/m/addresses/new", buyer, data={
            "name": "林小雨", "phone": "13800138000", "province": "四川省", "city": "成都市",
            "district": "锦江区", "detail": "春熙路2号", "next": place,
        }),
    ]  # fmt: skip
    for got in answers:
        assert got.status in {302, 303}, got.text[:200]
        assert urlsplit(urljoin(base, got.place)).netloc == "shop.example", got.place
        assert "\n" not in got.place
    gate = await town.ask("GET", f"/admin/sign-in?next={asked}", town.visitor())
    assert values_of(gate.text, "input[name=next]", "value") == ["/admin/"]
    shown = await town.ask("GET", f"/m/addresses?next={asked}", buyer)
    assert is_nowhere(shown.text, "evil.example")


TRAVERSALS = (
    "../config.yaml", "%2e%2e/config.yaml", "..%2fconfig.yaml", "%2e%2e%2fconfig.yaml",
    "....//config.yaml", "..%5cconfig.yaml", "%252e%252e/config.yaml", "css/../../config.yaml",
    "/etc/passwd", "%2fetc%2fpasswd", "..%00/config.yaml", "css/%00",
)  # fmt: skip


async def test_files_outside_of_their_folder_are_not_served(town: Town) -> None:
    (town.runtime.uploads / "posters").mkdir(parents=True, exist_ok=True)
    (town.runtime.uploads / "posters" / "secret.jpg").write_text("secret_key")
    (town.runtime.uploads / "secret.txt").write_text("secret_key")
    (town.runtime.picture_root / "link").symlink_to(town.runtime.uploads / "secret.txt")
    more = ("../posters/secret.jpg", "..%2fposters/secret.jpg", "../secret.txt", "link", "", ".")
    for root, path in product(("static", "uploads"), (*TRAVERSALS, *more)):
        status, response = await raw(town, f"/{root}/{path}")
        assert status in {400, 403, 404}, path
        assert "secret_key" not in response, path
        assert "root:" not in response, path


async def raw(town: Town, target: str, *lines: str, method: str = "GET") -> tuple[int, str]:
    """Send a request as bytes, so that no client changes its address.

    Answers the status and the whole response.
    """
    assert town.client.server.port is not None
    reader, writer = await asyncio.open_connection("127.0.0.1", town.client.server.port)
    head = [f"{method} {target} HTTP/1.1", "Host: shop.example", "Connection: close", *lines]
    writer.write("\r\n".join([*head, "", ""]).encode())
    await writer.drain()
    text = (await reader.read(65_536)).decode(errors="replace")
    writer.close()
    await writer.wait_closed()
    return int(text.split()[1]), text


async def test_the_check_file_of_wechat_is_there_and_no_other(
    db: Any, database_url: str, keys: DemoKeys, tmp_path: Path, wired: None
) -> None:
    db.close()
    wechat = config_with({"verify_files": {"MP_verify_abc123.txt": "abc123"}}).wechat
    async with open_town(tmp_path, database_url, keys, wechat=wechat) as town:
        assert (await town.ask("GET", "/MP_verify_abc123.txt", town.visitor())).text == "abc123"
        for path in ("/MP_verify_other.txt", "/MP_verify_abc123.txt.bak", "/config.yaml", "/.env"):
            assert (await town.ask("GET", path, town.visitor())).status == 404


async def test_metrics_and_clock_are_not_on_the_public_port(town: Town) -> None:
    for method, path in (
        ("GET", "/metrics"), ("GET", "/health"), ("GET", "/clock"), ("POST", "/clock"),
        ("POST", "/command"),
    ):  # fmt: skip
        assert (await town.ask(method, path, town.people["owner"])).status == 404


@pytest.mark.parametrize("is_trusted", [True, False])
async def test_forwarded_addresses_are_believed_from_our_proxy_only(
    db: Any, database_url: str, keys: DemoKeys, tmp_path: Path, wired: None, is_trusted: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    seen: list[str] = []

    async def hit(_: Any, name: str, key: str, **__: Any) -> None:
        seen.append(key)

    monkeypatch.setattr(limits.Limiter, "hit", hit)
    db.close()
    proxies = ["127.0.0.1/32"] if is_trusted else ["10.0.0.0/8"]
    # the caller wrote what stands left of our proxy's own entry
    sent = ("203.0.113.9", "198.51.100.1, 203.0.113.9", "203.0.113.9, 127.0.0.1", "127.0.0.1")
    async with open_town(tmp_path, database_url, keys, trusted_proxies=proxies) as town:
        for forwarded in sent:
            data = {"login": "the-owner", "password": "wrong-password"}
            headers = {"X-Forwarded-For": forwarded}
            await town.ask("POST", "/admin/sign-in", town.visitor(), data=data, headers=headers)
    believed = "203.0.113.9" if is_trusted else "127.0.0.1"
    assert seen == [believed, believed, believed, "127.0.0.1"]


NONSENSE: tuple[tuple[str, bytes], ...] = (
    ("application/x-www-form-urlencoded", b"\xff\xfe=\x80"),
    ("application/x-www-form-urlencoded", b"a=%00&nickname=x%00y"),
    ("application/x-www-form-urlencoded; charset=utf-7", b"nickname=%2B2AA-"),
    ("application/x-www-form-urlencoded; charset=no-such", b"nickname=x"),
    ("application/x-www-form-urlencoded; charset=base64", b"nickname=x"),
    ("application/x-www-form-urlencoded", b"&".join(b"f%d=1" % n for n in range(5000))),
    ("multipart/form-data", b"x"),
    ("multipart/form-data; boundary=", b"--\r\n\r\n"),
    ("multipart/form-data; boundary=b", b"--b\r\n\r\nno name\r\n--b--\r\n"),
    ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="a"\r\n'),
    ("multipart/form-data; boundary=b", b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
     b"--c\r\n\r\nx\r\n--c--\r\n--b--\r\n"),
    ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="_csrf"; '
     b'filename="x"\r\n\r\nx\r\n--b--\r\n'),
    ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="nickname"'
     b"\r\nContent-Type: text/plain; charset=zlib\r\n\r\nx\r\n--b--\r\n"),
    ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="n"\r\n'
     b"Content-Transfer-Encoding: base64\r\n\r\n!!!\r\n--b--\r\n"),
    ("application/json", b"[" * 50_000),
    ("", b"\x00\x01"),
    ("text/plain", b"_csrf=x"),
)  # fmt: skip


@pytest.mark.parametrize("with_header", [False, True], ids=["in the form", "in a header"])
async def test_bodies_that_no_browser_sends_are_refused(town: Town, with_header: bool) -> None:
    """Unknown charsets, broken multiparts and NULs once ended as server errors."""
    before, wrong = await town.digest(), []
    for path, name in (("/m/me/profile", "buyer"), ("/admin/settings/trade", "owner")):
        who = town.people[name]
        cookie = who.cookies[STAFF if name == "owner" else MEMBER]
        for kind, body in NONSENSE:
            headers = {"Content-Type": kind}
            if with_header:
                headers["X-CSRF-Token"] = Browser.csrf_of(cookie)
            got = await town.ask("POST", path, who, data=body, headers=headers)
            if got.status not in {303, 400, 403, 413, 415, 422}:
                wrong.append((path, kind, body[:40], got.status))
    assert wrong == []
    after = await town.digest()
    assert [n for n in before if before[n] != after[n]] == []


async def test_a_nul_in_an_address_is_refused(town: Town) -> None:
    """PostgreSQL refuses a NUL: a search for one once ended as a server error there."""
    for path in ("/m/search?q=%00", "/m/p/1%00", "/admin/orders?q=a%00b", "/m/orders/%00"):
        assert (await town.ask("GET", path, town.people["owner"])).status == 400


async def test_numbers_that_are_none_are_no_server_error(town: Town) -> None:
    """``isdigit`` accepts ² and five thousand nines; ``int`` refuses both."""
    for digit in ("²", "９", "٣", "①", "9" * 5000, "-1", "1e9", "0x1"):
        assert await errors_at(town, digit) == []


async def errors_at(town: Town, digit: str) -> list[int]:
    """The server errors of all fields for numbers with this text."""
    buyer, finance = town.people["buyer"], town.people["finance"]
    state = {"ids": digit, "event": "submit"}
    answers = [
        await town.ask("POST", "/m/cart/change", buyer, data={"remove": digit}),
        await town.ask("POST", "/m/cart/change", buyer, data={"pick": digit}),
        await town.ask("POST", "/m/cart", buyer, data={"sku": digit, "qty": digit}),
        await town.ask("POST", "/admin/products/state", town.people["operator"], data=state),
        await town.ask("POST", "/admin/payroll", finance, data={"ids": digit, "voucher": "x"}),
    ]  # fmt: skip
    for path in (
        "/admin/tax?year=", "/m/d/goods?page=", "/m/orders?before=", "/m/category?page=",
        "/m/category?c=", "/admin/audit?before=", "/m/d/poster?p=", "/m/checkout?sku=",
    ):  # fmt: skip
        who = town.people["owner" if path.startswith("/admin") else "distributor"]
        answers.append(await town.ask("GET", path + quote(digit), who))
    return [a.status for a in answers if a.status >= 500]


async def test_too_large_is_refused_and_nothing_is_kept(town: Town) -> None:
    before, buyer = await town.digest(), town.people["buyer"]
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    large = b"nickname=" + b"x" * 1_100_000
    for path, who in (("/m/me/profile", buyer), ("/m/cart", town.visitor())):
        got = await town.ask("POST", path, who, data=io.BytesIO(large), headers=form)
        assert got.status == 413
    status, _ = await raw(town, "/m/", "X-Large: " + "x" * 20_000)
    assert status == 400
    status, _ = await raw(town, "/m/?" + "x" * 20_000)
    assert status in {400, 414}
    assert await town.digest() == before


async def test_a_notification_in_two_pieces_is_read_whole(town: Town, keys: DemoKeys) -> None:
    """Only the first piece was once read, and its signature did not match."""
    settings = Settings()
    seal = PaySeal(keys.wechatpay_private_key, settings.public_key_id, settings.apiv3_key)
    body = seal.notification("TRANSACTION.SUCCESS", PAID)
    lines = [f"{k}: {v}" for k, v in seal.headers(body).items()]
    assert town.client.server.port is not None
    reader, writer = await asyncio.open_connection("127.0.0.1", town.client.server.port)
    head = ["POST /pay/notify HTTP/1.1", "Host: x", "Connection: close",
            f"Content-Length: {len(body)}", *lines, "", ""]  # fmt: skip
    writer.write("\r\n".join(head).encode() + body[:100])
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.write(body[100:])
    text = (await reader.read()).decode()
    writer.close()
    await writer.wait_closed()
    assert text.startswith("HTTP/1.1 204"), text[:300]


async def test_a_body_that_is_sent_too_slowly_is_refused(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notify, "BODY_SECONDS", 0.1)
    monkeypatch.setattr(bot.webhook, "BODY_SECONDS", 0.1)
    monkeypatch.setattr(forms, "BODY_SECONDS", 0.1)
    cookie = f"Cookie: {MEMBER}={token()}"
    form = "Content-Type: application/x-www-form-urlencoded"
    for target, line, status in (
        ("/pay/notify", "X: y", 408), ("/wechat", "X: y", 200), ("/m/cart", form, 408),
    ):  # fmt: skip
        lines = ("Content-Length: 1000", cookie, line)
        got, response = await raw(town, target, *lines, method="POST")
        assert (got, "Traceback" in response) == (status, False), target


@pytest.fixture
async def private(town: Town) -> Any:
    """The private port."""
    async with TestClient(TestServer(make_private_app(town.runtime))) as client:
        yield client


async def test_hostile_bodies_on_the_private_port_are_refused(private: Any) -> None:
    for path, body in (
        ("/clock", b""), ("/clock", b"{"), ("/clock", b"[" * 100_000), ("/clock", b"[1]"),
        ("/clock", b'{"offset_seconds": NaN}'), ("/clock", b'{"offset_seconds": 1e999}'),
        ("/clock", b'{"offset_seconds": "1"}'), ("/clock", b"1" * 5000), ("/clock", b"\xff"),
        ("/command", b""), ("/command", b"{}"), ("/command", b"x.y"), ("/command", b"\xff\xfe"),
        ("/command", b'{"at": 0}.AAAA'),
    ):  # fmt: skip
        async with private.post(path, data=body) as answer:
            assert answer.status in {400, 403, 422}, (path, body[:20], answer.status)
    async with private.get("/clock") as answer:
        assert await answer.json() == {"offset_seconds": 0.0}


async def test_a_page_in_a_browser_can_t_move_the_clock(private: Any) -> None:
    """A page that is open in the demo user's browser can post to loopback."""
    body = '{"offset_seconds": 3600}'
    for headers in (
        {"Origin": "https://evil.example", "Content-Type": "text/plain"},
        {"Origin": "null"}, {"Sec-Fetch-Mode": "no-cors"},
    ):  # fmt: skip
        async with private.post("/clock", data=body, headers=headers) as answer:
            assert answer.status == 403
    async with private.get("/clock") as answer:
        assert await answer.json() == {"offset_seconds": 0.0}


async def test_a_signed_command_of_yesterday_is_refused(private: Any) -> None:
    body = json.dumps({"at": int(time.time()) - 3600, "arguments": {"command": "doctor"}})
    async with private.post("/command", data=vault().sign("command", body)) as answer:
        assert answer.status == 403


async def test_a_foreign_name_for_this_address_is_refused(private: Any) -> None:
    """DNS rebinding: a foreign name resolves to loopback, and its GET requests have no Origin."""
    port = private.port
    for name in (
        "evil.example", f"evil.example:{port}", "localhost.evil.example", "127.0.0.1.nip.io",
        "shop.example", "0.0.0.0", "10.0.0.1", "localhost.", "", "[", "127.0.0.1@evil.example/",
    ):  # fmt: skip
        for path in ("/metrics", "/health", "/clock", "/nothing"):
            async with private.get(path, headers={"Host": name}) as answer:
                assert answer.status == 403, (name, path)
                assert await answer.json() == {"error": "host"}
        async with private.post("/clock", data=b"{}", headers={"Host": name}) as answer:
            assert answer.status == 403, name
    for name in ("localhost", f"LocalHost:{port}", "127.0.0.1", f"127.0.0.1:{port}", "[::1]:1"):
        async with private.get("/health", headers={"Host": name}) as answer:
            assert answer.status == 200, name


async def test_the_private_port_answers_to_the_names_that_monitoring_uses(town: Town) -> None:
    http = town.runtime.config.http.model_copy(
        update={"private_names": ["Worker"], "private_host": "0.0.0.0"}
    )
    config = town.runtime.config.model_copy(update={"http": http})
    app = make_private_app(replace(town.runtime, config=config))
    async with TestClient(TestServer(app)) as client:
        for name, status in (("worker:8083", 200), ("web", 403), ("0.0.0.0", 403)):
            async with client.get("/metrics", headers={"Host": name}) as answer:
                assert answer.status == status, name


async def test_a_check_without_a_host_is_answered(private: Any) -> None:
    """Load balancers check by HTTP/1.0 without a Host; browsers always send one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", private.port)
    writer.write(b"GET /health HTTP/1.0\r\n\r\n")
    text = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert text.startswith(b"HTTP/1.0 200"), text[:200]


def test_the_private_port_listens_on_loopback_unless_told_otherwise() -> None:
    http = config_with().http
    assert http.private_host == "127.0.0.1"
    assert socket.gethostbyname(http.host) == "127.0.0.1"
