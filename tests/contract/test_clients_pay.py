"""The simulator's Pay v3, driven by independent clients."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from cryptography import x509

from simulator.clock import DAY_S, china
from tests.contract.clients import pay
from tests.contract.clients.node import ClientError, RunNode
from tests.contract.clients.pay import CLIENTS, MODES, PayClient
from tests.contract.sim_shop import Desk

# wechatpayv3 reads a certificate's dates by attributes that cryptography has deprecated
pytestmark = pytest.mark.filterwarnings("ignore:Properties that return a naïve datetime")
EACH = [(which, mode) for which in CLIENTS for mode in MODES]
# wechatpay-node-v3 has the retired batch transfers only
WITH_TRANSFERS = [each for each in EACH if each[0] != "wechatpay_node"]
NAMED = 250_000


@pytest.fixture(params=EACH, ids=lambda each: "-".join(each))
async def client(
    desk: Desk, node: RunNode, request: Any, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[PayClient]:
    """Each client in each mode."""
    async with pay.opened(desk, node, *request.param, monkeypatch) as found:
        yield found


def order(desk: Desk, number: str, fen: int = 29_800, **more: Any) -> dict[str, Any]:
    return {
        "description": "山泉坊·陈酿52度, 500ml", "out_trade_no": number,
        "notify_url": f"{desk.shop.base}/pay/notify",
        "amount": {"total": fen, "currency": "CNY"}, "attach": "o:1",
    } | more  # fmt: skip


async def paid(desk: Desk, client: PayClient, number: str) -> None:
    payer = {"openid": desk.sim.world.phones["lin"].openid}
    params = await client.call("jsapi", order(desk, number, payer=payer))
    done = await desk.do("/phones/lin/pay", params=params)
    assert done["result"] == "ok", done


async def told(desk: Desk, client: PayClient, place: int = -1) -> dict[str, Any]:
    """The last notification, verified and opened by the client."""
    await desk.idle()
    headers, raw = desk.shop.notified[place]
    assert await client.call("verify", headers, raw.decode())
    found: dict[str, Any] = json.loads(await client.call("unseal", json.loads(raw)["resource"]))
    return found


async def test_the_notification_of_a_payment_equals_its_query(
    desk: Desk, client: PayClient
) -> None:
    await paid(desk, client, "CLIENT0001")
    asked = (await client.call("query", "CLIENT0001"))["data"]
    notified = await told(desk, client)
    assert asked == notified
    assert (asked["trade_state"], asked["amount"]["payer_total"]) == ("SUCCESS", 29_800)


async def test_native_and_h5_orders_are_placed_and_a_204_closes_them(
    desk: Desk, client: PayClient
) -> None:
    code = (await client.call("order", "native", order(desk, "CLIENT0002")))["data"]["code_url"]
    scene = {"payer_client_ip": "203.0.113.9", "h5_info": {"type": "Wap"}}
    url = await client.call("order", "h5", order(desk, "CLIENT0003", scene_info=scene))
    assert code.startswith("weixin://wxpay/bizpayurl?pr=")
    assert "prepay_id=" in url["data"]["h5_url"]
    await desk.do("/phones/lin/scan", content=code)
    busy = await client.call("close", "CLIENT0002")
    assert (busy["status"], busy["data"]["code"]) == (202, "USERPAYING")
    await desk.do("/phones/lin/pay", code_url=code, result="cancel")
    assert (await client.call("close", "CLIENT0002"))["status"] == 204
    assert (await client.call("query", "CLIENT0002"))["data"]["trade_state"] == "CLOSED"


async def test_a_refund_is_requested_and_succeeds(desk: Desk, client: PayClient) -> None:
    await paid(desk, client, "CLIENT0004")
    body = {
        "out_trade_no": "CLIENT0004", "out_refund_no": "RF1", "reason": "少发一件",
        "notify_url": f"{desk.shop.base}/pay/refund-notify",
        "amount": {"refund": 9_800, "total": 29_800, "currency": "CNY"},
    }  # fmt: skip
    assert (await client.call("refund", body))["data"]["status"] == "PROCESSING"
    await desk.idle()
    assert (await client.call("queryRefund", "RF1"))["data"]["status"] == "SUCCESS"
    assert (await told(desk, client))["refund_status"] == "SUCCESS"


@pytest.mark.parametrize("client", WITH_TRANSFERS, indirect=True, ids="-".join)
async def test_a_transfer_with_an_encrypted_name_is_made_queried_and_cancelled(
    desk: Desk, client: PayClient
) -> None:
    body = {
        "out_bill_no": "WD1", "transfer_scene_id": "1005", "transfer_amount": NAMED,
        "openid": desk.sim.world.phones["wang"].openid, "transfer_remark": "佣金提现",
        "notify_url": f"{desk.shop.base}/pay/transfer-notify",
        "user_recv_perception": "劳务报酬",
        "transfer_scene_report_infos": [
            {"info_type": "岗位类型", "info_content": "推广人员"},
            {"info_type": "报酬说明", "info_content": "商品推广佣金"},
        ],
    }  # fmt: skip
    made = (await client.call("transfer", body, "王小明"))["data"]
    assert (made["state"], bool(made["package_info"])) == ("WAIT_USER_CONFIRM", True)
    assert desk.sim.world.transfers["WD1"].user_name == "王小明"
    assert (await client.call("queryTransfer", "WD1"))["data"]["transfer_amount"] == NAMED
    assert (await client.call("cancelTransfer", "WD1"))["data"]["state"] == "CANCELING"
    assert (await told(desk, client))["state"] == "CANCELLED"
    wrong = body | {"out_bill_no": "WD2", "user_recv_perception": "佣金报酬"}
    with pytest.raises(ClientError) as caught:
        await client.call("transfer", wrong, "王小明")
    assert (caught.value.status, caught.value.body["code"]) == (400, "INVALID_REQUEST")


async def test_the_certificates_open_with_the_apiv3_key(desk: Desk, client: PayClient) -> None:
    await desk.do("/keys", rotate={})
    found = (await client.call("certificates"))["data"]["data"]
    assert len(found) == 2
    for each in found:
        text = await client.call("unseal", each["encrypt_certificate"])
        certificate = x509.load_pem_x509_certificate(text.encode())
        assert f"{certificate.serial_number:X}" == each["serial_no"]


async def test_downloaded_bills_agree_with_their_hash(desk: Desk, client: PayClient) -> None:
    await paid(desk, client, "CLIENT0005")
    world = desk.sim.world
    for made in world.orders.values():
        made.paid_at -= 2 * DAY_S  # the clients sign by real time, so the orders are moved back
    for entry in world.book:
        entry.at -= 2 * DAY_S
    day = china(world.book[0].at).strftime("%Y-%m-%d")
    for name, words in (("tradeBill", "总交易单数"), ("fundBill", "资金流水总笔数")):
        offer = (await client.call(name, day))["data"]
        data = base64.b64decode(await client.call("download", offer["download_url"]))
        plain = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
        assert hashlib.sha1(plain).hexdigest() == offer["hash_value"]
        assert words in plain.decode()
        assert "CLIENT0005" in plain.decode()


@pytest.mark.parametrize("fault", ["bad_signature", "unsigned"])
async def test_no_client_accepts_an_answer_without_a_valid_signature(
    desk: Desk, client: PayClient, fault: str
) -> None:
    await client.call("order", "native", order(desk, "CLIENT0006"))
    await desk.do("/faults", match={"kind": "pay", "method": "GET"}, action={fault: True})
    with pytest.raises(Exception):  # noqa: B017 - each client raises its own error
        await client.call("query", "CLIENT0006")
    assert (await client.call("query", "CLIENT0006"))["data"]["trade_state"] == "NOTPAY"


async def test_a_refusal_arrives_with_its_code(desk: Desk, client: PayClient) -> None:
    with pytest.raises(ClientError) as caught:
        await client.call("query", "NOBODY0001")
    assert (caught.value.status, caught.value.body["code"]) == (404, "ORDER_NOT_EXIST")


async def test_a_client_that_names_no_serial_gets_answers_signed_by_the_certificate(
    desk: Desk, node: RunNode
) -> None:
    config = pay.node_config(desk, "certificate") | {"keys": {}, "answerBy": ""}
    async with node("wechatpay_node.mjs", **config) as found:
        assert await found.call("fetchCertificates") == [desk.settings.platform_serial]
        await found.call("order", "native", order(desk, "CLIENT0007"))
        assert (await found.call("query", "CLIENT0007"))["status"] == 200
        await desk.do("/keys", rotate={}, signs="new")  # fetched as an answer names it
        assert (await found.call("query", "CLIENT0007"))["status"] == 200
