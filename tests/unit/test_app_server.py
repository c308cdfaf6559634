"""The shutdown of a web process: open connections are answered, then closed."""

from __future__ import annotations

import asyncio
import socket
import time
from collections import Counter

import pytest
from aiohttp import web

from app import server
from kernel.web.bodies import serve_bodies
from tests.harness.waiting import PATIENCE

ASK = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"


async def _ok(request: web.Request) -> web.Response:
    return web.Response(text="done")


def _app() -> web.Application:
    app = web.Application()
    app[server.DRAINING] = asyncio.Event()
    serve_bodies(app, server.say_goodbye(app[server.DRAINING]))
    app.router.add_post("/", _ok)
    return app


async def test_a_connection_opened_before_the_shutdown_is_answered() -> None:
    """Before, it was closed during the request, and behind nginx a buyer saw a 502."""
    app = _app()
    async with server.listen(app, "127.0.0.1", 0, drain_seconds=0.2) as port:
        early, writer = await asyncio.open_connection("127.0.0.1", port)
        asking = asyncio.create_task(_ask_when_nobody_listens(app, port, early, writer))
        await asyncio.sleep(0)
    assert (await asking).startswith(b"HTTP/1.1 200 OK")


async def _ask_when_nobody_listens(
    app: web.Application, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> bytes:
    """Send the request on an open connection once the process accepts no new ones."""
    await app[server.DRAINING].wait()
    for _ in range(200):
        try:
            _, other = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            break
        other.close()
        await asyncio.sleep(0.01)
    else:
        pytest.fail("it still listens")
    writer.write(ASK)
    text = await asyncio.wait_for(reader.read(), PATIENCE)
    writer.close()
    assert b"Connection: close" in text
    return text


async def test_while_draining_requests_are_answered_with_connection_close() -> None:
    app = _app()
    async with server.listen(app, "127.0.0.1", 0, drain_seconds=0.0) as port:
        for is_leaving in (False, True):
            if is_leaving:
                app[server.DRAINING].set()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(ASK)
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
            assert head.startswith(b"HTTP/1.1 200 OK")
            assert (b"Connection: close" in head) == is_leaving
            writer.close()


async def test_connections_in_the_accept_queue_are_answered_when_listening_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A busy process hasn't accepted them yet; closing the socket alone would reset them."""
    stop = web.TCPSite.stop

    async def busy_then_stop(site: web.TCPSite) -> None:
        time.sleep(0.2)  # noqa: ASYNC251 - the loop is what must be busy
        await stop(site)

    monkeypatch.setattr(web.TCPSite, "stop", busy_then_stop)
    app = _app()
    async with server.listen(app, "127.0.0.1", 0, drain_seconds=0.3) as port:
        crowd = asyncio.create_task(asyncio.to_thread(_crowd, port))
        await asyncio.sleep(0)
    answers = await crowd
    assert answers["reset"] == 0
    assert answers["answered"] > 10
    assert answers["refused"] > 0


def _crowd(port: int) -> Counter[str]:
    """Open connections until one is refused, then send a request on each; counts outcomes."""
    found: Counter[str] = Counter()
    there: list[socket.socket] = []
    until = time.monotonic() + 5
    while time.monotonic() < until:
        try:
            there.append(socket.create_connection(("127.0.0.1", port), timeout=5))
        except ConnectionRefusedError:
            found["refused"] += 1
            break
        time.sleep(0.005)
    for each in there:
        with each:
            try:
                each.sendall(ASK)
                text = each.recv(1000)
            except (ConnectionResetError, BrokenPipeError):
                text = b""
            found["answered" if text.startswith(b"HTTP/1.1 200") else "reset"] += 1
    return found
