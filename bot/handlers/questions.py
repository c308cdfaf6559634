"""Questions in free words: what a sentence asks for, and the answer of its intent.

What is no question that the shop knows may name a product or be a slip of a command. What is left
was not understood: the person gets the nearest questions as taps, and can leave it to a person.
"""

from __future__ import annotations

from dataclasses import replace

from bot import shelf, topic
from bot.assistant import second_opinion
from bot.call import Call
from bot.cards import SHOWN, add_following, product_reply
from bot.intent import Asked, Intent
from bot.intents import INTENTS
from bot.router import Command, Router, kind, says_nothing, says_something
from bot.understanding.matcher import NONE, Meaning
from bot.words import nearest, wish_of
from domain import pricing
from kernel.chat import Reply, Text, TextReply, Voice
from kernel.chat_text import TEXT_BYTES_MAX
from kernel.text import clean_line

router = Router("questions")
_mains: dict[str, str] = {}

# What remains of "我想买点酒" when the filler is gone: no special product.
ANYTHING = frozenset({"酒", "白酒", "好酒", "喝的酒", "自己喝"})


def learn(commands: list[Command]) -> None:
    """Take the commands whose names a typo is compared with."""
    for command in commands:
        if command.shown:
            _mains.update(dict.fromkeys(command.names, command.names[0]))


@router.on(kind(Text), says_nothing)
async def signs(call: Call) -> Reply:
    """Answer a message of signs and emoji only like a greeting."""
    greeting = call.intents.get("greeting", INTENTS["greeting"])
    return await _answered(call, greeting, Meaning(intent="greeting", score=1.0))


@router.on(kind(Text, Voice), says_something)
async def answer(call: Call, words: str) -> Reply:
    """The answer of the intent, else products, else a likely slip, else three ways on."""
    meaning, intents = call.meaning, call.intents or INTENTS
    intent = intents.get(meaning.intent or "")
    if intent is not None:
        return await _answered(call, intent, meaning)
    found = await _products(call, words)
    if found is not None:
        call.meaning = replace(meaning, intent="product", choices=())
        return found
    advised = await second_opinion(call, intents)
    if advised is not None:
        call.meaning = replace(meaning, intent=advised.id, choices=())
        return await _answered(call, advised, meaning)
    nearby = [intents[each] for each in meaning.choices if each in intents]
    if nearby:
        call.outcome = "choices"
        return call.answer("which_question.txt", intents=nearby, words=_typed(call, words))
    slip = nearest(words, _mains) if len(words) > 1 else None
    if slip is not None:
        call.outcome = "choices"
        return call.answer("did_you_mean.txt", command=_mains[slip], words=words)
    call.meaning = replace(meaning, intent=NONE)
    call.outcome = "unknown"
    promised = await call.promised()
    return call.answer("not_understood.txt", words=_typed(call, words), promised=promised)


async def _answered(call: Call, intent: Intent, meaning: Meaning) -> Reply:
    """The answer of an intent; of two questions the first is answered first, if both fit."""
    spoken_of = None
    if intent.id in topic.ABOUT_A_PRODUCT:
        spoken_of = await topic.product_of(call.deps.trips, call.openid)
    asked = Asked(
        member_id=call.member_id, words=call.words, slots=meaning.slots, product_id=spoken_of
    )
    other = (call.intents or INTENTS).get(meaning.also)
    if other is not None and meaning.is_also_first:
        intent, other = other, intent
    reply = await intent.answered(call, asked)
    await add_following(call, intent)
    if other is None or not isinstance(reply, TextReply):
        return reply
    more = await other.answered(call, asked)
    if not isinstance(more, TextReply):
        return reply
    both = f"{reply.content}\n\n{more.content}"
    if len(both.encode()) > TEXT_BYTES_MAX:
        return reply
    await add_following(call, other)
    return TextReply(both)


async def _products(call: Call, words: str) -> Reply | None:
    """The products that a sentence names, or those for sale if it wants any, or None."""
    if len(words) < 2:
        return None
    for wanted in (words, wish_of(words)):
        found = await call.read(pricing.search, wanted, SHOWN + 1)
        if found:
            return product_reply(call, found, wanted)
    if wish_of(words) in ANYTHING:
        return product_reply(call, await call.read(shelf.first_cards, SHOWN + 1))
    return None


def _typed(call: Call, words: str) -> str:
    """The text as it was typed, on one line, for people to read."""
    return clean_line(call.typed) or words
