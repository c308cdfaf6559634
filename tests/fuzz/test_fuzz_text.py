"""Text of every kind that nobody types by accident, at every form, query, path and header.

Nothing is a server error, nothing forbidden is kept or shown, no page's line is turned.
"""

from __future__ import annotations

import asyncio
import io
import re
from functools import lru_cache
from itertools import product
from typing import Any
from urllib.parse import quote_from_bytes

import pytest

from models import TABLES
from tests.fuzz.test_fuzz_forms import forms_of, is_outside, person_for, relevant
from tests.harness.waiting import PATIENCE
from tests.security.test_route_matrix import FILLED, MACHINES, address
from tests.security.town import MEMBER, STAFF, Person, Route, Town, routes_of
from tests.soak import TIMES

HOSTILE: dict[str, bytes] = {
    "controls": b"\x01\x08\x0b\x1b[31m\x1d\x7f\xc2\x80\xc2\x85\xc2\x9f",
    "nul": b"\x00",
    "format": "\u00ad\u200b\u200c\u200d\u2060\u2061\u180e\ufff9\ufffb\U0001d173".encode(),
    "bidi": "\u202e\u202d\u2066\u2067\u2068\u200e\u200f\u061c".encode(),
    "unclosed": ("\u2067" * 200).encode(),
    "right_to_left": "שלום (10) عربي".encode(),
    "spaces": "\u00a0\u1680\u2000\u202f\u205f\u3000\u2800\u3164\u115f".encode(),
    "lines": "\u2028\u2029\r\n\r\n\v\f".encode(),
    "private": "\ue000\uf8ff\U000f0000\U0010fffd".encode(),
    "surrogates": b"\xed\xa0\xbd\xed\xb8\x80\xed\xa0\x80",
    "not_utf8": b"\xff\xfe\xc0\x80\xf5\x80\x80\x80\xe4\xb8",
    "towers": ("Z" + "\u0335\u0301\u0489" * 200 + "\u0301").encode(),
    "nonchar": "\ufdd0\ufffe\uffff\U0001ffff\U0010ffff".encode(),
    "bom": "\ufeff".encode(),
    "tags": "\U000e0001\U000e0041\U000e007f".encode(),
    "wide": "ＡＤＭＩＮ１２３＜ｓｃｒｉｐｔ＞".encode(),
    "alike": "官方客服 Аdmіn".encode(),
    "emoji": "👨‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿🇨🇳1️⃣𠮷葛󠄀".encode(),
    "long": ("👨‍👩‍👧‍👦" * 3_000 + "字" * 7_000).encode(),
}
SOME = [list(HOSTILE)[n::6] for n in range(6)]  # a town each
# What a form needs to be believed at all; the hostile part stands at the end of each.
GOOD = FILLED | {
    "nickname": "小雨", "display_name": "雨家酒铺", "agree": "1", "payee_type": "individual",
    "title": "陈酿", "reason": "other", "note": "门口", "answer": "收到", "why": "盘点",
    "number": "510101199003070016", "code": "X1", "subtitle": "好酒", "description": "一段",
    "usage": "冷藏", "spec_text": "500ml", "q": "酒", "welcome": "您好", "receiver": "仓库",
    "address": "西路1号", "proof": "凭证", "voucher": "V1", "label": "名", "value": "值",
}  # fmt: skip
EXACT = {"_idem", "do", "kind", "agree", "decision", "payee_type", "version", "scope"}
KEPT_OUT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u115f\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u2067\u206a-\u206f\u3164\ufdd0-\ufdef\ufeff\ufff9-\ufffc\ufffe\uffff\ud800-\udfff"
    "\ue000-\uf8ff\U000e0001\U000f0000-\U0010ffff]"
)
RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff]")
ISOLATED = re.compile("\u2068[^\u2068\u2069\n]*\u2069")


def body_of(values: dict[str, bytes]) -> bytes:
    """A form as bytes, whatever is in it."""
    return b"&".join(k.encode() + b"=" + _escaped(v) for k, v in values.items())


@lru_cache(maxsize=64)
def _escaped(value: bytes) -> bytes:
    """Each byte as %XX: hundreds of fields hold the same hundred kilobytes."""
    return f"%{value.hex('%')}".encode() if value else b""


async def post(town: Town, route: Route, values: dict[str, bytes], who: Person) -> Any:
    """Post bytes with the browser's own token."""
    path = address(town, route)
    cookie = STAFF if path.startswith("/admin") else MEMBER
    token = who.token_cookie.get(cookie, "").encode()
    return await town.ask(
        "POST", path, who, data=io.BytesIO(body_of(values | {"_csrf": token})),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )  # fmt: skip


def problems(html: str) -> str:
    """What a page must not hold: a forbidden character, or a line that is turned."""
    if found := KEPT_OUT.search(html):
        return f"shows {found[0]!a}"
    bare = ISOLATED.sub("", ISOLATED.sub("", html))
    if found := RIGHT_TO_LEFT.search(bare):
        return f"turned near {bare[max(0, found.start() - 40) : found.start() + 20]!a}"
    return ""


def kept_badly() -> list[str]:
    """Every text that a table holds and should not."""
    found = []
    for table in TABLES:
        for row in table.select().dicts():
            for name, value in row.items():
                if KEPT_OUT.search(str(value)) or "\u2068" in str(value):
                    found.append(f"{table._meta.table_name}.{name}: {value!a}"[:160])
    return found


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("face", ["m", "admin"])
async def test_every_form_takes_or_refuses_any_text(town: Town, face: str, kind: str) -> None:
    wrong = []
    for route in forms_of(town, face):
        await town.runtime.redis.flushall()  # limits are tested elsewhere
        names = [n for n in relevant(route) if n != "_code"]
        values = {
            n: GOOD.get(n, "1").encode() + (b"" if n in EXACT else HOSTILE[kind]) for n in names
        }
        got = await post(town, route, values, person_for(town, route))
        if (got.status >= 500 and not is_outside(route, got.status)) or "Traceback" in got.text:
            wrong.append(f"{route} {got.status}")
        kind_of = got.headers.get("Content-Type", "")
        is_sheet = kind_of.startswith("text/csv")
        shown = got.text.removeprefix("\ufeff") if is_sheet else got.text  # our own, for Excel
        is_workbook = "spreadsheetml" in kind_of  # bytes of an archive, not text
        if not is_workbook and (bad := problems(shown)):
            wrong.append(f"{route} {got.status} {bad}")
    assert wrong == []
    assert await town.runtime.store.read(kept_badly) == []


def in_turn(kinds: list[str], routes: list[Route]) -> list[tuple[str, Route]]:
    """Each route with every third kind in turn, six or more in all; with every kind in a soak."""
    pairs = product(enumerate(kinds), enumerate(routes))
    return [(kind, route) for (m, kind), (n, route) in pairs if TIMES > 1 or (m + n) % 3 == 0]


ASKED = ("q", "next", "tab", "state", "before", "r", "s", "p", "no", "target", "kind", "who",
         "code", "scope", "days", "name", "seen", "n", "page", "sku", "order", "all", "year",
         "watch", "held", "from", "to", "quantity", "line", "item", "text", "auto")  # fmt: skip


@pytest.mark.parametrize("kinds", SOME, ids="-".join)
async def test_every_page_takes_any_query(town: Town, kinds: list[str]) -> None:
    pages = [r for r in routes_of(town.app) if r.method == "GET" and str(r) not in MACHINES]
    wrong = []
    for kind, route in in_turn(kinds, pages):
        value = quote_from_bytes(HOSTILE[kind][:1500])
        query = "&".join(f"{name}={value}" for name in ASKED)
        await town.runtime.redis.flushall()
        got = await town.ask("GET", f"{address(town, route)}?{query}", person_for(town, route))
        away = is_outside(route, got.status) or route.pattern == "/m/pay/{no}"  # WeChat's answer
        if (got.status >= 500 and not away) or "Traceback" in got.text:
            wrong.append(f"{kind} {route} {got.status}")
        kind_of = got.headers.get("Content-Type", "")
        if kind_of.startswith("text/") and (bad := problems(got.text)):
            wrong.append(f"{kind} {route} {got.status} {bad}")
    assert wrong == []
    assert await town.runtime.store.read(kept_badly) == []


@pytest.mark.parametrize("kinds", SOME, ids="-".join)
async def test_every_path_takes_any_text_in_its_places(town: Town, kinds: list[str]) -> None:
    routes = [r for r in routes_of(town.app) if "{" in r.pattern and str(r) not in MACHINES]
    wrong = []
    for kind, route in in_turn(kinds, routes):
        value = quote_from_bytes(HOSTILE[kind][:300], safe="")
        path = re.sub(r"\{\w+\}", value, route.pattern)
        got = await town.ask(route.method, path, person_for(town, route))
        if got.status >= 500 or "Traceback" in got.text or problems(got.text):
            wrong.append(f"{kind} {route} {got.status} {problems(got.text)}")
    assert wrong == []


MACHINE_DOORS = ("/wechat", "/pay/notify", "/pay/refund-notify", "/pay/transfer-notify")
HEADERS = (b"User-Agent", b"Referer", b"X-CSRF-Token", b"HX-Current-URL", b"X-Request-Id",
           b"Accept-Language", b"X-Forwarded-For", b"Origin", b"If-None-Match")  # fmt: skip


@pytest.mark.parametrize("kinds", SOME, ids="-".join)
async def test_headers_and_cookies_of_any_bytes_are_no_server_error(
    town: Town, kinds: list[str]
) -> None:
    wrong = []
    for kind in kinds:
        odd = re.sub(rb"[\x00-\x08\x0a-\x1f\x7f]", b"", HOSTILE[kind])  # no server reads those
        if odd:
            wrong += [f"{kind} {each}" for each in await headers_refused(town, odd[:2000])]
    assert wrong == []


async def headers_refused(town: Town, odd: bytes) -> list[str]:
    """Where bytes in a header or cookie are a server's error."""
    wrong = []
    for path in ("/m/", "/m/cart", "/m/orders", "/admin/sign-in", "/admin/orders"):
        for name in HEADERS:
            shown = b"http://127.0.0.1/m/" if name == b"Referer" else b"MicroMessenger "
            status = await raw(town, path, name + b": " + shown + odd)
            if status >= 500:
                wrong.append(f"{path} {name.decode()} {status}")
        for cookie in (MEMBER, STAFF, "fm_v"):
            status = await raw(town, path, f"Cookie: {cookie}=".encode() + b"x" * 30 + odd)
            if status >= 500:
                wrong.append(f"{path} cookie {cookie} {status}")
    for path in ("/m/care", "/m/cart", "/admin/sign-in"):
        for name in (b"X-CSRF-Token", b"Referer", b"Origin", b"User-Agent"):
            status = await raw(town, path, name + b": http://127.0.0.1/" + odd, b"POST")
            if status >= 500:
                wrong.append(f"POST {path} {name.decode()} {status}")
    for path in MACHINE_DOORS:
        for name in (b"Wechatpay-Signature", b"Wechatpay-Serial", b"Wechatpay-Nonce",
                     b"Wechatpay-Timestamp", b"User-Agent", b"X-Request-Id"):  # fmt: skip
            status = await raw(town, path, name + b": " + odd, b"POST")
            if status >= 500:
                wrong.append(f"POST {path} {name.decode()} {status}")
    return wrong


async def test_machines_doors_take_any_query(town: Town) -> None:
    names = ("signature", "timestamp", "nonce", "echostr", "openid", "encrypt_type",
             "msg_signature", "code", "state", "next", "scope")  # fmt: skip
    paths = (*MACHINE_DOORS, "/oauth/login", "/oauth/callback")
    for kind, path, method in product(HOSTILE, paths, ("GET", "POST")):
        value = quote_from_bytes(HOSTILE[kind][:1500])
        query = "&".join(f"{name}={value}" for name in names)
        got = await town.ask(method, f"{path}?{query}", town.visitor(), csrf=None)
        assert got.status < 500, (kind, path)
        assert "Traceback" not in got.text


async def raw(town: Town, path: str, header: bytes, method: bytes = b"GET") -> int:
    """The status of a request whose header is these bytes."""
    host, port = town.client.host, town.client.port
    reader, writer = await asyncio.open_connection(host, port)
    head = f"{path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n".encode()
    head += b"Content-Length: 0\r\n" if method == b"POST" else b""
    writer.write(method + b" " + head + header + b"\r\n\r\n")
    line = await asyncio.wait_for(reader.readline(), PATIENCE)
    writer.close()
    return int(line.split()[1]) if line else 0
