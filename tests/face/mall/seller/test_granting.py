"""免确认收款 on the withdrawal page: opened in WeChat, closed with a tap, and what it says."""

from __future__ import annotations

import json
import re
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

PAGE, OPEN, CLOSE, SHEET = "/m/d/withdraw", "/m/d/grant", "/m/d/grant/close", "/m/pay/grant"


@pytest.fixture
def wechat(pay: FakePay, monkeypatch: pytest.MonkeyPatch) -> FakeTransfers:
    """The mall's WeChat Pay keeps authorisations, too."""
    made = FakeTransfers()
    for name in ("ask_grant", "query_grant", "close_grant"):
        monkeypatch.setattr(pay, name, getattr(made, name), raising=False)
    monkeypatch.setattr(pay, "transfer_params", lambda info: {"package": info}, raising=False)
    return made


def seller(lin: Shopper) -> int:
    """Lin sells, gave her name and has something to withdraw."""
    member_id = lin.member_id or 0
    distribution.apply_as_distributor(member_id, "小林推荐", "individual", "1")
    payouts.save_identity(member_id, "林小雨", ID_NUMBER)
    earn(member_id, 5000)
    ready_for_payouts()
    return member_id


async def agreed(lin: Shopper, wechat: FakeTransfers) -> Any:
    """She tapped, agreed in WeChat, and the page that waited has moved on."""
    fields = (await lin.get(PAGE)).fields(OPEN)
    assert (await lin.post(OPEN, fields)).location == SHEET
    assert (await lin.get(SHEET)).status == 200
    wechat.grant_becomes(GrantState.TAKING_EFFECT)
    return json.loads((await lin.get(f"{SHEET}/state")).text)


async def test_it_is_opened_in_wechat_and_closed_with_a_tap(
    lin: Shopper, wechat: FakeTransfers
) -> None:
    seller(lin)
    shown = (await lin.get(PAGE)).text
    assert ("免确认收款：未开启" in shown, "付出后不能撤回" in shown) == (True, True)
    assert await agreed(lin, wechat) == {"state": "active", "url": PAGE}
    page = await lin.get(PAGE)
    assert "免确认收款：已开启" in page.text
    asked = await lin.post(PAGE, page.fields(PAGE), amount="30")
    assert "无需确认；单笔超过 ¥200.00" in asked.text
    closed = await lin.post(CLOSE, page.fields(CLOSE))
    assert closed.location == PAGE
    after = (await lin.get(PAGE)).text
    assert ("免确认收款：未开启" in after, "已关闭，之后的付款" in after) == (True, True)
    assert [g.state for g in wechat.grants.values()] == [GrantState.CLOSED]


async def test_the_sheet_waits_until_wechat_says_so(lin: Shopper, wechat: FakeTransfers) -> None:
    seller(lin)
    fields = (await lin.get(PAGE)).fields(OPEN)
    await lin.post(OPEN, fields)
    sheet = (await lin.get(SHEET)).text
    found = re.search(r'id="transfer">(.*?)</script>', sheet)
    assert found is not None
    assert json.loads(found[1])["params"] == {"package": "sheet"}
    assert json.loads((await lin.get(f"{SHEET}/state")).text) == {"state": "pending"}
    shown = await lin.get(PAGE)
    assert ("待您同意" in shown.text, f'href="{SHEET}"' in shown.text) == (True, True)
    assert (await lin.post(CLOSE, shown.fields(CLOSE))).location == PAGE
    assert (await lin.get(SHEET)).location == PAGE


@pytest.mark.parametrize(
    ("fault", "said"),
    [(Refused("NO_AUTH"), "微信暂时不能为您开启"), (Unknown("timeout"), "微信还没有答复")],
)
async def test_when_wechat_will_not_the_page_says_so(
    lin: Shopper, wechat: FakeTransfers, fault: Exception, said: str
) -> None:
    seller(lin)
    fields = (await lin.get(PAGE)).fields(OPEN)
    wechat.grant_faults = [fault]
    assert (await lin.post(OPEN, fields)).location == PAGE
    assert said in (await lin.get(PAGE)).text


async def test_a_shop_that_does_not_offer_it_shows_nothing(
    lin: Shopper, wechat: FakeTransfers
) -> None:
    seller(lin)
    fields = (await lin.get(PAGE)).fields(OPEN)
    settings.change(settings.PayoutBrakes, {"granted_bill_fen": 0})
    assert "免确认收款" not in (await lin.get(PAGE)).text
    assert (await lin.post(OPEN, fields)).location == PAGE
    assert "目前不能开启免确认收款" in (await lin.get(PAGE)).text
    assert wechat.grant_requests == []


async def test_whoever_has_it_can_close_it_though_it_is_no_longer_offered(
    lin: Shopper, wechat: FakeTransfers
) -> None:
    seller(lin)
    await agreed(lin, wechat)
    settings.change(settings.PayoutBrakes, {"granted_bill_fen": 0})
    page = await lin.get(PAGE)
    assert (await lin.post(CLOSE, page.fields(CLOSE))).location == PAGE
    assert PayoutGrant.get().state == "closed"


async def test_who_is_no_payee_asks_nothing_and_sees_no_sheet(
    lin: Shopper, wechat: FakeTransfers
) -> None:
    token = (await lin.get("/m/d/")).fields("/m/d/apply")
    assert (await lin.post(OPEN, token)).location == PAGE
    assert (await lin.post(CLOSE, token)).location == PAGE
    assert (await lin.get(SHEET)).location == PAGE
    assert json.loads((await lin.get(f"{SHEET}/state")).text) == {"state": "none", "url": PAGE}
    assert (PayoutGrant.select().count(), wechat.grant_requests) == (0, [])
