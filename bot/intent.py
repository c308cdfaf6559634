"""An answer to a question in free words: its name, the facts, and the text, in one file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.understanding.slots import NO_SLOTS, Slots
from domain import promises
from domain.promises import Promises
from kernel.chat import Reply

if TYPE_CHECKING:
    from bot.call import Call


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who asks, in which words (normal form), and what was read beside the intent.

    ``product_id`` is the product that was spoken of before, if the words may leave it out.
    """

    member_id: int
    words: str
    slots: Slots = NO_SLOTS
    product_id: int | None = None


def promised(_: Asked) -> Promises:
    """The ``facts`` of an answer that names the shop's promises and nothing else."""
    return promises.current()


@dataclass(frozen=True, kw_only=True)
class Intent:
    """A question and its answer (问答). Each file of ``bot/intents`` holds one as ``INTENT``.

    ``title`` is the question as a tap shows it and a person types it. What people say stands in
    ``corpus/chat/<id>.txt``; ``examples`` are sentences that count at once, without training.

    The answer is a Jinja text with the tools of ``bot/speech.py``. ``facts`` is a query by
    ``Asked``, whose result the text knows as ``facts``; if it is None, ``without`` is the text.
    ``reply`` answers instead of a text where more is needed: cards, a picture, a number given.
    ``more`` is the page that an overlong answer links to. ``picture`` (the id of a stored picture)
    and ``products`` follow the answer as messages of their own; the merchant adds them.
    ``is_required``: the law or somebody's health needs this answer; the merchant can't switch it
    off.
    """

    id: str
    title: str
    answer: str = ""
    facts: Callable[[Asked], Any] | None = None
    without: str = ""
    reply: Callable[[Call, Asked], Awaitable[Reply]] | None = None
    examples: tuple[str, ...] = ()
    more: str = "/m/"
    picture: str = ""
    products: tuple[int, ...] = ()
    is_required: bool = False

    async def answered(self, call: Call, asked: Asked) -> Reply:
        """The reply to a person who asks this."""
        if self.reply is not None:
            return await self.reply(call, asked)
        if self.facts is None:
            return call.answer_with(self.answer, more=self.more, asked=asked)
        if self.facts is promised:  # kept for a second: mostly no thread is needed for them
            facts = await call.promised()
        else:
            facts = await call.read(self.facts, asked)
        text = self.without if facts is None else self.answer
        return call.answer_with(text, more=self.more, facts=facts, asked=asked)
