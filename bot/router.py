"""Routers and filters: a message goes to the first handler whose filters all match.

A filter answers False, or a dict that the handler gets as keyword arguments. Each file in
``bot/handlers`` has one router; ``bot/handlers/__init__.py`` orders them in one list.
"""

from __future__ import annotations

import inspect
import re
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from bot.call import Call
from bot.shape import Shape
from bot.words import split_command
from kernel.chat import Event, Reply

Found = dict[str, Any] | bool
Filter = Callable[[Call], Found]
Handler = Callable[..., Awaitable[Reply | None]]
H = TypeVar("H", bound=Handler)


class Unhandled:
    """The result if no handler took the message."""


UNHANDLED = Unhandled()


@dataclass(frozen=True, eq=False)
class Route:
    """A handler behind its filters; ``wanted`` are the facts of the filters that it takes."""

    filters: tuple[Filter, ...]
    handler: Handler
    wanted: frozenset[str]
    intent: str

    def may_take(self, shape: Shape) -> bool:
        """False if a filter certainly doesn't match messages of this shape."""
        cheap = (getattr(each, "may_match", None) for each in self.filters)
        return all(may_match(shape) for may_match in cheap if may_match is not None)

    def found(self, call: Call) -> dict[str, Any] | None:
        """The facts for the handler if all filters match, else None."""
        merged: dict[str, Any] = {}
        for one in self.filters:
            found = one(call)
            if found is False:
                return None
            if isinstance(found, dict):
                merged |= found
        return {key: value for key, value in merged.items() if key in self.wanted}


class Router:
    """The handlers of one conversation, in the order in which they are tried."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.routes: list[Route] = []
        self.commands: list[Command] = []

    def on(self, *filters: Filter) -> Callable[[H], H]:
        """Register a handler behind its filters."""

        def register(handler: H) -> H:
            wanted = frozenset(inspect.signature(handler).parameters) - {"call"}
            self.routes.append(Route(filters, handler, wanted, _intent_of(filters)))
            self.commands += [f for f in filters if isinstance(f, Command)]
            return handler

        return register


@lru_cache(maxsize=2_048)
def routes_for(routers: tuple[Router, ...], shape: Shape) -> tuple[Route, ...]:
    """The routes that may take messages of a shape, in their order."""
    routes = (route for router in routers for route in router.routes)
    return tuple(route for route in routes if route.may_take(shape))


async def dispatch(routers: tuple[Router, ...], call: Call) -> Reply | Unhandled | None:
    """The reply of the first handler whose filters match, else ``Unhandled``."""
    for route in routes_for(routers, call.shape):
        if (found := route.found(call)) is not None:
            call.asked_for = route.intent
            return await route.handler(call, **found)
    return UNHANDLED


def _intent_of(filters: tuple[Filter, ...]) -> str:
    """The intent of the first filter that has one."""
    asking = (each for each in filters if isinstance(each, Asking))
    return next((each.intent for each in asking), "")


class Asking(ABC):
    """A filter that says which intent it matches: a command, or a wish in fixed words."""

    intent: str

    @abstractmethod
    def __call__(self, call: Call) -> Found:
        """Whether a message matches."""


class Command(Asking):
    """Matches a text or menu click that is a command; gives what follows it as ``rest``.

    ``takes`` is a pattern of what may follow (an order number, an amount, anything), by default
    nothing; with ``is_apart`` a space or colon must part the two. A sentence that only begins like
    a command does not match: it is understood as a whole. ``intent`` names what is asked for.
    """

    def __init__(
        self,
        *names: str,
        intent: str,
        takes: re.Pattern[str] | None = None,
        is_apart: bool = False,
        shown: bool = True,
    ) -> None:
        self.names = names
        self.intent = intent
        self._first_letters = frozenset(name[0] for name in names)
        self._longest_first = sorted(names, key=len, reverse=True)  # 人工客服 before 人工
        self._takes = takes
        self._is_apart = is_apart
        self.shown = shown

    def may_match(self, shape: Shape) -> bool:
        """Whether a name begins with this letter; few do."""
        return shape.letter in self._first_letters

    def __call__(self, call: Call) -> Found:
        rest = self.rest_of(call.words)
        return False if rest is None else {"rest": rest}

    def rest_of(self, words: str) -> str | None:
        """What follows the command in a message in normal form; None if it is not this command."""
        found = split_command(words, self._longest_first)
        if found is None:
            return None
        rest, is_apart = found
        if not rest:
            return rest
        if self._takes is None or (self._is_apart and not is_apart):
            return None
        return rest if self._takes.fullmatch(rest) else None


ANYTHING = re.compile(r".+")


class Wish(Asking):
    """Matches a whole message in fixed words, spaces aside."""

    def __init__(self, pattern: re.Pattern[str], *, intent: str) -> None:
        self._pattern = pattern
        self.intent = intent

    def __call__(self, call: Call) -> Found:
        return (
            bool(call.words) and self._pattern.fullmatch(call.words.replace(" ", "")) is not None
        )


class _Events:
    """Matches events of some kinds."""

    def __init__(self, kinds: tuple[str, ...]) -> None:
        self._kinds = frozenset(kinds)

    def may_match(self, shape: Shape) -> bool:
        return shape.event in self._kinds

    def __call__(self, call: Call) -> Found:
        return isinstance(call.message, Event) and call.message.kind in self._kinds


def event(*kinds: str) -> Filter:
    """Matches events by WeChat's event name in lower case."""
    return _Events(kinds)


class _Kinds:
    """Matches messages of some classes."""

    def __init__(self, classes: tuple[type, ...]) -> None:
        self._classes = classes

    def may_match(self, shape: Shape) -> bool:
        return issubclass(shape.message, self._classes)

    def __call__(self, call: Call) -> Found:
        return isinstance(call.message, self._classes)


def kind(*classes: type) -> Filter:
    """Matches messages by class."""
    return _Kinds(classes)


def says_something(call: Call) -> Found:
    """Matches a message that contains words."""
    return {"words": call.words} if call.words else False


def says_nothing(call: Call) -> Found:
    """Matches a message without words."""
    return not call.words
