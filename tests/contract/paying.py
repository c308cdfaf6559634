"""Orders, results and forgeries that the pay tests share."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.serialization import (
    load_pem_public_key,
)
from multidict import CIMultiDict

from domain.payments.ports import (
    PrepayRequest,
    RefundRequest,
    TransferRequest,
)
from gateways.wechatpay import WeChatPay
from kernel.errors import Refused
from simulator.crypto import rsa_verify
from simulator.keys import DemoKeys
from tests.contract.conftest import OPENID
from tests.contract.fakes import Answer, Asked, PaySeal

NO = "PA26112200000000000000"
ORDER_PATH = f"/v3/pay/transactions/out-trade-no/{NO}"
REFUNDS = "/v3/refund/domestic/refunds"
TRANSFERS = "/v3/fund-app/mch-transfer/transfer-bills"
PREPAY = "/v3/pay/transactions/jsapi"
ORDER = PrepayRequest(
    NO, 29800, "山泉坊·陈酿52度 500ml", "https://m/pay/notify", datetime(2027, 1, 1, tzinfo=UTC)
)
REFUND = RefundRequest(
    "RF1", NO, 100, 29800, "https://m/pay/refund-notify", "case", "ORD261122ABCDEFGHJKMN"
)
TRANSFER = TransferRequest(
    "WD1",
    OPENID,
    5000,
    "佣金提现",
    "https://m/pay/transfer-notify",
    "1005",
    (("岗位类型", "分销员"), ("报酬说明", "推广佣金")),
)
PAID: dict[str, Any] = {
    "appid": "wx5de3000000000001",
    "mchid": "1900000001",
    "out_trade_no": NO,
    "transaction_id": "4200001",
    "trade_type": "JSAPI",
    "trade_state": "SUCCESS",
    "trade_state_desc": "支付成功",
    "bank_type": "CMC",
    "attach": "",
    "success_time": "2026-11-22T20:34:56+08:00",
    "payer": {"openid": OPENID},
    "amount": {"total": 29800, "payer_total": 29700, "currency": "CNY", "payer_currency": "CNY"},
}


def said(status: int, code: str) -> Callable[[Asked], Answer]:
    return lambda _: web.json_response({"code": code, "message": "说明"}, status=status)


def parts_of(asked: Asked) -> dict[str, str]:
    scheme, _, rest = asked.headers["Authorization"].partition(" ")
    assert scheme == "WECHATPAY2-SHA256-RSA2048"
    return dict(re.findall(r'(\w+)="([^"]*)"', rest))


def is_signed(asked: Asked, keys: DemoKeys) -> bool:
    """True if the merchant's signature covers the raw path and raw bytes that arrived."""
    parts = parts_of(asked)
    head = f"{asked.method}\n{asked.target}\n{parts['timestamp']}\n{parts['nonce_str']}\n"
    key = load_pem_public_key(keys.merchant_public_key.encode())
    return rsa_verify(key, head.encode() + asked.body + b"\n", parts["signature"])  # type: ignore[arg-type]


def _stripped(name: str) -> Callable[[PaySeal, bytes], Mapping[str, str]]:
    return lambda s, body: {k: v for k, v in s.headers(body).items() if k != name}


FORGED: dict[str, Callable[[PaySeal, bytes], Mapping[str, str]]] = {
    "no signature": _stripped("Wechatpay-Signature"),
    "no nonce": _stripped("Wechatpay-Nonce"),
    "no serial": _stripped("Wechatpay-Serial"),
    "no timestamp": _stripped("Wechatpay-Timestamp"),
    "another body": lambda s, body: s.headers(body + b" "),
    "old": lambda s, body: s.headers(body, age=301),
    "exactly five minutes": lambda s, body: s.headers(body, age=300),
    "from the future": lambda s, body: s.headers(body, age=-302),
    "unknown serial": lambda s, body: s.headers(body) | {"Wechatpay-Serial": "PUB_KEY_ID_9"},
    "other scheme": lambda s, body: s.headers(body) | {"Wechatpay-Signature-Type": "SM2"},
    "not base64": lambda s, body: s.headers(body) | {"Wechatpay-Signature": "%%%"},
    "probe": lambda s, body: s.headers(body) | {"Wechatpay-Signature": "WECHATPAY/SIGNTEST/ab=="},
    "words for time": lambda s, body: s.headers(body) | {"Wechatpay-Timestamp": "now"},
}


def refusal(pay: WeChatPay, headers: Mapping[str, str], body: bytes) -> str:
    with pytest.raises(Refused) as caught:
        pay.parse_notification(CIMultiDict(headers), body)
    return caught.value.code
