"""A distributor's own settings: name, agreement, leaving; what an appointed one needs first."""

from __future__ import annotations

import json
import re

from domain import distribution, settings
from domain.distribution.service import accrual
from mall_h5.legal import VERSIONS
from models import Consent, Distributor, Withdrawal
from tests.face.mall import Shopper
from tests.factories.distribution import (
    ID_NUMBER,
    earn,
    line_of,
    make_customer,
    make_rule,
    place_sale,
    ready_for_payouts,
    refund_line,
    release_sale,
    sell,
)

PATH = "/m/d/settings"
NOW = VERSIONS["distribution"]


def row(shopper: Shopper) -> Distributor:
    """The distributor as stored."""
    return Distributor.get(Distributor.member == shopper.member_id)


async def test_an_appointed_distributor_accepts_the_agreement_before_withdrawing(
    lin: Shopper,
) -> None:
    distribution.appoint(lin.member_id or 0, "小林推荐", "individual", "staff:1")
    assert (await lin.get("/m/d/withdraw")).location == PATH
    fields = (await lin.get(PATH)).fields(PATH)
    refused = await lin.post(PATH, fields)
    assert refused.status == 422
    assert "请阅读并同意分销规则" in refused.text
    assert row(lin).terms_version == ""
    done = await lin.post(PATH, fields, agree="1")
    assert (done.status, done.location) == (303, "/m/d/")
    assert row(lin).terms_version == NOW
    assert Consent.get().version == NOW
    assert (await lin.get("/m/d/withdraw")).location == "/m/d/identity"


async def test_the_name_is_chosen_again_and_a_bad_one_changes_nothing(lin: Shopper) -> None:
    distribution.apply(lin.member_id or 0, "小林推荐", "individual", NOW)
    fields = (await lin.get(PATH)).fields(PATH)
    refused = await lin.post(PATH, fields, display_name="林")
    assert refused.status == 422
    assert "请填写 2 到 20 个字的名称" in refused.text
    assert row(lin).display_name == "小林推荐"
    assert (await lin.post(PATH, fields, display_name="林掌柜")).location == "/m/d/"
    assert row(lin).display_name == "林掌柜"


async def test_whoever_leaves_keeps_the_way_to_what_was_earned(lin: Shopper) -> None:
    distribution.apply(lin.member_id or 0, "小林推荐", "individual", NOW)
    fields = (await lin.get(PATH)).fields("/m/d/leave")
    assert (await lin.post("/m/d/leave", fields)).location == "/m/d/"
    assert row(lin).state == "left"
    assert "/m/d/withdraw" in (await lin.get("/m/d/")).text
    assert (await lin.get(PATH)).location == "/m/d/"
    assert (await lin.post("/m/d/leave", fields)).location == "/m/d/"


async def test_who_is_no_distributor_is_led_to_the_application(lin: Shopper) -> None:
    assert (await lin.get(PATH)).location == "/m/d/"
    assert (await lin.post("/m/d/leave")).location == "/m/d/"
    assert Distributor.select().count() == 0


async def test_a_withdrawal_on_its_way_comes_to_the_confirmation_by_itself(lin: Shopper) -> None:
    member_id = lin.member_id or 0
    distribution.apply(member_id, "小林推荐", "individual", NOW)
    distribution.save_identity(member_id, "林小雨", ID_NUMBER)
    earn(member_id, 3000)
    ready_for_payouts()
    found = distribution.request_withdrawal(member_id, 3000)["withdrawal_id"]
    page = f"/m/d/withdrawals/{found}"
    shown = (await lin.get(page)).text
    check = f"{page}/state?seen=approved"
    told = re.search(r'id="pay">(.*?)</script>', shown)
    assert told is not None
    assert json.loads(told[1]) == {"check": check, "watch": True, "tries": 20}
    assert (await lin.get(check)).text == '{"state": "pending"}'
    Withdrawal.update(state="paying", fail_reason="SYSTEM_ERROR").execute()
    waiting = (await lin.get(page)).text
    assert ("正在按原单号查询" in waiting, "未能完成付款" in waiting) == (True, False)
    Withdrawal.update(state="awaiting_user").where(Withdrawal.id == found).execute()
    moved = json.loads((await lin.get(check)).text)
    assert moved == {"state": "awaiting_user", "url": page}
    assert "data-pay-state" not in (await lin.get(page)).text


async def came_back(lin: Shopper) -> str:
    """A withdrawal of 30 yuan that came back; its page."""
    member_id = lin.member_id or 0
    distribution.apply(member_id, "小林推荐", "individual", NOW)
    distribution.save_identity(member_id, "林小雨", ID_NUMBER)
    earn(member_id, 5000)
    ready_for_payouts()
    found = distribution.request_withdrawal(member_id, 3000)["withdrawal_id"]
    distribution.withdraw_request(found, member_id)
    return f"/m/d/withdrawals/{found}"


async def test_what_came_back_is_asked_for_again_in_one_tap(lin: Shopper) -> None:
    page = await lin.get(await came_back(lin))
    assert "重新提现 ¥30.00，到账 ¥30.00" in page.text
    assert "实际到账" not in page.text
    fields = page.fields("/m/d/withdraw/confirm")
    done = await lin.post("/m/d/withdraw/confirm", fields)
    again = await lin.post("/m/d/withdraw/confirm", fields)
    assert done.location == again.location
    assert [row.gross_fen for row in Withdrawal.select()] == [3000, 3000]
    assert "预计到账 ¥30.00" in (await lin.get("/m/d/withdrawals")).text


async def test_what_would_come_out_differently_is_looked_at_first(lin: Shopper) -> None:
    page = await came_back(lin)
    settings.change(settings.Distribution, {"withdraw_fee_bp": 100})
    shown = (await lin.get(page)).text
    assert 'action="/m/d/withdraw/confirm"' not in shown
    assert 'href="/m/d/withdraw">重新提现' in shown


async def test_a_cancelled_order_s_commission_is_struck_out(lin: Shopper) -> None:
    member_id = lin.member_id or 0
    distribution.apply(member_id, "小林推荐", "individual", NOW)
    make_rule(1000)
    order_id = place_sale(make_customer(member_id))
    accrual.void(order_id)
    shown = (await lin.get("/m/d/entries")).text
    assert ('<s class="note">¥29.80</s>' in shown, "+¥" in shown) == (True, False)


async def test_no_more_is_offered_than_one_withdrawal_may_take(lin: Shopper) -> None:
    member_id = lin.member_id or 0
    distribution.apply(member_id, "小林推荐", "individual", NOW)
    distribution.save_identity(member_id, "林小雨", ID_NUMBER)
    earn(member_id, 80_000)
    shown = await lin.get("/m/d/withdraw")
    assert 'value="500.00"' in shown.text
    assert "单笔 ¥1.00 到 ¥500.00" in shown.text


async def test_with_nothing_to_withdraw_the_page_says_so_and_shows_no_form(lin: Shopper) -> None:
    member_id = lin.member_id or 0
    distribution.apply(member_id, "小林推荐", "individual", NOW)
    distribution.save_identity(member_id, "林小雨", ID_NUMBER)
    shown = (await lin.get("/m/d/withdraw")).text
    assert ("暂无可提现的佣金" in shown, 'action="/m/d/withdraw"' in shown) == (True, False)


async def test_what_a_refund_took_back_is_not_called_ready_to_withdraw(lin: Shopper) -> None:
    member_id = lin.member_id or 0
    distribution.apply(member_id, "小林推荐", "individual", NOW)
    make_rule(1000)
    order_id = sell(make_customer(member_id))
    release_sale(order_id)
    assert "可提现</span>" in (await lin.get("/m/d/entries")).text
    refund_line(order_id, line_of(order_id).paid_fen)
    shown = (await lin.get("/m/d/entries")).text
    assert ("已扣回</span>" in shown, "已转入可提现余额" in shown) == (True, False)


async def test_who_is_suspended_sees_why_and_nothing_to_share(lin: Shopper) -> None:
    member_id = lin.member_id or 0
    distribution.apply(member_id, "小林推荐", "individual", NOW)
    assert "/m/d/poster" in (await lin.get("/m/d/")).text
    distribution.suspend(member_id, "staff:1", "发布了虚假宣传")
    shown = (await lin.get("/m/d/")).text
    assert "您的分销资格已暂停：发布了虚假宣传" in shown
    assert 'href="/m/complaint"' in shown
    assert "/m/d/poster" not in shown
    for page in ("poster", "poster.jpg", "goods"):
        assert (await lin.get(f"/m/d/{page}")).location == "/m/d/"
