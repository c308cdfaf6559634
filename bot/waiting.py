"""Who asked for a person lately: what no command takes is handed over to that person as well.

WeChat hands over one message at a time, and until an agent takes the conversation (会话) it keeps
sending what is written to us. Without Redis nobody is remembered and the answers are as usual.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from redis.exceptions import RedisError

log = logging.getLogger("fenmall.bot")

WAITS_SECONDS = 1800
"""As long as WeChat itself keeps a conversation with an agent in which nobody writes."""
REDIS_SECONDS = 0.3
_DOWN = (RedisError, OSError, TimeoutError)


async def begin(redis: Any, openid: str) -> None:
    """This person was handed over now."""
    try:
        async with asyncio.timeout(REDIS_SECONDS):
            await redis.set(_key(openid), b"1", ex=WAITS_SECONDS)
    except _DOWN as error:
        log.warning("who was handed over is not remembered: %s", error)


async def end(redis: Any, openid: str) -> None:
    """The conversation was closed; what is written next is answered as usual."""
    try:
        async with asyncio.timeout(REDIS_SECONDS):
            await redis.delete(_key(openid))
    except _DOWN as error:
        log.warning("the end of a conversation is not remembered: %s", error)


async def has(redis: Any, openid: str) -> bool:
    """Whether this person was handed over within the last half an hour."""
    try:
        async with asyncio.timeout(REDIS_SECONDS):
            return bool(await redis.exists(_key(openid)))
    except _DOWN as error:
        log.warning("whether somebody waits for a person is unknown: %s", error)
        return False


def _key(openid: str) -> str:
    return f"waits:{openid}"
