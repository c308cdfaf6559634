"""Standing authorisations of payees (免确认收款授权): request, query, close.

Fields and states follow WeChat Pay's merchant documentation of 2025-08. It does not say how a
repeated number is answered, so every refusal is followed by a query.
"""

from __future__ import annotations

from typing import Any

from domain.payments.ports import GrantRequest, GrantResult, GrantState
from gateways.http import no_answer_error
from gateways.wechatpay.client import PayClient
from gateways.wechatpay.errors import ABSENT
from gateways.wechatpay.fields import BadFields, grant, segment
from kernel.errors import GatewayError, Refused, Unknown

PATH = "/v3/fund-app/mch-transfer/user-confirm-authorization"
NAME_MOST = 32


async def ask(client: PayClient, request: GrantRequest) -> GrantResult:
    """Request an authorisation. Raises Refused only if a query shows that the number is unknown.

    Raises Unknown if that query fails.
    """
    number = request.out_authorization_no
    body: dict[str, Any] = {
        "out_authorization_no": number,
        "appid": client.config.appid,
        "openid": request.openid,
        "transfer_scene_id": request.scene_id,
        "user_display_name": request.display_name[:NAME_MOST],
        "authorization_notify_url": request.notify_url,
    }
    if words := client.perception(request.user_recv_perception):
        body["user_recv_perception"] = words
    try:
        raw = await client.call("POST", PATH, name="grant", json=body)
    except Refused as refused:
        return await _confirmed(client, number, refused)
    return _result(raw, number, is_read=False)


async def query(client: PayClient, out_authorization_no: str) -> GrantResult:
    """The state of an authorisation, with the package of its confirmation page while it waits.

    ABSENT if WeChat does not know the number.
    """
    path, shown = _one(out_authorization_no), {"is_display_authorization": "true"}
    try:
        raw = await client.call("GET", path, name="grant_query", params=shown)
    except Refused as error:
        if error.code in ABSENT and error.facts.get("status") == 404:
            return GrantResult(GrantState.ABSENT, out_authorization_no, mchid=client.config.mchid)
        raise
    return _result(raw, out_authorization_no, is_read=True)


async def close(client: PayClient, out_authorization_no: str) -> GrantResult:
    """Close an authorisation. The request has no body; a refusal is checked by a query."""
    path = f"{_one(out_authorization_no)}/close"
    try:
        raw = await client.call("POST", path, name="grant_close")
    except Refused as refused:
        found = await _asked(client, out_authorization_no, refused)
        if found.state in (GrantState.CLOSED, GrantState.ABSENT):
            return found
        raise
    return _result(raw, out_authorization_no, is_read=False)


async def _confirmed(client: PayClient, number: str, refused: Refused) -> GrantResult:
    found = await _asked(client, number, refused)
    if found.state is GrantState.ABSENT:
        raise refused
    return found


async def _asked(client: PayClient, number: str, refused: Refused) -> GrantResult:
    try:
        return await query(client, number)
    except GatewayError as error:
        raise Unknown(refused.code, refused.message) from error


def _one(out_authorization_no: str) -> str:
    return f"{PATH}/out-authorization-no/{segment(out_authorization_no)}"


def _result(raw: dict[str, Any], number: str, *, is_read: bool) -> GrantResult:
    try:
        result = grant(raw)
    except BadFields as error:
        raise no_answer_error(is_read, "answer_fields", str(error)) from error
    if result.out_authorization_no != number:
        raise no_answer_error(is_read, "answer_number", "the answer is about another number")
    return result
