"""A phone and WeChat's servers before our webhook, written from the protocol alone."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient

from bot import BotDeps, add_webhook
from domain.members.ports import OAuthIdentity, OAuthProfile
from gateways.wechat.inbound import Inbound
from kernel import clock
from kernel.chat import Article, ImageReply
from kernel.config import Config, parse
from kernel.errors import Refused
from kernel.web.keys import CONFIG
from kernel.web.limits import Limiter
from kernel.web.middleware import request_frame
from kernel.web.templates import Renderer
from simulator.crypto import Envelope, sha1_of_sorted

ROOT = Path(__file__).resolve().parents[2]
OPENID = "oFan0000000000000000000000AA"
PREVIOUS_KEY = "PREVIOUSabcdefghijklmnopqrstuvwxyz012345678"
NONCE = "1372623149"
LOGIN = "http://127.0.0.1:8080/oauth/login?next="
IN_CHAT = "&s=chat"
_MENU_LINK = re.compile(r'<a href="weixin://bizmsgmenu\?msgmenucontent=([^&"]+)[^"]*">')
_PAGE_LINK = re.compile(r'<a href="(https?://[^"]+)">')
_numbers = count(23_456_789_012_345_678)


def config_with(wechat: Mapping[str, Any] | None = None, **changes: Any) -> Config:
    """config.yaml for tests, parts of it changed."""
    env = {"FENMALL_ENV": "test", "PAY_PRIVATE_KEY": "-----BEGIN", "PAY_PUBLIC_KEY": "-----BEGIN"}
    config = parse((ROOT / "config.yaml").read_text(encoding="utf-8"), "config.yaml", env, ROOT)
    account = config.wechat.model_copy(update=dict(wechat or {}))
    return config.model_copy(update={"wechat": account} | changes)


@dataclass
class Messenger:
    """Keeps what it is asked to send; ``refusal`` makes it fail."""

    sent: list[tuple[str, str, Any]] = field(default_factory=list)
    refusal: Exception | None = None

    async def send_text(self, openid: str, text: str) -> None:
        """Keep a text."""
        self._keep(openid, "text", text)

    async def send_image(self, openid: str, media_id: str) -> None:
        """Keep a picture."""
        self._keep(openid, "image", media_id)

    async def send_news(self, openid: str, article: Article) -> None:
        """Keep a card."""
        self._keep(openid, "news", article)

    def _keep(self, openid: str, kind: str, content: Any) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.sent.append((openid, kind, content))


@dataclass
class WeChatSignIn:
    """Knows codes and whom they belong to; each code works once."""

    codes: dict[str, OAuthIdentity] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    def authorize_url(self, redirect_uri: str, state: str, scope: str = "snsapi_base") -> str:
        """Where the browser is sent."""
        self.asked.append((redirect_uri, state, scope))
        return f"https://open.weixin.qq.com/connect?state={state}"

    async def exchange(self, code: str) -> OAuthIdentity:
        """Who the code belongs to, once."""
        found = self.codes.pop(code, None)
        if found is None:
            raise Refused("40163", "code been used")
        return found

    async def profile(self, identity: OAuthIdentity) -> OAuthProfile:
        """What the person shows."""
        return OAuthProfile(identity.openid, identity.unionid, "林小山", "")


@dataclass(frozen=True)
class Answer:
    """What came back: the HTTP status and, if there was one, the reply inside."""

    status: int
    raw: str
    xml: ET.Element | None

    @property
    def kind(self) -> str:
        """The MsgType; empty for ``success``."""
        return self._text("MsgType")

    @property
    def text(self) -> str:
        """The Content of a text reply."""
        return self._text("Content")

    @property
    def media_id(self) -> str:
        """The MediaId of a picture."""
        return self._text("Image/MediaId")

    @property
    def cards(self) -> list[tuple[str, str, str, str]]:
        """Title, description, picture and address of each card."""
        assert self.xml is not None
        names = ("Title", "Description", "PicUrl", "Url")
        return [
            tuple(item.findtext(n) or "" for n in names)  # type: ignore[misc]
            for item in self.xml.iterfind("Articles/item")
        ]

    @property
    def commands(self) -> list[str]:
        """The commands that the text's links send."""
        return [word.replace("\u3000", " ") for word in _MENU_LINK.findall(self.text)]

    @property
    def pages(self) -> list[str]:
        """The pages that the text's links open; those into the mall say they are the chat's."""
        found = _PAGE_LINK.findall(self.text)
        assert all(page.endswith(IN_CHAT) for page in found if page.startswith(LOGIN)), found
        return [page.removesuffix(IN_CHAT) for page in found]

    def _text(self, path: str) -> str:
        return "" if self.xml is None else self.xml.findtext(path) or ""


@dataclass
class Chat:
    """WeChat's side of one account: what it posts, and how it reads the answer."""

    client: TestClient[Any, Any]
    config: Config
    messenger: Messenger
    deps: BotDeps
    openid: str = OPENID

    def of(self, openid: str) -> Chat:
        """The same account before another person."""
        return Chat(self.client, self.config, self.messenger, self.deps, openid)

    async def say(self, content: str, menu_id: str = "") -> Answer:
        """A text message, or a tap on a message menu's item."""
        return await self.push(self.text(content, menu_id))

    async def tap(self, key: str) -> Answer:
        """A tap on the menu."""
        return await self.event("CLICK", EventKey=key)

    async def event(self, name: str, **fields: str) -> Answer:
        """An event."""
        return await self.push(self.xml(MsgType="event", Event=name, **fields))

    def text(self, content: str, menu_id: str = "") -> str:
        """The XML of a text message, with a number of its own."""
        more = {"bizmsgmenuid": cdata(menu_id)} if menu_id else {}
        return self.xml(Content=cdata(content), MsgId=str(next(_numbers)), **more)

    def xml(self, **fields: str) -> str:
        """The XML of a push."""
        common = {
            "ToUserName": self.config.wechat.original_id,
            "FromUserName": self.openid,
            "CreateTime": str(clock.timestamp()),
            "MsgType": "text",
        }
        inner = "".join(f"<{k}>{v}</{k}>" for k, v in (common | fields).items())
        return f"<xml>{inner}</xml>"

    def envelope(self, key: str | None = None) -> Envelope:
        """The account's envelope, or one with another key."""
        account = self.config.wechat
        return Envelope(account.token, key or account.encoding_aes_key, account.appid)

    async def push(self, xml: str, *, key: str | None = None, age: int = 0) -> Answer:
        """Post a push as the account's mode has it, and open the answer."""
        mode = self.config.wechat.mode
        if mode == "plain":
            return self.opened(*await self.post(self.query(age=age), xml))
        encrypt = self.envelope(key).encrypt(xml)
        clear = xml[5:-6] if mode == "compatible" else ""
        body = f"<xml>{clear}<Encrypt>{encrypt}</Encrypt></xml>"
        return self.opened(*await self.post(self.query(encrypt, age), body), key=key)

    def query(self, encrypt: str = "", age: int = 0) -> dict[str, str]:
        """The signed query of a push."""
        timestamp, token = str(clock.timestamp() - age), self.config.wechat.token
        signed = {
            "signature": sha1_of_sorted(token, timestamp, NONCE),
            "timestamp": timestamp,
            "nonce": NONCE,
            "openid": self.openid,
        }
        if encrypt:
            signature = sha1_of_sorted(token, timestamp, NONCE, encrypt)
            signed |= {"encrypt_type": "aes", "msg_signature": signature}
        return signed

    async def post(self, query: Mapping[str, str], body: Any) -> tuple[int, str]:
        """Post anything; answers status and body."""
        data = body.encode() if isinstance(body, str) else body
        async with self.client.post("/wechat", params=query, data=data) as response:
            return response.status, await response.text()

    def opened(self, status: int, raw: str, key: str | None = None) -> Answer:
        """Read an answer as WeChat does: unseal it, check who it is to."""
        if status != 200 or raw == "success":
            return Answer(status, raw, None)
        root = ET.fromstring(raw)
        sealed = root.findtext("Encrypt")
        if sealed is not None:
            stamp, nonce = root.findtext("TimeStamp") or "", root.findtext("Nonce") or ""
            wanted = sha1_of_sorted(self.config.wechat.token, stamp, nonce, sealed)
            assert root.findtext("MsgSignature") == wanted
            root = ET.fromstring(self.envelope(key).decrypt(sealed))
        assert root.findtext("ToUserName") == self.openid
        assert root.findtext("FromUserName") == self.config.wechat.original_id
        return Answer(status, raw, root)


def cdata(text: str) -> str:
    """Text as CDATA."""
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


async def no_poster(member_id: int, product_id: int | None) -> ImageReply:
    """A poster that names whose it is and of what."""
    return ImageReply(f"poster-{member_id}-{product_id or 'brand'}")


async def make_chat(
    aiohttp_client: Callable[..., Awaitable[TestClient[Any, Any]]],
    store: Any,
    *,
    redis: Any,
    poster: Any = no_poster,
    wechat: Mapping[str, Any] | None = None,
) -> Chat:
    """A webhook on a port of its own."""
    config = config_with({"previous_aes_key": PREVIOUS_KEY} | dict(wechat or {}))
    messenger: Any = Messenger()
    oauth: Any = WeChatSignIn()
    deps = BotDeps(
        config=config, store=store, redis=redis, inbound=Inbound(config.wechat),
        messenger=messenger, oauth=oauth, fans=None,  # type: ignore[arg-type]
        limiter=Limiter(redis), renderer=Renderer(config), poster=poster,
    )  # fmt: skip
    app = web.Application(middlewares=[request_frame])
    app[CONFIG] = config
    add_webhook(app, deps)
    return Chat(await aiohttp_client(app), config, messenger, deps)
