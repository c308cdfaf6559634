"""Refunds at WeChat Pay (退款)."""

from __future__ import annotations

from typing import Any

from domain.payments.ports import RefundRequest, RefundResult, RefundState
from gateways.http import no_answer_error
from gateways.wechatpay.client import PayClient
from gateways.wechatpay.errors import ABSENT
from gateways.wechatpay.fields import BadFields, refund, segment
from kernel import catalogues
from kernel.errors import Refused

REASON_MAX = 80
PATH = "/v3/refund/domestic/refunds"
REASONS = catalogues.of("wechat").names("refund_reason")


async def create(client: PayClient, request: RefundRequest) -> RefundResult:
    """Request a refund; idempotent by its number."""
    body: dict[str, Any] = {
        "out_trade_no": request.out_trade_no,
        "out_refund_no": request.out_refund_no,
        "notify_url": request.notify_url,
        "reason": (request.reason or _reason(request))[:REASON_MAX],
        "amount": {
            "refund": request.refund_fen,
            "total": request.total_fen,
            "currency": "CNY",
        },
    }
    raw = await client.call("POST", PATH, name="refund", json=body)
    return _result(raw, request.out_refund_no, is_read=False)


def _reason(request: RefundRequest) -> str:
    """What the buyer reads in WeChat's message; the same for each call of a refund."""
    return REASONS[request.cause].format(no=request.payable_no[-8:])


async def query(client: PayClient, out_refund_no: str) -> RefundResult:
    """The state of a refund; ABSENT if WeChat does not know the number."""
    try:
        raw = await client.call("GET", f"{PATH}/{segment(out_refund_no)}", name="refund_query")
    except Refused as error:
        if error.code in ABSENT and error.facts.get("status") == 404:
            return RefundResult(RefundState.ABSENT, out_refund_no, mchid=client.config.mchid)
        raise
    return _result(raw, out_refund_no, is_read=True)


def _result(raw: dict[str, Any], out_refund_no: str, *, is_read: bool) -> RefundResult:
    try:
        result = refund(raw)
    except BadFields as error:
        raise no_answer_error(is_read, "answer_fields", str(error)) from error
    if result.out_refund_no != out_refund_no:
        raise no_answer_error(is_read, "answer_number", "the answer is about another number")
    return result
