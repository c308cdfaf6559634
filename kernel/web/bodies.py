"""Reading what a machine posts: all of it, up to a size, and not for ever."""

from __future__ import annotations

import asyncio

from aiohttp import web


class BadBody(Exception):
    """A body that is not read to its end; ``reason`` is ``size`` or ``slow``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


async def read_body(request: web.Request, *, most: int, seconds: float) -> bytes:
    """The body, in however many pieces it comes. Raises BadBody for a larger or a crawling one."""
    if (request.content_length or 0) > most:
        raise BadBody("size")
    if request.content.is_eof():  # it came whole with its head, as most do: nobody waits
        body = request.content.read_nowait()
        if len(body) > most:
            raise BadBody("size")
        return body
    parts, room = [], most
    try:
        async with asyncio.timeout(seconds):
            while not request.content.at_eof() and room >= 0:
                part = await request.content.read(room + 1)
                parts.append(part)
                room -= len(part)
    except TimeoutError:
        raise BadBody("slow") from None
    if room < 0:
        raise BadBody("size")
    return b"".join(parts)
