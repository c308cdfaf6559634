"""Answers that came too late for the push: delivered as customer-service messages (客服消息)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from bot.deps import BotDeps
from bot.following import Following
from kernel.chat import HandOver, ImageReply, NewsReply, Reply, TextReply
from kernel.errors import GatewayError

log = logging.getLogger("fenmall.bot")

LATE_SECONDS = 120.0
"""Longer than any poster or outside call takes; work that is not done by then is cancelled."""
REST_SECONDS = 1.0
"""The rest of a long answer is sent this much later, so that its beginning arrives first."""

GAVE_UP = "抱歉，这件事没有办成，请稍后再发一次。"
ASK_AGAIN = "抱歉让您久等，请再发送一次「人工」，马上为您接通。"
HANDED_OVER = "已为您转接人工客服，请直接说您的问题，客服会在这里回复。"


async def deliver_late(
    deps: BotDeps, openid: str, work: asyncio.Task[Reply | None],
    following: Callable[[], Sequence[Following]],
) -> None:  # fmt: skip
    """Wait for an answer and send it, then what follows it, as customer-service messages.

    WeChat accepts five such messages within the 48 h window. After LATE_SECONDS the work is
    cancelled and the person is told that it failed.
    """
    reply: Reply | None
    try:
        reply = await asyncio.wait_for(work, LATE_SECONDS)
    except TimeoutError:
        log.error("an answer was given up after %d seconds", LATE_SECONDS)
        reply = TextReply(GAVE_UP)
    try:
        await send(deps, openid, reply)
    except GatewayError as error:
        log.warning("a late answer could not be delivered: %s", error)
    await deps.followers.send(openid, following())


async def deliver_rest(
    deps: BotDeps, openid: str, rest: str, following: Sequence[Following]
) -> None:
    """Send the part of an answer that did not fit into the passive reply, and what follows it."""
    await asyncio.sleep(REST_SECONDS)
    if rest:
        try:
            await deps.messenger.send_text(openid, rest)
        except GatewayError as error:
            log.warning("the rest of an answer could not be delivered: %s", error)
    await deps.followers.send(openid, following)


async def send_handed_over(deps: BotDeps, openid: str) -> None:
    """Tell the person that an agent will answer; WeChat itself says nothing at a hand-over."""
    try:
        await deps.messenger.send_text(openid, HANDED_OVER)
    except GatewayError as error:
        log.warning("nobody was told of being handed over: %s", error)


async def send(deps: BotDeps, openid: str, reply: Reply | None) -> None:
    """Send a reply as a customer-service message.

    A hand-over is only possible as a passive reply, so the person is asked to write 人工 again.
    """
    match reply:
        case TextReply(content):
            await deps.messenger.send_text(openid, content)
        case ImageReply(media_id, words):
            await deps.messenger.send_image(openid, media_id)
            if words:
                await deps.messenger.send_text(openid, words)
        case NewsReply(articles) if articles:
            await deps.messenger.send_news(openid, articles[0])
        case HandOver():
            await deps.messenger.send_text(openid, ASK_AGAIN)
