"""Merchant transfers that the payee confirms (商家转账)."""

from __future__ import annotations

from typing import Any

from domain.payments.ports import TransferRequest, TransferResult, TransferState
from gateways.http import silence
from gateways.wechatpay.client import PayClient
from gateways.wechatpay.errors import ABSENT
from gateways.wechatpay.fields import BadFields, segment, transfer
from kernel.errors import GatewayError, Refused, Unknown

PATH = "/v3/fund-app/mch-transfer/transfer-bills"
REMARK_MAX = 32
NAME_LEAST_FEN = 30
NAME_NEEDED_FEN = 200_000


async def create(client: PayClient, request: TransferRequest) -> TransferResult:
    """Pay out to an openid. A refusal is believed only after a query found no such number."""
    body, serial = _body(client, request)
    try:
        raw = await client.call("POST", PATH, name="transfer", json=body, serial=serial)
    except Refused as refused:
        return await _confirmed(client, request.out_bill_no, refused)
    return _result(raw, request.out_bill_no, is_read=False)


async def query(client: PayClient, out_bill_no: str) -> TransferResult:
    """What became of a transfer; ABSENT if WeChat knows no such number (of the last 30 days)."""
    path = f"{PATH}/out-bill-no/{segment(out_bill_no)}"
    try:
        raw = await client.call("GET", path, name="transfer_query")
    except Refused as error:
        if error.code in ABSENT and error.facts.get("status") == 404:
            return TransferResult(TransferState.ABSENT, out_bill_no, mchid=client.config.mchid)
        raise
    return _result(raw, out_bill_no, is_read=True)


async def cancel(client: PayClient, out_bill_no: str) -> TransferResult:
    """Take back a transfer that its payee has not confirmed. The request has no body at all."""
    path = f"{PATH}/out-bill-no/{segment(out_bill_no)}/cancel"
    raw = await client.call("POST", path, name="transfer_cancel")
    return _result(raw, out_bill_no, is_read=False)


async def _confirmed(client: PayClient, out_bill_no: str, refused: Refused) -> TransferResult:
    """A number that WeChat does know was taken before: then that state counts, not the refusal."""
    try:
        found = await query(client, out_bill_no)
    except GatewayError as error:
        raise Unknown(refused.code, refused.message) from error
    if found.state is TransferState.ABSENT:
        raise refused
    return found


def _body(client: PayClient, request: TransferRequest) -> tuple[dict[str, Any], str | None]:
    body: dict[str, Any] = {
        "appid": client.config.appid,
        "out_bill_no": request.out_bill_no,
        "transfer_scene_id": request.scene_id,
        "openid": request.openid,
        "transfer_amount": request.amount_fen,
        "transfer_remark": request.remark[:REMARK_MAX],
        "notify_url": request.notify_url,
        "transfer_scene_report_infos": [
            {"info_type": label, "info_content": content}
            for label, content in request.report_infos
        ],
    }
    if request.user_recv_perception:
        body["user_recv_perception"] = request.user_recv_perception
    serial: str | None = None
    if request.amount_fen >= NAME_NEEDED_FEN and not request.user_name:
        raise Refused("NAME_NEEDED", "the payee's name is needed from this amount")
    if request.user_name and request.amount_fen >= NAME_LEAST_FEN:
        body["user_name"], serial = client.signer.encrypt_for_wechat(request.user_name)
    return body, serial


def _result(raw: dict[str, Any], out_bill_no: str, *, is_read: bool) -> TransferResult:
    try:
        result = transfer(raw)
    except BadFields as error:
        raise silence(is_read, "answer_fields", str(error)) from error
    if result.out_bill_no != out_bill_no:
        raise silence(is_read, "answer_number", "the answer is about another number")
    return result
