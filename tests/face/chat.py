"""A phone and WeChat's servers as clients of our webhook, written from the protocol alone."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient
from PIL import Image

from bot import BotDeps, add_webhook
from bot.following import Followers
from domain.members.ports import OAuthIdentity, OAuthProfile
from domain.push.ports import UploadedMedia
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


@cache
def _config() -> Config:
    env = {"FENMALL_ENV": "test", "PAY_PRIVATE_KEY": "-----BEGIN", "PAY_PUBLIC_KEY": "-----BEGIN"}
    return parse((ROOT / "config.yaml").read_text(encoding="utf-8"), "config.yaml", env, ROOT)


def config_with(wechat: Mapping[str, Any] | None = None, **changes: Any) -> Config:
    """config.yaml for tests with some changed values."""
    config = _config()
    account = config.wechat.model_copy(update=dict(wechat or {}))
    return config.model_copy(update={"wechat": account} | changes)


@dataclass
class Messenger:
    """Keeps what it is asked to send; ``refusal`` makes it fail.

    ``forgotten`` are media ids that WeChat no longer knows.
    """

    sent: list[tuple[str, str, Any]] = field(default_factory=list)
    uploads: list[bytes] = field(default_factory=list)
    forgotten: set[str] = field(default_factory=set)
    refusal: Exception | None = None

    async def send_text(self, openid: str, text: str) -> None:
        """Store a text."""
        self._keep(openid, "text", text)

    async def send_image(self, openid: str, media_id: str) -> None:
        """Keep a picture."""
        if media_id in self.forgotten:
            raise Refused("40007", "invalid media_id")
        self._keep(openid, "image", media_id)

    async def upload_image(self, data: bytes, filename: str) -> UploadedMedia:
        """Keep an upload."""
        if self.refusal is not None:
            raise self.refusal
        self.uploads.append(data)
        return UploadedMedia(f"media-{len(self.uploads)}", clock.now() + timedelta(hours=60))

    async def send_news(self, openid: str, article: Article) -> None:
        """Store a card."""
        self._keep(openid, "news", article)

    def _keep(self, openid: str, kind: str, content: Any) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.sent.append((openid, kind, content))


def small_picture() -> bytes:
    """A picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", (60, 60), (120, 90, 40)).save(out, "JPEG")
    return out.getvalue()


@dataclass
class WeChatSignIn:
    """WeChat's sign-in with known codes; each code works once."""

    codes: dict[str, OAuthIdentity] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    nickname: str = "林小山"
    shows: bytes | Refused = field(default_factory=small_picture)

    def authorize_url(self, redirect_uri: str, state: str, scope: str = "snsapi_base") -> str:
        """The address of WeChat's consent page."""
        self.asked.append((redirect_uri, state, scope))
        return f"https://open.weixin.qq.com/connect?state={state}"

    async def exchange(self, code: str) -> OAuthIdentity:
        """The identity of a code; a second time it fails."""
        found = self.codes.pop(code, None)
        if found is None:
            raise Refused("40163", "code been used")
        return found

    async def profile(self, identity: OAuthIdentity) -> OAuthProfile:
        """The person's profile."""
        return OAuthProfile(
            identity.openid, identity.unionid, self.nickname, "https://x.qlogo.cn/1"
        )

    async def picture(self, url: str) -> bytes:
        """The picture of anybody."""
        if isinstance(self.shows, Refused):
            raise self.shows
        return self.shows


@dataclass(frozen=True)
class Answer:
    """The answer to a push: its HTTP status, and the reply in it if there is one."""

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
        """The commands that the links of the text send."""
        return [word.replace("\u3000", " ") for word in _MENU_LINK.findall(self.text)]

    @property
    def pages(self) -> list[str]:
        """The pages that the links of the text open, without the source in their address."""
        found = _PAGE_LINK.findall(self.text)
        assert all(page.endswith(IN_CHAT) for page in found if page.startswith(LOGIN)), found
        return [page.removesuffix(IN_CHAT) for page in found]

    def _text(self, path: str) -> str:
        return "" if self.xml is None else self.xml.findtext(path) or ""


@dataclass
class Chat:
    """WeChat's side of one account: it posts pushes and reads the answers."""

    client: TestClient[Any, Any]
    config: Config
    messenger: Messenger
    deps: BotDeps
    openid: str = OPENID

    def of(self, openid: str) -> Chat:
        """The same account with another person."""
        return Chat(self.client, self.config, self.messenger, self.deps, openid)

    async def say(self, content: str, menu_id: str = "") -> Answer:
        """Send a text message, as a tap on an item of a message menu does too."""
        return await self.push(self.text(content, menu_id))

    async def tap(self, key: str) -> Answer:
        """Tap an item of the account's menu."""
        return await self.event("CLICK", EventKey=key)

    async def event(self, name: str, **fields: str) -> Answer:
        """Push an event."""
        return await self.push(self.xml(MsgType="event", Event=name, **fields))

    def text(self, content: str, menu_id: str = "") -> str:
        """The XML of a text message with a new message id."""
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
        """The envelope for the account's key, or for another key."""
        account = self.config.wechat
        return Envelope(account.token, key or account.encoding_aes_key, account.appid)

    async def push(self, xml: str, *, key: str | None = None, age: int = 0) -> Answer:
        """Post a push in the account's mode and read the answer."""
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
        """Post a body; returns the status and the body of the answer."""
        data = body.encode() if isinstance(body, str) else body
        async with self.client.post("/wechat", params=query, data=data) as response:
            return response.status, await response.text()

    def opened(self, status: int, raw: str, key: str | None = None) -> Answer:
        """Read an answer as WeChat does: decrypt it and check its recipient."""
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
    """Bytes in place of a poster, with the member and the product."""
    return ImageReply(f"poster-{member_id}-{product_id or 'brand'}")


async def stored(picture_id: str) -> bytes | None:
    """A picture that names its id."""
    return picture_id.encode()


async def make_chat(
    aiohttp_client: Callable[..., Awaitable[TestClient[Any, Any]]],
    store: Any,
    *,
    redis: Any,
    poster: Any = no_poster,
    wechat: Mapping[str, Any] | None = None,
    assistant: Any = None,
) -> Chat:
    """Start a webhook on a free port."""
    config = config_with({"previous_aes_key": PREVIOUS_KEY} | dict(wechat or {}))
    messenger: Any = Messenger()
    oauth: Any = WeChatSignIn()
    deps = BotDeps(
        config=config, store=store, redis=redis, inbound=Inbound(config.wechat),
        messenger=messenger, oauth=oauth, fans=None,  # type: ignore[arg-type]
        limiter=Limiter(redis), renderer=Renderer(config), poster=poster,
        followers=Followers(messenger, redis, stored),
        pictures=None,  # type: ignore[arg-type]
        assistant=assistant,
    )  # fmt: skip
    app = web.Application(middlewares=[request_frame])
    app[CONFIG] = config
    add_webhook(app, deps)
    return Chat(await aiohttp_client(app), config, messenger, deps)
