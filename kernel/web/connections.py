"""Connections that accept URLs with raw UTF-8 bytes and answer malformed requests briefly.

Browsers send URLs in ASCII. Other programs send pasted links with raw characters such as 陈, which
aiohttp's parser refuses; here such a URL is percent-encoded as a browser would have done.
"""

from __future__ import annotations

import re
import warnings
from typing import Any

from aiohttp import hdrs, http_exceptions, web
from aiohttp.web_protocol import RequestHandler

from kernel.web.bodies import HANDLER_ARGS

_RAW = re.compile(rb"[A-Z]{3,10} ([!-~\x80-\xff]*[\x80-\xff][!-~\x80-\xff]*) HTTP/1\.[01]\r?\n")


class Connection(RequestHandler):
    """One client's connection."""

    __slots__ = ("_has_begun",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._has_begun = False

    def data_received(self, data: bytes) -> None:
        """Receive bytes; rewrite the request line only where one certainly begins.

        That is while the next request is awaited and none of its bytes have arrived. Bytes of a
        body must never be rewritten: their length would change, and the rest of the body would be
        read as another request (request smuggling).
        """
        is_idle = self._waiter is not None and not self._waiter.done() and not self._messages
        if is_idle and not self._has_begun:
            data = escape_target(data)
        super().data_received(data)
        self._has_begun = is_idle and not self._messages

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:  # fmt: skip
        """Answer a malformed request with its status only, without an echo of its content."""
        answer = super().handle_error(request, status, exc, message)
        if not isinstance(exc, http_exceptions.HttpProcessingError):
            return answer
        short = web.Response(status=status, text=f"{status}")
        short.headers[hdrs.CACHE_CONTROL] = "no-store"
        short.headers["X-Content-Type-Options"] = "nosniff"
        short.force_close()
        return short


def escape_target(data: bytes) -> bytes:
    """The bytes of a request with its URL percent-encoded: 陈 becomes %E9%99%88."""
    found = _RAW.match(data)
    if found is None:
        return data
    target = re.sub(rb"[\x80-\xff]", lambda each: b"%%%02X" % each[0][0], found[1])
    return data[: found.start(1)] + target + data[found.end(1) :]


class _Connections(web.Server):
    """Creates ``Connection`` objects instead of aiohttp's."""

    def __call__(self) -> RequestHandler:
        return Connection(self, loop=self._loop, **self._kwargs)


with warnings.catch_warnings():
    # aiohttp warns against subclassing Application, but has no other way to replace connections
    warnings.simplefilter("ignore", DeprecationWarning)

    class ServedApplication(web.Application):
        """An application that listens on a port, with our connections and body options."""

        def __init__(self, **options: Any) -> None:
            super().__init__(handler_args=HANDLER_ARGS, **options)

        def _make_handler(self, **options: Any) -> web.Server:
            made = super()._make_handler(**options)
            return _Connections(
                made.request_handler,
                request_factory=made.request_factory,
                handler_cancellation=made.handler_cancellation,
                loop=made._loop,
                **made._kwargs,
            )
