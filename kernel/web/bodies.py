"""What is posted: read up to a size and not for ever, plain, and no further once it is refused.

Every door reads a body through here. A limit holds while reading, whatever the head claimed about
its length. Nobody who talks to us packs a request, so a ``Content-Encoding`` is refused before
anything is unpacked. A connection whose body was not read to its end is closed with the answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import hdrs, http_exceptions, web

log = logging.getLogger("fenmall.http")

PIECE = 64 * 1024
LEAVE_SECONDS = 2.0
STATUS = {"size": 413, "slow": 408, "broken": 400, "kind": 415}


class BadBody(Exception):
    """A body that is not taken; ``reason`` is ``size``, ``slow``, ``broken`` or ``kind``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    @property
    def status(self) -> int:
        """The HTTP status that says so."""
        return STATUS[self.reason]


async def pieces_of(
    request: web.BaseRequest, *, most: int, seconds: float
) -> AsyncIterator[bytes]:
    """The body as it comes in, never more than ``most`` bytes. Raises BadBody."""
    if (request.content_length or 0) > most:
        raise BadBody("size")
    room, until = most, asyncio.get_running_loop().time() + seconds
    while piece := await _next_piece(request, min(PIECE, room + 1), until):
        room -= len(piece)
        if room < 0:
            raise BadBody("size")
        yield piece


async def _next_piece(request: web.BaseRequest, most: int, until: float) -> bytes:
    try:
        async with asyncio.timeout_at(until):
            return await request.content.read(most)
    except TimeoutError:
        raise BadBody("slow") from None
    except (web.RequestPayloadError, http_exceptions.HttpProcessingError, OSError) as error:
        raise BadBody("broken") from error


async def read_body(request: web.BaseRequest, *, most: int, seconds: float) -> bytes:
    """The whole body, in however many pieces it comes. Raises BadBody."""
    if request.content.is_eof() and request.content.exception() is None:
        # it came whole with its head, as most do: nobody waits
        body = request.content.read_nowait()
        if len(body) > most:
            raise BadBody("size")
        return body
    parts = [piece async for piece in pieces_of(request, most=most, seconds=seconds)]
    return b"".join(parts)


@web.middleware
async def plain_bodies(request: web.Request, handler: Any) -> web.StreamResponse:
    """Refuse a packed body, whatever it says it is packed by."""
    coding = request.headers.get(hdrs.TRANSFER_ENCODING, "chunked")
    if hdrs.CONTENT_ENCODING in request.headers or coding.strip().lower() != "chunked":
        raise web.HTTPUnsupportedMediaType
    response: web.StreamResponse = await handler(request)
    return response


async def say_close(request: web.BaseRequest, response: web.StreamResponse) -> None:
    """Say that the connection ends with an answer to a body that was not taken.

    A signal of the application, sent before each answer's head.
    """
    is_refused = request.body_exists and response.status in STATUS.values()
    if is_refused or not request.content.is_eof():
        response.force_close()
        # the framework's own header is made before this signal
        response.headers[hdrs.CONNECTION] = "close"


@web.middleware
async def close_unread(request: web.Request, handler: Any) -> web.StreamResponse:
    """Where more of a body would come, answer, end our side, and read nothing any more.

    The other side is given a moment to read the answer: a socket that is closed with bytes unread
    is reset, and what was on its way to a busy sender is lost.
    """
    try:
        response: web.StreamResponse = await handler(request)
    except web.HTTPException as answer:
        await _leave(request, answer)
        raise
    await _leave(request, response)
    return response


async def _leave(request: web.Request, response: web.StreamResponse) -> None:
    if request.content.is_eof() or request.transport is None:
        return
    with contextlib.suppress(ConnectionError):  # who asked has gone
        await response.prepare(request)
        await response.write_eof()
        transport, protocol = request.transport, request.protocol
        if transport is None or transport.is_closing() or not transport.can_write_eof():
            return
        transport.pause_reading()
        transport.write_eof()
        protocol.transport = None  # else the framework closes it now
        request.config_dict[LEAVING].add(transport)


def serve_bodies(app: web.Application) -> None:
    """Give an application the rules of this file; its first middleware is ``close_unread``."""
    app[LEAVING] = leaving = Leaving()
    app.on_response_prepare.append(say_close)
    app.on_shutdown.append(leaving.close_all)


class Leaving:
    """Connections that were answered and are closed in a moment."""

    def __init__(self) -> None:
        self._timers: dict[asyncio.Transport, asyncio.TimerHandle] = {}

    def add(self, transport: asyncio.Transport) -> None:
        """Close this one soon."""
        loop = asyncio.get_running_loop()
        self._timers[transport] = loop.call_later(LEAVE_SECONDS, self._close, transport)

    def _close(self, transport: asyncio.Transport) -> None:
        self._timers.pop(transport).cancel()
        transport.abort()

    async def close_all(self, _: web.Application) -> None:
        """Close all now: the application ends."""
        for transport in list(self._timers):
            self._close(transport)


LEAVING: web.AppKey[Leaving] = web.AppKey("leaving", Leaving)


class _Quiet(logging.Filter):
    """A client's malformed request is one line, not a fault of ours with its traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, http_exceptions.HttpProcessingError):
            record.msg, record.args = "a request could not be parsed: %s", (type(error).__name__,)
            record.exc_info = record.exc_text = None
            record.levelno, record.levelname = logging.INFO, "INFO"
            return log.isEnabledFor(logging.INFO)
        return True


log.addFilter(_Quiet())

HANDLER_ARGS: dict[str, Any] = {
    "auto_decompress": False,
    "lingering_time": 0.0,
    "logger": log,
}
"""How every server of ours treats its connections (``web.Application(handler_args=…)``)."""
