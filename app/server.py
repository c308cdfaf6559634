"""The web process: all faces on one port, health and metrics on a private one."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import json
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from aiohttp import hdrs, web
from yarl import URL

from app.faces import mount_faces
from app.runtime import Runtime
from domain.clock_offset import load_offset, move_clock
from kernel import health, metrics
from kernel.config import Http
from kernel.errors import Invalid
from kernel.web.bodies import (
    BadBody,
    BeforeHead,
    close_unread,
    plain_bodies,
    read_body,
    serve_bodies,
)
from kernel.web.compressed import StaticFiles
from kernel.web.connections import ServedApplication
from kernel.web.forms import BODY_MOST
from kernel.web.keys import CONFIG, LIMITER, RENDERER, STORE
from kernel.web.middleware import request_frame
from kernel.web.templates import ROOT

log = logging.getLogger(__name__)

STATIC_AGE = "public, max-age=31536000, immutable"
COMMAND_MOST, BODY_SECONDS = 256 * 1024, 3.0
DRAIN_SECONDS = 3.0
"""How long a stopping process still accepts requests, until load balancers have left it."""

LINGER_SECONDS = 0.5
"""How long after that the last accepted connections may still send a request."""

FINISH_SECONDS = 20.0
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared with, not bound to
DRAINING: web.AppKey[asyncio.Event] = web.AppKey("draining", asyncio.Event)


class PortTaken(Exception):
    """Another process listens on the port; the message says what to change."""


def make_app(runtime: Runtime) -> web.Application:
    """The public application: chat, sign-in, mall, merchant, notifications, files."""
    app = ServedApplication(
        middlewares=[close_unread, request_frame],
        client_max_size=BODY_MOST,
    )
    app[CONFIG] = runtime.config
    app[STORE] = runtime.store
    app[RENDERER] = runtime.renderer
    app[LIMITER] = runtime.limiter
    app[DRAINING] = asyncio.Event()
    serve_bodies(app, say_goodbye(app[DRAINING]), _cache_files)
    mount_faces(app, runtime)
    files = StaticFiles(ROOT / "static", is_watched=runtime.config.environment == "demo")
    app.router.add_get("/static/{path:.+}", files.serve)
    runtime.picture_root.mkdir(parents=True, exist_ok=True)
    app.router.add_static("/uploads/", runtime.picture_root)
    for name, text in runtime.config.wechat.verify_files.items():
        app.router.add_get(f"/{name}", _says(text))
    app.router.add_get("/", _home)
    app.router.add_get("/healthz", _says("ok"))
    app.router.add_get("/readyz", _readyz(runtime))
    return app


def make_private_app(runtime: Runtime) -> web.Application:
    """The application of the private port: metrics, health details, commands, the demo's clock."""
    app = ServedApplication(
        middlewares=[close_unread, _known_names_only(runtime.config.http), plain_bodies,
                     _machines_only],
    )  # fmt: skip
    serve_bodies(app)

    async def show_metrics(_: web.Request) -> web.Response:
        return web.Response(body=metrics.page(), headers={"Content-Type": metrics.CONTENT_TYPE})

    async def show_health(_: web.Request) -> web.Response:
        report = await health.check(runtime.store, runtime.redis)
        return web.json_response(report.as_dict(), status=200 if report.is_ready else 503)

    async def set_clock(request: web.Request) -> web.Response:
        body = json.loads(await read_body(request, most=COMMAND_MOST, seconds=BODY_SECONDS))
        seconds = body.get("offset_seconds") if isinstance(body, dict) else None
        # "not … <=" refuses NaN as well
        if not isinstance(seconds, int | float) or not abs(seconds) <= 10 * 365 * 86_400:
            return web.json_response({"error": "offset_seconds"}, status=422)
        offset = timedelta(seconds=seconds)
        await runtime.store.write(move_clock, offset, runtime.config.environment)
        return web.json_response({"offset_seconds": offset.total_seconds()})

    async def get_clock(_: web.Request) -> web.Response:
        offset = await runtime.store.read(load_offset)
        return web.json_response({"offset_seconds": offset.total_seconds()})

    async def run_command(request: web.Request) -> web.Response:
        from app.commands import serve_command  # what only an operator needs

        body = await read_body(request, most=COMMAND_MOST, seconds=BODY_SECONDS)
        return await serve_command(runtime, body.decode())

    app.router.add_get("/metrics", show_metrics)
    app.router.add_post("/command", run_command)
    app.router.add_get("/health", show_health)
    if runtime.config.environment in {"demo", "test"}:
        app.router.add_get("/clock", get_clock)
        app.router.add_post("/clock", set_clock)
    return app


def _known_names_only(http: Http) -> Any:
    """A middleware that refuses unknown Host names, against DNS rebinding.

    In such an attack a page's own domain name resolves to this machine, so that the page could
    read the private port. Its requests still carry that name. Accepted are loopback, the called
    address and the configured names, and requests without Host (HTTP/1.0), which no browser sends.
    """
    known = {name.lower() for name in (*http.private_names, http.private_host)}
    known -= set(EVERYWHERE)

    @web.middleware
    async def guard(request: web.Request, handler: Any) -> web.StreamResponse:
        for given in request.headers.getall(hdrs.HOST, []):
            name = _host_name(given)
            if not (name in known or _is_loopback(name) or name == _called_address(request)):
                return web.json_response({"error": "host"}, status=403)
        response: web.StreamResponse = await handler(request)
        return response

    return guard


def _host_name(given: str) -> str:
    try:
        return (URL(f"http://{given}").host or "").lower()
    except ValueError:
        return ""


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _called_address(request: web.Request) -> str:
    """The local address of the connection; monitoring often uses it as Host."""
    own = request.transport.get_extra_info("sockname") if request.transport else None
    return str(own[0]) if isinstance(own, tuple) else ""


@web.middleware
async def _machines_only(request: web.Request, handler: Any) -> web.StreamResponse:
    """Refuse changes that are requested by a page in a browser, and answer errors as JSON."""
    is_from_page = "Origin" in request.headers or "Sec-Fetch-Mode" in request.headers
    if is_from_page and request.method != "GET":
        raise web.HTTPForbidden
    try:
        response: web.StreamResponse = await handler(request)
    except Invalid as error:
        return web.json_response({"error": str(error.code)}, status=403)
    except BadBody as bad:
        return web.json_response({"error": bad.reason}, status=bad.status)
    except (ValueError, RecursionError):
        return web.json_response({"error": "unreadable"}, status=400)
    return response


@contextlib.asynccontextmanager
async def listen(
    app: web.Application, host: str, port: int, drain_seconds: float = 0.0
) -> AsyncIterator[int]:
    """Serve an application; yields the port, which the system chooses for 0. Raises PortTaken.

    At the end requests are answered with ``Connection: close`` for ``drain_seconds``. Then no new
    connections are accepted, and running requests are finished.
    """
    runner = web.AppRunner(
        app, access_log=None, keepalive_timeout=75, shutdown_timeout=FINISH_SECONDS
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port, reuse_address=True, backlog=1024)
        try:
            await site.start()
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise PortTaken(
                f"{host}:{port} is taken by another process: give this one a port of its own "
                "(PORT, FENMALL_PRIVATE_PORT or FENMALL_WORKER_PRIVATE_PORT)"
            ) from error
        server: Any = site._server
        yield server.sockets[0].getsockname()[1]
        if drain_seconds:
            app[DRAINING].set()
            await asyncio.sleep(drain_seconds)
            await _stop_listening(runner, site)
            await asyncio.sleep(LINGER_SECONDS)
    finally:
        await runner.cleanup()


async def _stop_listening(runner: web.AppRunner, site: web.TCPSite) -> None:
    """Stop accepting connections, but serve those already in the kernel's accept queue.

    Closing a listening socket resets the connections in its queue, and a load balancer must not
    repeat a POST. A duplicate of the socket keeps the queue until it is empty.
    """
    server: Any = site._server
    queues = [socket.socket(fileno=os.dup(each.fileno())) for each in server.sockets]
    await site.stop()
    came: list[socket.socket] = []
    for queue in queues:
        queue.setblocking(False)
        with queue, contextlib.suppress(BlockingIOError):
            while True:
                came.append(queue.accept()[0])
    loop = asyncio.get_running_loop()
    for connection in came:
        with contextlib.suppress(OSError):  # the client has disconnected
            await loop.connect_accepted_socket(runner.server, connection)  # type: ignore[arg-type]


@contextlib.asynccontextmanager
async def serving(runtime: Runtime) -> AsyncIterator[tuple[int, int]]:
    """Serve the public and the private application; yields both ports."""
    http = runtime.config.http
    drain = 0.0 if runtime.config.environment == "demo" else DRAIN_SECONDS
    async with (
        listen(make_app(runtime), http.host, http.port, drain) as public,
        listen(make_private_app(runtime), http.private_host, http.private_port) as private,
    ):
        log.info("serving on http://%s:%d, private port %d", http.host, public, private)
        yield public, private


def _says(text: str) -> Any:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(text=text)

    return handler


async def _home(_: web.Request) -> web.StreamResponse:
    raise web.HTTPFound("/m/")


def _readyz(runtime: Runtime) -> Any:
    """The readiness check: 200 if ready, also when degraded; 503 otherwise or when stopping."""

    async def handler(request: web.Request) -> web.Response:
        if request.app[DRAINING].is_set():
            return web.Response(text="stopping", status=503)
        report = await health.check(runtime.store, runtime.redis)
        return web.Response(text=report.summary, status=200 if report.is_ready else 503)

    return handler


def say_goodbye(draining: asyncio.Event) -> BeforeHead:
    """Answer with ``Connection: close`` while the process is stopping."""

    def close(_: web.Request, response: web.StreamResponse) -> None:
        if draining.is_set():
            response.force_close()
            # aiohttp has set its own header before this step
            response.headers[hdrs.CONNECTION] = "close"

    return close


def _cache_files(request: web.Request, response: web.StreamResponse) -> None:
    """Let browsers cache files for ever, since their URLs contain a hash of the content."""
    is_file = request.path.startswith(("/static/", "/uploads/"))
    if is_file and response.status in {200, 206, 304}:
        response.headers["Cache-Control"] = STATIC_AGE
        if request.path.endswith(".webp"):
            response.content_type = "image/webp"  # Python knows the type only since 3.13


def stop_asked() -> asyncio.Event:
    """An event that SIGINT or SIGTERM sets, from this call on.

    Call it before the process says that it serves: who stops it at that word would not be heard.
    A process that a shell starts in the background ignores SIGINT until then.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop
