"""Every POST route with bodies that no page sends: they are refused, the connection is closed.

The tests limit how many bytes are read, not the time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from aiohttp import web_protocol
from aiohttp.test_utils import TestServer

import mall_h5.uploads
from admin.deps import DEPS
from app.server import make_private_app
from kernel.web.forms import BODY_MOST
from tests.fuzz.test_fuzz_forms import person_for
from tests.harness.markup import words_of
from tests.security.bodies import BODIES, Body, knock
from tests.security.test_route_matrix import address
from tests.security.town import Town, routes_of

UPLOAD_MOST = 2 * BODY_MOST
BUFFER = 1024 * 1024
"""The bytes that may be in the buffers of the reader and the loop when a body is refused."""


class Taken:
    """The bytes that all connections read since the last call of ``since``."""

    def __init__(self) -> None:
        self.bytes = 0

    def since(self) -> int:
        """The bytes; the count starts again at zero."""
        found, self.bytes = self.bytes, 0
        return found


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Taken:
    """Counts the bytes that servers read from their sockets."""
    counter, original = Taken(), web_protocol.RequestHandler.data_received

    def received(self: Any, data: bytes) -> None:
        counter.bytes += len(data)
        original(self, data)

    monkeypatch.setattr(web_protocol.RequestHandler, "data_received", received)
    return counter


@pytest.fixture(autouse=True)
def smaller_uploads(town: Town, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Lower limits: uploads of 96 MB would take long."""
    monkeypatch.setattr(mall_h5.uploads, "BODY_MOST", UPLOAD_MOST)
    deps = next(a for a in town.app._subapps if DEPS in a)[DEPS]
    usual = deps.upload_most
    object.__setattr__(deps, "upload_most", UPLOAD_MOST)
    yield
    object.__setattr__(deps, "upload_most", usual)


@dataclass(frozen=True)
class Door:
    """A POST route: its address, the cookies to send, and what kind of route it is."""

    path: str
    cookie: str
    is_machine: bool
    takes_files: bool


def doors(town: Town) -> list[Door]:
    """Every POST route of every face."""
    found = []
    for route in routes_of(town.app):
        if route.method == "POST":
            is_machine = route.face not in {"m", "admin", "oauth"}
            cookies = {} if is_machine else person_for(town, route).cookies
            pairs = "; ".join(f"{k}={v}" for k, v in cookies.items())
            marks = ("mall_upload", "admin_upload")
            takes_files = any(getattr(route.handler, mark, False) for mark in marks)
            found.append(Door(address(town, route), pairs, is_machine, takes_files))
    assert {d.is_machine for d in found} == {d.takes_files for d in found} == {True, False}
    return found


def faults(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Log lines of errors; a client's request must not cause one."""
    return [r.getMessage() for r in caplog.records if r.exc_info or r.levelno >= logging.ERROR]


def judged(body: Body, is_machine: bool, status: int) -> bool:
    """Whether the status is the right one for this body."""
    right = body.machine if is_machine else body.form
    return status == right if right else status < 500 and status != 204


async def knocked(town: Town, taken: Taken, caplog: pytest.LogCaptureFixture,
                  pairs: Iterable[tuple[Body, Door]]) -> list[Any]:  # fmt: skip
    """Send each body to each route; answers those that were handled wrongly."""
    port, wrong = town.client.server.port, []
    assert port is not None
    for body, door in pairs:
        taken.since()
        status, is_closed = await knock(port, door.path, door.cookie, body)
        size, said = taken.since(), faults(caplog)
        most = (UPLOAD_MOST if door.takes_files else BODY_MOST) + BUFFER
        is_right = judged(body, door.is_machine, status) and (is_closed or not body.is_endless)
        if not is_right or size > most or said:
            wrong.append((body.name, door.path, status, is_closed, size, said))
        caplog.clear()
    return wrong


@pytest.mark.parametrize("part", range(4))
async def test_bodies_that_no_page_sends_are_refused(
    town: Town, taken: Taken, caplog: pytest.LogCaptureFixture, part: int
) -> None:
    """60 MB were once read before the refusal; broken gzip was a server error.

    Each body goes to the routes of programs, to those with files, and to every twelfth form.
    """
    forms = [d for d in doors(town) if not d.is_machine and not d.takes_files]
    special = [d for d in doors(town) if d.is_machine or d.takes_files]
    pairs = [
        (body, door)
        for n, body in enumerate(BODIES)
        if n % 4 == part
        for door in [*special, *forms[n // 4 % 12 :: 12]]
    ]
    assert await knocked(town, taken, caplog, pairs) == []


async def test_every_route_refuses_one_body_of_each_sort(
    town: Town, taken: Taken, caplog: pytest.LogCaptureFixture
) -> None:
    """The test reads the route table, so that it covers every new route."""
    names = {"packed by 'gzip'", "packed, endless", "one field, chunked", "multipart: nested",
             "lines, empty, before it begins, chunked", "lines, empty, in a text, chunked",
             "head: a negative length", "10 GB promised, nothing sent"}  # fmt: skip
    bodies = [body for body in BODIES if body.name in names]
    assert len(bodies) == len(names)
    pairs = [(body, door) for door in doors(town) for body in bodies]
    assert await knocked(town, taken, caplog, pairs) == []


async def test_the_private_port_refuses_these_bodies(
    town: Town, taken: Taken, caplog: pytest.LogCaptureFixture
) -> None:
    async with TestServer(make_private_app(town.runtime)) as server:
        assert server.port is not None
        wrong = []
        for path, body in product(("/clock", "/command"), BODIES):
            taken.since()
            status, is_closed = await knock(server.port, path, "", body)
            is_right = judged(body, True, status) and (is_closed or not body.is_endless)
            if not is_right or taken.since() > BODY_MOST + BUFFER or faults(caplog):
                wrong.append((path, body.name, status, is_closed, faults(caplog)))
            caplog.clear()
    assert wrong == []


async def test_a_refused_body_is_answered_while_it_is_still_being_sent(town: Town) -> None:
    """The server once read on for ten seconds, and later lost the answer by a reset."""
    body = next(b for b in BODIES if b.name == "one field, chunked")
    assert town.client.server.port is not None
    reader, writer = await asyncio.open_connection("127.0.0.1", town.client.server.port)
    lines = ["POST /m/cart HTTP/1.1", "Host: shop.example", *body.lines, "", ""]
    writer.write("\r\n".join(lines).encode() + body.first + body.more * 100)
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 413 ")
    assert b"Connection: close" in head
    told = words_of((await reader.read()).decode(), "main")
    assert "文件" in told or "太大" in told, told
    writer.transport.abort()
