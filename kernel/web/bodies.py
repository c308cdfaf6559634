"""Reads request bodies, limited in size and time.

All handlers read bodies through this module. The size limit is enforced while reading, whatever
Content-Length says. No client of ours compresses requests, so ``Content-Encoding`` is refused
before anything is decompressed. A connection whose body was not read to its end is closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

from aiohttp import hdrs, http_exceptions, web

log = logging.getLogger("fenmall.http")

PIECE = 64 * 1024
LEAVE_SECONDS = 2.0
BeforeHead = Callable[[web.Request, web.StreamResponse], None]
STATUS = {"size": 413, "slow": 408, "broken": 400, "kind": 415}


class BadBody(Exception):
    """A refused body; ``reason`` is ``size``, ``slow``, ``broken`` or ``kind``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    @property
    def status(self) -> int:
        """The HTTP status of the reason."""
        return STATUS[self.reason]


async def pieces_of(
    request: web.BaseRequest, *, most: int, seconds: float
) -> AsyncIterator[bytes]:
    """Yield the body as it arrives, at most ``most`` bytes within ``seconds``. Raises BadBody."""
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
    """The whole body, at most ``most`` bytes within ``seconds``. Raises BadBody."""
    if request.content.is_eof() and request.content.exception() is None:
        # the usual case: the body arrived together with the head
        body = request.content.read_nowait()
        if len(body) > most:
            raise BadBody("size")
        return body
    parts = [piece async for piece in pieces_of(request, most=most, seconds=seconds)]
    return b"".join(parts)


def refuse_compressed(request: web.BaseRequest) -> None:
    """Refuse a compressed body, whatever the coding. Raises HTTPUnsupportedMediaType."""
    headers = request.headers
    coding = headers.get(hdrs.TRANSFER_ENCODING, "chunked")
    if hdrs.CONTENT_ENCODING in headers or coding.strip().lower() != "chunked":
        raise web.HTTPUnsupportedMediaType


@web.middleware
async def plain_bodies(request: web.Request, handler: Any) -> web.StreamResponse:
    """Refuse compressed bodies, for an application without ``request_frame``, which does it."""
    refuse_compressed(request)
    response: web.StreamResponse = await handler(request)
    return response


def set_connection_close(request: web.BaseRequest, response: web.StreamResponse) -> None:
    """Add ``Connection: close`` to the response to a refused or unread body."""
    is_refused = request.body_exists and response.status in STATUS.values()
    if is_refused or not request.content.is_eof():
        response.force_close()
        # the framework's own header is made before this signal
        response.headers[hdrs.CONNECTION] = "close"


@web.middleware
async def close_unread(request: web.Request, handler: Any) -> web.StreamResponse:
    """If the body was not read to its end: respond, half-close the socket, and read no more.

    The socket is closed ``LEAVE_SECONDS`` later. A socket closed with unread bytes is reset, and
    a client that is still sending would lose the response.
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
    with contextlib.suppress(ConnectionError):  # the client has disconnected
        await response.prepare(request)
        await response.write_eof()
        transport, protocol = request.transport, request.protocol
        if transport is None or transport.is_closing() or not transport.can_write_eof():
            return
        transport.pause_reading()
        transport.write_eof()
        protocol.transport = None  # else aiohttp closes it at once
        request.config_dict[HALF_CLOSED].add(transport)


def serve_bodies(app: web.Application, *steps: BeforeHead) -> None:
    """Install this module's handlers; the application's first middleware is ``close_unread``.

    ``steps`` are further functions that are called before each response's head is sent.
    """
    app[HALF_CLOSED] = leaving = HalfClosedConnections()
    all_steps = (set_connection_close, *steps)

    async def before_head(request: web.Request, response: web.StreamResponse) -> None:
        for step in all_steps:
            step(request, response)

    app.on_response_prepare.append(before_head)
    app.on_shutdown.append(leaving.close_all)


class HalfClosedConnections:
    """Half-closed connections, each closed after ``LEAVE_SECONDS``."""

    def __init__(self) -> None:
        self._timers: dict[asyncio.Transport, asyncio.TimerHandle] = {}

    def add(self, transport: asyncio.Transport) -> None:
        """Schedule the closing of a connection."""
        loop = asyncio.get_running_loop()
        self._timers[transport] = loop.call_later(LEAVE_SECONDS, self._close, transport)

    def _close(self, transport: asyncio.Transport) -> None:
        self._timers.pop(transport).cancel()
        transport.abort()

    async def close_all(self, _: web.Application) -> None:
        """Close all at once, at the application's shutdown."""
        for transport in list(self._timers):
            self._close(transport)


HALF_CLOSED: web.AppKey[HalfClosedConnections] = web.AppKey("leaving", HalfClosedConnections)


class _Quiet(logging.Filter):
    """Logs a client's malformed request as one info line instead of an error with traceback."""

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
"""Options for every server of ours (``web.Application(handler_args=…)``)."""
