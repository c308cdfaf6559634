"""Who asked for a person lately: what no command takes is handed over to that person as well.

WeChat hands over one message at a time, and until an agent takes the conversation (会话) it keeps
sending what is written to us. Without Redis nobody is remembered and the answers are as usual.
"""

from __future__ import annotations

import logging

from kernel.round_trips import DOWN, RoundTrips

log = logging.getLogger("fenmall.bot")

WAITS_SECONDS = 1800
"""As long as WeChat itself keeps a conversation with an agent in which nobody writes."""


async def begin(trips: RoundTrips, openid: str) -> None:
    """This person was handed over now."""
    try:
        await trips.ask("SET", _key(openid), b"1", "EX", WAITS_SECONDS)
    except DOWN as error:
        log.warning("who was handed over is not remembered: %s", error)


async def end(trips: RoundTrips, openid: str) -> None:
    """The conversation was closed; what is written next is answered as usual."""
    try:
        await trips.ask("DEL", _key(openid))
    except DOWN as error:
        log.warning("the end of a conversation is not remembered: %s", error)


async def has(trips: RoundTrips, openid: str) -> bool:
    """Whether this person was handed over within the last half an hour."""
    try:
        return bool(await trips.ask("EXISTS", _key(openid)))
    except DOWN as error:
        log.warning("whether somebody waits for a person is unknown: %s", error)
        return False


def _key(openid: str) -> str:
    return f"waits:{openid}"
