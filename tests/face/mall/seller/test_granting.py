"""免确认收款 on the withdrawal page: agreed to in WeChat, closed here, shown in each state."""

from __future__ import annotations

import json
from typing import Any

import pytest

from domain import distribution, payouts, settings
from domain.payments.ports import GrantState
from kernel.errors import Refused, Unknown
from models import PayoutGrant
from tests.face.shoppers import Shopper
from tests.factories.distribution import ID_NUMBER, earn, ready_for_payouts
from tests.factories.pay import FakePay
from tests.factories.transfers import FakeTransfers
from tests.harness.markup import is_nowhere, script_data_of, texts_of, values_of, words_of

PAGE, OPEN, CLOSE, SHEET = "/m/d/withdraw", "/m/d/grant", "/m/d/grant/close", "/m/pay/grant"


@pytest.fixture
def wechat(pay: FakePay, monkeypatch: pytest.MonkeyPatch) -> FakeTransfers:
    """The mall's WeChat Pay, which here stores authorisations too."""
    made = FakeTransfers()
    for name in ("ask_grant", "query_grant", "close_grant"):
        monkeypatch.setattr(pay, name, getattr(made, name), raising=False)
    monkeypatch.setattr(pay, "transfer_params", lambda info: {"package": info}, raising=False)
    return made


def seller(lin: Shopper) -> int:
    """Make the member a distributor with a name and something to withdraw."""
    member_id = lin.member_id or 0
    distribution.apply_as_distributor(member_id, "小林推荐", "individual", "1")
    payouts.save_identity(member_id, "林小雨", ID_NUMBER)
    earn(member_id, 5000)
    ready_for_payouts()
    return member_id


async def agreed(lin: Shopper, wechat: FakeTransfers) -> Any:
    """Open the sheet and agree in WeChat; returns what the waiting page is told."""
    fields = (await lin.get(PAGE)).fields(OPEN)
    assert (await lin.post(OPEN, fields)).location == SHEET
    assert (await lin.get(SHEET)).status == 200
    wechat.grant_becomes(GrantState.TAKING_EFFECT)
    return json.loads((await lin.get(f"{SHEET}/state")).text)


async def test_it_is_agreed_to_in_wechat_and_closed_on_the_page(
    lin: Shopper, wechat: FakeTransfers
) -> None:
    seller(lin)
    shown = (await lin.get(PAGE)).text
    assert texts_of(shown, "#grant h2") == ["免确认收款：未开启"]
    assert "付出后不能撤回" in words_of(shown, "#grant .note")
    assert await agreed(lin, wechat) == {"state": "active", "url": PAGE}
    page = await lin.get(PAGE)
    assert texts_of(page.text, "#grant h2") == ["免确认收款：已开启"]
    asked = await lin.post(PAGE, page.fields(PAGE), amount="30")
    assert "无需确认；单笔超过 ¥200.00" in words_of(asked.text, ".card > .note")
    closed = await lin.post(CLOSE, page.fields(CLOSE))
    assert closed.location == PAGE
    after = (await lin.get(PAGE)).text
    assert texts_of(after, "#grant h2") == ["免确认收款：未开启"]
    assert texts_of(after, ".toast") == ["已关闭，之后的付款需要您确认收款"]
    assert [g.state for g in wechat.grants.values()] == [GrantState.CLOSED]


async def test_the_sheet_stays_pending_until_wechat_has_the_consent(
    lin: Shopper, wechat: FakeTransfers
) -> None:
    seller(lin)
    fields = (await lin.get(PAGE)).fields(OPEN)
    await lin.post(OPEN, fields)
    sheet = (await lin.get(SHEET)).text
    assert script_data_of(sheet, "transfer")["params"] == {"package": "sheet"}
    assert json.loads((await lin.get(f"{SHEET}/state")).text) == {"state": "pending"}
    shown = await lin.get(PAGE)
    assert texts_of(shown.text, "#grant h2") == ["免确认收款：待您同意"]
    assert values_of(shown.text, "#grant a", "href") == [SHEET]
    assert (await lin.post(CLOSE, shown.fields(CLOSE))).location == PAGE
    assert (await lin.get(SHEET)).location == PAGE


@pytest.mark.parametrize(
    ("fault", "said"),
    [(Refused("NO_AUTH"), "微信暂时不能为您开启"), (Unknown("timeout"), "微信还没有答复")],
)
async def test_a_refusal_or_a_timeout_of_wechat_is_shown(
    lin: Shopper, wechat: FakeTransfers, fault: Exception, said: str
) -> None:
    seller(lin)
    fields = (await lin.get(PAGE)).fields(OPEN)
    wechat.grant_faults = [fault]
    assert (await lin.post(OPEN, fields)).location == PAGE
    assert said in words_of((await lin.get(PAGE)).text, ".toast")


async def test_a_shop_that_does_not_offer_it_does_not_show_it(
    lin: Shopper, wechat: FakeTransfers
) -> None:
    seller(lin)
    fields = (await lin.get(PAGE)).fields(OPEN)
    settings.change(settings.PayoutBrakes, {"granted_bill_fen": 0})
    assert is_nowhere((await lin.get(PAGE)).text, "免确认收款")
    assert (await lin.post(OPEN, fields)).location == PAGE
    assert texts_of((await lin.get(PAGE)).text, ".toast") == [
        "目前不能开启免确认收款，提现不受影响"
    ]
    assert wechat.grant_requests == []


async def test_it_can_be_closed_after_the_shop_has_stopped_offering_it(
    lin: Shopper, wechat: FakeTransfers
) -> None:
    seller(lin)
    await agreed(lin, wechat)
    settings.change(settings.PayoutBrakes, {"granted_bill_fen": 0})
    page = await lin.get(PAGE)
    assert (await lin.post(CLOSE, page.fields(CLOSE))).location == PAGE
    assert PayoutGrant.get().state == "closed"


async def test_a_member_who_is_no_payee_gets_no_sheet(lin: Shopper, wechat: FakeTransfers) -> None:
    token = (await lin.get("/m/d/")).fields("/m/d/apply")
    assert (await lin.post(OPEN, token)).location == PAGE
    assert (await lin.post(CLOSE, token)).location == PAGE
    assert (await lin.get(SHEET)).location == PAGE
    assert json.loads((await lin.get(f"{SHEET}/state")).text) == {"state": "none", "url": PAGE}
    assert (PayoutGrant.select().count(), wechat.grant_requests) == (0, [])
