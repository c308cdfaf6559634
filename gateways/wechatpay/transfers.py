"""Merchant transfers (商家转账), confirmed by the payee or under a standing authorisation."""

from __future__ import annotations

import logging
from typing import Any

from domain.payments.ports import TransferRequest, TransferResult, TransferState
from gateways.http import no_answer_error
from gateways.wechatpay.client import PayClient
from gateways.wechatpay.errors import ABSENT
from gateways.wechatpay.fields import BadFields, segment, transfer
from gateways.wechatpay.signer import BadSignature
from kernel.errors import GatewayError, Refused, Retryable, Unknown
from kernel.transfer_scenes import NAME_LEAST_FEN, NAME_NEEDED_FEN, REMARK_MOST

log = logging.getLogger(__name__)
PATH = "/v3/fund-app/mch-transfer/transfer-bills"
GRANTED_PATH = f"{PATH}/transfer"


async def create(client: PayClient, request: TransferRequest) -> TransferResult:
    """Transfer money to an openid. Raises Refused only if a query shows the number as unknown.

    Raises Unknown if that query fails.
    """
    return await _send(client, PATH, request)


async def create_granted(client: PayClient, request: TransferRequest) -> TransferResult:
    """Transfer money under the request's standing authorisation; errors as for ``create``."""
    if not request.authorization_id:
        raise Refused("GRANT_MISSING", "there is no authorisation to pay under")
    return await _send(client, GRANTED_PATH, request)


async def _send(client: PayClient, path: str, request: TransferRequest) -> TransferResult:
    """Send a transfer, and once more if its name was encrypted for the wrong key.

    WeChat refuses a name that was encrypted for a key that is not in force. If the signature of
    the following query's answer shows another key, the request is sent again with that key.
    """
    is_granted = path == GRANTED_PATH
    body, serial = _body(client, request, is_granted=is_granted)
    try:
        return await _create(client, path, body, serial)
    except Refused as refused:
        if serial is None or serial == client.signer.sealing_serial:
            raise
        log.warning("a name was encrypted for a key that is not in force: %s", refused)
    body, serial = _body(client, request, is_granted=is_granted)
    return await _create(client, path, body, serial)


async def _create(
    client: PayClient, path: str, body: dict[str, Any], serial: str | None
) -> TransferResult:
    number, name = str(body["out_bill_no"]), "transfer" if path == PATH else "transfer_granted"
    try:
        raw = await client.call("POST", path, name=name, json=body, serial=serial)
    except Refused as refused:
        return await _confirmed(client, number, refused)
    return _result(raw, number, is_read=False)


async def query(client: PayClient, out_bill_no: str) -> TransferResult:
    """The state of a transfer; ABSENT if WeChat does not know the number (of the last 30 days)."""
    path = f"{PATH}/out-bill-no/{segment(out_bill_no)}"
    try:
        raw = await client.call("GET", path, name="transfer_query")
    except Refused as error:
        if error.code in ABSENT and error.facts.get("status") == 404:
            return TransferResult(TransferState.ABSENT, out_bill_no, mchid=client.config.mchid)
        raise
    return _result(raw, out_bill_no, is_read=True)


async def cancel(client: PayClient, out_bill_no: str) -> TransferResult:
    """Cancel a transfer that its payee has not confirmed. The request has no body."""
    path = f"{PATH}/out-bill-no/{segment(out_bill_no)}/cancel"
    raw = await client.call("POST", path, name="transfer_cancel")
    return _result(raw, out_bill_no, is_read=False)


async def _confirmed(client: PayClient, out_bill_no: str, refused: Refused) -> TransferResult:
    """The queried state if WeChat knows the number, which was then accepted before.

    Raises the refusal if WeChat does not know the number, and Unknown if the query fails.
    """
    try:
        found = await query(client, out_bill_no)
    except GatewayError as error:
        raise Unknown(refused.code, refused.message) from error
    if found.state is TransferState.ABSENT:
        raise refused
    return found


def _body(
    client: PayClient, request: TransferRequest, *, is_granted: bool
) -> tuple[dict[str, Any], str | None]:
    """The request's body and the serial of the key that the payee's name is encrypted for.

    A transfer under an authorisation names that instead of the openid. Raises
    Refused('NAME_NEEDED') for a large amount without a name.
    """
    whom = (
        ("authorization_id", request.authorization_id)
        if is_granted
        else ("openid", request.openid)
    )
    body: dict[str, Any] = {
        "appid": client.config.appid,
        "out_bill_no": request.out_bill_no,
        "transfer_scene_id": request.scene_id,
        whom[0]: whom[1],
        "transfer_amount": request.amount_fen,
        "transfer_remark": request.remark[:REMARK_MOST],
        "notify_url": request.notify_url,
        "transfer_scene_report_infos": [
            {"info_type": label, "info_content": content}
            for label, content in request.report_infos
        ],
    }
    if words := client.perception(request.user_recv_perception):
        body["user_recv_perception"] = words
    serial: str | None = None
    if request.amount_fen >= NAME_NEEDED_FEN and not request.user_name:
        raise Refused("NAME_NEEDED", "the payee's name is needed from this amount")
    if request.user_name and request.amount_fen >= NAME_LEAST_FEN:
        body["user_name"], serial = _sealed(client, request.user_name)
    return body, serial


def _sealed(client: PayClient, name: str) -> tuple[str, str]:
    try:
        return client.signer.encrypt_for_wechat(name)
    except BadSignature as error:
        raise Retryable("no_key", "no key of WeChat's to encrypt a name for") from error


def _result(raw: dict[str, Any], out_bill_no: str, *, is_read: bool) -> TransferResult:
    try:
        result = transfer(raw)
    except BadFields as error:
        raise no_answer_error(is_read, "answer_fields", str(error)) from error
    if result.out_bill_no != out_bill_no:
        raise no_answer_error(is_read, "answer_number", "the answer is about another number")
    return result
