"""HTTP calls to other systems: limited in number, time and size, counted, errors classified.

A failed connection is ``Retryable``. If the request was sent but not answered, a call that may be
repeated without harm is ``Retryable``, any other ``Unknown``.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import aiohttp
from aiohttp import (
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    FormData,
    TCPConnector,
)
from multidict import CIMultiDictProxy
from prometheus_client import Counter, Histogram
from yarl import URL

from gateways import metrics
from kernel.errors import GatewayError, Refused, Retryable, Unknown

log = logging.getLogger(__name__)
USER_AGENT = "Fenmall/0.1"
ANSWER_BYTES_MAX = 8 * 1024 * 1024

Body = FormData | bytes | None


@dataclass(frozen=True)
class Answer:
    """A complete HTTP response in memory."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes


def new_session() -> ClientSession:
    """The session for all outgoing calls of a process: no cookies, no environment's proxy."""
    return ClientSession(
        connector=TCPConnector(limit=0, ttl_dns_cache=60),
        cookie_jar=DummyCookieJar(),
        headers={"User-Agent": USER_AGENT},
        trust_env=False,
    )


class HttpCaller:
    """Calls one other system: ``slots`` calls at once; others wait for at most their time-out."""

    def __init__(
        self, session: ClientSession, gateway: str, *, slots: int = 50, timeout: float = 10.0
    ) -> None:
        self.gateway = gateway
        self.timeout = timeout
        self._session = session
        self._slots = asyncio.Semaphore(slots)

    async def send(
        self,
        method: str,
        url: str,
        *,
        body: Body = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - aiohttp's own, a total
        is_repeatable: bool,
        bytes_max: int = ANSWER_BYTES_MAX,
    ) -> Answer:
        """Send exactly this URL and body once, and read the whole response.

        ``is_repeatable``: repeating the call does no harm. Raises Retryable and Unknown.
        """
        seconds = self.timeout if timeout is None else timeout
        if self._slots.locked():
            try:
                async with asyncio.timeout(seconds):
                    await self._slots.acquire()
            except TimeoutError:
                raise Retryable("busy", "no free slot") from None
        else:
            await self._slots.acquire()  # returns at once, since a slot is free
        try:
            return await self._send(method, url, body, headers, seconds, bytes_max)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Retryable("no_connection", type(error).__name__) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise no_answer_error(is_repeatable, "no_answer", type(error).__name__) from error
        finally:
            self._slots.release()

    async def _send(
        self,
        method: str,
        url: str,
        body: Body,
        headers: Mapping[str, str] | None,
        seconds: float,
        bytes_max: int,
    ) -> Answer:
        # encoded=True: the URL is sent exactly as it was signed
        async with self._session.request(
            method,
            URL(url, encoded=True),
            data=body,
            headers=headers,
            timeout=_limits(seconds),
            allow_redirects=False,
        ) as response:
            content = await _whole(response, bytes_max)
            return Answer(response.status, response.headers, content)


async def _whole(response: ClientResponse, bytes_max: int) -> bytes:
    """The body, at most ``bytes_max``; read at once only if its stated length is within that."""
    said = response.content_length
    if said is not None and said <= bytes_max and "Content-Encoding" not in response.headers:
        return await response.read()
    content = bytearray()
    async for chunk in response.content.iter_chunked(65536):
        content += chunk
        if len(content) > bytes_max:
            raise aiohttp.ClientPayloadError("answer too large")
    return bytes(content)


def no_answer_error(is_repeatable: bool, code: str, message: str = "") -> GatewayError:
    """The error for a call that was sent but not clearly answered."""
    return (Retryable if is_repeatable else Unknown)(code, message)


@lru_cache(maxsize=16)
def _limits(seconds: float) -> ClientTimeout:
    """Time-outs; the one for connecting distinguishes "never sent" from "sent, no answer"."""
    return ClientTimeout(total=seconds, connect=seconds * 0.5)


_OUTCOMES = {Retryable: "retryable", Refused: "refused", Unknown: "unknown"}


class count_call:
    """Count and time one call by its outcome. A refusal with the ``usual`` code is no warning."""

    __slots__ = ("_call", "_gateway", "_started", "_usual")

    def __init__(self, gateway: str, call: str, usual: str = "") -> None:
        self._gateway = gateway
        self._call = call
        self._usual = usual

    async def __aenter__(self) -> None:
        self._started = time.monotonic()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: object
    ) -> None:
        seconds = time.monotonic() - self._started
        outcome = "ok" if error is None else "broken"
        if isinstance(error, GatewayError):
            outcome = _OUTCOMES.get(type(error), "unknown")
            level = logging.INFO if error.code == self._usual else logging.WARNING
            log.log(level, "%s %s %s: %s", self._gateway, self._call, outcome, error)
        calls, taken = _meters(self._gateway, self._call, outcome)
        calls.inc()
        taken.observe(seconds)
        log.debug("%s %s %s in %.3fs", self._gateway, self._call, outcome, seconds)


@lru_cache(maxsize=512)
def _meters(gateway: str, call: str, outcome: str) -> tuple[Counter, Histogram]:
    return (
        metrics.CALLS.labels(gateway, call, outcome),
        metrics.SECONDS.labels(gateway, call),
    )
