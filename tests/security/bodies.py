"""Bodies that no page and no WeChat sends, and a client that sends them as bytes over a socket."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import re
import socket
import zlib
from dataclasses import dataclass

from tests.harness.waiting import PATIENCE

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=b"
PIECE = 64 * 1024
ENDLESS = 2_000
"""Pieces of an endless body: 128 MB, far more than any door takes."""

PART = b'--b\r\nContent-Disposition: form-data; name="note"\r\n\r\n'
FILE = b'--b\r\nContent-Disposition: form-data; name="photos"; filename="a.jpg"\r\n\r\n'
END = b"\r\n--b--\r\n"


@dataclass(frozen=True)
class Body:
    """One of them: its head's lines, what is sent first, what is sent again and again.

    ``form`` and ``machine`` are the answers that are right at a page's form and at a door for
    programs; a machine's 0 stands for any refusal, since there bytes are judged by a signature.
    """

    name: str
    form: int
    machine: int
    lines: tuple[str, ...] = ()
    first: bytes = b""
    more: bytes = b""

    @property
    def is_endless(self) -> bool:
        """Whether it goes on until nobody reads any more."""
        return bool(self.more)


def _typed(kind: str, *lines: str) -> tuple[str, ...]:
    return (*([f"Content-Type: {kind}"] if kind else []), *lines)


def _whole(name: str, form: int, machine: int, kind: str, body: bytes, *lines: str) -> Body:
    return Body(name, form, machine, _typed(kind, *lines, f"Content-Length: {len(body)}"), body)


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def _endless(name: str, form: int, kind: str, first: bytes, more: bytes) -> tuple[Body, Body]:
    """In chunks, and with a length that is a lie."""
    more = more * (PIECE // len(more))
    chunked = _typed(kind, "Transfer-Encoding: chunked")
    counted = _typed(kind, "Content-Length: 900000")
    lying = Body(f"{name}, longer than it is", form, 0, counted, first + more)
    if form == 413:  # as much as it says is no lie below the limit: say more
        lying = Body(f"{name}, 10 GB", 413, 413, _typed(kind, "Content-Length: 9999999999"),
                     first, more)  # fmt: skip
    begun = _chunk(first) if first else b""
    return Body(f"{name}, chunked", form, 413, chunked, begun, _chunk(more)), lying


def _packed() -> list[Body]:
    plain = b"_csrf=x&note=" + b"0" * 60_000_000
    packed = {"gzip": gzip.compress(plain), "deflate": zlib.compress(plain), "br": b"\x0b\x02\x80",
              "zstd": b"\x28\xb5\x2f\xfd\x20\x05"}  # fmt: skip
    cut = packed["gzip"][:900]
    names = ("x-gzip", "identity", "GZIP", "gzip, gzip", "identity, gzip", "gzip, identity", "",
             "no-such", "compress", "zstd ")  # fmt: skip
    bodies = list(packed.items()) + [(each, packed["gzip"]) for each in names]
    return [
        _whole(f"packed by {coding!r}", 415, 415, URLENCODED, body, f"Content-Encoding: {coding}")
        for coding, body in bodies
    ] + [
        _whole("broken gzip", 415, 415, URLENCODED, b"\x1f\x8b\x08bad", "Content-Encoding: gzip"),
        _whole("gzip cut off", 415, 415, URLENCODED, cut, "Content-Encoding: gzip"),
        _whole("packed twice", 415, 415, URLENCODED, b"x", "Content-Encoding: identity",
               "Content-Encoding: gzip"),
        Body("packed for the way", 415, 415,
             _typed(URLENCODED, "Transfer-Encoding: gzip, chunked"),
             _chunk(cut) + b"0\r\n\r\n"),
        Body("packed, endless", 415, 415,
             _typed(URLENCODED, "Content-Encoding: gzip", "Transfer-Encoding: chunked"),
             b"", _chunk(b"\0" * PIECE)),
    ]  # fmt: skip


def _multiparts() -> list[Body]:
    """Forms with files as no browser writes them."""
    head = b'--b\r\nContent-Disposition: form-data; name="a"'
    many = b"".join(b"X-Header-%d: x\r\n" % n for n in range(200))
    wrong = {
        "two hundred headers": head + b"\r\n" + many + b"\r\nx" + END,
        "base64": head + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!" + END,
        "an unknown coding": head + b"\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nx" + END,
        "a header without a colon": head + b"\r\nno colon here\r\n\r\nx" + END,
        "a header without a name": head + b"\r\n: x\r\n\r\nx" + END,
        "no disposition": b"--b\r\nContent-Type: text/plain\r\n\r\nx" + END,
        "no name": b"--b\r\nContent-Disposition: form-data\r\n\r\nx" + END,
        "another disposition": b'--b\r\nContent-Disposition: file; name="a"\r\n\r\nx' + END,
        "nested": head + b"\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
                  b"--c\r\n\r\nx\r\n--c--" + END,
        "a long header": head + b"\r\nX: " + b"x" * 9000 + b"\r\n\r\nx" + END,
        "an unknown charset": head + b"\r\nContent-Type: text/plain; charset=zlib\r\n\r\nx" + END,
        "not of its charset": head + b"\r\n\r\n\xff\xfe" + END,
        "a length of its own": head + b"\r\nContent-Length: 99\r\n\r\nx" + END,
        "a NUL": head + b"\r\n\r\na\0b" + END,
        "no end": head + b"\r\n\r\nx",
        "another boundary": b"--c\r\n\r\nx\r\n--c--\r\n",
        "nothing": b"\r\n",
        "a preamble": b"This is a multipart message.\r\n" + PART + b"x" + END,
        "a thousand and one parts": (PART + b"x\r\n") * 1001 + PART + b"x" + END,
    }  # fmt: skip
    found = [_whole(f"multipart: {k}", 400, 0, MULTIPART, v) for k, v in wrong.items()]
    for kind in ("multipart/form-data", "multipart/form-data; boundary=",
                 'multipart/form-data; boundary="' + "b" * 300 + '"',
                 "multipart/form-data; boundary=陈"):  # fmt: skip
        found.append(_whole(f"multipart: {kind[:40]}", 400, 0, kind, PART + b"x" + END))
        found.append(_endless(f"multipart endless: {kind[:40]}", 400, kind, b"", b"\r\n")[0])
    lines = {
        "empty": b"\r\n",
        "short": b"x\r\n",
        "like the boundary": b"--c x\r\n",
        "no end": b"x",
    }
    for shown, line in lines.items():
        found += _endless(f"lines, {shown}, before it begins", 400, MULTIPART, b"", line)
        found += _endless(f"lines, {shown}, in a text", 413, MULTIPART, PART, line)
        found += _endless(f"lines, {shown}, in a file", 413, MULTIPART, FILE, line)
        found += _endless(
            f"lines, {shown}, after the end", 413, MULTIPART, PART + b"x" + END, line
        )
    found += _endless(
        "lines, the boundary and more, in a text", 400, MULTIPART, PART, b"\r\n--b x"
    )
    found.append(_endless("an endless header", 400, MULTIPART, head + b"\r\nX: ", b"x")[0])
    found.append(_endless("endless headers", 400, MULTIPART, head + b"\r\n", b"X: x\r\n")[0])
    found.append(_endless("endless parts", 400, MULTIPART, b"", PART + b"x\r\n")[0])
    return found


def _framed() -> list[Body]:
    """Lengths and chunks that lie."""
    chunked = _typed(URLENCODED, "Transfer-Encoding: chunked")
    heads = {
        "a negative length": "Content-Length: -5",
        "a length that is no number": "Content-Length: 5x",
        "a length of forty digits": "Content-Length: " + "9" * 40,
        "two lengths": "Content-Length: 5\r\nContent-Length: 6",
        "one length twice": "Content-Length: 5\r\nContent-Length: 5",
        "two lengths in a line": "Content-Length: 5, 6",
        "a length and chunks": "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "a coding that is none": "Transfer-Encoding: no-such",
        "chunks that are not last": "Transfer-Encoding: chunked, gzip",
    }
    chunks = {
        "no number": b"zz\r\nabc",
        "negative": b"-5\r\nabcde\r\n",
        "too large": b"f" * 30 + b"\r\nabc",
        "wrong end": b"3\r\nabcde\r\n0\r\n\r\n",
    }
    return [
        Body(f"head: {name}", 400, 400, _typed(URLENCODED, *line.split("\r\n")), b"a=1&b")
        for name, line in heads.items()
    ] + [
        Body(f"chunk: {name}", 400, 400, chunked, first) for name, first in chunks.items()
    ] + [
        Body("chunk: a good one, then nonsense", 400, 400, chunked, b"3\r\na=1\r\n", b"zz\r\n"),
        Body("10 GB promised, nothing sent", 413, 413, _typed(URLENCODED,
             "Content-Length: 9999999999"), b""),
        Body("10 GB expected", 413, 413, _typed(URLENCODED, "Content-Length: 9999999999",
             "Expect: 100-continue"), b""),
    ]  # fmt: skip


def _kinds() -> list[Body]:
    """Of every type that a form is not."""
    found = []
    for kind in ("application/json", "text/xml", "application/octet-stream", "text/plain", "",
                 "x", "multipart/mixed; boundary=b", URLENCODED + "; charset=utf-7"):  # fmt: skip
        found.append(_whole(f"type {kind!r}", 415, 0, kind, b'{"_csrf": "x"}'))
        found.append(_endless(f"type {kind!r} endless", 415, kind, b"", b"[")[0])
    many = b"&".join(b"f%d=1" % n for n in range(5000))
    found += [
        _whole("five thousand fields", 400, 0, URLENCODED, many),
        _whole("not UTF-8", 400, 0, URLENCODED, b"\xff\xfe=\x80"),
        _whole("not UTF-8, escaped", 400, 0, URLENCODED, b"a=%FF%FE"),
        _whole("a NUL", 400, 0, URLENCODED, b"a=%00"),
        *_endless("fields", 413, URLENCODED, b"", b"a=1&"),
        *_endless("one field", 413, URLENCODED, b"a=", b"x"),
    ]
    return found


BODIES: tuple[Body, ...] = (*_packed(), *_multiparts(), *_framed(), *_kinds())


async def knock(port: int, path: str, cookie: str, body: Body) -> tuple[int, bool]:
    """Send it until nobody takes it any more. The status, and whether the connection ended."""
    loop = asyncio.get_running_loop()
    sock = socket.create_connection(("127.0.0.1", port))
    sock.setblocking(False)
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", *body.lines]
    lines += [f"Cookie: {cookie}"] if cookie else []
    head = "\r\n".join([*lines, "", ""]).encode()

    async def send() -> None:
        with contextlib.suppress(OSError):
            await loop.sock_sendall(sock, head + body.first)
            for _ in range(ENDLESS if body.is_endless else 0):
                await loop.sock_sendall(sock, body.more)

    sending = asyncio.create_task(send())
    try:
        async with asyncio.timeout(PATIENCE):
            return await _answer(sock)
    except TimeoutError:
        return 0, False
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        sock.close()


async def _answer(sock: socket.socket) -> tuple[int, bool]:
    """The answer's status; its end is waited for if it says that the connection ends."""
    loop, came = asyncio.get_running_loop(), b""
    while True:
        try:
            data = await loop.sock_recv(sock, PIECE)
        except ConnectionResetError:
            data = b""
        came += data
        final = came.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
        head, _, rest = final.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\ncontent-length: ([0-9]+)", head)
        is_kept = head.startswith(b"HTTP/1.1") and b"onnection: close" not in head
        if not data or (is_kept and length is not None and len(rest) >= int(length[1])):
            return (int(head.split(b" ", 2)[1]) if head else 0), not data
