"""The dependencies of the chat face, put together by ``app``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bot.following import Followers
from bot.ports import AssistantPort, SpeechPort, WeChatsRecognition
from domain.catalog.ports import PictureStore
from domain.chat_answers.ports import AskedBook, NoBook
from domain.members.ports import FansPort, OAuthPort
from domain.push.ports import Messenger
from kernel.chat import ImageReply, WeChatInbound
from kernel.config import Config
from kernel.round_trips import RoundTrips
from kernel.store import Store
from kernel.web.limits import Limiter
from kernel.web.templates import Renderer

# (member_id, product_id or None) → a poster as a reply, its picture already uploaded to WeChat
PosterFlow = Callable[[int, int | None], Awaitable[ImageReply]]


@dataclass(frozen=True)
class BotDeps:
    """Store, ports and flows of the chat face."""

    config: Config
    store: Store
    redis: Any
    inbound: WeChatInbound
    messenger: Messenger
    oauth: OAuthPort
    fans: FansPort
    limiter: Limiter
    renderer: Renderer
    poster: PosterFlow
    followers: Followers
    pictures: PictureStore
    asked: AskedBook = field(default_factory=NoBook)
    assistant: AssistantPort | None = None
    hearing: SpeechPort = field(default_factory=WeChatsRecognition)

    @cached_property
    def trips(self) -> RoundTrips:
        """The shared round trips to Redis."""
        return RoundTrips(self.redis)
