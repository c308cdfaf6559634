"""A distributor's pages: name, agreement, leaving, withdrawals, commission and frozen payouts."""

from __future__ import annotations

import json

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
from tests.harness.markup import (
    facts_of,
    forms_of,
    is_nowhere,
    script_data_of,
    texts_of,
    values_of,
    words_of,
)

PATH = "/m/d/settings"
ASK, CONFIRM = "/m/d/withdraw", "/m/d/withdraw/confirm"
NOW = "1"


def row(shopper: Shopper) -> Distributor:
    """The stored distributor."""
    return Distributor.get(Distributor.member == shopper.member_id)


def actions_of(text: str) -> list[str]:
    """Where the page's forms go."""
    return [form.action for form in forms_of(text)]


def links_to(text: str, href: str) -> list[str]:
    """The labels of the links of the page's main part that lead to this address."""
    return texts_of(text, f"main a[href='{href}']")


@pytest.mark.row("A2")
async def test_an_appointed_distributor_accepts_the_agreement_before_withdrawing(
    lin: Shopper,
) -> None:
    distribution.appoint_distributor(lin.member_id or 0, "小林推荐", "individual", "staff:1")
    assert (await lin.get(ASK)).location == PATH
    fields = (await lin.get(PATH)).fields(PATH)
    refused = await lin.post(PATH, fields)
    assert refused.status == 422
    assert texts_of(refused.text, "#e-agree") == ["请阅读并同意分销规则"]
    assert row(lin).terms_version == ""
    done = await lin.post(PATH, fields, agree="1")
    assert (done.status, done.location) == (303, "/m/d/")
    assert row(lin).terms_version == NOW
    assert Consent.get().version == NOW
    assert (await lin.get(ASK)).location == "/m/d/identity"


async def test_the_name_can_be_changed_and_a_bad_one_is_refused(lin: Shopper) -> None:
    distribution.apply_as_distributor(lin.member_id or 0, "小林推荐", "individual", NOW)
    fields = (await lin.get(PATH)).fields(PATH)
    refused = await lin.post(PATH, fields, display_name="林")
    assert refused.status == 422
    assert texts_of(refused.text, "#e-display_name") == ["请填写 2 到 20 个字的名称"]
    assert row(lin).display_name == "小林推荐"
    assert (await lin.post(PATH, fields, display_name="林掌柜")).location == "/m/d/"
    assert row(lin).display_name == "林掌柜"


@pytest.mark.row("A6")
async def test_a_distributor_who_left_can_still_withdraw(lin: Shopper) -> None:
    distribution.apply_as_distributor(lin.member_id or 0, "小林推荐", "individual", NOW)
    fields = (await lin.get(PATH)).fields("/m/d/leave")
    assert (await lin.post("/m/d/leave", fields)).location == "/m/d/"
    assert row(lin).state == "left"
    assert ASK in values_of((await lin.get("/m/d/")).text, ".notice a", "href")
    assert (await lin.get(PATH)).location == "/m/d/"
    assert (await lin.post("/m/d/leave", fields)).location == "/m/d/"


async def test_a_member_who_is_no_distributor_is_redirected_to_the_application(
    lin: Shopper,
) -> None:
    assert (await lin.get(PATH)).location == "/m/d/"
    assert (await lin.post("/m/d/leave")).location == "/m/d/"
    assert Distributor.select().count() == 0


@pytest.mark.parametrize("path", ["/m/d/customers", "/m/d/entries"])
async def test_pages_of_distributors_redirect_others_to_the_application(
    lin: Shopper, path: str
) -> None:
    """These pages once told everybody to make a poster, which only a distributor can."""
    assert (await lin.get(path)).location == "/m/d/"
    distribution.apply_as_distributor(lin.member_id or 0, "小林推荐", "individual", NOW)
    assert (await lin.get(path)).status == 200


async def test_an_unknown_address_is_not_found(lin: Shopper) -> None:
    page = await lin.get("/m/addresses/9999")
    assert page.status == 404
    assert words_of(page.text, ".result .note").startswith("没有这个地址")


async def test_the_page_of_a_withdrawal_polls_until_it_can_be_confirmed(lin: Shopper) -> None:
    member_id = lin.member_id or 0
    distribution.apply_as_distributor(member_id, "小林推荐", "individual", NOW)
    payouts.save_identity(member_id, "林小雨", ID_NUMBER)
    earn(member_id, 3000)
    ready_for_payouts()
    found = distribution.request_withdrawal(member_id, 3000)["withdrawal_id"]
    page = f"/m/d/withdrawals/{found}"
    shown = (await lin.get(page)).text
    check = f"{page}/state?seen=approved"
    assert script_data_of(shown, "pay") == {"check": check, "watch": True, "tries": 20}
    assert json.loads((await lin.get(check)).text) == {"state": "pending"}
    put_into(found, "paying")
    PayoutBill.update(fail_reason="SYSTEM_ERROR").execute()
    waiting = (await lin.get(page)).text
    (notice,) = texts_of(waiting, ".notice p")
    assert "正在按原单号查询" in notice
    assert is_nowhere(waiting, "未能完成付款")
    put_into(found, "awaiting_user")
    moved = json.loads((await lin.get(check)).text)
    assert moved == {"state": "awaiting_user", "url": page}
    assert texts_of((await lin.get(page)).text, "[data-pay-state]") == []


async def came_back(lin: Shopper) -> str:
    """A cancelled withdrawal of 30 yuan; returns the address of its page."""
    member_id = lin.member_id or 0
    distribution.apply_as_distributor(member_id, "小林推荐", "individual", NOW)
    payouts.save_identity(member_id, "林小雨", ID_NUMBER)
    earn(member_id, 5000)
    ready_for_payouts()
    found = distribution.request_withdrawal(member_id, 3000)["withdrawal_id"]
    distribution.cancel_withdrawal(found, member_id)
    return f"/m/d/withdrawals/{found}"


async def test_a_withdrawal_rejected_after_its_approval_names_the_reason_and_no_failure(
    lin: Shopper,
) -> None:
    """The page said that WeChat had failed, of what a person had rejected and nobody had sent."""
    member_id = lin.member_id or 0
    distribution.apply_as_distributor(member_id, "小林推荐", "individual", NOW)
    payouts.save_identity(member_id, "林小雨", ID_NUMBER)
    earn(member_id, 3000)
    ready_for_payouts()
    found = distribution.request_withdrawal(member_id, 3000)["withdrawal_id"]
    if distribution.withdrawal_detail(found).state == "requested":
        distribution.approve_withdrawal(found, "staff:1")
    distribution.reject_withdrawal(found, "staff:1", "收款主体已变更")
    assert PayoutBill.get().fail_reason is None
    page = (await lin.get(f"/m/d/withdrawals/{found}")).text
    assert texts_of(page, ".notice p") == []
    assert "收款主体已变更" in words_of(page, ".timeline")


async def test_a_withdrawal_with_a_wrong_name_links_to_its_correction(lin: Shopper) -> None:
    """The page once offered only the same withdrawal again, which WeChat refused again."""
    path = await came_back(lin)
    PayoutBill.update(fail_reason="NAME_NOT_CORRECT").execute()
    page = await lin.get(path)
    assert texts_of(page.text, ".weui-btn_primary[href='/m/d/identity']") == ["改正实名信息"]
    (notice,) = texts_of(page.text, ".notice p")
    assert notice.endswith("处理好后可重新提现。 去改正")
    assert values_of(page.text, ".notice a", "href") == ["/m/d/identity"]
    assert is_nowhere(page.text, CONFIRM)
    assert links_to(page.text, ASK) == ["已改正，重新提现"]


@pytest.mark.row("A9")
async def test_a_cancelled_withdrawal_is_requested_again_with_one_button(lin: Shopper) -> None:
    page = await lin.get(await came_back(lin))
    assert texts_of(page.text, f"form[action='{CONFIRM}'] button") == [
        "重新提现 ¥30.00，到账 ¥30.00"
    ]
    assert texts_of(page.text, ".breakdown .sum dt") == ["应到账"]
    assert is_nowhere(page.text, "实际到账")
    fields = page.fields(CONFIRM)
    done = await lin.post(CONFIRM, fields)
    again = await lin.post(CONFIRM, fields)
    assert done.location == again.location
    assert [row.gross_fen for row in Withdrawal.select()] == [3000, 3000]
    newest = texts_of((await lin.get("/m/d/withdrawals")).text, ".ledger .note")[0]
    assert newest.endswith("· 预计到账 ¥30.00")


async def test_with_other_fees_the_amounts_are_shown_before_a_second_request(lin: Shopper) -> None:
    page = await came_back(lin)
    settings.change(settings.Distribution, {"withdraw_fee_bp": 100})
    shown = (await lin.get(page)).text
    assert CONFIRM not in actions_of(shown)
    assert links_to(shown, ASK) == ["重新提现"]


@pytest.mark.row("A8")
async def test_the_commission_of_a_cancelled_order_is_struck_out(lin: Shopper) -> None:
    member_id = lin.member_id or 0
    distribution.apply_as_distributor(member_id, "小林推荐", "individual", NOW)
    make_rule(1000)
    order_id = place_sale(make_customer(member_id))
    accrual.void_commission(order_id)
    shown = (await lin.get("/m/d/entries")).text
    assert texts_of(shown, ".ledger s.note") == ["¥29.80"]
    assert is_nowhere(shown, "+¥")


async def test_the_offered_amount_is_at_most_the_limit_of_one_withdrawal(lin: Shopper) -> None:
    member_id = lin.member_id or 0
    distribution.apply_as_distributor(member_id, "小林推荐", "individual", NOW)
    payouts.save_identity(member_id, "林小雨", ID_NUMBER)
    earn(member_id, 80_000)
    ready_for_payouts()
    shown = await lin.get(ASK)
    assert dict(shown.fields(ASK))["amount"] == "500.00"
    assert words_of(shown.text, "#h-amount").startswith("单笔 ¥1.00 到 ¥500.00；")


async def test_with_nothing_to_withdraw_there_is_no_form(lin: Shopper) -> None:
    member_id = lin.member_id or 0
    distribution.apply_as_distributor(member_id, "小林推荐", "individual", NOW)
    payouts.save_identity(member_id, "林小雨", ID_NUMBER)
    shown = (await lin.get(ASK)).text
    assert texts_of(shown, ".empty h2") == ["暂无可提现的佣金"]
    assert ASK not in actions_of(shown)


@pytest.mark.row("L7")
async def test_commission_that_a_refund_took_back_is_marked_so(lin: Shopper) -> None:
    member_id = lin.member_id or 0
    distribution.apply_as_distributor(member_id, "小林推荐", "individual", NOW)
    make_rule(1000)
    order_id = sell(make_customer(member_id))
    release_sale(order_id)
    assert "已结算" in texts_of((await lin.get("/m/d/entries")).text, ".badge")
    refund_line(order_id, line_of(order_id).paid_fen)
    shown = (await lin.get("/m/d/entries")).text
    assert texts_of(shown, ".ledger .badge") == ["已扣回"]
    assert is_nowhere(shown, "已转入可提现余额")


@pytest.mark.row("A6")
async def test_a_suspended_distributor_sees_the_reason_and_nothing_to_share(lin: Shopper) -> None:
    member_id = lin.member_id or 0
    distribution.apply_as_distributor(member_id, "小林推荐", "individual", NOW)
    assert "/m/d/poster" in values_of((await lin.see("/m/d/")).text, ".quick a", "href")
    distribution.suspend_distributor(member_id, "staff:1", "发布了虚假宣传")
    shown = (await lin.get("/m/d/")).text
    assert words_of(shown, ".notice p").startswith("您的分销资格已暂停，佣金已冻结")
    assert values_of(shown, ".notice a", "href") == ["/m/d/freeze"]
    frozen = await lin.get("/m/d/freeze")
    assert facts_of(frozen.text)["原因"] == "发布了虚假宣传"
    said = "订单都是老顾客，可以提供聊天记录"
    sent = await lin.post("/m/d/freeze", frozen.fields("/m/d/freeze"), appeal=said)
    assert sent.location == "/m/d/freeze"
    waits = (await lin.get("/m/d/freeze")).text
    assert texts_of(waits, ".prose p")[0] == said
    assert "/m/d/freeze" not in actions_of(waits)
    assert is_nowhere(shown, "/m/d/poster")
    for page in ("poster", "poster.jpg", "goods"):
        assert (await lin.get(f"/m/d/{page}")).location == "/m/d/"


@pytest.mark.row("A9")
async def test_a_withdrawal_pays_the_amounts_that_its_page_showed(lin: Shopper) -> None:
    member_id = lin.member_id or 0
    distribution.apply_as_distributor(member_id, "小林推荐", "individual", NOW)
    payouts.save_identity(member_id, "林小雨", ID_NUMBER)
    earn(member_id, 5000)
    ready_for_payouts()
    for typed, told in (
        (",5", "逗号位置不对"), ("1,50", "逗号位置不对"), ("0.001", "最多两位小数"),
        ("1e1", "不要用 e 表示"), ("-5", "不能是负数"), ("", "请输入金额"),
    ):  # fmt: skip
        refused = await lin.post(ASK, amount=typed)
        assert refused.status == 422, typed
        assert told in words_of(refused.text, "#e-amount"), typed
    shown = await lin.post(ASK, amount="￥３０元")
    assert texts_of(shown.text, f"form[action='{CONFIRM}'] button") == ["确认提现 ¥30.00"]
    fields = shown.fields(CONFIRM)
    settings.change(settings.Distribution, {"withdraw_fee_bp": 100})
    asked_again = await lin.post(CONFIRM, fields)
    assert texts_of(asked_again.text, ".notice p") == ["金额已从 ¥30.00 变为 ¥29.70，请重新核对"]
    assert Withdrawal.select().count() == 0
    done = await lin.post(CONFIRM, asked_again.fields(CONFIRM))
    assert done.status == 303
    assert [(row.gross_fen, row.net_fen) for row in Withdrawal.select()] == [(3000, 2970)]


def can_be_paid(lin: Shopper, fen: int = 5000) -> int:
    """Make the member a distributor with a name, an identity number and a balance."""
    member_id = lin.member_id or 0
    distribution.apply_as_distributor(member_id, "小林推荐", "individual", NOW)
    payouts.save_identity(member_id, "林小雨", ID_NUMBER)
    earn(member_id, fen)
    ready_for_payouts()
    return member_id


@pytest.mark.row("A9")
async def test_there_is_no_form_while_payouts_are_stopped_or_frozen(lin: Shopper) -> None:
    """The page once took an amount that could only be refused."""
    member_id = can_be_paid(lin)
    payouts.stop_payouts("staff:1", "核对")
    shown = (await lin.get(ASK)).text
    assert words_of(shown, ".notice p").startswith("商家暂停了付款")
    assert ASK not in actions_of(shown)
    payouts.resume_payouts("staff:1")
    payouts.freeze_payee(member_id, "staff:1", "核对订单")
    shown = (await lin.get(ASK)).text
    assert values_of(shown, ".notice a", "href") == ["/m/d/freeze"]
    assert ASK not in actions_of(shown)
    payouts.lift_freeze(member_id, "staff:1", "核实无误")
    assert ASK in actions_of((await lin.get(ASK)).text)


async def test_a_withdrawal_above_the_remaining_balance_shows_the_form_again(
    lin: Shopper,
) -> None:
    """Two windows confirm. The later one shows what is left, and another amount can be typed."""
    can_be_paid(lin)
    pages = [await lin.post(ASK, amount=typed) for typed in ("20", "50")]
    first, second = [page.fields(CONFIRM) for page in pages]
    assert (await lin.post(CONFIRM, first)).status == 303
    refused = await lin.post(CONFIRM, second)
    assert refused.status == 422
    assert texts_of(refused.text, "#e-amount") == ["可提现余额不足"]
    assert dict(refused.fields(ASK))["amount"] == "30.00"
    assert Withdrawal.select().count() == 1


async def test_an_amount_of_zero_is_refused_with_the_least_amount(lin: Shopper) -> None:
    """The error once named a limit of 1,000,000,000 fen."""
    can_be_paid(lin)
    refused = await lin.post(ASK, amount="0")
    assert texts_of(refused.text, "#e-amount") == ["最低提现 ¥1.00"]
    assert is_nowhere(refused.text, "1000000000")


@pytest.mark.parametrize("name", ["A<b>", "阿慧1", "林😀", "··", "@林小雨"])
async def test_a_payee_s_name_with_digits_or_symbols_is_refused(lin: Shopper, name: str) -> None:
    """WeChat compares the name with the account's verified name, so the payout would fail."""
    distribution.apply_as_distributor(lin.member_id or 0, "小林推荐", "individual", NOW)
    refused = await lin.post("/m/d/identity", name=name, number=ID_NUMBER)
    assert refused.status == 422
    assert words_of(refused.text, "#e-name").startswith("请填写身份证上的姓名")
    assert Payee.get().identity_masked is None


@pytest.mark.parametrize("name", ["林小雨", "买买提·艾合买提", "Anna-Maria O'Neil", "𠮷田"])
async def test_a_person_s_name_is_accepted(lin: Shopper, name: str) -> None:
    distribution.apply_as_distributor(lin.member_id or 0, "小林推荐", "individual", NOW)
    taken = await lin.post("/m/d/identity", name=name, number=ID_NUMBER)
    assert taken.location == ASK


@pytest.mark.row("L3")
async def test_an_unlawful_name_is_refused_with_the_words_that_are_unlawful(lin: Shopper) -> None:
    fields = (await lin.get("/m/d/")).fields("/m/d/apply")
    for name, word in (
        ("养生长寿酒坊", "“养生”"), ("泸州第一酒庄", "第一"), ("老王13800138000", "“13800138000”"),
    ):  # fmt: skip
        refused = await lin.post("/m/d/apply", fields, display_name=name, agree="1")
        assert refused.status == 422
        assert word in words_of(refused.text, "#e-display_name")
        assert dict(refused.fields("/m/d/apply"))["display_name"] == name, "what was typed stays"
    assert Distributor.select().count() == 0
    distribution.apply_as_distributor(lin.member_id or 0, "小林推荐", "individual", NOW)
    fields = (await lin.get(PATH)).fields(PATH)
    assert (await lin.post(PATH, fields, display_name="特供酒小林")).status == 422
    assert row(lin).display_name == "小林推荐"
