"""Routers and filters: a message goes to the first handler whose filters all match.

A filter answers False, or a dict that the handler gets as keyword arguments. Each file in
``bot/handlers`` has one router; ``bot/handlers/__init__.py`` orders them in one list.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from bot.call import Call
from bot.words import split_command
from kernel.chat import Event, Reply

Found = dict[str, Any] | bool
Filter = Callable[[Call], Found]
Handler = Callable[..., Awaitable[Reply | None]]
H = TypeVar("H", bound=Handler)


class Unhandled:
    """The result if no handler took the message."""


UNHANDLED = Unhandled()


class Router:
    """The handlers of one conversation, in the order in which they are tried."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._routes: list[tuple[tuple[Filter, ...], Handler, frozenset[str]]] = []
        self.commands: list[Command] = []

    def on(self, *filters: Filter) -> Callable[[H], H]:
        """Register a handler behind its filters."""

        def register(handler: H) -> H:
            wanted = frozenset(inspect.signature(handler).parameters) - {"call"}
            self._routes.append((filters, handler, wanted))
            self.commands += [f for f in filters if isinstance(f, Command)]
            return handler

        return register

    async def dispatch(self, call: Call) -> Reply | Unhandled | None:
        """The reply of the first handler whose filters match, else ``Unhandled``."""
        for filters, handler, wanted in self._routes:
            if (found := _all(filters, call)) is not None:
                return await handler(call, **{k: v for k, v in found.items() if k in wanted})
        return UNHANDLED


def _all(filters: tuple[Filter, ...], call: Call) -> dict[str, Any] | None:
    merged: dict[str, Any] = {}
    for one in filters:
        found = one(call)
        if found is False:
            return None
        if isinstance(found, dict):
            merged |= found
    return merged


class Command:
    """Matches a text or menu click that begins with a command; gives what follows as ``rest``.

    ``alone`` matches only the bare command, so that a sentence that begins with it does not.
    """

    def __init__(self, *names: str, alone: bool = False, shown: bool = True) -> None:
        self.names = names
        self._first_letters = frozenset(name[0] for name in names)
        self.alone = alone
        self.shown = shown

    def __call__(self, call: Call) -> Found:
        words = call.words
        if words[:1] not in self._first_letters:  # fails for nearly every command, and is cheap
            return False
        rest = split_command(words, self.names)
        if rest is None or (self.alone and rest):
            return False
        return {"rest": rest}


def event(*kinds: str) -> Filter:
    """Matches events by WeChat's event name in lower case."""

    def matches(call: Call) -> Found:
        return isinstance(call.message, Event) and call.message.kind in kinds

    return matches


def kind(*classes: type) -> Filter:
    """Matches messages by class."""

    def matches(call: Call) -> Found:
        return isinstance(call.message, classes)

    return matches


def says_something(call: Call) -> Found:
    """Matches a message that contains words."""
    return {"words": call.words} if call.words else False


def says_nothing(call: Call) -> Found:
    """Matches a message without words."""
    return not call.words
