"""One message on its way through the routers: who, what, and the tools to answer with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ParamSpec, TypeVar

from bot.deps import BotDeps
from bot.speech import Speech
from bot.words import normal
from domain.settings import ChatTexts
from kernel.chat import Event, Message, Text, TextReply, Voice

P = ParamSpec("P")
T = TypeVar("T")


@dataclass
class Call:
    """A message and what the handlers may use. Filters read it, handlers answer it."""

    message: Message
    member_id: int
    deps: BotDeps
    speech: Speech
    texts: ChatTexts = field(default_factory=ChatTexts)
    is_new_member: bool = False
    coming: str = ""

    @property
    def openid(self) -> str:
        """Who wrote."""
        return self.message.openid

    @cached_property
    def words(self) -> str:
        """What was typed, said or tapped, in normal form; empty for everything else.

        An item of a message menu speaks by its id where that is a word, else by its text.
        """
        message = self.message
        if isinstance(message, Text):
            is_word = bool(message.menu_id) and not message.menu_id.isascii()
            return normal(message.menu_id if is_word else message.content)
        if isinstance(message, Event) and message.kind == "click":
            return normal(message.key)
        return normal(message.recognition) if isinstance(message, Voice) else ""

    @property
    def typed(self) -> str:
        """The text as the person typed it."""
        return self.message.content.strip() if isinstance(self.message, Text) else ""

    @property
    def takes_cards(self) -> bool:
        """True if several cards may answer: after an event, not where a person wrote."""
        return isinstance(self.message, Event)

    async def read(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a query."""
        return await self.deps.store.read(fn, *args, **kwargs)

    async def write(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a verb."""
        return await self.deps.store.write(fn, *args, **kwargs)

    def url(self, path: str) -> str:
        """A link of ours; one into the mall arrives signed in."""
        return self.speech.url(path)

    def promise(self, text: str) -> None:
        """Slow work begins: if it takes a second, this is said and the answer sent after it."""
        self.coming = text

    def answer(self, template: str, *, more: str = "/m/", **context: Any) -> TextReply:
        """A text from ``templates/chat/``; what does not fit is behind a link to ``more``."""
        if not context:
            return TextReply(self.speech.fixed(template))
        return TextReply(self.speech.fitted(self.speech.text(template, **context), more))
