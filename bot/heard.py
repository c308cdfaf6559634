"""Reports what became of each message in words: counted, and kept if it was not understood."""

from __future__ import annotations

import logging
from typing import cast

from bot.call import Call
from domain.chat_answers import Heard, Outcome
from kernel.chat import HandOver, Reply, Text, Voice

log = logging.getLogger("fenmall.bot")
PEOPLE = "human"


def note(call: Call, reply: Reply | object | None) -> None:
    """Report a message after its answer was found; a fault here changes no answer."""
    try:
        heard = heard_of(call, reply)
        if heard is not None:
            call.deps.asked.record(heard)
    except Exception:
        log.exception("a message could not be counted")


def heard_of(call: Call, reply: Reply | object | None) -> Heard | None:
    """What a message became; None if it has no words, or waits for a person as those before."""
    message = call.message
    if not isinstance(message, Text | Voice) or not call.words or call.was_told:
        return None
    if call.outcome:
        said = call.spoken or call.typed
        return Heard(cast("Outcome", call.outcome), "", said, call.member_id)
    intent = call.asked_for
    if not intent and "meaning" in vars(call):  # a command or keyword needs none
        intent = call.meaning.intent or ""
    to_person = intent == PEOPLE or isinstance(reply, HandOver)
    return Heard("person" if to_person else "understood", intent)
