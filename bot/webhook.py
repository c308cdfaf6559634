"""WeChat's pushes (``GET`` and ``POST /wechat``): verified, de-duplicated, answered within 5 s.

WeChat sends a push three times in all if it gets no answer within five seconds. One time budget,
counted from the arrival of the request, covers reading, waiting and answering. A retry gets the
same reply as the first delivery, also while that is still being worked on. An answer that takes
longer than the budget is sent as a customer-service message; the reply says that it will follow.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from aiohttp import web
from prometheus_client import Counter, Histogram

from bot.arrivals import TAPS, Arrivals
from bot.call import Call
from bot.choices import Choices
from bot.dedupe import Replies
from bot.deps import BotDeps
from bot.following import Following
from bot.handlers import dispatch
from bot.heard import note
from bot.late import deliver_late, deliver_rest, send_handed_over
from bot.router import Unhandled
from bot.speech import Speech
from bot.texts import TEXTS
from kernel import context
from kernel.addresses import caller_key
from kernel.chat import (
    PUSH_BYTES_MAX,
    BadPush,
    Event,
    HandOver,
    ImageReply,
    Push,
    Reply,
    TextReply,
)
from kernel.chat_text import head_and_rest
from kernel.deadlines import is_done_within
from kernel.errors import DomainError, GatewayError, LimitReached
from kernel.text import xml_safe
from kernel.web.bodies import BadBody, read_body

log = logging.getLogger("fenmall.bot")

BODY_SECONDS = 3.0
BUDGET_SECONDS = 4.2
SOON_SECONDS = 0.9
BAD_MOST, BAD_SECONDS = 60, 60
FORGED = frozenset({"signature", "time", "query", "plain_refused"})
SPOKEN_TO = TAPS | {"subscribe", "scan"}

AT_WORK = "正在为您处理，马上发给您。"
SORRY = "抱歉，系统开小差了，请稍后再发一次。"

PUSHES = Counter("fenmall_pushes", "WeChat pushes, by outcome.", ("outcome",))
ANSWERED = PUSHES.labels("answered")
PUSH_SECONDS = Histogram(
    "fenmall_push_seconds",
    "Time to answer a verified push.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)


def add_webhook(app: web.Application, deps: BotDeps, path: str = "/wechat") -> None:
    """Serve the address that is entered as the server address (服务器配置) at WeChat."""
    door = Webhook(deps)
    app.router.add_get(path, door.verify)
    app.router.add_post(path, door.receive)
    app.on_cleanup.append(door.finish)


@dataclass
class Turn:
    """One push being answered; ``call`` is set as soon as its member is known."""

    push: Push
    call: Call | None = None

    @property
    def coming(self) -> str:
        """What a handler that began slow work wants to reply meanwhile; "" if none did."""
        return self.call.coming if self.call is not None else ""

    def following(self) -> Sequence[Following]:
        """What is sent after the reply."""
        return self.call.following if self.call is not None else ()

    @property
    def is_spoken_to(self) -> bool:
        """True if the person expects an answer: after a message, a tap, a scan or a follow."""
        message = self.push.message
        return not isinstance(message, Event) or message.kind in SPOKEN_TO


class Webhook:
    """The handlers of GET and POST, and their shared state."""

    def __init__(self, deps: BotDeps) -> None:
        self._deps = deps
        self._arrivals = Arrivals(deps)
        self._choices = Choices(deps.store)
        self._speech = Speech(deps.renderer, deps.config.public_url)
        self._replies = Replies(deps.trips)
        self._tasks: set[asyncio.Task[None]] = set()

    async def verify(self, request: web.Request) -> web.Response:
        """WeChat's check of the address: answer the echo of a correctly signed request."""
        try:
            echo = self._deps.inbound.verify_url(request.query)
        except BadPush as bad:
            return await self._refuse(bad)
        return web.Response(text=echo)

    async def receive(self, request: web.Request) -> web.Response:
        """Answer a push with a reply, or with ``success`` if there is nothing to say."""
        try:
            ends = asyncio.get_running_loop().time() + BUDGET_SECONDS
            body = await _bounded(request)
            push = self._deps.inbound.open_push(request.query, body)
        except BadPush as bad:
            return await self._refuse(bad)
        started = time.perf_counter()
        rendered = await self._replies.claim(push.dedupe_key, ends)
        if rendered is None:
            rendered = await self._first_answer(push, ends)
        else:
            PUSHES.labels("repeated").inc()
        PUSH_SECONDS.observe(time.perf_counter() - started)
        return web.Response(body=rendered, content_type="text/xml", charset="utf-8")

    async def _first_answer(self, push: Push, ends: float) -> bytes:
        """Answer a push that arrived for the first time, and keep the answer for its retries."""
        context.actor.set(f"openid:{push.message.openid[-6:]}")
        try:
            rendered = (await self._answer(Turn(push), ends)).encode()
        except BaseException:
            self._replies.give_up(push.dedupe_key)
            raise
        self._replies.keep(push.dedupe_key, rendered)
        return rendered

    async def finish(self, _: web.Application) -> None:
        """Wait up to ten seconds for late answers before the process ends."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=10)
        await self._replies.finish()

    async def _refuse(self, bad: BadPush) -> web.Response:
        """Answer a push that can't be used: a forged one is refused and counted by address."""
        PUSHES.labels(bad.reason).inc()
        if bad.reason in {"size", "broken"}:
            return web.Response(status=413 if bad.reason == "size" else 400)
        if bad.reason not in FORGED:
            return web.Response(text="success")
        try:
            address = caller_key()
            await self._deps.limiter.hit("push", address, most=BAD_MOST, seconds=BAD_SECONDS)
        except LimitReached:
            return web.Response(status=429)
        return web.Response(status=403, text="bad signature")

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, turn: Turn, ends: float) -> str:
        """The rendered reply before ``ends``; announced slow work is waited for 0.9 s only."""
        loop = asyncio.get_running_loop()
        work = loop.create_task(self._reply(turn))
        is_done = await is_done_within(work, min(SOON_SECONDS, ends - loop.time()))
        if not is_done and not turn.coming:
            is_done = await is_done_within(work, ends - loop.time())
        if is_done:
            ANSWERED.inc()
            return self._rendered(turn, work.result())
        PUSHES.labels("late").inc()
        self._later(deliver_late(self._deps, turn.push.message.openid, work, turn.following))
        said = TextReply(turn.coming or AT_WORK) if turn.is_spoken_to else None
        return self._deps.inbound.render(turn.push, said)

    def _rendered(self, turn: Turn, reply: Reply | None) -> str:
        """The part of the reply that fits one message; the rest and what follows are sent."""
        openid, rest = turn.push.message.openid, ""
        if isinstance(reply, HandOver) and not (turn.call and turn.call.was_told):
            self._later(send_handed_over(self._deps, openid))
        if isinstance(reply, TextReply):
            head, rest = _split(reply.content)
            reply = TextReply(head)
        if isinstance(reply, ImageReply):
            rest = reply.words
        if rest or turn.following():
            self._later(deliver_rest(self._deps, openid, rest, turn.following()))
        return self._deps.inbound.render(turn.push, reply)

    async def _reply(self, turn: Turn) -> Reply | None:
        """The handlers' reply. A rule's refusal is explained; a fault of ours gets an apology."""
        message = turn.push.message
        try:
            arrival = await self._arrivals.of(message)
            now = await self._choices.now()
            turn.call = Call(
                message, arrival.member_id, self._deps, self._speech, now.texts, arrival.is_new,
                examples=now.answers.examples, intents=now.answers.intents,
            )  # fmt: skip
            reply = await dispatch(turn.call)
            note(turn.call, reply)
        except DomainError as error:
            return TextReply(TEXTS.of(error))
        except GatewayError as error:
            log.warning("the outside failed an answer: %s", error)
            return TextReply(TEXTS.text("outside_failed"))
        except Exception:
            PUSHES.labels("failed").inc()
            log.exception("a message could not be answered")
            return TextReply(SORRY) if turn.is_spoken_to else None
        if isinstance(reply, Unhandled):
            PUSHES.labels("unknown").inc()
            return None
        return reply


@lru_cache(maxsize=256)
def _split(content: str) -> tuple[str, str]:
    """What fits into one message, and the rest; many replies are the same text."""
    return head_and_rest(xml_safe(content))


async def _bounded(request: web.Request) -> bytes:
    """The body. Raises BadPush if it is over the limit or takes over BODY_SECONDS to arrive."""
    try:
        return await read_body(request, most=PUSH_BYTES_MAX, seconds=BODY_SECONDS)
    except BadBody as bad:
        raise BadPush(bad.reason) from bad
