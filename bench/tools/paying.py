"""Signed notifications of payments, and the limit that receives them.

``python -m bench.tools.paying FILE`` prints its port: an aiohttp handler that verifies, decrypts,
and executes the SQL statements of that payment's booking by the bare driver.
"""

from __future__ import annotations

import asyncio
import json
import pickle
import sys
import threading
import time
from base64 import b64decode, b64encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from bench.tools.limits import Handler, serve
from bench.tools.load import Shot
from bench.tools.replay import THREADS, Bare, Statement

APIV3_KEY = "demoApiV3Key-32-bytes-long-00000"
PUBLIC_KEY_ID = "PUB_KEY_ID_0119000000010000000000000001"
NONCE = "bench0000000"
SKEW_SECONDS = 300


@dataclass(frozen=True)
class Told:
    """The limit's input: WeChat's key, and the transactions of each payment by its number."""

    url: str
    public_key: str
    bookings: dict[str, list[list[Statement]]]


def shot_of(private_key: str, number: int, event: dict[str, Any]) -> Shot:
    """The request with a payment's signed and encrypted notification."""
    plain = json.dumps(event, ensure_ascii=False).encode()
    sealed = AESGCM(APIV3_KEY.encode()).encrypt(NONCE.encode(), plain, b"transaction")
    body = json.dumps({
        "id": f"bench-{number:010d}", "create_time": "2026-11-29T12:00:00+08:00",
        "resource_type": "encrypt-resource", "event_type": "TRANSACTION.SUCCESS",
        "summary": "支付成功",
        "resource": {
            "original_type": "transaction", "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": b64encode(sealed).decode(), "associated_data": "transaction",
            "nonce": NONCE,
        },
    }).encode()  # fmt: skip
    stamp = str(int(time.time()))
    key: Any = load_pem_private_key(private_key.encode(), None)
    signed = key.sign(f"{stamp}\n{NONCE}\n".encode() + body + b"\n", PKCS1v15(), SHA256())
    head = (
        "POST /pay/notify HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Wechatpay-Timestamp: {stamp}\r\nWechatpay-Nonce: {NONCE}\r\n"
        f"Wechatpay-Serial: {PUBLIC_KEY_ID}\r\nWechatpay-Signature: {b64encode(signed).decode()}"
        f"\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return Shot(head.encode() + body, b"", b"204")


def taking(file: str) -> Handler:
    """A handler that verifies, decrypts, books in a thread, and answers 204."""
    told: Told = pickle.loads(Path(file).read_bytes())
    key: Any = load_pem_public_key(told.public_key.encode())
    opener, local = AESGCM(APIV3_KEY.encode()), threading.local()
    is_sqlite = told.url.startswith("sqlite")
    threads = ThreadPoolExecutor(1 if is_sqlite else THREADS)

    def book(number: str) -> None:
        bare = getattr(local, "bare", None)
        if bare is None:
            bare = local.bare = Bare(told.url)
        for statements in told.bookings[number]:
            if is_sqlite:
                bare.together([statements])
            else:
                bare.alone(statements)

    async def answer(request: web.Request) -> web.Response:
        body, heads = await request.read(), request.headers
        stamp = heads["Wechatpay-Timestamp"]
        text = f"{stamp}\n{heads['Wechatpay-Nonce']}\n".encode() + body + b"\n"
        key.verify(b64decode(heads["Wechatpay-Signature"]), text, PKCS1v15(), SHA256())
        assert abs(time.time() - int(stamp)) < SKEW_SECONDS
        sealed = json.loads(body)["resource"]
        plain = opener.decrypt(
            sealed["nonce"].encode(), b64decode(sealed["ciphertext"]),
            sealed["associated_data"].encode(),
        )  # fmt: skip
        number = json.loads(plain)["out_trade_no"]
        await asyncio.get_running_loop().run_in_executor(threads, book, number)
        return web.Response(status=204)

    return answer


if __name__ == "__main__":
    from bench.tools.load import run_fast

    run_fast(serve(taking(sys.argv[1])))
