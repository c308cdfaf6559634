"""Calls to WeChat Pay, with real keys; the cases are bugs known from other clients."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from aiohttp import ClientSession, web
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_pem_public_key,
)

from domain.payments.ports import (
    PaymentResult,
    TradeState,
    TransferState,
)
from gateways.wechatpay import WeChatPay
from kernel import clock
from kernel.errors import GatewayError, Refused, Retryable, Unknown
from simulator.crypto import oaep_decrypt
from simulator.keys import DemoKeys
from tests.contract.conftest import OPENID, pay_config
from tests.contract.fakes import Answer, Asked, Fake, PaySeal
from tests.contract.paying import (
    FORGED,
    NO,
    ORDER,
    ORDER_PATH,
    PAID,
    PREPAY,
    REFUND,
    REFUNDS,
    TRANSFER,
    TRANSFERS,
    is_signed,
    parts_of,
    said,
)

# --- requests


async def test_the_signature_covers_the_request_as_it_arrives(
    fake: Fake, pay: WeChatPay, seal: PaySeal, keys: DemoKeys
) -> None:
    fake.routes[PREPAY] = lambda _: seal.answer({"prepay_id": "wx1"})
    fake.routes[ORDER_PATH] = lambda _: seal.answer(PAID)
    assert await pay.prepay_jsapi(ORDER, OPENID) == "wx1"
    await pay.query_payment(NO)
    posted, queried = fake.asked
    assert is_signed(posted, keys)
    assert is_signed(queried, keys)
    assert queried.target == f"{ORDER_PATH}?mchid=1900000001"
    assert parts_of(posted)["mchid"] == "1900000001"
    assert parts_of(posted)["serial_no"] == pay.client.config.serial_no
    assert posted.headers["Wechatpay-Serial"] == pay.client.config.public_key_id
    assert posted.headers["Accept"] == "application/json"
    assert posted.headers["User-Agent"].startswith("Fenmall/")
    assert json.loads(posted.body) == {
        "appid": "wx5de3000000000001",
        "mchid": "1900000001",
        "description": "山泉坊·陈酿52度 500ml",
        "out_trade_no": NO,
        "time_expire": "2027-01-01T08:00:00+08:00",
        "notify_url": "https://m/pay/notify",
        "amount": {"total": 29800, "currency": "CNY"},
        "payer": {"openid": OPENID},
    }


async def test_a_cancel_has_no_body(
    fake: Fake, pay: WeChatPay, seal: PaySeal, keys: DemoKeys
) -> None:
    path = f"{TRANSFERS}/out-bill-no/WD1/cancel"
    fake.routes[path] = lambda _: seal.answer({"out_bill_no": "WD1", "state": "CANCELING"})
    result = await pay.cancel_transfer("WD1")
    assert result.state is TransferState.CANCELING
    assert fake.asked[0].body == b""
    assert is_signed(fake.asked[0], keys)


async def test_special_characters_in_a_number_are_quoted_and_signed_as_quoted(
    fake: Fake, pay: WeChatPay, keys: DemoKeys
) -> None:
    with pytest.raises(Refused):
        await pay.query_refund("RF 1|*中")
    assert fake.asked[0].target == f"{REFUNDS}/RF%201%7C%2A%E4%B8%AD"
    assert is_signed(fake.asked[0], keys)


async def test_signatures_use_business_time(fake: Fake, pay: WeChatPay, seal: PaySeal) -> None:
    clock.set_offset(timedelta(days=20))
    fake.routes[PREPAY] = lambda _: seal.answer({"prepay_id": "wx1"})
    with pytest.raises(Unknown) as caught:
        await pay.prepay_jsapi(ORDER, OPENID)
    assert caught.value.code == "answer_time"
    seal.at = clock.timestamp
    assert await pay.prepay_jsapi(ORDER, OPENID) == "wx1"
    assert abs(int(parts_of(fake.asked[-1])["timestamp"]) - clock.timestamp()) <= 5


async def test_h5_sends_the_payers_address_and_has_a_redirect_url(
    fake: Fake, pay: WeChatPay, seal: PaySeal
) -> None:
    fake.routes["/v3/pay/transactions/h5"] = lambda _: seal.answer({"h5_url": "https://wx/p?a=1"})
    url = await pay.prepay_h5(ORDER, "203.0.113.9", "https://m/m/orders/1?x=1")
    assert url == "https://wx/p?a=1&redirect_url=https%3A%2F%2Fm%2Fm%2Forders%2F1%3Fx%3D1"
    scene = json.loads(fake.asked[0].body)["scene_info"]
    assert scene == {"payer_client_ip": "203.0.113.9", "h5_info": {"type": "Wap"}}


async def test_an_order_of_0_fen_is_not_sent(fake: Fake, pay: WeChatPay) -> None:
    with pytest.raises(Refused):
        await pay.prepay_native(replace(ORDER, amount_fen=0))
    assert fake.asked == []


def test_the_pages_arguments_are_signed_by_the_merchant(pay: WeChatPay, keys: DemoKeys) -> None:
    params = pay.jsapi_params("wx1")
    text = "".join(f"{params[k]}\n" for k in ("appId", "timeStamp", "nonceStr", "package"))
    key = load_pem_public_key(keys.merchant_public_key.encode())
    key.verify(b64decode(params["paySign"]), text.encode(), PKCS1v15(), SHA256())  # type: ignore[union-attr,call-arg]
    assert (params["package"], params["signType"]) == ("prepay_id=wx1", "RSA")
    assert set(params) == {"appId", "timeStamp", "nonceStr", "package", "signType", "paySign"}
    assert pay.transfer_params("pkg") == {
        "mchId": "1900000001",
        "appId": "wx5de3000000000001",
        "package": "pkg",
    }


# --- answers


async def test_answers_signed_by_either_of_wechats_keys_are_accepted(
    fake: Fake, pay: WeChatPay, seal: PaySeal, platform_seal: PaySeal
) -> None:
    for by in (seal, platform_seal):
        fake.routes[ORDER_PATH] = lambda _, by=by: by.answer(PAID)  # type: ignore[misc]
        assert (await pay.query_payment(NO)).state is TradeState.SUCCESS


@pytest.mark.parametrize("name", list(FORGED))
async def test_an_answer_without_a_valid_signature_leaves_the_outcome_unknown(
    fake: Fake, session: ClientSession, keys: DemoKeys, seal: PaySeal, name: str
) -> None:
    pay = WeChatPay(pay_config(fake.base, keys, certificates=[]), session)

    def forged(value: dict[str, Any]) -> Callable[[Asked], Answer]:
        body = json.dumps(value).encode()
        return lambda _: web.Response(body=body, headers=FORGED[name](seal, body))

    fake.routes[ORDER_PATH] = forged(PAID)
    fake.routes[PREPAY] = forged({"prepay_id": "wx1"})
    with pytest.raises(Retryable):
        await pay.query_payment(NO)
    with pytest.raises(Unknown):
        await pay.prepay_jsapi(ORDER, OPENID)


@pytest.mark.parametrize(
    ("status", "code", "for_write", "for_read", "canonical"),
    [
        (400, "PARAM_ERROR", Refused, Refused, "PARAM_ERROR"),
        (400, "ORDERPAID", Refused, Refused, "ORDER_PAID"),
        (400, "ORDER_PAID", Refused, Refused, "ORDER_PAID"),
        (401, "SIGN_ERROR", Retryable, Retryable, "SIGN_ERROR"),
        (403, "NOTENOUGH", Retryable, Retryable, "NOT_ENOUGH"),
        (403, "NOT_ENOUGH", Retryable, Retryable, "NOT_ENOUGH"),
        (403, "RULELIMIT", Refused, Refused, "RULE_LIMIT"),
        (403, "NEVER_HEARD_OF", Unknown, Refused, "NEVER_HEARD_OF"),
        (404, "ORDERNOTEXIST", Refused, Refused, "ORDER_NOT_EXIST"),
        (429, "RATELIMIT_EXCEEDED", Retryable, Retryable, "FREQUENCY_LIMITED"),
        (429, "WHATEVER", Retryable, Retryable, "WHATEVER"),
        (500, "SYSTEM_ERROR", Unknown, Retryable, "SYSTEM_ERROR"),
        (503, "SYSTEMERROR", Unknown, Retryable, "SYSTEM_ERROR"),
        (500, "OPENID_MISMATCH", Unknown, Retryable, "OPENID_MISMATCH"),
        (500, "NOT_ENOUGH", Unknown, Retryable, "NOT_ENOUGH"),
        (502, "", Unknown, Retryable, "http_502"),
        (302, "", Unknown, Retryable, "http_302"),
    ],
)
async def test_each_error_code_becomes_the_right_gateway_error(
    fake: Fake,
    pay: WeChatPay,
    status: int,
    code: str,
    for_write: type[GatewayError],
    for_read: type[GatewayError],
    canonical: str,
) -> None:
    fake.routes[REFUNDS] = said(status, code)
    fake.routes["/v3/bill/tradebill"] = said(status, code)
    with pytest.raises(GatewayError) as written:
        await pay.refund(REFUND)
    with pytest.raises(GatewayError) as read:
        await pay.trade_bill(date(2026, 11, 21))
    assert (type(written.value), written.value.code) == (for_write, canonical)
    assert (type(read.value), read.value.code) == (for_read, canonical)


async def test_a_time_out_is_unknown_and_a_refused_connection_is_retryable(
    fake: Fake, pay: WeChatPay, session: ClientSession, keys: DemoKeys, unused_tcp_port: int
) -> None:
    async def hang(_asked: Asked) -> Answer:
        await asyncio.sleep(2)
        return {}

    fake.routes[REFUNDS] = hang
    pay.client.caller.timeout = 0.2
    with pytest.raises(Unknown):
        await pay.refund(REFUND)
    closed = WeChatPay(pay_config(f"http://127.0.0.1:{unused_tcp_port}", keys), session)
    with pytest.raises(Retryable):
        await closed.refund(REFUND)


@pytest.mark.parametrize("path", [ORDER_PATH, f"{REFUNDS}/RF1", f"{TRANSFERS}/out-bill-no/WD1"])
async def test_a_number_that_wechat_does_not_know_is_absent(
    fake: Fake, pay: WeChatPay, path: str
) -> None:
    for code in ("ORDER_NOT_EXIST", "RESOURCE_NOT_EXISTS", "NOT_FOUND"):
        fake.routes[path] = said(404, code)
        states = {
            ORDER_PATH: lambda: pay.query_payment(NO),
            f"{REFUNDS}/RF1": lambda: pay.query_refund("RF1"),
            f"{TRANSFERS}/out-bill-no/WD1": lambda: pay.query_transfer("WD1"),
        }
        assert (await states[path]()).state == "ABSENT"


async def test_closing_again_succeeds_and_closing_a_paid_order_is_refused(
    fake: Fake, pay: WeChatPay, seal: PaySeal
) -> None:
    path = f"{ORDER_PATH}/close"
    fake.routes[path] = lambda _: seal.answer(None, 204)
    await pay.close_payment(NO)
    fake.routes[path] = said(400, "ORDERCLOSED")
    await pay.close_payment(NO)
    fake.routes[path] = said(400, "ORDERPAID")
    with pytest.raises(Refused) as caught:
        await pay.close_payment(NO)
    assert caught.value.code == "ORDER_PAID"


# --- results are read strictly


async def test_all_fields_of_a_payment_are_read(fake: Fake, pay: WeChatPay, seal: PaySeal) -> None:
    fake.routes[ORDER_PATH] = lambda _: seal.answer(PAID)
    assert await pay.query_payment(NO) == PaymentResult(
        state=TradeState.SUCCESS,
        out_trade_no=NO,
        mchid="1900000001",
        appid="wx5de3000000000001",
        transaction_id="4200001",
        amount_fen=29800,
        payer_fen=29700,
        currency="CNY",
        payer_openid=OPENID,
        trade_type="JSAPI",
        bank_type="CMC",
        success_at=datetime(2026, 11, 22, 12, 34, 56, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "change",
    [
        {"trade_state": "MAYBE"},
        {"trade_state": "ABSENT"},
        {"trade_state": None},
        {"amount": {"total": "29800"}},
        {"amount": {"total": 298.0}},
        {"amount": {"total": True}},
        {"amount": {"total": -1}},
        {"amount": {}},
        {"amount": 29800},
        {"transaction_id": ""},
        {"mchid": None},
        {"out_trade_no": "PA_OTHER"},
        {"success_time": "yesterday"},
        {"success_time": "2026-11-22T20:34:56"},
    ],
)
async def test_a_malformed_payment_is_retryable(
    fake: Fake, pay: WeChatPay, seal: PaySeal, change: dict[str, Any]
) -> None:
    fake.routes[ORDER_PATH] = lambda _: seal.answer(PAID | change)
    with pytest.raises(Retryable):
        await pay.query_payment(NO)


async def test_an_unpaid_order_needs_no_amount(fake: Fake, pay: WeChatPay, seal: PaySeal) -> None:
    unpaid = {k: PAID[k] for k in ("appid", "mchid", "out_trade_no")} | {"trade_state": "NOTPAY"}
    fake.routes[ORDER_PATH] = lambda _: seal.answer(unpaid)
    result = await pay.query_payment(NO)
    assert (result.state, result.amount_fen, result.transaction_id) == ("NOTPAY", 0, "")


async def test_a_refund_whose_answer_has_another_number_is_unknown(
    fake: Fake, pay: WeChatPay, seal: PaySeal
) -> None:
    answer = {
        "refund_id": "50",
        "out_refund_no": "RF2",
        "out_trade_no": NO,
        "status": "PROCESSING",
        "amount": {"refund": 100, "total": 29800, "currency": "CNY"},
    }
    fake.routes[REFUNDS] = lambda _: seal.answer(answer)
    with pytest.raises(Unknown):
        await pay.refund(REFUND)
    answer["out_refund_no"] = "RF1"
    result = await pay.refund(REFUND)
    assert (result.state, result.refund_fen, result.total_fen) == ("PROCESSING", 100, 29800)


# --- transfers


async def test_a_transfer_counts_as_refused_only_if_a_query_does_not_find_it(
    fake: Fake, pay: WeChatPay, seal: PaySeal
) -> None:
    query = f"{TRANSFERS}/out-bill-no/WD1"
    fake.routes[TRANSFERS] = said(400, "INVALID_REQUEST")
    fake.routes[query] = said(404, "NOT_FOUND")
    with pytest.raises(Refused) as caught:
        await pay.transfer(TRANSFER)
    assert caught.value.code == "INVALID_REQUEST"
    known = {"out_bill_no": "WD1", "state": "WAIT_USER_CONFIRM", "transfer_amount": 5000}
    fake.routes[query] = lambda _: seal.answer(known)
    result = await pay.transfer(TRANSFER)
    assert (result.state, result.amount_fen) == (TransferState.WAIT_USER_CONFIRM, 5000)
    fake.routes[query] = said(500, "SYSTEM_ERROR")
    with pytest.raises(Unknown):
        await pay.transfer(TRANSFER)


async def test_a_transfer_without_balance_is_retryable(fake: Fake, pay: WeChatPay) -> None:
    fake.routes[TRANSFERS] = said(403, "NOTENOUGH")
    with pytest.raises(Retryable) as caught:
        await pay.transfer(TRANSFER)
    assert caught.value.code == "NOT_ENOUGH"
    assert len(fake.asked) == 1


@pytest.mark.parametrize(
    ("amount_fen", "is_sent"), [(29, False), (30, True), (5000, True), (200_000, True)]
)
async def test_the_payees_name_is_encrypted_for_the_named_key_or_left_out(
    fake: Fake, pay: WeChatPay, seal: PaySeal, keys: DemoKeys, amount_fen: int, is_sent: bool
) -> None:
    answer = {"out_bill_no": "WD1", "state": "ACCEPTED", "transfer_bill_no": "1"}
    fake.routes[TRANSFERS] = lambda _: seal.answer(answer)
    await pay.transfer(replace(TRANSFER, amount_fen=amount_fen, user_name="林小泉"))
    asked = fake.asked[0]
    body = json.loads(asked.body)
    assert ("user_name" in body) == is_sent
    assert "林小泉" not in asked.body.decode()
    if is_sent:
        key = load_pem_private_key(keys.wechatpay_private_key.encode(), None)
        assert oaep_decrypt(key, body["user_name"]) == "林小泉"  # type: ignore[arg-type]
        assert asked.headers["Wechatpay-Serial"] == pay.client.config.public_key_id
    assert body["transfer_scene_report_infos"][0] == {
        "info_type": "岗位类型",
        "info_content": "分销员",
    }


async def test_a_large_transfer_without_a_name_is_not_sent(fake: Fake, pay: WeChatPay) -> None:
    with pytest.raises(Refused) as caught:
        await pay.transfer(replace(TRANSFER, amount_fen=200_000))
    assert caught.value.code == "NAME_NEEDED"
    assert fake.asked == []


async def test_in_certificate_mode_the_name_is_encrypted_for_the_certificate(
    fake: Fake, session: ClientSession, keys: DemoKeys, platform_seal: PaySeal
) -> None:
    config = pay_config(fake.base, keys, public_key=None, public_key_id=None)
    pay = WeChatPay(config, session)
    answer = {"out_bill_no": "WD1", "state": "ACCEPTED"}
    fake.routes[TRANSFERS] = lambda _: platform_seal.answer(answer)
    await pay.transfer(replace(TRANSFER, user_name="林小泉"))
    key = load_pem_private_key(keys.platform_private_key.encode(), None)
    sealed = json.loads(fake.asked[0].body)["user_name"]
    assert oaep_decrypt(key, sealed) == "林小泉"  # type: ignore[arg-type]
    assert fake.asked[0].headers["Wechatpay-Serial"] == platform_seal.serial
