"""Servers as limits: aiohttp handlers that do only the minimum for an answer.

``python -m bench.tools.limits NAME …`` prints its port; NAME is one of ``SERVERS`` below. They use
the same event loop as the shop and have no middleware.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import itertools
import os
import sqlite3
import struct
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bench.tools.chatting import REPLY
from bench.tools.shop import AES_KEY, APPID, TOKEN

Handler = Callable[[web.Request], Awaitable[web.Response]]
LOOK = "SELECT member_id, is_following FROM wechat_identity WHERE appid = ? AND openid = ?"
_KEY = base64.b64decode(AES_KEY + "=")


def signed(*parts: str) -> str:
    """SHA-1 in hex over the sorted, concatenated parts."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def opened(sealed: str) -> bytes:
    """Decrypt a push to its XML."""
    cipher = Cipher(algorithms.AES(_KEY), modes.CBC(_KEY[:16])).decryptor()
    plain = cipher.update(base64.b64decode(sealed)) + cipher.finalize()
    plain = plain[: -plain[-1]]
    length = struct.unpack(">I", plain[16:20])[0]
    assert plain[20 + length :] == APPID.encode()
    return plain[20 : 20 + length]


def sealed(text: str, stamp: str, nonce: str) -> str:
    """A reply as encrypted and signed XML."""
    data = text.encode()
    raw = os.urandom(16) + struct.pack(">I", len(data)) + data + APPID.encode()
    room = 32 - len(raw) % 32
    raw += bytes([room]) * room
    cipher = Cipher(algorithms.AES(_KEY), modes.CBC(_KEY[:16])).encryptor()
    text = base64.b64encode(cipher.update(raw) + cipher.finalize()).decode()
    return (
        f"<xml><Encrypt><![CDATA[{text}]]></Encrypt>"
        f"<MsgSignature><![CDATA[{signed(TOKEN, stamp, nonce, text)}]]></MsgSignature>"
        f"<TimeStamp>{stamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
    )


@cache
def _database(path: str) -> sqlite3.Connection:
    return sqlite3.connect(path)


def _look(path: str, openid: str) -> Any:
    return _database(path).execute(LOOK, (APPID, openid)).fetchone()


def chat(path: str, redis_url: str, aes: str) -> Handler:
    """A handler that verifies, parses, reads one member, calls Redis, and answers.

    It reads in the thread of its event loop, as the shop does on SQLite (``store.peek``).
    """
    from app.redis import connect_redis

    redis = connect_redis(redis_url)

    async def answer(request: web.Request) -> web.Response:
        body, query = await request.read(), request.query
        stamp, nonce = query["timestamp"], query["nonce"]
        if aes == "aes":
            text = ET.fromstring(body).findtext("Encrypt") or ""
            proof, wanted = query["msg_signature"], signed(TOKEN, stamp, nonce, text)
        else:
            proof, wanted = query["signature"], signed(TOKEN, stamp, nonce)
        if not hmac.compare_digest(proof, wanted) or abs(time.time() - int(stamp)) > 900:
            return web.Response(status=403)
        plain = opened(text) if aes == "aes" else body
        found = {e.tag: e.text or "" for e in ET.fromstring(plain)}
        assert _look(path, found["FromUserName"]) is not None
        assert await redis.set(f"push:m:{found['MsgId']}", b"1", nx=True, ex=60)
        made = (
            f"<xml><ToUserName><![CDATA[{found['FromUserName']}]]></ToUserName>"
            f"<FromUserName><![CDATA[{found['ToUserName']}]]></FromUserName>"
            f"<CreateTime>{int(time.time())}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
            f"<Content><![CDATA[{REPLY}]]></Content></xml>"
        )
        if aes == "aes":
            made = sealed(made, stamp, nonce)
        return web.Response(text=made, content_type="text/xml")

    return answer


def floor() -> Handler:
    """A handler that reads the body and gives an answer of similar length."""

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        openid = request.query["openid"]
        text = f"<Encrypt><ToUserName><![CDATA[{openid}]]></ToUserName>{REPLY}"
        return web.Response(text=text, content_type="text/xml")

    return answer


def ready() -> Handler:
    """A handler with a fixed answer, about as long as a page."""
    body = b"ready " * 4_000

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=body, content_type="text/html")

    return answer


def page(name: str, url: str) -> Handler:
    """A handler that renders one prepared dataclass by the mall's template."""
    from bench.tools.pages import ready

    renderer, template, context = ready(name, url)

    async def answer(request: web.Request) -> web.Response:
        text = renderer.text(template, **context)
        return web.Response(text=text, content_type="text/html")

    return answer


def wechat() -> Handler:
    """A handler with the calls of WeChat that a broadcast needs: a token, and a msgid each."""
    numbers = itertools.count(1)

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        if request.path.endswith("token"):
            return web.json_response({"access_token": "bench", "expires_in": 7200})
        return web.json_response({"errcode": 0, "errmsg": "ok", "msgid": next(numbers)})

    return answer


SERVERS: dict[str, Callable[..., Handler]] = {
    "chat": chat, "floor": floor, "page": page, "ready": ready, "wechat": wechat,
}  # fmt: skip


async def serve(handler: Handler) -> None:
    """Print the port and listen until terminated."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
    await site.start()
    server: Any = site._server
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


async def _main() -> None:
    await serve(SERVERS[sys.argv[1]](*sys.argv[2:]))


if __name__ == "__main__":
    from bench.tools.load import run_fast

    run_fast(_main())
