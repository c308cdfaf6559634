"""关键词回复: the merchant's own answers; exact keywords come before commands, others after."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from markupsafe import Markup

from bot.call import Call
from bot.router import Found, Router
from bot.words import normal
from domain.settings import KeywordReply
from kernel.chat import Reply, TextReply

exact = Router("keywords_exact")
contained = Router("keywords_contained")


def _is_exact(call: Call) -> Found:
    return _first(call, "exact", lambda word: word.replace(" ", "") == call.words.replace(" ", ""))


def _is_contained(call: Call) -> Found:
    return _first(call, "contains", lambda word: word in call.words)


@exact.on(_is_exact)
@contained.on(_is_contained)
async def answer(call: Call, keyword: KeywordReply) -> Reply:
    """One of the merchant's answers to a keyword, chosen at random."""
    text = Markup(secrets.choice(keyword.answers))  # noqa: S704 - written by the merchant
    return TextReply(call.speech.fitted(text, "/m/"))


def _first(call: Call, match: str, fits: Callable[[str], bool]) -> Found:
    if not call.words or not call.texts.keywords:
        return False
    for keyword in call.texts.keywords:
        if keyword.match == match and any(
            (word := normal(each)) and fits(word) for each in keyword.words
        ):
            return {"keyword": keyword}
    return False
