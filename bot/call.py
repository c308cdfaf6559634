"""One message on its way through the routers, with what a handler needs to answer it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, ParamSpec, TypeVar

from bot.deps import BotDeps
from bot.following import Following
from bot.numbers import Named, number_in
from bot.shape import Shape
from bot.speech import Speech
from bot.understanding.matcher import NO_EXAMPLES, Examples, Meaning, understand
from bot.words import normal
from domain import promises
from domain.promises import Promises
from domain.settings import ChatTexts
from kernel.chat import Event, Message, Text, TextReply, Voice
from kernel.words import folded

READ_MOST = 1_000
"""Characters of a message that are understood; nobody says more in one."""

SHORT = 24
"""Characters of a sentence whose meaning is remembered: taps and short questions repeat."""

P = ParamSpec("P")
T = TypeVar("T")


_understood = lru_cache(maxsize=2_048)(understand)


@dataclass
class Call:
    """A message and what the handlers may use. Filters read it, handlers answer it.

    ``was_told``: this person knows already that somebody will answer. ``asked_for`` is the intent
    of the command that matched, or "". ``about`` is the one product that the answer shows.
    ``intents`` are the answers by id as the merchant lets them stand; without any those of the
    files answer. ``outcome`` is set where no answer was found: choices or unknown. ``following``
    are the pictures and cards that are sent after the reply, as messages of their own.
    """

    message: Message
    member_id: int
    deps: BotDeps
    speech: Speech
    texts: ChatTexts = field(default_factory=ChatTexts)
    is_new_member: bool = False
    coming: str = ""
    was_told: bool = False
    asked_for: str = ""
    about: int | None = None
    examples: Examples = NO_EXAMPLES
    intents: Mapping[str, Any] = field(default_factory=dict)
    outcome: str = ""
    following: list[Following] = field(default_factory=list)

    @property
    def openid(self) -> str:
        """The openid of the sender."""
        return self.message.openid

    @cached_property
    def shape(self) -> Shape:
        """What decides at once which handlers can't answer this."""
        message = self.message
        kind = message.kind if isinstance(message, Event) else ""
        return Shape(type(message), kind, self.words[:1])

    @cached_property
    def number(self) -> Named | None:
        """The number that the sentence is or names, or None."""
        return number_in(self.sentence)

    @cached_property
    def words(self) -> str:
        """The text, recognised speech or menu key in normal form; "" for other messages.

        An item of a message menu gives its id if the id is a command, else its text.
        """
        message = self.message
        if isinstance(message, Text):
            is_word = bool(message.menu_id) and not message.menu_id.isascii()
            return normal(message.menu_id if is_word else message.content)
        if isinstance(message, Event) and message.kind == "click":
            return normal(message.key)
        return normal(self.spoken)

    @cached_property
    def meaning(self) -> Meaning:
        """What the sentence asks for; ``examples`` are those of the files and the merchant's."""
        if len(self.sentence) > SHORT:
            return understand(self.sentence, self.examples)
        return _understood(self.sentence, self.examples)

    @cached_property
    def sentence(self) -> str:
        """What was typed or spoken, folded, with its punctuation; as much as is looked at."""
        return folded((self.typed or self.spoken)[:READ_MOST])

    @cached_property
    def spoken(self) -> str:
        """The words of a voice message; "" for other messages, and if nobody recognised any."""
        message = self.message
        return self.deps.hearing.words_of(message) if isinstance(message, Voice) else ""

    @property
    def typed(self) -> str:
        """The text as the person typed it."""
        return self.message.content.strip() if isinstance(self.message, Text) else ""

    @property
    def takes_cards(self) -> bool:
        """True if several cards may answer: WeChat allows them after an event only."""
        return isinstance(self.message, Event)

    async def read(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a query in a read transaction."""
        return await self.deps.store.read(fn, *args, **kwargs)

    async def write(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a verb in its own transaction."""
        return await self.deps.store.write(fn, *args, **kwargs)

    async def promised(self) -> Promises:
        """What the shop promises; the settings are read at most once a second."""
        known = promises.cached()
        return known if known is not None else await self.read(promises.current)

    def url(self, path: str) -> str:
        """The full address of a path of ours; one into the mall signs the person in on opening."""
        return self.speech.url(path)

    def promise(self, text: str) -> None:
        """Announce slow work: after 0.9 s ``text`` is the reply, and the answer follows later."""
        self.coming = text

    def answer(self, template: str, *, more: str = "/m/", **context: Any) -> TextReply:
        """Render ``templates/chat/<template>``; an overlong text ends in a link to ``more``."""
        if all(isinstance(value, bool) for value in context.values()):
            return TextReply(self.speech.fixed(template, **context))
        return TextReply(self.speech.fitted(self.speech.text(template, **context), more))

    def answer_with(self, source: str, *, more: str = "/m/", **context: Any) -> TextReply:
        """Like ``answer``, but renders a text that stands in the code."""
        return TextReply(self.speech.fitted(self.speech.written(source, **context), more))
