"""A distributor's own settings: name, agreement, leaving; what an appointed one needs first."""

from __future__ import annotations

import json
import re

import pytest

from domain import distribution, payouts, settings
from domain.distribution.service import accrual
from models import Consent, Distributor, Payee, PayoutBill, Withdrawal
from tests.face.shoppers import Shopper
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
from tests.factories.transfers import put_into
from tests.harness.markup import texts_of

PATH = "/m/d/settings"
NOW = "1"


def row(shopper: Shopper) -> Distributor:
    """The distributor as stored."""
    return Distributor.get(Distributor.member == shopper.member_id)


@pytest.mark.row("A2")
async def test_an_appointed_distributor_accepts_the_agreement_before_withdrawing(
    lin: Shopper,
) -> None:
    distribution.appoint_distributor(lin.member_id or 0, "小林推荐", "individual", "staff:1")
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
    distribution.apply_as_distributor(lin.member_id or 0, "小林推荐", "individual", NOW)
    fields = (await lin.get(PATH)).fields(PATH)
    refused = await lin.post(PATH, fields, display_name="林")
    assert refused.status == 422
    assert "请填写 2 到 20 个字的名称" in refused.text
    assert row(lin).display_name == "小林推荐"
    assert (await lin.post(PATH, fields, display_name="林掌柜")).location == "/m/d/"
    assert row(lin).display_name == "林掌柜"


@pytest.mark.row("A6")
async def test_whoever_leaves_keeps_the_way_to_what_was_earned(lin: Shopper) -> None:
    distribution.apply_as_distributor(lin.member_id or 0, "小林推荐", "individual", NOW)
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


@pytest.mark.parametrize("path", ["/m/d/customers", "/m/d/entries"])
async def test_who_never_applied_was_told_to_draw_a_poster(lin: Shopper, path: str) -> None:
    """The poster's page then sent them to the application, from where they had not come."""
    assert (await lin.get(path)).location == "/m/d/"
    distribution.apply_as_distributor(lin.member_id or 0, "小林推荐", "individual", NOW)
    assert (await lin.get(path)).status == 200


async def test_another_s_address_was_called_incomplete(lin: Shopper) -> None:
    page = await lin.get("/m/addresses/9999")
    assert (page.status, "没有这个地址" in page.text) == (404, True)


async def test_a_withdrawal_on_its_way_comes_to_the_confirmation_by_itself(lin: Shopper) -> None:
    member_id = lin.member_id or 0
    distribution.apply_as_distributor(member_id, "小林推荐", "individual", NOW)
    payouts.save_identity(member_id, "林小雨", ID_NUMBER)
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
    put_into(found, "paying")
    PayoutBill.update(fail_reason="SYSTEM_ERROR").execute()
    waiting = (await lin.get(page)).text
    assert ("正在按原单号查询" in waiting, "未能完成付款" in waiting) == (True, False)
    put_into(found, "awaiting_user")
    moved = json.loads((await lin.get(check)).text)
    assert moved == {"state": "awaiting_user", "url": page}
    assert "data-pay-state" not in (await lin.get(page)).text


async def came_back(lin: Shopper) -> str:
    """A withdrawal of 30 yuan that came back; its page."""
    member_id = lin.member_id or 0
    distribution.apply_as_distributor(member_id, "小林推荐", "individual", NOW)
    payouts.save_identity(member_id, "林小雨", ID_NUMBER)
    earn(member_id, 5000)
    ready_for_payouts()
    found = distribution.request_withdrawal(member_id, 3000)["withdrawal_id"]
    distribution.cancel_withdrawal(found, member_id)
    return f"/m/d/withdrawals/{found}"


async def test_a_wrong_name_had_no_way_to_where_it_is_corrected(lin: Shopper) -> None:
    """The one button asked for the same again, and WeChat refused the same name again."""
    path = await came_back(lin)
    PayoutBill.update(fail_reason="NAME_NOT_CORRECT").execute()
    page = await lin.get(path)
    assert texts_of(page.text, '.weui-btn_primary[href="/m/d/identity"]') == ["改正实名信息"]
    assert '处理好后可重新提现。 <a href="/m/d/identity">去改正</a>' in page.text
    assert "/m/d/withdraw/confirm" not in page.text
    assert 'href="/m/d/withdraw">已改正，重新提现' in page.text


@pytest.mark.row("A9")
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


@pytest.mark.row("A8")
async def test_a_cancelled_order_s_commission_is_struck_out(lin: Shopper) -> None:
    member_id = lin.member_id or 0
    distribution.apply_as_distributor(member_id, "小林推荐", "individual", NOW)
    make_rule(1000)
    order_id = place_sale(make_customer(member_id))
    accrual.void_commission(order_id)
    shown = (await lin.get("/m/d/entries")).text
    assert (texts_of(shown, "s.note"), "+¥" in shown) == (["¥29.80"], False)


async def test_no_more_is_offered_than_one_withdrawal_may_take(lin: Shopper) -> None:
    member_id = lin.member_id or 0
    distribution.apply_as_distributor(member_id, "小林推荐", "individual", NOW)
    payouts.save_identity(member_id, "林小雨", ID_NUMBER)
    earn(member_id, 80_000)
    ready_for_payouts()
    shown = await lin.get("/m/d/withdraw")
    assert 'value="500.00"' in shown.text
    assert "单笔 ¥1.00 到 ¥500.00" in shown.text


async def test_with_nothing_to_withdraw_the_page_says_so_and_shows_no_form(lin: Shopper) -> None:
    member_id = lin.member_id or 0
    distribution.apply_as_distributor(member_id, "小林推荐", "individual", NOW)
    payouts.save_identity(member_id, "林小雨", ID_NUMBER)
    shown = (await lin.get("/m/d/withdraw")).text
    assert ("暂无可提现的佣金" in shown, 'action="/m/d/withdraw"' in shown) == (True, False)


@pytest.mark.row("L7")
async def test_what_a_refund_took_back_is_not_called_ready_to_withdraw(lin: Shopper) -> None:
    member_id = lin.member_id or 0
    distribution.apply_as_distributor(member_id, "小林推荐", "individual", NOW)
    make_rule(1000)
    order_id = sell(make_customer(member_id))
    release_sale(order_id)
    assert "已结算" in texts_of((await lin.get("/m/d/entries")).text, ".badge")
    refund_line(order_id, line_of(order_id).paid_fen)
    shown = (await lin.get("/m/d/entries")).text
    assert ("已扣回</span>" in shown, "已转入可提现余额" in shown) == (True, False)


@pytest.mark.row("A6")
async def test_who_is_suspended_sees_why_and_nothing_to_share(lin: Shopper) -> None:
    member_id = lin.member_id or 0
    distribution.apply_as_distributor(member_id, "小林推荐", "individual", NOW)
    assert "/m/d/poster" in (await lin.see("/m/d/")).text
    distribution.suspend_distributor(member_id, "staff:1", "发布了虚假宣传")
    shown = (await lin.get("/m/d/")).text
    assert "您的分销资格已暂停，佣金已冻结" in shown
    assert 'href="/m/d/freeze"' in shown
    frozen = await lin.get("/m/d/freeze")
    assert "发布了虚假宣传" in frozen.text
    said = "订单都是老顾客，可以提供聊天记录"
    sent = await lin.post("/m/d/freeze", frozen.fields("/m/d/freeze"), appeal=said)
    assert sent.location == "/m/d/freeze"
    waits = (await lin.get("/m/d/freeze")).text
    assert ("可以提供聊天记录" in waits, 'action="/m/d/freeze"' in waits) == (True, False)
    assert "/m/d/poster" not in shown
    for page in ("poster", "poster.jpg", "goods"):
        assert (await lin.get(f"/m/d/{page}")).location == "/m/d/"


@pytest.mark.row("A9")
async def test_a_request_pays_what_its_page_has_shown(lin: Shopper) -> None:
    member_id = lin.member_id or 0
    distribution.apply_as_distributor(member_id, "小林推荐", "individual", NOW)
    payouts.save_identity(member_id, "林小雨", ID_NUMBER)
    earn(member_id, 5000)
    ready_for_payouts()
    for typed, told in (
        (",5", "逗号位置不对"), ("1,50", "逗号位置不对"), ("0.001", "最多两位小数"),
        ("1e1", "不要用 e 表示"), ("-5", "不能是负数"), ("", "请输入金额"),
    ):  # fmt: skip
        refused = await lin.post("/m/d/withdraw", amount=typed)
        assert (refused.status, told in refused.text) == (422, True), typed
    shown = await lin.post("/m/d/withdraw", amount="￥３０元")
    assert "确认提现 ¥30.00" in shown.text
    fields = shown.fields("/m/d/withdraw/confirm")
    settings.change(settings.Distribution, {"withdraw_fee_bp": 100})
    asked_again = await lin.post("/m/d/withdraw/confirm", fields)
    assert "金额已从 ¥30.00 变为 ¥29.70，请重新核对" in asked_again.text
    assert Withdrawal.select().count() == 0
    done = await lin.post("/m/d/withdraw/confirm", asked_again.fields("/m/d/withdraw/confirm"))
    assert done.status == 303
    assert [(row.gross_fen, row.net_fen) for row in Withdrawal.select()] == [(3000, 2970)]


def can_be_paid(lin: Shopper, fen: int = 5000) -> int:
    """A distributor with a name, a number and this much to withdraw."""
    member_id = lin.member_id or 0
    distribution.apply_as_distributor(member_id, "小林推荐", "individual", NOW)
    payouts.save_identity(member_id, "林小雨", ID_NUMBER)
    earn(member_id, fen)
    ready_for_payouts()
    return member_id


@pytest.mark.row("A9")
async def test_a_form_that_could_only_be_refused_was_shown(lin: Shopper) -> None:
    """While payouts were stopped, or the person frozen, the page took an amount and refused it."""
    member_id = can_be_paid(lin)
    payouts.stop_payouts("staff:1", "核对")
    shown = (await lin.get("/m/d/withdraw")).text
    assert ("商家暂停了付款" in shown, 'action="/m/d/withdraw"' in shown) == (True, False)
    payouts.resume_payouts("staff:1")
    payouts.freeze_payee(member_id, "staff:1", "核对订单")
    shown = (await lin.get("/m/d/withdraw")).text
    assert ('href="/m/d/freeze"' in shown, 'action="/m/d/withdraw"' in shown) == (True, False)
    payouts.lift_freeze(member_id, "staff:1", "核实无误")
    assert 'action="/m/d/withdraw"' in (await lin.get("/m/d/withdraw")).text


async def test_a_second_window_s_withdrawal_ended_on_a_page_without_a_form(lin: Shopper) -> None:
    """Two windows confirm: the later one learns what is left and can choose another amount."""
    can_be_paid(lin)
    pages = [await lin.post("/m/d/withdraw", amount=typed) for typed in ("20", "50")]
    first, second = [page.fields("/m/d/withdraw/confirm") for page in pages]
    assert (await lin.post("/m/d/withdraw/confirm", first)).status == 303
    refused = await lin.post("/m/d/withdraw/confirm", second)
    assert refused.status == 422
    assert "可提现余额不足" in refused.text
    assert dict(refused.fields("/m/d/withdraw"))["amount"] == "30.00"
    assert Withdrawal.select().count() == 1


async def test_nothing_was_refused_with_a_limit_of_a_billion(lin: Shopper) -> None:
    can_be_paid(lin)
    refused = await lin.post("/m/d/withdraw", amount="0")
    assert ("最低提现 ¥1.00" in refused.text, "1000000000" in refused.text) == (True, False)


@pytest.mark.parametrize("name", ["A<b>", "阿慧1", "林😀", "··", "@林小雨"])
async def test_what_is_no_name_was_kept_as_the_payee_s_name(lin: Shopper, name: str) -> None:
    """WeChat compares the name with the one it knows; such a payout can only fail."""
    distribution.apply_as_distributor(lin.member_id or 0, "小林推荐", "individual", NOW)
    refused = await lin.post("/m/d/identity", name=name, number=ID_NUMBER)
    assert refused.status == 422
    assert "请填写身份证上的姓名" in refused.text
    assert Payee.get().identity_masked is None


@pytest.mark.parametrize("name", ["林小雨", "买买提·艾合买提", "Anna-Maria O'Neil", "𠮷田"])
async def test_names_of_people_are_taken(lin: Shopper, name: str) -> None:
    distribution.apply_as_distributor(lin.member_id or 0, "小林推荐", "individual", NOW)
    taken = await lin.post("/m/d/identity", name=name, number=ID_NUMBER)
    assert taken.location == "/m/d/withdraw"


@pytest.mark.row("L3")
async def test_a_name_that_advertises_unlawfully_says_which_word(lin: Shopper) -> None:
    fields = (await lin.get("/m/d/")).fields("/m/d/apply")
    for name, word in (
        ("养生长寿酒坊", "“养生”"), ("泸州第一酒庄", "第一"), ("老王13800138000", "“13800138000”"),
    ):  # fmt: skip
        refused = await lin.post("/m/d/apply", fields, display_name=name, agree="1")
        assert refused.status == 422
        assert word in refused.text
        assert f'value="{name}"' in refused.text, "what was typed stays"
    assert Distributor.select().count() == 0
    distribution.apply_as_distributor(lin.member_id or 0, "小林推荐", "individual", NOW)
    fields = (await lin.get(PATH)).fields(PATH)
    assert (await lin.post(PATH, fields, display_name="特供酒小林")).status == 422
    assert row(lin).display_name == "小林推荐"
