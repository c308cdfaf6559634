"""Calls about authorisations: the exact requests, and the answers that are accepted."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from domain.payments.ports import GrantRequest, GrantState, TransferState
from gateways.wechatpay import WeChatPay
from kernel.errors import Refused, Unknown
from simulator.keys import DemoKeys
from tests.contract.conftest import OPENID
from tests.contract.fakes import Fake, PaySeal
from tests.contract.paying import TRANSFER, TRANSFERS, is_signed, said

GRANTS = "/v3/fund-app/mch-transfer/user-confirm-authorization"
ONE = f"{GRANTS}/out-authorization-no/GA1"
ASK = GrantRequest("GA1", OPENID, "1005", "会员7", "https://m/pay/grant-notify")
GRANTED = replace(TRANSFER, authorization_id="2012022504101")


async def test_a_transfer_under_an_authorisation_names_it_and_no_openid(
    fake: Fake, pay: WeChatPay, seal: PaySeal, keys: DemoKeys
) -> None:
    answer = {"out_bill_no": "WD1", "state": "SUCCESS", "transfer_bill_no": "1"}
    fake.routes[f"{TRANSFERS}/transfer"] = lambda _: seal.answer(answer)
    assert (await pay.transfer_granted(GRANTED)).state is TransferState.SUCCESS
    body = json.loads(fake.asked[0].body)
    assert body["authorization_id"] == "2012022504101"
    assert "openid" not in body
    assert is_signed(fake.asked[0], keys)
    fake.routes[TRANSFERS] = lambda _: seal.answer(answer)
    await pay.transfer(TRANSFER)
    other = json.loads(fake.asked[1].body)
    assert (other["openid"], "authorization_id" in other) == (OPENID, False)


async def test_a_refused_transfer_under_an_authorisation_is_queried_as_any_other(
    fake: Fake, pay: WeChatPay, seal: PaySeal
) -> None:
    query = f"{TRANSFERS}/out-bill-no/WD1"
    fake.routes[f"{TRANSFERS}/transfer"] = said(400, "INVALID_REQUEST")
    fake.routes[query] = said(404, "NOT_FOUND")
    with pytest.raises(Refused, match="INVALID_REQUEST"):
        await pay.transfer_granted(GRANTED)
    known = {"out_bill_no": "WD1", "state": "SUCCESS", "transfer_amount": 5000}
    fake.routes[query] = lambda _: seal.answer(known)
    assert (await pay.transfer_granted(GRANTED)).state is TransferState.SUCCESS
    fake.routes[query] = said(500, "SYSTEM_ERROR")
    with pytest.raises(Unknown):
        await pay.transfer_granted(GRANTED)


async def test_an_unknown_error_code_leaves_the_call_open(fake: Fake, pay: WeChatPay) -> None:
    """WeChat does not document the error code for an authorisation that has ended."""
    fake.routes[f"{TRANSFERS}/transfer"] = said(400, "AUTHORIZATION_ENDED_SOMEHOW")
    with pytest.raises(Unknown):
        await pay.transfer_granted(GRANTED)


async def test_an_authorisation_is_requested_queried_and_closed_by_its_number(
    fake: Fake, pay: WeChatPay, seal: PaySeal
) -> None:
    waits = {"out_authorization_no": "GA1", "state": "WAIT_USER_CONFIRM", "package_info": "p"}
    closed = {
        "out_authorization_no": "GA1", "state": "CLOSED",
        "close_info": {"close_time": "2026-11-22T20:34:56+08:00", "close_reason": "USER"},
    }  # fmt: skip
    fake.routes[GRANTS] = fake.routes[ONE] = lambda _: seal.answer(waits)
    fake.routes[f"{ONE}/close"] = lambda _: seal.answer(closed)
    assert (await pay.ask_grant(ASK)).package_info == "p"
    assert (await pay.query_grant("GA1")).state is GrantState.WAIT_USER_CONFIRM
    ended = await pay.close_grant("GA1")
    assert (ended.state, ended.close_reason) == (GrantState.CLOSED, "USER")
    asked, queried, shut = fake.asked
    assert json.loads(asked.body) == {
        "out_authorization_no": "GA1", "appid": pay.appid, "openid": OPENID,
        "transfer_scene_id": "1005", "user_display_name": "会员7",
        "authorization_notify_url": "https://m/pay/grant-notify",
    }  # fmt: skip
    assert queried.target.endswith("?is_display_authorization=true")
    assert shut.body == b""


@pytest.mark.parametrize(
    "answer",
    [
        {"out_authorization_no": "GA2", "state": "TAKING_EFFECT"},
        {"out_authorization_no": "GA1", "state": "IN_FORCE"},
        {"out_authorization_no": "GA1", "state": "ABSENT"},
        {"out_authorization_no": "GA1", "state": "CLOSED", "close_info": "USER"},
        {"state": "TAKING_EFFECT"},
    ],
)
async def test_an_answer_about_another_authorisation_is_not_accepted(
    fake: Fake, pay: WeChatPay, seal: PaySeal, answer: dict[str, str]
) -> None:
    fake.routes[GRANTS] = lambda _: seal.answer(answer)
    with pytest.raises(Unknown):
        await pay.ask_grant(ASK)
