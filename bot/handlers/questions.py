"""Questions in free words, which the files of ``bot/intents`` answer."""

from __future__ import annotations

from bot.call import Call
from bot.intent import Intent
from bot.intents import INTENTS
from bot.router import Found, Router
from kernel.chat import Reply

router = Router("questions")


def _asks(call: Call) -> Found:
    """Matches a sentence with the words of an intent."""
    asked = next((each for each in INTENTS if each.is_asked(call.words)), None)
    return False if asked is None else {"intent": asked}


@router.on(_asks)
async def answer(call: Call, intent: Intent) -> Reply:
    """The intent's answer, with its facts about this member."""
    if intent.facts is None:
        return call.answer_with(intent.answer, more=intent.more)
    facts = await call.read(intent.facts, call.member_id)
    return call.answer_with(intent.answer, more=intent.more, facts=facts)
