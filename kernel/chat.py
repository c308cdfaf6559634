"""Messages, events and replies, exchanged between the chat face and WeChat's gateway.

They are plain frozen dataclasses, so that neither the chat face nor the gateway imports the other.
The only behaviour is the ``WeChatInbound`` protocol; ``app`` hands its implementation to the face.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

SCENE_PREFIX = "qrscene_"
PUSH_BYTES_MAX = 64 * 1024
"""WeChat sends no larger push; the face stops reading there."""


class BadPush(Exception):
    """A push whose sender is not verified or that can't be read; ``reason`` is one short code.

    Reasons: ``signature``, ``time``, ``query``, ``plain_refused``, ``decrypt``, ``appid``,
    ``xml``, ``shape``, ``account``; the face adds ``size`` and ``slow``.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Incoming:
    """What every message and event has in common."""

    openid: str
    account: str
    created_at: datetime


@dataclass(frozen=True)
class Text(Incoming):
    """A text message (文本); ``menu_id`` is the item of a message menu that was tapped."""

    message_id: str
    content: str
    menu_id: str = ""


@dataclass(frozen=True)
class Image(Incoming):
    """A picture (图片)."""

    message_id: str
    media_id: str
    picture_url: str = ""


@dataclass(frozen=True)
class Voice(Incoming):
    """A voice message (语音); ``recognition`` is its text where WeChat still gives one."""

    message_id: str
    media_id: str
    format: str = ""
    recognition: str = ""


@dataclass(frozen=True)
class Video(Incoming):
    """A video or short video (视频)."""

    message_id: str
    media_id: str
    thumb_media_id: str = ""
    is_short: bool = False


@dataclass(frozen=True)
class Location(Incoming):
    """A location message (位置)."""

    message_id: str
    latitude: float
    longitude: float
    scale: int = 0
    label: str = ""


@dataclass(frozen=True)
class Link(Incoming):
    """A link message (链接)."""

    message_id: str
    title: str
    description: str
    url: str


@dataclass(frozen=True)
class Other(Incoming):
    """A message of a kind that has no class here, such as a mini-program card."""

    message_id: str
    kind: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Event(Incoming):
    """An event (事件). ``kind`` is WeChat's Event in lower case.

    ``key`` is EventKey as sent. A *FINISH event has the MsgID of the finished message in
    ``message_id`` and its Status in ``status``. ``facts`` holds every further field as parsed.
    """

    kind: str
    key: str = ""
    ticket: str = ""
    message_id: str = ""
    status: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def scene(self) -> str | None:
        """The scene of the scanned QR code (带参二维码), or None if the event is not a scan.

        On a follow event only a key with ``qrscene_`` counts: some carry a trade number instead.
        """
        if self.kind == "subscribe" and self.key.startswith(SCENE_PREFIX):
            return self.key.removeprefix(SCENE_PREFIX)
        if self.kind == "scan" and self.key:
            return self.key
        return None

    @property
    def scan_result(self) -> str | None:
        """What the menu's scanner read (扫码); None for other events."""
        info = self.facts.get("ScanCodeInfo")
        return str(info.get("ScanResult") or "") if isinstance(info, Mapping) else None

    @property
    def subscriptions(self) -> tuple[Mapping[str, Any], ...]:
        """The per-template entries of a subscription notice event (订阅通知); empty for others."""
        for tag in _SUBSCRIPTION_TAGS:
            holder = self.facts.get(tag)
            if isinstance(holder, Mapping):
                entries = holder.get("List")
                listed = entries if isinstance(entries, list) else [entries]
                return tuple(e for e in listed if isinstance(e, Mapping))
        return ()


_SUBSCRIPTION_TAGS = (
    "SubscribeMsgPopupEvent",
    "SubscribeMsgChangeEvent",
    "SubscribeMsgSentEvent",
)

Message = Text | Image | Voice | Video | Location | Link | Other | Event


@dataclass(frozen=True)
class Push:
    """One verified delivery. WeChat's retry of a message has the same ``dedupe_key``.

    ``key_number`` is the AES key that it was encrypted with: 0 the current, 1 the previous one.
    """

    message: Message
    dedupe_key: str
    is_encrypted: bool = False
    key_number: int = 0


@dataclass(frozen=True)
class TextReply:
    """Answer with text."""

    content: str


@dataclass(frozen=True)
class ImageReply:
    """Answer with an uploaded picture; ``words`` follow as a message of their own."""

    media_id: str
    words: str = ""


@dataclass(frozen=True)
class Article:
    """One card of a news reply (图文)."""

    title: str
    description: str
    url: str
    picture_url: str = ""


@dataclass(frozen=True)
class NewsReply:
    """Answer with cards: one in answer to a message, up to eight in answer to an event."""

    articles: tuple[Article, ...]


@dataclass(frozen=True)
class HandOver:
    """Transfer the conversation to customer service (转人工客服), to one account if named."""

    kf_account: str | None = None


Reply = TextReply | ImageReply | NewsReply | HandOver


class WeChatInbound(Protocol):
    """Verifies, decrypts and parses WeChat's pushes, and encrypts our replies. Does no I/O."""

    def verify_url(self, query: Mapping[str, str]) -> str:
        """The text to answer a URL check with (接入验证). Raises BadPush."""

    def open_push(self, query: Mapping[str, str], body: bytes) -> Push:
        """Verify, decrypt and parse one delivery. Raises BadPush."""

    def render(self, push: Push, reply: Reply | None) -> str:
        """The response body, encrypted if the push was; for a reply of None it is ``success``."""
