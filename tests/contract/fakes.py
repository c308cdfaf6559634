"""Small servers with answers set by a test; they record every request."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

Answer = web.StreamResponse | dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    target: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Fake:
    """Answers each path by its function in ``routes``; other paths get 404."""

    routes: dict[str, Callable[[Asked], Awaitable[Answer] | Answer]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    base: str = ""

    def of(self, path: str) -> list[Asked]:
        """The requests of a path."""
        return [a for a in self.asked if a.path == path]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Record a request and answer it."""
        asked = Asked(
            request.method,
            request.raw_path,
            request.path,
            dict(request.query),
            dict(request.headers),
            await request.read(),
        )
        self.asked.append(asked)
        route = self.routes.get(request.path)
        if route is None:
            return web.json_response({"code": "NO_ROUTE"}, status=404)
        answer = route(asked)
        if not isinstance(answer, (dict, web.StreamResponse)):
            answer = await answer
        return web.json_response(answer) if isinstance(answer, dict) else answer


def app_of(fake: Fake) -> web.Application:
    """An application that passes every path to the fake."""
    app = web.Application(client_max_size=32 * 1024 * 1024)
    app.router.add_route("*", "/{tail:.*}", fake.handle)
    return app


class Tokens:
    """The token endpoint: it gives the token ``good``, and counts fetches."""

    def __init__(self, fake: Fake) -> None:
        self.fetches = 0
        self.forced = 0
        self.good = "token-0"
        fake.routes["/cgi-bin/stable_token"] = self.fetch

    def fetch(self, asked: Asked) -> Answer:
        """Answer with the token that is valid now."""
        self.fetches += 1
        self.forced += bool(json.loads(asked.body)["force_refresh"])
        return {"access_token": self.good, "expires_in": 7200}

    def needs(self, answer: Callable[[Asked], Answer]) -> Callable[[Asked], Answer]:
        """A route that answers 40001 unless the request has the valid token."""

        def route(asked: Asked) -> Answer:
            if asked.query.get("access_token") != self.good:
                return {"errcode": 40001, "errmsg": "invalid credential"}
            return answer(asked)

        return route


@dataclass
class PaySeal:
    """Signs and seals as WeChat Pay does, by the given key."""

    private_key: str
    serial: str
    apiv3_key: str
    at: Callable[[], float] = time.time

    def headers(self, body: bytes, *, age: int = 0) -> dict[str, str]:
        """The Wechatpay-… headers over a body, ``age`` seconds old."""
        timestamp, nonce = str(int(self.at()) - age), "N" * 32
        message = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
        key = load_pem_private_key(  # a key of ours; checking it would take most of the time
            self.private_key.encode(), None, unsafe_skip_rsa_key_validation=True
        )
        signature = key.sign(message, PKCS1v15(), SHA256())  # type: ignore[union-attr,call-arg]
        return {
            "Wechatpay-Timestamp": timestamp,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Signature": base64.b64encode(signature).decode(),
            "Wechatpay-Serial": self.serial,
            "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
        }

    def answer(self, value: dict[str, Any] | None, status: int = 200) -> web.Response:
        """A signed answer."""
        body = b"" if value is None else json.dumps(value).encode()
        return web.Response(
            body=body, status=status, headers=self.headers(body), content_type="application/json"
        )

    def resource(self, plain: str, associated: str = "transaction") -> dict[str, str]:
        """An encrypted resource."""
        nonce = "n" * 12
        sealed = AESGCM(self.apiv3_key.encode()).encrypt(
            nonce.encode(), plain.encode(), associated.encode()
        )
        return {
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": nonce,
            "associated_data": associated,
            "ciphertext": base64.b64encode(sealed).decode(),
        }

    def notification(self, event_type: str, plain: dict[str, Any]) -> bytes:
        """The body of a notification."""
        value = {
            "id": "EV-2018022511223320873",
            "create_time": "2026-11-22T10:34:56+08:00",
            "resource_type": "encrypt-resource",
            "event_type": event_type,
            "resource": self.resource(json.dumps(plain)),
        }
        return json.dumps(value).encode()
