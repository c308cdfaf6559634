"""Answers to questions in free words, one file each. A new file is found by its place."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from bot.intent import Intent


def _found() -> tuple[Intent, ...]:
    files = [import_module(f"{__name__}.{each.name}") for each in iter_modules(__path__)]
    intents: list[Intent] = [each.INTENT for each in files]
    return tuple(sorted(intents, key=lambda each: (-each.weight, each.id)))


INTENTS = _found()
"""Every intent; those that answer first come first."""
