"""``python -m app chat``: what the chat understands of a sentence, and what it would answer.

The sentence goes through the routers of the chat, as a message from WeChat does. Nothing is
written or sent: an answer that needs either is null. Without a database, or with one that is not
up to date, only the meaning is printed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NoReturn, cast

from redis.exceptions import RedisError

from app.lines import inputs
from app.runtime import first_business, install_vault_of
from bot.answers import OF_THE_FILES
from bot.call import Call
from bot.choices import Choices, Moment
from bot.deps import BotDeps
from bot.following import Following
from bot.handlers import COMMANDS, dispatch
from bot.speech import Speech
from bot.understanding.matcher import NONE, because
from domain import legal, naming
from domain.settings import ChatTexts
from kernel import clock, migrate
from kernel.chat import Article, HandOver, NewsReply, Text, TextReply
from kernel.config import Config, ConfigError, load
from kernel.errors import DomainError
from kernel.store import Store, store_for
from kernel.store.factory import open_database
from kernel.web.templates import Renderer

PRODUCTS = "product"


class NothingIsDone(Exception):
    """The answer would write, send, or draw something."""


class ReadOnly:
    """The store without its writing side."""

    def __init__(self, store: Store) -> None:
        self.read, self.peek, self.report = store.read, store.peek, store.report

    async def write(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse."""
        raise NothingIsDone

    once = write


class Nowhere:
    """No database, Redis, WeChat: whatever is asked of it is refused."""

    def __init__(self, refusal: type[Exception] = NothingIsDone) -> None:
        self._refusal = refusal

    def __getattr__(self, name: str) -> Any:
        async def refuse(*_: Any, **__: Any) -> NoReturn:
            raise self._refusal

        return refuse


def run(arguments: argparse.Namespace) -> int:
    """Print a line for each sentence."""
    try:
        config: Config | None = load(arguments.config)
    except ConfigError as error:
        sys.stderr.write(f"{error}\nonly meanings are printed\n")
        config = None
    return asyncio.run(_run(config, arguments))


async def _run(config: Config | None, arguments: argparse.Namespace) -> int:
    async with _deps(config) as (deps, now):
        renderer = Renderer(config) if config is not None else None
        speech = Speech(renderer, config.public_url) if renderer and config else None
        for sentence in inputs(arguments, sys.stdin.buffer):
            message = Text("chat", "chat", clock.now(), "1", sentence)
            call = Call(message, arguments.member, deps, cast("Speech", speech), now.texts)
            call.examples, call.intents = now.answers.examples, now.answers.intents
            found = await understood(call, is_answered=speech is not None)
            line = json.dumps(found, ensure_ascii=False) if arguments.json else _words(found)
            sys.stdout.buffer.write(f"{line}\n".encode())
            sys.stdout.buffer.flush()
    return 0


async def understood(call: Call, *, is_answered: bool = True) -> dict[str, Any]:
    """``{"intent": "return_policy", "score": 0.83, "second": …, "slots": {}, "answer": …}``."""
    answer = await _answer(call) if is_answered else None
    if not is_answered:
        call.asked_for = next(
            (c.intent for c in COMMANDS if c.rest_of(call.words) is not None), ""
        )
    if call.asked_for:
        return {
            "intent": call.asked_for,
            "score": 1.0,
            "second": None,
            "slots": {},
            "answer": answer,
        }
    meaning = call.meaning
    found: dict[str, Any] = {
        "intent": meaning.intent if meaning.intent or meaning.choices else NONE,
        "score": round(meaning.score, 3),
        "second": meaning.second or None,
        "slots": meaning.slots.named(),
    }
    if meaning.intent is None and meaning.choices:
        found["choices"] = list(meaning.choices)
    if meaning.also:
        found["also"] = meaning.also
    return found | {
        "because": list(because(call.sentence, meaning.intent or "")),
        "answer": answer,
    }


async def _answer(call: Call) -> str | None:
    """The reply as text; None if it needs more than reading."""
    try:
        reply = await dispatch(call)
    except (NothingIsDone, DomainError):
        return None
    following = "".join(f"\n{_shown(each)}" for each in call.following)
    if isinstance(reply, TextReply):
        return reply.content + following
    if isinstance(reply, NewsReply):
        return "\n".join(map(_shown, reply.articles)) + following
    return "…" if isinstance(reply, HandOver) else None


def _shown(each: Following) -> str:
    """A card or picture as a line."""
    return f"{each.title} {each.url}" if isinstance(each, Article) else "[图片]"


@contextlib.asynccontextmanager
async def _deps(config: Config | None) -> AsyncIterator[tuple[BotDeps, Moment]]:
    """What the handlers need, with a store that only reads, or none."""
    nowhere = Nowhere()
    store: Any = nowhere
    now = Moment(ChatTexts(), OF_THE_FILES)
    opened: Store | None = None
    if config is not None and _is_ready(config.database):
        install_vault_of(config)
        naming.set_house_names(config.site.name, config.site.legal_name)
        legal.set_first_values(config.site.name, first_business(config))
        opened = store_for(open_database(config.database), lock=False)
        store = ReadOnly(opened)
        now = await Choices(cast("Store", store)).now()
    elif config is not None:
        sys.stderr.write("no database that is up to date: only meanings are printed\n")
    parts = dict.fromkeys(BotDeps.__annotations__, nowhere) | {
        "config": config, "store": store, "redis": Nowhere(RedisError),
    }  # fmt: skip
    try:
        yield BotDeps(**cast("Any", parts)), now
    finally:
        if opened is not None:
            await opened.close()


def _is_ready(url: str) -> bool:
    """True if the database is there and up to date."""
    if url.startswith("sqlite") and not Path(url.removeprefix("sqlite:///")).exists():
        return False
    try:
        return not migrate.pending(url)
    except Exception:
        return False


def _words(found: dict[str, Any]) -> str:
    intent = found["intent"] or " / ".join(found.get("choices", ()))
    return f"{intent} {found['score']} {found['slots'] or ''}\n{found['answer'] or ''}\n"
