"""The whole public application over a shop with data, and the people who knock at it.

Nothing outside runs: WeChat's addresses are closed ports. What a page would ask of WeChat fails,
which is the outside's business; who may ask is decided before.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from app.runtime import Runtime, open_runtime
from app.server import make_app
from domain.members import sessions
from kernel import clock
from kernel.config import Config, parse
from kernel.ids import token
from kernel.store import database
from kernel.web.browsers import Browser
from models import TABLES, Address, AfterSale
from simulator.keys import DemoKeys
from tests.face.desk import hire, open_session
from tests.face.shop_with_data import Shop, make_shop
from tests.factories.members import make_member
from tests.factories.orders import placed_order
from tests.harness.made_once import made_once
from tests.harness.ports import free_port
from tests.harness.world import AGENT, ROOT

OUTSIDE = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
MEMBER, STAFF = "fm_s", "fm_admin"
# A browser's own row, its rounds of sign-in and its code to scan belong to whoever knocks.
QUIET = {"web_session", "staff_session", "oauth_state", "handover"}
ROLES = ("owner", "finance", "operator", "service", "clerk")


@dataclass(frozen=True)
class Person:
    """Somebody with a browser: whose cookies it has, and whether it is WeChat's."""

    name: str
    cookies: dict[str, str]
    in_wechat: bool = False

    @property
    def token_cookie(self) -> dict[str, str]:
        """The form token per cookie."""
        return {name: Browser.csrf_of(value) for name, value in self.cookies.items()}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    text: str
    headers: Any
    place: str


@dataclass(frozen=True)
class Route:
    """One row of the application's own route table."""

    method: str
    pattern: str
    face: str
    handler: Any

    def __str__(self) -> str:
        return f"{self.method} {self.pattern}"


@dataclass
class Town:
    """The application, its data and its people."""

    app: web.Application
    client: TestClient[Any, Any]
    runtime: Runtime
    shop: Shop
    waiting_no: str
    address_id: int
    case_no: str
    people: dict[str, Person]
    knocks: int = 0  # how often somebody asked for something

    async def ask(
        self, method: str, path: str, who: Person, *, data: Any = None, csrf: str | None = "own",
        headers: dict[str, str] | None = None,
    ) -> Answer:  # fmt: skip
        """One request as this person's browser sends it; redirects are not followed.

        ``csrf`` is ``own``, None for no token, or a token.
        """
        cookie = STAFF if path.startswith("/admin") else MEMBER
        sent = {"User-Agent": AGENT if who.in_wechat else OUTSIDE} | (headers or {})
        pairs = "; ".join(f"{k}={v}" for k, v in who.cookies.items())
        if pairs:
            sent["Cookie"] = pairs
        body = data
        if method == "POST" and data is None:
            body = {}
        if method == "POST" and isinstance(body, dict) and csrf is not None:
            mine = who.token_cookie.get(cookie, "")
            body = body | {"_csrf": mine if csrf == "own" else csrf}
        self.client.session.cookie_jar.clear()
        self.knocks += 1
        async with self.client.request(
            method, URL(path, encoded=True), data=body, headers=sent, allow_redirects=False
        ) as answer:
            text = (await answer.read()).decode(errors="replace")
            place = answer.headers.get("Location", "")
            return Answer(answer.status, text, answer.headers, place)

    async def digest(self) -> dict[str, str]:
        """A hash per table of everything that is kept, but whoever knocks' own session."""
        return await self.runtime.store.read(digest)

    async def shipped_line(self) -> int:
        """The line of the buyer's order that is on its way."""
        (line_id,) = await self.runtime.store.read(lambda: self.shop.shipped.line_ids)
        return int(line_id)

    def visitor(self, *, in_wechat: bool = False) -> Person:
        """Somebody nobody knows, with fresh cookies."""
        cookies = {MEMBER: token(), STAFF: token()}
        return Person("visitor", cookies, in_wechat)


def digest() -> dict[str, str]:
    """A hash per table."""
    found: dict[str, str] = {}
    for table in TABLES:
        name = table._meta.table_name
        if name not in QUIET:
            rows = sorted(map(repr, database.execute_sql(f"SELECT * FROM {name}").fetchall()))
            found[name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def routes_of(app: web.Application) -> Iterator[Route]:
    """Every route of an application and of what is mounted in it, HEAD as its GET."""
    seen = set()
    for route in app.router.routes():
        resource = route.resource
        assert resource is not None
        method = "GET" if route.method == "HEAD" else route.method
        pattern = re.sub(r"\{(\w+):(?:[^{}]|\{[^{}]*\})*\}", r"{\1}", resource.canonical)
        if (method, pattern) not in seen:
            seen.add((method, pattern))
            face = pattern.split("/")[1] if pattern.count("/") else ""
            yield Route(method, pattern, face, route.handler)


def _staff() -> dict[str, Person]:
    people = {}
    for role in ROLES:
        hire(f"the-{role}", role)
        cookie = open_session(f"the-{role}")
        people[role] = Person(role, {STAFF: cookie, MEMBER: token()})
    return people


def _member(name: str, member_id: int) -> Person:
    begun = sessions.open_session(token(), f"visitor-of-{name}")
    cookie = sessions.renew_session(begun, member_id)
    return Person(name, {MEMBER: cookie, STAFF: token()}, in_wechat=True)


def _settle() -> tuple[Shop, str, int, str, dict[str, Person]]:
    """Everybody and everything, through the verbs."""
    shop = make_shop()
    buyer = shop.customer_id
    waiting = placed_order(buyer)
    address = Address.get(Address.member == buyer)
    other = make_member("别人")
    people = {
        "buyer": _member("buyer", buyer),
        "other": _member("other", other),
        "distributor": _member("distributor", shop.distributor_id),
    } | _staff()
    return shop, waiting.order_no, address.id, AfterSale.get_by_id(shop.case_id).case_no, people


def _config(folder: Path, database: str, keys: DemoKeys) -> Config:
    """The project's own config.yaml; WeChat is at a port where nobody listens."""
    (folder / "merchant.pem").write_text(keys.merchant_private_key)
    (folder / "wechatpay.pem").write_text(keys.wechatpay_public_key)
    nobody = f"http://127.0.0.1:{free_port()}"
    env = {
        "FENMALL_ENV": "test", "DATABASE_URL": database, "REDIS_URL": "memory://",
        "FENMALL_UPLOADS": str(folder / "uploads"), "WECHAT_API_BASE": nobody,
        "IDENTITY_URL": nobody,
        "WECHAT_OPEN_BASE": nobody, "WECHAT_MP_BASE": nobody, "PAY_API_BASE": nobody,
        "PAY_PRIVATE_KEY": str(folder / "merchant.pem"),
        "PAY_PUBLIC_KEY": str(folder / "wechatpay.pem"),
    }  # fmt: skip
    return parse((ROOT / "config.yaml").read_text(encoding="utf-8"), "config.yaml", env, folder)


@asynccontextmanager
async def open_town(
    folder: Path, database: str, keys: DemoKeys, **changes: Any
) -> AsyncIterator[Town]:
    """The application on a free port. ``changes`` are of the configuration."""
    config = _config(folder, database, keys).model_copy(update=changes)
    async with open_runtime(config) as runtime:
        app = make_app(runtime)
        settle = _settle if changes else partial(made_once, "town", _settle)
        made = await runtime.store.write(settle)
        clock.set_offset(timedelta(0))  # the shop's past was made by moving on
        async with TestClient(TestServer(app)) as client:
            yield Town(app, client, runtime, *made)
