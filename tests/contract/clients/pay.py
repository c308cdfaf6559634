"""Three independent clients of WeChat Pay, each in public-key and in certificate mode.

All have the same ``call(name, …)``. wechatpayv3 runs in this process, each Node client in its own.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from wechatpayv3 import WeChatPay, WeChatPayType, core

from tests.contract.clients.node import ClientError, RunNode
from tests.contract.sim_shop import Desk

MODES = ("public_key", "certificate")
CLIENTS = ("wechatpayv3", "wechatpay_axios", "wechatpay_node")
WAYS = {"jsapi": WeChatPayType.JSAPI, "native": WeChatPayType.NATIVE, "h5": WeChatPayType.H5}


class PayClient(Protocol):
    """The interface of a client for the tests."""

    async def call(self, name: str, *args: Any) -> Any:
        """The result of a call. Raises ClientError for an answer without success."""


def public_key_of(certificate: str) -> str:
    """The public key of a certificate, as PEM text."""
    key = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


class V3:
    """wechatpayv3, whose calls block and therefore run in a thread."""

    def __init__(self, desk: Desk, mode: str) -> None:
        self.desk = desk
        settings = desk.settings
        is_public = mode == "public_key"
        self.pay = WeChatPay(
            WeChatPayType.JSAPI, settings.mchid, desk.keys.merchant_private_key,
            settings.merchant_serial, settings.appid, settings.apiv3_key,
            public_key=desk.keys.wechatpay_public_key if is_public else None,
            public_key_id=settings.public_key_id if is_public else None,
            timeout=(5, 5),
        )  # fmt: skip
        self.pay._core._gate_way = desk.base

    async def call(self, name: str, *args: Any) -> Any:
        return await asyncio.to_thread(getattr(self, name), *args)

    def order(self, way: str, order: dict[str, Any]) -> Any:
        return _answer(self.pay.pay(**order, pay_type=WAYS[way]))

    def jsapi(self, order: dict[str, Any]) -> Any:
        package = "prepay_id=" + self.order("jsapi", order)["data"]["prepay_id"]
        stamp, nonce = "1790000000", "n" * 20
        signed = self.pay.sign([self.desk.settings.appid, stamp, nonce, package])
        return {
            "appId": self.desk.settings.appid, "timeStamp": stamp, "nonceStr": nonce,
            "package": package, "signType": "RSA", "paySign": signed,
        }  # fmt: skip

    def query(self, number: str) -> Any:
        return _answer(self.pay.query(out_trade_no=number))

    def close(self, number: str) -> Any:
        return _answer(self.pay.close(number))

    def refund(self, body: dict[str, Any]) -> Any:
        return _answer(self.pay.refund(**body))

    def queryRefund(self, number: str) -> Any:
        return _answer(self.pay.query_refund(number))

    def transfer(self, body: dict[str, Any], name: str = "") -> Any:
        return _answer(self.pay.mch_transfer_bills(**body, user_name=name or None))

    def queryTransfer(self, number: str) -> Any:
        return _answer(self.pay.mch_transfer_bills_query(out_bill_no=number))

    def cancelTransfer(self, number: str) -> Any:
        return _answer(self.pay.mch_transfer_bills_cancel(number))

    def certificates(self) -> Any:
        return _answer(self.pay._core.request("/v3/certificates"))

    def tradeBill(self, date: str) -> Any:
        return _answer(self.pay.trade_bill(date))

    def fundBill(self, date: str) -> Any:
        return _answer(self.pay.fundflow_bill(date))

    def download(self, url: str) -> str:
        parts = urlsplit(url)
        status, content = self.pay._core.request(f"{parts.path}?{parts.query}", skip_verify=True)
        assert status == 200
        return base64.b64encode(content).decode()

    def unseal(self, resource: dict[str, str]) -> str:
        sealed = {k: resource[k] for k in ("nonce", "ciphertext", "associated_data")}
        return core.aes_decrypt(**sealed, apiv3_key=self.desk.settings.apiv3_key)

    def verify(self, headers: dict[str, str], body: str) -> bool:
        return bool(self.pay.callback(headers, body))


def _answer(found: tuple[int, str]) -> dict[str, Any]:
    status, text = found
    data = json.loads(text) if text else None
    if status >= 300:
        raise ClientError({"status": status, "code": data["code"], "body": data})
    return {"status": status, "data": data}


class Node:
    """A Node client; each one makes the six arguments of the pay sheet in its own way."""

    def __init__(self, client: Any, script: str) -> None:
        self.client = client
        self.script = script

    async def call(self, name: str, *args: Any) -> Any:
        if name == "jsapi":
            made = (await self.client.call("order", "jsapi", *args))["data"]
            if self.script == "wechatpay_node":
                return made
            return await self.client.call("paySign", made["prepay_id"])
        if name == "transfer" and len(args) == 2:
            sealed = await self.client.call("encrypt", args[1])
            return await self.client.call("transfer", args[0] | {"user_name": sealed})
        return await self.client.call(name, *args)


def node_config(desk: Desk, mode: str) -> dict[str, Any]:
    """The settings of a Node client: keys by serial, and the serial that answers must name."""
    settings, is_public = desk.settings, mode == "public_key"
    serial = settings.public_key_id if is_public else settings.platform_serial
    certificate = public_key_of(desk.keys.platform_certificate)
    keys = {serial: desk.keys.wechatpay_public_key if is_public else certificate}
    return {
        "base": desk.base, "mchid": settings.mchid, "appid": settings.appid,
        "serial": settings.merchant_serial, "privateKey": desk.keys.merchant_private_key,
        "apiv3Key": settings.apiv3_key, "certs": keys, "keys": keys, "answerBy": serial,
    }  # fmt: skip


@asynccontextmanager
async def opened(
    desk: Desk, node: RunNode, which: str, mode: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[PayClient]:
    """Start a client whose calls to WeChat go to the simulator."""
    await desk.do("/notify", by=mode)
    if which == "wechatpayv3":
        real = core.requests.get

        def get(url: str, **more: Any) -> Any:  # the constructor fetches certificates
            return real(url.replace("https://api.mch.weixin.qq.com", desk.base), **more)

        monkeypatch.setattr(core.requests, "get", get)
        yield await asyncio.to_thread(V3, desk, mode)
        return
    async with node(f"{which}.mjs", **node_config(desk, mode)) as client:
        yield Node(client, which)
