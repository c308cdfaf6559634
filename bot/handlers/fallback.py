"""The answer when no command matches: a product search, a correction of a typo, or the help."""

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

# What remains of "我想买点酒" or "推荐一款送礼的酒" when the filler is gone: no special product.
ANYTHING = frozenset({"酒", "白酒", "好酒", "喝的酒", "自己喝"})


def learn(commands: list[Command]) -> None:
    """Take the commands whose names a typo is compared with."""
    for command in commands:
        if command.shown:
            _mains.update(dict.fromkeys(command.names, command.names[0]))


@router.on(Command("你好", "您好", "hi", "hello", "在吗", "嗨", alone=True, shown=False))
@router.on(kind(Text), says_nothing)
async def greeting(call: Call) -> Reply:
    """Answer a greeting, or a message of signs and emoji only, with the main commands."""
    return call.answer("greeting.txt")


@router.on(Command("谢谢", "多谢", "谢了", "好的", "好", "ok", "再见", alone=True, shown=False))
async def thanks(call: Call) -> Reply:
    """Answer thanks or an agreement with one short sentence."""
    return call.answer("thanks.txt")


@router.on(kind(Text, Voice), says_something)
async def unmatched(call: Call, words: str) -> Reply:
    """No command matches: search products with the words, or suggest the intended command."""
    is_telling = len(words) > 1  # a single character such as "1" occurs in most specifications
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
    typed = clean_line(call.typed) or words
    return call.answer("not_understood.txt", words=typed, promised=await call.promised())


def _named(words: str) -> str | None:
    """The longest command name that occurs in a sentence."""
    inside = [name for name in _mains if len(name) > 1 and not name.isascii() and name in words]
    return max(inside, key=len, default=None)
