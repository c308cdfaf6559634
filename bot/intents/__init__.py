"""Answers to questions in free words, one file each. A new file is found by its place."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from bot.intent import Intent
from bot.understanding.matcher import Example, Examples
from kernel.words import folded


def _found() -> dict[str, Intent]:
    files = [import_module(f"{__name__}.{each.name}") for each in iter_modules(__path__)]
    intents: list[Intent] = [each.INTENT for each in files]
    return {intent.id: intent for intent in intents}


INTENTS = _found()
"""Every intent by its id."""

TITLES = tuple(
    Example(sentence=folded(intent.title), intent=intent.id) for intent in INTENTS.values()
)
"""The questions as taps send them."""

KNOWN = Examples(
    [
        Example(sentence=folded(sentence), intent=intent.id)
        for intent in INTENTS.values()
        for sentence in intent.examples
    ],
    TITLES,
)
"""The questions as taps send them, and the examples of the files."""
