"""What to say when nothing matches: products by these words, a likely slip, what we can do."""

from __future__ import annotations

from bot.call import Call
from bot.cards import SHOWN, product_reply
from bot.router import Command, Router, kind, says_nothing, says_something
from bot.words import nearest, wish_of
from domain import pricing
from kernel.chat import Reply, Text, Voice
from kernel.text import clean_line

router = Router("fallback")
_mains: dict[str, str] = {}

# What is left of "我想买点酒" or "推荐一款送礼的酒": anything that is for sale.
ANYTHING = frozenset({"酒", "白酒", "好酒", "喝的酒", "自己喝"})


def learn(commands: list[Command]) -> None:
    """Take over the commands that a slip may have meant, by each of their names."""
    for command in commands:
        if command.shown:
            _mains.update(dict.fromkeys(command.names, command.names[0]))


@router.on(Command("你好", "您好", "hi", "hello", "在吗", "嗨", alone=True, shown=False))
@router.on(kind(Text), says_nothing)
async def greeting(call: Call) -> Reply:
    """A greeting, or only signs and faces: a friendly word and the way on."""
    return call.answer("greeting.txt")


@router.on(Command("谢谢", "多谢", "谢了", "好的", "好", "ok", "再见", alone=True, shown=False))
async def thanks(call: Call) -> Reply:
    """Thanks or an agreement asks for nothing: a short word back."""
    return call.answer("thanks.txt")


@router.on(kind(Text, Voice), says_something)
async def unmatched(call: Call, words: str) -> Reply:
    """Words without a command: they may name a product or be a slip of the finger."""
    is_telling = len(words) > 1  # a lone "1" stands in every second specification
    for wanted in (words, wish_of(words)) if is_telling else ():
        found = await call.read(pricing.search, wanted, SHOWN + 1)
        if found:
            return product_reply(call, found, wanted)
    if is_telling and wish_of(words) in ANYTHING:
        home = await call.read(pricing.home, SHOWN + 1)
        return product_reply(call, home.cards)
    slip = _named(words) or nearest(words, _mains)
    if slip is not None:
        return call.answer("did_you_mean.txt", command=_mains[slip], words=words)
    return call.answer("not_understood.txt", words=clean_line(call.typed) or words)


def _named(words: str) -> str | None:
    """The longest command that stands somewhere in a sentence."""
    inside = [name for name in _mains if len(name) > 1 and not name.isascii() and name in words]
    return max(inside, key=len, default=None)
