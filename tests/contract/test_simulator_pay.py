"""The simulator's Pay v3: signatures, orders, refunds, transfers, bills, notifications."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import json
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from wechatpayv3.utils import (
    aes_decrypt,
    build_authorization,
    load_private_key,
    load_public_key,
    rsa_encrypt,
    rsa_verify,
)

from simulator.clock import CHINA
from tests.contract.sim_fixtures import MakeDesk
from tests.contract.sim_shop import Desk, verify_signature
from tests.harness.keys import shared_keys

JSAPI = "/v3/pay/transactions/jsapi"
REFUNDS = "/v3/refund/domestic/refunds"
TRANSFERS = "/v3/fund-app/mch-transfer/transfer-bills"


def lin(desk: Desk) -> str:
    return desk.sim.world.phones["lin"].openid


async def query(desk: Desk, number: str) -> Any:
    path = f"/v3/pay/transactions/out-trade-no/{number}?mchid={desk.settings.mchid}"
    return await desk.v3("GET", path)


def opened(desk: Desk, raw: bytes) -> dict[str, Any]:
    """A notification's resource, opened by wechatpayv3."""
    resource = json.loads(raw)["resource"]
    sealed = {name: resource[name] for name in ("nonce", "ciphertext", "associated_data")}
    data: dict[str, Any] = json.loads(aes_decrypt(**sealed, apiv3_key=desk.settings.apiv3_key))
    return data


# --- signatures --------------------------------------------------------------------------
async def test_wechatpayv3s_signature_is_accepted_and_the_answer_verifies_with_its_helper(
    desk: Desk,
) -> None:
    body = desk.order("FEN0000001", lin(desk), 29_800)
    data = json.dumps(body)
    authorization = build_authorization(
        JSAPI,
        "POST",
        desk.settings.mchid,
        desk.settings.merchant_serial,
        load_private_key(desk.keys.merchant_private_key),
        data=data,
    )
    headers = {
        "Authorization": authorization,
        "Accept": "application/json",
        "User-Agent": "t",
        "Content-Type": "application/json",
        "Wechatpay-Serial": desk.settings.public_key_id,
    }
    async with desk.session.post(desk.base + JSAPI, data=data, headers=headers) as response:
        raw = await response.text()
    assert response.status == 200
    assert rsa_verify(
        timestamp=response.headers["Wechatpay-Timestamp"],
        nonce=response.headers["Wechatpay-Nonce"],
        body=raw,
        signature=response.headers["Wechatpay-Signature"],
        public_key=load_public_key(desk.keys.wechatpay_public_key),
    )


@pytest.mark.parametrize(
    ("case", "shift_s", "tamper"),
    [("late", -301, False), ("early", 301, False), ("other body", 0, True)],
)
async def test_any_fault_of_the_signature_is_401(
    desk: Desk,
    case: str,
    shift_s: int,
    tamper: bool,
) -> None:
    body = desk.order("FEN0000001", lin(desk), 100)
    data = json.dumps(body, ensure_ascii=False).encode()
    signed = data + b" " if tamper else data
    authorization = desk.authorization("POST", JSAPI, signed, shift_s=shift_s)
    status, answer = await desk.v3("POST", JSAPI, body, Authorization=authorization)
    assert (status, answer["code"]) == (401, "SIGN_ERROR")
    assert desk.sim.world.orders == {}


async def test_the_platform_certificate_signs_answers_to_requests_that_name_it(desk: Desk) -> None:
    serial = desk.settings.platform_serial
    headers = {"Wechatpay-Serial": serial}
    response, raw = await desk.v3_raw("GET", "/v3/certificates", None, **headers)
    data = json.loads(raw)["data"][0]
    sealed = data["encrypt_certificate"]
    text = aes_decrypt(
        sealed["nonce"], sealed["ciphertext"], sealed["associated_data"], desk.settings.apiv3_key
    )
    certificate = x509.load_pem_x509_certificate(text.encode())
    assert f"{certificate.serial_number:X}" == serial == data["serial_no"]
    pem = certificate.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert response.headers["Wechatpay-Serial"] == serial
    verify_signature(dict(response.headers), raw, pem.decode())


# --- orders ------------------------------------------------------------------------------
async def test_a_repeated_order_must_have_the_same_parameters(desk: Desk) -> None:
    body = desk.order("FEN0000001", lin(desk), 29_800)
    _, first = await desk.v3("POST", JSAPI, body)
    _, again = await desk.v3("POST", JSAPI, body)
    assert first["prepay_id"] != again["prepay_id"]
    status, answer = await desk.v3("POST", JSAPI, body | {"description": "别的"})
    assert (status, answer["message"]) == (400, "请求重入时，参数与首次请求时不一致")
    assert len(desk.sim.world.orders) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"out_trade_no": "short"}, "out_trade_no"),
        ({"description": ""}, "description"),
        ({"amount": {"total": 0, "currency": "CNY"}}, "amount.total"),
        ({"amount": {"total": 1.5, "currency": "CNY"}}, "amount.total"),
        ({"notify_url": "http://shop.example/x"}, "notify_url"),
        ({"notify_url": "https://shop.example/x?a=1"}, "notify_url"),
        ({"payer": {"openid": "oNobody"}}, "payer.openid"),
        ({"time_expire": "2020-01-01T00:00:00+08:00"}, "time_expire"),
        ({"attach": "x" * 129}, "attach"),
    ],
)
async def test_a_wrong_field_is_refused_by_name_and_no_order_is_made(
    desk: Desk,
    changes: dict[str, Any],
    field: str,
) -> None:
    body = desk.order("FEN0000001", lin(desk), 100) | changes
    status, answer = await desk.v3("POST", JSAPI, body)
    assert (status, answer["code"]) == (400, "PARAM_ERROR")
    assert answer["detail"]["field"] == f"/body/{field}"
    assert desk.sim.world.orders == {}


async def test_a_payment_moves_money_and_notifies_the_shop(desk: Desk) -> None:
    order = await desk.paid("FEN0000001", 29_800)
    await desk.idle()
    headers, raw = desk.shop.notified[0]
    verify_signature(headers, raw, desk.keys.wechatpay_public_key)
    assert headers["Wechatpay-Signature-Type"] == "WECHATPAY2-SHA256-RSA2048"
    told = opened(desk, raw)
    _, asked = await query(desk, "FEN0000001")
    assert told == asked
    assert (told["trade_state"], told["amount"]["total"]) == ("SUCCESS", 29_800)
    assert told["payer"] == {"openid": lin(desk)}
    assert order["fee_fen"] == 179
    assert desk.sim.world.phones["lin"].wallet_fen == 5_000_000 - 29_800
    book = await desk.see("/book")
    assert [(e["kind"], e["amount_fen"]) for e in book["entries"]] == [
        ("trade", 29_800),
        ("fee", -179),
    ]
    assert book["fund_fen"] == 100_000_000 + 29_800 - 179


def jsapi_params(desk: Desk, prepay_id: str) -> dict[str, str]:
    params = {
        "appId": desk.settings.appid,
        "timeStamp": "1700000000",
        "nonceStr": "n",
        "package": f"prepay_id={prepay_id}",
    }
    message = "".join(f"{value}\n" for value in params.values())
    return params | {"signType": "RSA", "paySign": desk.merchant_sign(message.encode())}


async def test_the_phone_checks_the_pages_pay_sign(desk: Desk) -> None:
    body = desk.order("FEN0000001", lin(desk), 100)
    prepay_id = (await desk.v3("POST", JSAPI, body))[1]["prepay_id"]
    params = jsapi_params(desk, prepay_id)
    sheet = (await desk.do("/phones/lin/js/pay", params=params))["sheet"]
    assert (sheet["total_fen"], sheet["out_trade_no"]) == (100, "FEN0000001")
    forged = await desk.do("/phones/lin/pay", params=params | {"nonceStr": "x"})
    assert (forged["result"], forged["reason"]) == ("fail", "支付验证签名失败")
    other = await desk.do("/phones/wang/pay", params=params)
    assert (other["result"], other["reason"]) == ("fail", "下单用户与支付用户不一致")
    assert (await desk.do("/phones/lin/pay", params=params, result="cancel"))["result"] == "cancel"
    assert (await query(desk, "FEN0000001"))[1]["trade_state"] == "NOTPAY"
    assert (await desk.do("/phones/lin/pay", params=params))["result"] == "ok"
    twice = await desk.do("/phones/lin/pay", params=params)
    assert (twice["result"], twice["reason"]) == ("fail", "该订单已支付")
    assert desk.sim.world.phones["lin"].wallet_fen == 5_000_000 - 100


async def test_a_closed_order_cannot_be_paid_nor_a_paid_one_closed(desk: Desk) -> None:
    close = "/v3/pay/transactions/out-trade-no/{}/close"
    mchid = {"mchid": desk.settings.mchid}
    await desk.v3("POST", JSAPI, desk.order("FEN0000001", lin(desk), 100))
    for _ in range(2):
        assert (await desk.v3("POST", close.format("FEN0000001"), mchid))[0] == 204
    refused = await desk.do("/phones/lin/pay", out_trade_no="FEN0000001")
    assert (refused["result"], refused["reason"]) == ("fail", "订单已关闭")
    await desk.paid("FEN0000002", 100)
    status, answer = await desk.v3("POST", close.format("FEN0000002"), mchid)
    assert (status, answer["code"]) == (400, "ORDERPAID")
    assert (await query(desk, "FEN0000002"))[1]["trade_state"] == "SUCCESS"
    assert (await query(desk, "FEN0000003"))[0] == 404


async def test_an_unpaid_order_closes_by_itself_after_seven_days(desk: Desk) -> None:
    await desk.v3("POST", JSAPI, desk.order("FEN0000001", lin(desk), 100))
    await desk.do("/clock", advance_seconds=7 * 86_400 - 60)
    assert (await query(desk, "FEN0000001"))[1]["trade_state"] == "NOTPAY"
    await desk.do("/clock", advance_seconds=61)
    assert (await query(desk, "FEN0000001"))[1]["trade_state"] == "CLOSED"


async def test_native_and_h5_orders_are_paid_by_whoever_opens_them(
    desk: Desk,
) -> None:
    native = desk.order("FEN0000001", "", 100)
    del native["payer"]
    code_url = (await desk.v3("POST", "/v3/pay/transactions/native", native))[1]["code_url"]
    scanned = await desk.do("/phones/wang/scan", content=code_url)
    assert (scanned["kind"], scanned["order"]["total_fen"]) == ("pay", 100)
    assert (await desk.do("/phones/wang/pay", code_url=code_url))["result"] == "ok"
    scene = {"payer_client_ip": "127.0.0.1", "h5_info": {"type": "Wap"}}
    h5 = native | {"out_trade_no": "FEN0000002", "scene_info": scene}
    h5_url = (await desk.v3("POST", "/v3/pay/transactions/h5", h5))[1]["h5_url"]
    async with desk.session.get(h5_url) as response:
        assert response.status == 403
    referer = {"Referer": desk.shop.base + "/m/pay/1", "X-Sim-Phone": "lin"}
    async with desk.session.get(h5_url, headers=referer) as response:
        assert "¥1.00" in await response.text()
    await desk.do("/clock", advance_seconds=301)
    late = await desk.do("/phones/lin/pay", h5_url=h5_url)
    assert (late["result"], late["order"]) == ("fail", None)


# --- notifications -----------------------------------------------------------------------
async def test_an_unacknowledged_notification_is_retried_with_the_same_id(
    desk: Desk,
) -> None:
    desk.shop.notify_statuses = [500, 302, 204]
    await desk.paid("FEN0000001", 100)
    await desk.idle()
    ids = {json.loads(raw)["id"] for _, raw in desk.shop.notified}
    assert (len(desk.shop.notified), len(ids)) == (3, 1)
    nonces = {json.loads(raw)["resource"]["nonce"] for _, raw in desk.shop.notified}
    assert len(nonces) == 3
    tries = (await desk.see("/notifications"))["notifications"][0]["tries"]
    assert [t["status"] for t in tries] == [500, 302, 204]


async def test_a_notification_is_given_up_after_sixteen_tries(make_desk: MakeDesk) -> None:
    desk = await make_desk(time_scale=0.0)
    desk.shop.notify_statuses = [500] * 20
    await desk.paid("FEN0000001", 100)
    await desk.idle()
    assert len(desk.shop.notified) == 16


@pytest.mark.parametrize("action", [{"bad_signature": True}, {"signtest": True}])
async def test_a_wrong_signature_does_not_verify_and_a_right_one_follows_a_probe(
    desk: Desk,
    action: dict[str, bool],
) -> None:
    await desk.do("/faults", match={"kind": "notify.pay"}, action=action)
    await desk.paid("FEN0000001", 100)
    await desk.idle()
    headers, raw = desk.shop.notified[0]
    with pytest.raises((InvalidSignature, ValueError)):
        verify_signature(headers, raw, desk.keys.wechatpay_public_key)
    if "signtest" in action:
        assert headers["Wechatpay-Signature"].startswith("WECHATPAY/SIGNTEST/")
        headers, raw = desk.shop.notified[1]
        verify_signature(headers, raw, desk.keys.wechatpay_public_key)


async def test_notifications_can_be_lost_repeated_and_reordered(desk: Desk) -> None:
    await desk.do("/faults", match={"kind": "notify.pay"}, action={"lose_all": True})
    await desk.paid("FEN0000001", 100)
    await desk.idle()
    assert desk.shop.notified == []
    await desk.do("/faults", match={"kind": "notify.pay"}, action={"duplicate": 1})
    await desk.paid("FEN0000002", 100)
    await desk.idle()
    assert len(desk.shop.notified) == 2
    await desk.do("/faults", match={"kind": "notify.pay"}, action={"reorder": True})
    await desk.paid("FEN0000003", 100)
    await desk.idle()
    assert len(desk.shop.notified) == 2
    await desk.paid("FEN0000004", 100)
    await desk.idle()
    told = [opened(desk, raw)["out_trade_no"] for _, raw in desk.shop.notified]
    assert told == ["FEN0000002", "FEN0000002", "FEN0000004", "FEN0000003"]


async def test_notifications_may_be_signed_by_certificate(desk: Desk) -> None:
    await desk.do("/notify", by="certificate")
    await desk.paid("FEN0000001", 100)
    await desk.idle()
    headers, raw = desk.shop.notified[0]
    assert headers["Wechatpay-Serial"] == desk.settings.platform_serial
    key = x509.load_pem_x509_certificate(desk.keys.platform_certificate.encode()).public_key()
    pem = key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    verify_signature(headers, raw, pem.decode())


# --- faults on calls ---------------------------------------------------------------------
async def test_a_fault_after_the_effect_hides_the_answer_but_keeps_the_effect(
    desk: Desk,
) -> None:
    body = desk.order("FEN0000001", lin(desk), 100)
    match = {"kind": "pay", "path": JSAPI}
    await desk.do("/faults", match=match, action={"status": 500, "when": "after"})
    status, answer = await desk.v3("POST", JSAPI, body)
    assert (status, answer["code"]) == (500, "SYSTEM_ERROR")
    assert (await query(desk, "FEN0000001"))[0] == 200
    action = {"status": 429, "code": "FREQUENCY_LIMITED"}
    await desk.do("/faults", match=match, action=action)
    other = desk.order("FEN0000002", lin(desk), 100)
    assert (await desk.v3("POST", JSAPI, other))[0] == 429
    assert (await query(desk, "FEN0000002"))[0] == 404
    assert (await desk.v3("POST", JSAPI, other))[0] == 200


# --- refunds -----------------------------------------------------------------------------
def refund_body(desk: Desk, number: str, order: str, refund: int, total: int) -> dict[str, Any]:
    return {
        "out_trade_no": order,
        "out_refund_no": number,
        "notify_url": f"{desk.shop.base}/pay/refund-notify",
        "amount": {"refund": refund, "total": total, "currency": "CNY"},
    }


async def test_partial_refunds_never_exceed_the_order(make_desk: MakeDesk) -> None:
    desk = await make_desk(time_scale=0.0)
    await desk.paid("FEN0000001", 1000)
    first = refund_body(desk, "R1", "FEN0000001", 400, 1000)
    status, answer = await desk.v3("POST", REFUNDS, first)
    assert (status, answer["amount"]["refund"]) == (200, 400)
    await desk.idle()
    status, again = await desk.v3("POST", REFUNDS, first)
    assert (status, again["status"], again["refund_id"]) == (200, "SUCCESS", answer["refund_id"])
    too_much = refund_body(desk, "R2", "FEN0000001", 601, 1000)
    assert (await desk.v3("POST", REFUNDS, too_much))[0] == 400
    other = refund_body(desk, "R1", "FEN0000001", 401, 1000)
    assert (await desk.v3("POST", REFUNDS, other))[0] == 400
    rest = refund_body(desk, "R3", "FEN0000001", 600, 1000)
    assert (await desk.v3("POST", REFUNDS, rest))[0] == 200
    await desk.idle()
    assert desk.sim.world.phones["lin"].wallet_fen == 5_000_000
    assert desk.sim.world.fund_fen == 100_000_000
    told = [opened(desk, raw) for _, raw in desk.shop.notified[1:]]
    assert [(t["out_refund_no"], t["refund_status"]) for t in told] == [
        ("R1", "SUCCESS"),
        ("R3", "SUCCESS"),
    ]
    assert (await query(desk, "FEN0000001"))[1]["trade_state"] == "REFUND"


async def test_two_refunds_of_one_order_need_a_minute_between(make_desk: MakeDesk) -> None:
    desk = await make_desk(time_scale=1.0)
    await desk.paid("FEN0000001", 1000)
    await desk.v3("POST", REFUNDS, refund_body(desk, "R1", "FEN0000001", 1, 1000))
    again = refund_body(desk, "R2", "FEN0000001", 1, 1000)
    assert (await desk.v3("POST", REFUNDS, again))[1]["code"] == "FREQUENCY_LIMITED"
    await desk.do("/clock", advance_seconds=61)
    assert (await desk.v3("POST", REFUNDS, again))[0] == 200


async def test_a_refund_needs_balance_and_a_closed_refund_returns_it(
    make_desk: MakeDesk,
) -> None:
    desk = await make_desk(time_scale=0.0)
    await desk.paid("FEN0000001", 1000)
    await desk.do("/fund", balance_fen=500)
    body = refund_body(desk, "R1", "FEN0000001", 1000, 1000)
    status, answer = await desk.v3("POST", REFUNDS, body)
    assert (status, answer["code"]) == (403, "NOT_ENOUGH")
    assert desk.sim.world.refunds == {}
    await desk.do("/fund", balance_fen=5000)
    await desk.do("/refund-outcome", state="CLOSED")
    assert (await desk.v3("POST", REFUNDS, body))[0] == 200
    await desk.idle()
    assert (await desk.v3("GET", f"{REFUNDS}/R1"))[1]["status"] == "CLOSED"
    assert desk.sim.world.fund_fen == 5000
    assert json.loads(desk.shop.notified[-1][1])["event_type"] == "REFUND.CLOSED"
    assert (await query(desk, "FEN0000001"))[1]["trade_state"] == "SUCCESS"


# --- transfers ---------------------------------------------------------------------------
def transfer_body(desk: Desk, number: str, amount: int, phone: str = "lin") -> dict[str, Any]:
    return {
        "appid": desk.settings.appid,
        "out_bill_no": number,
        "transfer_scene_id": "1005",
        "openid": desk.sim.world.phones[phone].openid,
        "transfer_amount": amount,
        "transfer_remark": "佣金",
        "notify_url": f"{desk.shop.base}/pay/transfer-notify",
        "transfer_scene_report_infos": [
            {"info_type": "岗位类型", "info_content": "推广员"},
            {"info_type": "报酬说明", "info_content": "七月佣金"},
        ],
    }


async def transfer_state(desk: Desk, number: str) -> str:
    answer = (await desk.v3("GET", f"{TRANSFERS}/out-bill-no/{number}"))[1]
    return answer["state"]


async def test_a_confirmed_transfer_arrives(desk: Desk) -> None:
    body = transfer_body(desk, "T1", 5000)
    _, made = await desk.v3("POST", TRANSFERS, body)
    assert made["state"] == "WAIT_USER_CONFIRM"
    _, again = await desk.v3("POST", TRANSFERS, body)
    assert again == made
    status, _ = await desk.v3("POST", TRANSFERS, body | {"transfer_amount": 5001})
    assert status == 400
    shown = await desk.do(
        "/phones/lin/js/transfer",
        mchId=desk.settings.mchid,
        appId=desk.settings.appid,
        package=made["package_info"],
    )
    assert shown["sheet"]["amount_fen"] == 5000
    status, _ = await desk.ask("POST", "/phones/wang/transfers/T1", {"decision": "confirm"})
    assert status == 409
    await desk.do("/phones/lin/transfers/T1", decision="confirm")
    await desk.idle()
    assert await transfer_state(desk, "T1") == "SUCCESS"
    assert desk.sim.world.phones["lin"].wallet_fen == 5_005_000
    assert opened(desk, desk.shop.notified[0][1])["state"] == "SUCCESS"
    status, answer = await desk.v3("POST", f"{TRANSFERS}/out-bill-no/T1/cancel")
    assert (status, answer["code"]) == (400, "INVALID_REQUEST")


async def test_an_unconfirmed_transfer_goes_back_after_a_day(desk: Desk) -> None:
    await desk.v3("POST", TRANSFERS, transfer_body(desk, "T1", 5000))
    assert desk.sim.world.fund_fen == 100_000_000 - 5000
    await desk.do("/clock", advance_seconds=86_401)
    _, answer = await desk.v3("GET", f"{TRANSFERS}/out-bill-no/T1")
    assert (answer["state"], answer["fail_reason"]) == ("FAIL", "OVERDUE_CLOSE")
    assert desk.sim.world.fund_fen == 100_000_000


async def test_a_cancelled_transfer_goes_back_a_moment_later(make_desk: MakeDesk) -> None:
    desk = await make_desk(time_scale=1.0)
    await desk.v3("POST", TRANSFERS, transfer_body(desk, "T1", 5000))
    status, answer = await desk.v3("POST", f"{TRANSFERS}/out-bill-no/T1/cancel")
    assert (status, answer["state"]) == (200, "CANCELING")
    status, _ = await desk.ask("POST", "/phones/lin/transfers/T1", {"decision": "confirm"})
    assert status == 409
    await desk.do("/clock", advance_seconds=2)
    assert await transfer_state(desk, "T1") == "CANCELLED"
    assert desk.sim.world.phones["lin"].wallet_fen == 5_000_000


@pytest.mark.parametrize(
    ("amount", "name", "status", "state"),
    [
        (200_000, None, 400, ""),
        (29, "王小明", 400, ""),
        (200_000, "王小明", 200, "WAIT_USER_CONFIRM"),
        (200_000, "李四", 200, "FAIL"),
    ],
)
async def test_the_payees_name_is_checked(
    desk: Desk,
    amount: int,
    name: str | None,
    status: int,
    state: str,
) -> None:
    body = transfer_body(desk, "T1", amount, "wang")
    if name:
        body["user_name"] = rsa_encrypt(name, load_public_key(desk.keys.wechatpay_public_key))
    got, answer = await desk.v3("POST", TRANSFERS, body)
    assert (got, answer.get("state", "")) == (status, state)


async def test_a_transfer_without_balance_is_not_recorded(desk: Desk) -> None:
    await desk.do("/fund", balance_fen=100)
    body = transfer_body(desk, "T1", 101)
    status, answer = await desk.v3("POST", TRANSFERS, body)
    assert (status, answer["code"]) == (403, "NOT_ENOUGH")
    assert (await desk.v3("GET", f"{TRANSFERS}/out-bill-no/T1"))[0] == 404
    await desk.do("/fund", balance_fen=101)
    assert (await desk.v3("POST", TRANSFERS, body))[1]["state"] == "WAIT_USER_CONFIRM"


# --- bills -------------------------------------------------------------------------------
async def download(desk: Desk, path: str) -> str:
    _, offer = await desk.v3("GET", path)
    assert offer["hash_type"] == "SHA1"
    file_path = offer["download_url"].removeprefix(desk.base)
    _, raw = await desk.v3_raw("GET", file_path)
    if "tar_type=GZIP" in path:
        raw = gzip.decompress(raw)
    assert hashlib.sha1(raw, usedforsecurity=False).hexdigest() == offer["hash_value"]
    return raw.decode()


def rows(text: str) -> list[list[str]]:
    return [[v.removeprefix("`") for v in line.split(",")] for line in text.splitlines()]


def fen(yuan: str) -> int:
    return int(Decimal(yuan) * 100)


async def to_ten_next_day(desk: Desk) -> str:
    now = desk.sim.clock.china()
    day = now.strftime("%Y-%m-%d")
    ten = dt.datetime.combine(now.date() + dt.timedelta(days=1), dt.time(10, 1), CHINA)
    await desk.do("/clock", advance_seconds=(ten - now).total_seconds())
    return day


async def test_bills_agree_with_the_book(make_desk: MakeDesk) -> None:
    desk = await make_desk(time_scale=0.0)
    for number, total in (("FEN0000001", 29_800), ("FEN0000002", 1)):
        await desk.paid(number, total)
    await desk.v3("POST", REFUNDS, refund_body(desk, "R1", "FEN0000001", 9_900, 29_800))
    await desk.v3("POST", TRANSFERS, transfer_body(desk, "T1", 5000))
    await desk.idle()
    day = await to_ten_next_day(desk)
    trades = rows(await download(desk, f"/v3/bill/tradebill?bill_date={day}&bill_type=ALL"))
    head, lines, totals = trades[0], trades[1:-2], trades[-1]
    by_name = [dict(zip(head, line, strict=True)) for line in lines]
    assert {line["商户订单号"] for line in by_name} == {"FEN0000001", "FEN0000002"}
    assert sum(fen(line["订单金额"]) for line in by_name) == 29_801 == fen(totals[5])
    assert sum(fen(line["退款金额"]) for line in by_name) == 9_900 == fen(totals[2])
    book = desk.sim.world.book
    fees = -sum(e.amount_fen for e in book if e.kind in ("fee", "fee_back"))
    assert sum(fen(line["手续费"]) for line in by_name) == fees == fen(totals[4])
    path = f"/v3/bill/fundflowbill?bill_date={day}&tar_type=GZIP"
    flow = rows(await download(desk, path))[1:-2]
    signed = [fen(f[6]) if f[5] == "收入" else -fen(f[6]) for f in flow]
    start = 100_000_000
    that_day = [e for e in book if e.kind != "transfer_back"]
    assert signed == [e.amount_fen for e in that_day]
    assert fen(flow[-1][7]) == start + sum(signed)


async def test_a_bill_is_ready_at_ten_the_next_day(desk: Desk) -> None:
    path = "/v3/bill/tradebill?bill_date={}"
    today = desk.sim.clock.day()
    assert (await desk.v3("GET", path.format(today)))[1]["code"] == "PARAM_ERROR"
    day = await to_ten_next_day(desk)
    assert (await desk.v3("GET", path.format(day)))[1]["code"] == "NO_STATEMENT_EXIST"
    await desk.do("/clock", advance_seconds=-600)
    assert (await desk.v3("GET", path.format(day)))[1]["code"] == "STATEMENT_CREATING"


def test_demo_keys_are_real_keys() -> None:
    keys = shared_keys()
    assert load_private_key(keys.merchant_private_key).key_size == 2048


async def test_the_h5_page_pays_outside_wechat_and_goes_back_to_the_shop(desk: Desk) -> None:
    scene = {"payer_client_ip": "127.0.0.1", "h5_info": {"type": "Wap"}}
    body = desk.order("FEN0000001", "", 100, scene_info=scene)
    del body["payer"]
    h5_url = (await desk.v3("POST", "/v3/pay/transactions/h5", body))[1]["h5_url"]
    back = f"{desk.shop.base}/m/pay/done"
    url = f"{h5_url}&redirect_url={quote(back, safe='')}"
    headers = {"Referer": desk.shop.base + "/", "X-Sim-Phone": "wang"}
    inside = headers | {"User-Agent": "MicroMessenger/8.0"}
    async with desk.session.get(url, headers=inside) as response:
        assert response.status == 403
    async with desk.session.post(
        url, data={"result": "ok"}, headers=headers, allow_redirects=False
    ) as response:
        assert (response.status, response.headers["Location"]) == (302, back)
    answer = (await query(desk, "FEN0000001"))[1]
    assert (answer["trade_state"], answer["trade_type"]) == ("SUCCESS", "MWEB")
    assert answer["payer"] == {"openid": desk.sim.world.phones["wang"].openid}
