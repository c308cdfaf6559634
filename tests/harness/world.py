"""Starts the shop and the simulator in this process, and gives each person a phone.

A ``Phone`` acts for a person: it chats through ``/_sim/…``, opens pages inside WeChat with its own
cookies, fills in the forms of a page, pays, and confirms a transfer.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import socket
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp
from yarl import URL

from app.demo import account_templates
from app.runtime import Runtime, open_runtime
from app.server import listen, make_app, make_private_app
from app.wiring import subscribe_all
from app.worker import working
from kernel import clock
from kernel.config import Config, parse
from simulator.app import make_app as make_simulator
from simulator.keys import DemoKeys
from simulator.settings import Settings
from tests.harness.keys import shared_keys
from tests.harness.markup import forms_of, values_of, words_of
from tests.harness.ports import free_port
from tests.harness.seeded import seed_once

ROOT = Path(__file__).resolve().parents[2]
AGENT = (
    "Mozilla/5.0 (Linux; Android 14; Phone) AppleWebKit/537.36 Chrome/122.0.0.0 "
    "XWEB/1220 Mobile Safari/537.36 MicroMessenger/8.0.49"
)


@dataclass
class Page:
    """A page that a phone has opened."""

    url: str
    status: int
    text: str
    headers: Any

    def forms(self) -> list[Form]:
        """The forms on the page, in order."""
        return [
            Form(
                urljoin(self.url, each.action or self.url),
                dict(reversed(each.fields)),  # of several fields with one name: the first
                each.is_post,
            )
            for each in forms_of(self.text)
        ]

    def form(self, action: str = "", holding: str | None = None) -> Form:
        """The first form whose action ends with ``action`` and that has the field ``holding``."""
        for each in self.forms():
            if each.action.split("?")[0].endswith(action) and (
                holding is None or holding in each.fields
            ):
                return each
        found = [f.action for f in self.forms()]
        raise AssertionError(f"no form {action!r} on {self.url}: {found}")

    def words(self, selector: str = "body") -> str:
        """What a person reads on a part of the page."""
        return words_of(self.text, selector)

    def has_field(self, name: str) -> bool:
        """Whether a form of the page has a field with this name."""
        return any(name in each.fields for each in self.forms())

    def links(self, containing: str = "") -> list[str]:
        """The addresses of the links on the page that contain a text."""
        return [h for h in values_of(self.text, "a[href]", "href") if containing in h]


@dataclass
class Form:
    """A form as on the page, to be filled in and sent."""

    action: str
    fields: dict[str, str]
    is_post: bool


@dataclass
class Phone:
    """One person with a phone."""

    id: str
    world: World
    session: aiohttp.ClientSession
    log: list[str] = field(default_factory=list)

    async def follow(self, **body: Any) -> Any:
        """Follow the account; ``body`` may name a scene code's ticket or scene."""
        return await self.world.sim("POST", f"/phones/{self.id}/follow", body)

    async def say(self, text: str) -> str:
        """Send a text to the account; returns the reply as text."""
        answer = await self.world.sim("POST", f"/phones/{self.id}/text", {"content": text})
        return _shown(answer.get("reply"))

    async def ask(self, text: str) -> dict[str, Any]:
        """Send a text; returns the whole reply message."""
        answer = await self.world.sim("POST", f"/phones/{self.id}/text", {"content": text})
        reply: dict[str, Any] = answer.get("reply") or {}
        return reply

    async def messages(self, box: str = "chat") -> list[dict[str, Any]]:
        """What the phone received: ``chat``, ``services`` or ``friends``."""
        answer = await self.world.sim("GET", f"/phones/{self.id}/{box}")
        found: list[dict[str, Any]] = answer["messages"]
        return found

    async def open(self, url: str, data: dict[str, str] | None = None) -> Page:
        """Open a page in WeChat, following redirects and signing in if asked."""
        url = urljoin(self.world.app_url, url)
        headers = {"User-Agent": AGENT}
        method = "POST" if data is not None else "GET"
        for _ in range(12):
            async with self.session.request(
                method,
                URL(url, encoded=url.isascii()),
                data=data,
                headers=headers,
                allow_redirects=False,
            ) as response:
                text = await response.text(errors="replace")
                self.log.append(f"{method} {url} {response.status}")
                if response.status not in {301, 302, 303, 307}:
                    return Page(url, response.status, text, response.headers)
                url = urljoin(url, response.headers["Location"])
            method, data = "GET", None
            if "/connect/oauth2/authorize" in url:
                body = {"url": url, "decision": "allow"}
                answer = await self.world.sim("POST", f"/phones/{self.id}/oauth", body)
                url = answer["location"]
        raise AssertionError("too many redirects: " + " → ".join(self.log[-12:]))

    async def submit(self, form: Form, **changes: str) -> Page:
        """Send a form with some fields changed."""
        values = {k: v for k, v in (form.fields | changes).items() if k}
        if form.is_post:
            return await self.open(form.action, values)
        return await self.open(str(URL(form.action).update_query(values)))

    async def pay(self, **what: Any) -> dict[str, Any]:
        """Pay by prepay_id, out_trade_no, code_url or params."""
        found: dict[str, Any] = await self.world.sim("POST", f"/phones/{self.id}/pay", what)
        return found

    async def wallet_fen(self) -> int:
        """The balance of the person's WeChat wallet in fen."""
        answer = await self.world.sim("GET", f"/phones/{self.id}/payments")
        return int(answer["wallet_fen"])


class World:
    """The shop, the simulator and the people."""

    def __init__(self, runtime: Runtime, app_url: str, sim_url: str, http: Any) -> None:
        self.runtime = runtime
        self.app_url = app_url
        self.sim_url = sim_url
        self._http = http
        self._phones: dict[str, Phone] = {}
        # Shops in several tests may share a Redis, which de-duplicates pushes of one openid in
        # one second.
        self._own = secrets.token_hex(8)

    async def sim(self, method: str, path: str, body: Any = None) -> Any:
        """Call the simulator's JSON API."""
        url = f"{self.sim_url}/_sim{path}"
        payload = body if method != "GET" else None
        async with self._http.request(method, url, json=payload) as response:
            answer = await response.json()
            assert response.status < 400, (path, body, answer)
            return answer

    async def phone(self, name: str) -> Phone:
        """A person's phone, created at the first use of the name."""
        if name not in self._phones:
            known = {p["id"] for p in (await self.sim("GET", "/phones"))["phones"]}
            if name not in known:
                openid = "o" + hashlib.sha256(f"{self._own}:{name}".encode()).hexdigest()[:27]
                await self.sim("POST", "/phones", {"id": name, "name": name, "openid": openid})
            self._phones[name] = Phone(name, self, self._new_session())
        return self._phones[name]

    async def move(self, **delta: int) -> None:
        """Move the clock of both sides, and wait until what became due is done."""
        seconds = int(timedelta(**delta).total_seconds())
        await self.sim("POST", "/clock", {"advance_seconds": seconds})
        await self.settle()

    async def move_to_noon(self) -> None:
        """Move to the next noon in Shanghai, so that no promotion waits for quiet hours to end."""
        now = clock.now()
        noon = clock.day_start(clock.business_day(now)) + timedelta(hours=12)
        ahead = noon - now if noon > now else noon + timedelta(days=1) - now
        await self.move(seconds=int(ahead.total_seconds()) + 1)

    async def settle(self) -> None:
        """Wait until pushes, notifications, outbox rows and due jobs are done."""
        for _ in range(3):
            await self.sim("POST", "/idle", {"timeout_s": 5})
            await self.worker.settle()

    def _new_session(self) -> aiohttp.ClientSession:
        """A client with separate cookies and a separate address.

        Limits by address would otherwise count all people as one, also those of tests that run at
        the same time and share a Redis.
        """
        own = _some_address()
        session = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            timeout=aiohttp.ClientTimeout(total=20),
            connector=aiohttp.TCPConnector(local_addr=(own, 0) if own else None),
        )
        self.stack.push_async_callback(session.close)
        return session

    def browser(self) -> aiohttp.ClientSession:
        """A browser outside WeChat with its own cookies."""
        return self._new_session()

    worker: Any
    stack: contextlib.AsyncExitStack


def _some_address() -> str | None:
    """A random loopback address; None on systems with only one."""
    own = ".".join(["127", *(str(secrets.randbelow(254) + 1) for _ in range(3))])
    with socket.socket() as probe:
        try:
            probe.bind((own, 0))
        except OSError:
            return None
    return own


def environment_for(
    app_port: int, sim_port: int, private_port: int, database: str, redis: str, folder: Path,
    keys: DemoKeys,
) -> dict[str, str]:  # fmt: skip
    """The environment that gives the project's config.yaml this world's ports and keys."""
    sim_url = f"http://127.0.0.1:{sim_port}"
    (folder / "merchant.pem").write_text(keys.merchant_private_key)
    (folder / "wechatpay.pem").write_text(keys.wechatpay_public_key)
    return {
        "FENMALL_ENV": "test",
        "FENMALL_PUBLIC_URL": f"http://127.0.0.1:{app_port}",
        "PORT": str(app_port),
        "FENMALL_PRIVATE_PORT": str(private_port),
        "DATABASE_URL": database,
        "REDIS_URL": redis,
        "FENMALL_UPLOADS": str(folder / "uploads"),
        "IDENTITY_URL": sim_url,
        "WECHAT_API_BASE": sim_url,
        "WECHAT_OPEN_BASE": sim_url,
        "WECHAT_MP_BASE": sim_url,
        "WECHAT_JSSDK_URL": f"{sim_url}/open/js/jweixin-1.6.0.js",
        "PAY_API_BASE": sim_url,
        "PAY_PRIVATE_KEY": str(folder / "merchant.pem"),
        "PAY_PUBLIC_KEY": str(folder / "wechatpay.pem"),
    }


def config_for(
    app_port: int, sim_port: int, private_port: int, database: str, redis: str, folder: Path,
    keys: DemoKeys,
) -> Config:  # fmt: skip
    """The project's config.yaml with this world's ports and keys."""
    env = environment_for(app_port, sim_port, private_port, database, redis, folder, keys)
    return parse((ROOT / "config.yaml").read_text(encoding="utf-8"), "config.yaml", env, folder)


@contextlib.asynccontextmanager
async def open_world(
    folder: Path, database: str, redis: str = "memory://", keys: DemoKeys | None = None,
    phones: Sequence[dict[str, str]] = (),
) -> AsyncIterator[World]:  # fmt: skip
    """A seeded shop on an empty database and a new simulator, both on loopback."""
    keys = keys or shared_keys()
    app_port, sim_port, private_port = free_port(), free_port(), free_port()
    config = config_for(app_port, sim_port, private_port, database, redis, folder, keys)
    settings = Settings(
        app_base_url=config.public_url,
        public_url=f"http://127.0.0.1:{sim_port}",
        clock_url=f"http://127.0.0.1:{private_port}/clock",
        time_scale=0.02,
        phones=[dict(phone) for phone in phones],
        templates=account_templates(),
        **keys.for_settings(),
    )
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(listen(make_simulator(settings), "127.0.0.1", sim_port))
        runtime = await stack.enter_async_context(open_runtime(config))
        subscribe_all()
        await seed_once(runtime)
        worker = await stack.enter_async_context(working(runtime))
        await stack.enter_async_context(listen(make_app(runtime), "127.0.0.1", app_port))
        private = make_private_app(runtime)
        await stack.enter_async_context(listen(private, "127.0.0.1", private_port))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        world = World(runtime, config.public_url, settings.public_url, http)
        world.worker, world.stack = worker, stack
        await world.sim("POST", "/connect", {})  # as the merchant does in the account's console
        yield world


def _shown(reply: dict[str, Any] | None) -> str:
    """A reply as text, as a person reads it."""
    if not reply:
        return ""
    body = reply.get("body", {})
    if reply.get("kind") == "news":
        return "\n".join(f"{a['title']} {a['url']}" for a in body["articles"])
    return str(body.get("content") or body.get("media_id") or "")


def path_of(url: str) -> str:
    """The path and query of a URL."""
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")
