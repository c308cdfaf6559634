"""The gate of Pay v3: checks the signature over raw path and raw bytes; signs the answers."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from simulator import inbound
from simulator.crypto import rsa_sign, rsa_verify
from simulator.errors import PayError
from simulator.ids import random_id
from simulator.pay import keyring
from simulator.sim import Sim

SCHEMA = "WECHATPAY2-SHA256-RSA2048"
CLOCK_WINDOW_S = 300


@dataclass
class PayCall:
    """One verified call to Pay v3."""

    sim: Sim
    request: web.Request
    raw: bytes
    body: dict[str, Any]

    def text(self, name: str, pattern: str, *, where: dict[str, Any] | None = None) -> str:
        """A required string field that matches the whole pattern; else PARAM_ERROR."""
        value = (self.body if where is None else where).get(name)
        if not isinstance(value, str) or not re.fullmatch(pattern, value, re.DOTALL):
            raise param_error(name)
        return value

    def optional(self, name: str, limit: int) -> str:
        """An optional string field of at most `limit` characters."""
        value = self.body.get(name, "")
        if not isinstance(value, str) or len(value) > limit:
            raise param_error(name)
        return value

    def part(self, name: str, where: dict[str, Any] | None = None) -> dict[str, Any]:
        """A required object field."""
        value = (self.body if where is None else where).get(name)
        if not isinstance(value, dict):
            raise param_error(name)
        return value

    def check_mchid(self, value: Any) -> None:
        """Check that the merchant number in a query or body is the signer's."""
        if value != self.sim.settings.mchid:
            raise PayError(400, "PARAM_ERROR", "商户号与签名商户不一致")


def param_error(name: str, message: str = "") -> PayError:
    """400 PARAM_ERROR that names the field."""
    return PayError(400, "PARAM_ERROR", message or f"参数 {name} 错误", field=f"/body/{name}")


def amount_of(part: dict[str, Any], name: str) -> int:
    """A positive integer amount in fen."""
    value = part.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise param_error(f"amount.{name}")
    return value


Handler = Callable[[PayCall], Awaitable[Any]]
Route = tuple[str, str, Handler]


def add_routes(app: web.Application, sim: Sim, routes: list[Route]) -> None:
    """Register signed Pay v3 calls."""
    for method, path, handler in routes:
        app.router.add_route(method, path, _bind(sim, handler))


def _bind(sim: Sim, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def respond(request: web.Request) -> web.StreamResponse:
        def refuse(action: dict[str, Any]) -> web.Response:
            status = int(action.get("status", 500))
            if "body" in action:
                return signed(sim, request, status, _json(action["body"]))
            code = str(action.get("code", "SYSTEM_ERROR"))
            message = str(action.get("message", "系统异常，请稍后重试"))
            return _error(sim, request, PayError(status, code, message))

        return await inbound.guarded(sim, request, "pay", lambda: run(request), refuse)

    async def run(request: web.Request) -> web.StreamResponse:
        try:
            call = await _verified(sim, request)
            answer = await handler(call)
        except PayError as error:
            return _error(sim, request, error)
        if isinstance(answer, web.StreamResponse):
            return answer
        if answer is None:
            return signed(sim, request, 204, b"")
        return signed(sim, request, 200, _json(answer))

    return respond


async def _verified(sim: Sim, request: web.Request) -> PayCall:
    if not sim.keys.is_ready:
        raise PayError(500, "SYSTEM_ERROR", "模拟器没有配置支付密钥")
    raw = await request.read()
    _check_headers(request, raw)
    _check_signature(sim, request, raw)
    body: Any = {}
    if raw:
        try:
            body = json.loads(raw)
        except ValueError as error:
            raise PayError(400, "PARAM_ERROR", "请求体不是合法的 JSON") from error
    if not isinstance(body, dict):
        raise PayError(400, "PARAM_ERROR", "请求体不是 JSON 对象")
    return PayCall(sim, request, raw, body)


def _check_headers(request: web.Request, raw: bytes) -> None:
    accept = request.headers.get("Accept", "")
    if "application/json" not in accept and "*/*" not in accept:
        raise PayError(400, "PARAM_ERROR", "Http头缺少Accept或不支持的Accept")
    if not request.headers.get("User-Agent"):
        raise PayError(400, "PARAM_ERROR", "Http头缺少User-Agent")
    if raw and request.content_type != "application/json":
        raise PayError(400, "PARAM_ERROR", "Content-Type应为application/json")


def _check_signature(sim: Sim, request: web.Request, raw: bytes) -> None:
    settings = sim.settings
    schema, _, rest = request.headers.get("Authorization", "").partition(" ")
    fields = dict(re.findall(r'(\w+)="([^"]*)"', rest))
    needed = {"mchid", "nonce_str", "signature", "timestamp", "serial_no"}
    if schema != SCHEMA or needed - set(fields):
        raise _sign_error("Authorization 头不完整")
    if fields["mchid"] != settings.mchid:
        raise _sign_error("商户号不存在")
    if fields["serial_no"].upper() != settings.merchant_serial.upper():
        raise _sign_error("商户证书序列号有误")
    stamp = fields["timestamp"]
    if not stamp.isdigit() or abs(sim.clock.now() - int(stamp)) > CLOCK_WINDOW_S:
        raise _sign_error("时间戳超出允许范围")
    head = f"{request.method}\n{request.raw_path}\n{stamp}\n{fields['nonce_str']}\n"
    assert sim.keys.merchant is not None
    if not rsa_verify(sim.keys.merchant, head.encode() + raw + b"\n", fields["signature"]):
        raise _sign_error("签名错误")


def _sign_error(message: str) -> PayError:
    return PayError(401, "SIGN_ERROR", message)


def _error(sim: Sim, request: web.Request, error: PayError) -> web.Response:
    body: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.detail:
        body["detail"] = error.detail
    return signed(sim, request, error.status, _json(body))


def _json(value: Any) -> bytes:
    return b"" if value is None else json.dumps(value, ensure_ascii=False).encode()


def signature_headers(
    sim: Sim, body: bytes, by: keyring.SigningKey, *, stale_s: int = 0
) -> dict[str, str]:
    """The signature headers of an answer or a notification."""
    timestamp, nonce = str(int(sim.clock.now()) - stale_s), random_id(32)
    message = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
    return {
        "Wechatpay-Timestamp": timestamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": rsa_sign(by.key, message),
        "Wechatpay-Signature-Type": SCHEMA,
        "Wechatpay-Serial": by.serial,
    }


def signed(sim: Sim, request: web.Request, status: int, body: bytes) -> web.Response:
    """An answer signed with the key that the request's Wechatpay-Serial names.

    A request whose own signature was not valid (401) gets an unsigned answer.
    """
    headers = {"Request-ID": f"08{random_id(30, '0123456789ABCDEF')}-268435456"}
    fault = request.get(inbound.FAULT) or {}
    if sim.keys.is_ready and status != 401 and not fault.get("unsigned"):
        by = keyring.for_answer(sim, request.headers.get("Wechatpay-Serial", ""))
        stale_s = 600 if fault.get("stale_timestamp") else 0
        headers |= signature_headers(sim, body, by, stale_s=stale_s)
    if fault.get("bad_signature") and "Wechatpay-Signature" in headers:
        headers["Wechatpay-Signature"] = headers["Wechatpay-Signature"][::-1]
    kind = "application/json" if body else None
    return web.Response(status=status, body=body, headers=headers, content_type=kind)
