"""A second opinion on a sentence that the chat is unsure of: it may only choose a question.

The language model is the merchant's (``assistant`` in ``config.yaml``), off by default. It gets
the masked sentence and the titles of the questions, and gives back an id; the facts and words of
the answer stay ours. Its failure, silence or nonsense changes nothing but two seconds.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from bot.call import Call
from bot.intent import Intent
from bot.understanding.matcher import NONE
from domain.chat_answers import masked
from kernel.errors import GatewayError, LimitReached

log = logging.getLogger("fenmall.bot")

SECONDS = 2.0
SHORTEST = 4
"""Characters of a sentence that is worth asking about."""
A_MINUTE, ASKED_A_MINUTE = 60, 6
"""Sentences of one person that are asked about in a minute: each costs the merchant money."""


async def second_opinion(call: Call, intents: Mapping[str, Intent]) -> Intent | None:
    """The intent that the assistant chooses; None without one, in doubt, or if it fails."""
    assistant = call.deps.assistant
    if assistant is None or len(call.words) < SHORTEST:
        return None
    questions = {each.id: each.title for each in intents.values()} | {NONE: "都不是"}
    try:
        await call.deps.limiter.hit(
            "assistant", call.openid, most=ASKED_A_MINUTE, seconds=A_MINUTE
        )
        async with asyncio.timeout(SECONDS):
            chosen = await assistant.choose(masked(call.sentence), questions)
    except (GatewayError, LimitReached, TimeoutError) as error:
        log.warning("the assistant was no help: %s", type(error).__name__)
        return None
    log.info("the assistant chose %s", chosen)
    return intents.get(chosen or "")
