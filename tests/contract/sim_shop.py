"""A simulator and a fake shop in one process, for the simulator's own tests."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientResponse, ClientSession, web
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from simulator.keys import DemoKeys
from simulator.settings import Settings
from simulator.sim import SIM, Sim

Answer = Callable[[web.Request, bytes], Awaitable[web.StreamResponse]]


@functools.cache
def _private_key(pem: str) -> Any:
    return serialization.load_pem_private_key(pem.encode(), None)


@dataclass
class Shop:
    """Records what the simulator sends; a test may set the answers."""

    pushed: list[tuple[dict[str, str], str]] = field(default_factory=list)
    notified: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answer_push: Answer | None = None
    notify_statuses: list[int] = field(default_factory=list)
    base: str = ""

    async def push(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        self.pushed.append((dict(request.query), raw.decode()))
        if self.answer_push:
            return await self.answer_push(request, raw)
        return web.Response(text="success")

    async def notify(self, request: web.Request) -> web.StreamResponse:
        self.notified.append((dict(request.headers), await request.read()))
        status = self.notify_statuses.pop(0) if self.notify_statuses else 204
        return web.Response(status=status)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/wechat", self.push)
        app.router.add_post("/pay/{kind}", self.notify)
        return app


@dataclass
class Desk:
    """A running simulator with its shop, and the calls that tests make to it."""

    base: str
    shop: Shop
    session: ClientSession
    app: web.Application
    keys: DemoKeys
    settings: Settings

    @property
    def sim(self) -> Sim:
        return self.app[SIM]

    # --- as a person
    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        async with self.session.request(method, f"{self.base}/_sim{path}", json=body) as response:
            return response.status, await response.json()

    async def do(self, path: str, **body: Any) -> Any:
        status, answer = await self.ask("POST", path, body)
        assert status in (200, 201), answer
        return answer

    async def see(self, path: str) -> Any:
        status, answer = await self.ask("GET", path)
        assert status == 200, answer
        return answer

    async def idle(self) -> None:
        assert (await self.do("/idle", timeout_s=5))["idle"]

    # --- as the shop, on the API host
    async def token(self, **extra: Any) -> dict[str, Any]:
        body = {
            "grant_type": "client_credential",
            "appid": self.settings.appid,
            "secret": self.settings.secret,
            **extra,
        }
        async with self.session.post(f"{self.base}/cgi-bin/stable_token", json=body) as response:
            answer: dict[str, Any] = await response.json()
            return answer

    async def api(self, path: str, body: Any = None, **query: str) -> Any:
        if "access_token" not in query:
            query["access_token"] = (await self.token())["access_token"]
        method = "GET" if body is None else "POST"
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        async with self.session.request(
            method, f"{self.base}{path}", params=query, data=data
        ) as response:
            return await response.json()

    # --- as the merchant, on Pay v3
    def authorization(self, method: str, path: str, body: bytes, *, shift_s: int = 0) -> str:
        stamp = str(int(time.time() + self.sim.world.clock_offset_s) + shift_s)
        nonce = "n" * 32
        message = f"{method}\n{path}\n{stamp}\n{nonce}\n".encode() + body + b"\n"
        signature = self.merchant_sign(message)
        return (
            f'WECHATPAY2-SHA256-RSA2048 mchid="{self.settings.mchid}",nonce_str="{nonce}",'
            f'signature="{signature}",timestamp="{stamp}",'
            f'serial_no="{self.settings.merchant_serial}"'
        )

    def merchant_sign(self, message: bytes) -> str:
        key = _private_key(self.keys.merchant_private_key)
        return base64.b64encode(key.sign(message, padding.PKCS1v15(), hashes.SHA256())).decode()

    async def v3(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, Any]:
        response, raw = await self.v3_raw(method, path, body, **headers)
        self.verify(response, raw)
        return response.status, json.loads(raw) if raw else None

    async def v3_raw(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[ClientResponse, bytes]:
        data = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        sent = {
            "Authorization": self.authorization(method, path, data),
            "Accept": "application/json",
            "User-Agent": "test",
            "Wechatpay-Serial": self.settings.public_key_id,
        }
        if data:
            sent["Content-Type"] = "application/json"
        async with self.session.request(
            method, self.base + path, data=data or None, headers=sent | headers
        ) as response:
            return response, await response.read()

    def verify(self, response: ClientResponse, raw: bytes) -> None:
        """Assert that WeChat Pay's public key signed exactly these bytes.

        A request whose signature was not valid (401) must get an unsigned answer.
        """
        if response.status == 401:
            assert not [name for name in response.headers if name.startswith("Wechatpay-")]
            return
        assert response.headers["Wechatpay-Serial"] == self.settings.public_key_id
        verify_signature(dict(response.headers), raw, self.keys.wechatpay_public_key)

    # --- shortcuts
    def order(self, number: str, openid: str, total: int, **changes: Any) -> dict[str, Any]:
        return {
            "appid": self.settings.appid,
            "mchid": self.settings.mchid,
            "description": "山泉坊·陈酿52度",
            "out_trade_no": number,
            "notify_url": f"{self.shop.base}/pay/notify",
            "amount": {"total": total, "currency": "CNY"},
            "payer": {"openid": openid},
        } | changes

    async def paid(self, number: str, total: int, phone: str = "lin") -> dict[str, Any]:
        """Place and pay an order."""
        openid = self.sim.world.phones[phone].openid
        body = self.order(number, openid, total)
        status, answer = await self.v3("POST", "/v3/pay/transactions/jsapi", body)
        assert status == 200, answer
        done = await self.do(f"/phones/{phone}/pay", prepay_id=answer["prepay_id"])
        assert done["result"] == "ok", done
        result: dict[str, Any] = done["order"]
        return result


def verify_signature(headers: dict[str, str], raw: bytes, public_key: str) -> None:
    """Verify the signature in the headers over these bytes. Raises InvalidSignature."""
    stamp, nonce = headers["Wechatpay-Timestamp"], headers["Wechatpay-Nonce"]
    key: Any = serialization.load_pem_public_key(public_key.encode())
    key.verify(
        base64.b64decode(headers["Wechatpay-Signature"]),
        f"{stamp}\n{nonce}\n".encode() + raw + b"\n",
        padding.PKCS1v15(),
        hashes.SHA256(),
    )


def sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
