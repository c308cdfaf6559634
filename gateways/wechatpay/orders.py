"""Orders at WeChat Pay (下单, 查单, 关单)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from domain.payments.ports import PaymentResult, PrepayRequest, TradeState
from gateways.wechatpay.client import PayClient
from gateways.wechatpay.errors import ABSENT
from gateways.wechatpay.fields import ADDRESS_MOST, BadFields, payment, segment, text
from kernel import clock, ids
from kernel.errors import Refused, Retryable, Unknown

DESCRIPTION_MAX = 127


async def prepay_jsapi(client: PayClient, order: PrepayRequest, openid: str) -> str:
    """Place an order for payment inside WeChat (JSAPI); returns its prepay_id."""
    body = _body(client, order) | {"payer": {"openid": openid}}
    return await _prepay(client, "jsapi", body, "prepay_id")


async def prepay_h5(
    client: PayClient, order: PrepayRequest, client_ip: str, return_url: str
) -> str:
    """Place an order for payment from another browser (H5); returns the URL to open."""
    scene = {"payer_client_ip": client_ip, "h5_info": {"type": "Wap"}}
    url = await _prepay(client, "h5", _body(client, order) | {"scene_info": scene}, "h5_url")
    return f"{url}&redirect_url={quote(return_url, safe='')}" if return_url else url


async def prepay_native(client: PayClient, order: PrepayRequest) -> str:
    """Place an order for payment by scanning (Native); returns the text for the QR code."""
    return await _prepay(client, "native", _body(client, order), "code_url")


def jsapi_params(client: PayClient, prepay_id: str) -> dict[str, str]:
    """The signed arguments for getBrandWCPayRequest, whose ``ok`` is no proof of payment."""
    appid, timestamp = client.config.appid, str(client.signer.time.timestamp())
    nonce, package = ids.random_code(32), f"prepay_id={prepay_id}"
    return {
        "appId": appid,
        "timeStamp": timestamp,
        "nonceStr": nonce,
        "package": package,
        "signType": "RSA",
        "paySign": client.signer.sign(f"{appid}\n{timestamp}\n{nonce}\n{package}\n"),
    }


async def query_payment(client: PayClient, out_trade_no: str) -> PaymentResult:
    """The state of a payment; ABSENT if WeChat does not know the number."""
    path = f"/v3/pay/transactions/out-trade-no/{segment(out_trade_no)}"
    params = {"mchid": client.config.mchid}
    try:
        raw = await client.call("GET", path, name="payment_query", params=params)
    except Refused as error:
        if error.code in ABSENT and error.facts.get("status") == 404:
            return PaymentResult(TradeState.ABSENT, out_trade_no, client.config.mchid)
        raise
    return _result(raw, out_trade_no)


async def close_payment(client: PayClient, out_trade_no: str) -> None:
    """Close an unpaid order; idempotent. Only status 204 means that it is closed.

    Raises Refused('ORDER_PAID') if it was paid before, and Retryable('USERPAYING') while a
    payment is under way.
    """
    path = f"/v3/pay/transactions/out-trade-no/{segment(out_trade_no)}/close"
    body = {"mchid": client.config.mchid}
    try:
        await client.call("POST", path, name="payment_close", json=body, promises=204)
    except Refused as error:
        if error.code != "ORDER_CLOSED":
            raise


def _result(raw: dict[str, Any], out_trade_no: str) -> PaymentResult:
    """A payment from a query. Raises Retryable if the answer's fields are unexpected."""
    try:
        result = payment(raw)
    except BadFields as error:
        raise Retryable("answer_fields", str(error)) from error
    if result.out_trade_no != out_trade_no:
        raise Retryable("answer_number", "the answer is about another number")
    return result


async def _prepay(client: PayClient, kind: str, body: dict[str, Any], field: str) -> str:
    path = f"/v3/pay/transactions/{kind}"
    raw = await client.call("POST", path, name=f"prepay_{kind}", json=body)
    try:
        return text(raw, field, ADDRESS_MOST)
    except BadFields as error:
        raise Unknown("answer_fields", str(error)) from error


def _body(client: PayClient, order: PrepayRequest) -> dict[str, Any]:
    if order.amount_fen < 1:
        raise Refused("PARAM_ERROR", "an order of 0 fen is not paid at WeChat")
    body: dict[str, Any] = {
        "appid": client.config.appid,
        "mchid": client.config.mchid,
        "description": order.description[:DESCRIPTION_MAX],
        "out_trade_no": order.out_trade_no,
        "time_expire": rfc3339(order),
        "notify_url": order.notify_url,
        "amount": {"total": order.amount_fen, "currency": "CNY"},
    }
    if order.attach:
        body["attach"] = order.attach
    return body


def rfc3339(order: PrepayRequest) -> str:
    """An order's expiry in RFC 3339: whole seconds, with Shanghai's offset."""
    local = order.expires_at.astimezone(clock.SHANGHAI).replace(microsecond=0)
    return local.isoformat()
