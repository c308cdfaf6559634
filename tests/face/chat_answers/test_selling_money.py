"""Answers about commission, withdrawals and tax."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain import distribution, payouts, settings
from domain.payments.ports import TransferState
from kernel import clock
from models import AfterSale, AfterSaleLine, Commission, Order, Payee, PayeeIncome
from tests.face.chat import LOGIN, Chat
from tests.face.chat_answers.lines import day, minute, shown
from tests.factories.distribution import (
    earn,
    line_of,
    make_customer,
    make_distributor,
    make_rule,
    pass_time,
    place_sale,
    ready_for_payouts,
    receive_sale,
    refund_line,
    release_sale,
    sell,
)
from tests.factories.transfers import TERMS, FakeTransfers, bill_of

LAW = "已阅读《禁止传销条例》及处罚案例，知悉风险并自愿开启。"


async def paid_out(store: Any, member_id: int, fen: int) -> int:
    """Pay a withdrawal through WeChat; returns its id."""
    pass_time(days=2)
    ready_for_payouts()
    made = int(distribution.request_withdrawal(member_id, fen)["withdrawal_id"])
    pay: Any = FakeTransfers()
    await payouts.send_bill(store, pay, TERMS, bill_of(made))
    pay.becomes(TransferState.SUCCESS)
    pass_time(hours=1)
    await payouts.query_due_bills(store, pay)
    return made


# --- commission


async def test_the_title_of_commission_is_answered_like_the_command(
    chat: Chat, seller: int
) -> None:
    assert (await chat.say("我的佣金")).text == (await chat.say("佣金")).text


async def test_the_question_why_shows_the_calculation_of_the_newest_entries(
    chat: Chat, seller: int, chenniang: int
) -> None:
    buyer = make_customer(seller)
    sell(buyer, sku_id=chenniang)
    order_id = sell(buyer, sku_id=chenniang, paid_fen=20000)
    release_sale(order_id)
    refund_line(order_id, 5000)
    answer = await chat.say("佣金怎么算的")
    today = day(-8)
    assert shown(answer) == [
        f"{today} 陈酿×1，买家实付 ¥200.00",
        "　佣金 ¥28.00，直接推广，¥200.00 × 14% = ¥28.00",
        "　退款收回 ¥7.00，剩 ¥21.00",
        f"{today} 陈酿×1，买家实付 ¥298.00",
        "　佣金 ¥41.72，直接推广，¥298.00 × 14% = ¥41.72",
        "按买家实付计算：优惠已减去，不含运费；比例以下单时为准。提现时个税另算。",
        "[全部明细]　[佣金何时到账]　[有疑问]",
    ]
    assert answer.pages == [f"{LOGIN}/m/d/entries"]


async def test_the_question_why_shows_pool_and_share_with_several_levels(
    chat: Chat, seller: int
) -> None:
    distribution.sign_levels(3, "林老板", LAW, "staff:1")
    make_rule(70, 20, 10, mode="pool", pool_bp=2000)
    sell(make_customer(seller))
    assert "¥298.00 × 20% × 70% = ¥41.72" in (await chat.say("佣金怎么算的")).text


@pytest.mark.parametrize(
    "said", ["为什么只有41块", "佣金怎么只有41.72元", "为啥这单佣金才42块", "佣金怎么才四十一块"]
)
async def test_an_amount_in_the_question_finds_its_entry(
    chat: Chat, seller: int, chenniang: int, said: str
) -> None:
    buyer = make_customer(seller)
    sell(buyer, sku_id=chenniang)
    for fen in (10000, 50000, 60000, 70000):
        sell(buyer, sku_id=chenniang, paid_fen=fen)
    answer = await chat.say(said)
    assert answer.text.count("= ¥") == 1, answer.text
    assert "¥298.00 × 14% = ¥41.72" in answer.text


async def test_two_amounts_find_the_entry_that_has_both(
    chat: Chat, seller: int, chenniang: int
) -> None:
    buyer = make_customer(seller)
    changed = sell(buyer, sku_id=chenniang, paid_fen=60000)
    refund_line(changed, 20000)
    sell(buyer, sku_id=chenniang, paid_fen=60000)
    text = (await chat.say("佣金昨天显示84今天变成56，为什么")).text
    assert "　退款收回 ¥28.00，剩 ¥56.00" in text
    assert text.count("¥600.00 × 14% = ¥84.00") == 1


async def test_a_price_in_the_question_finds_its_entry(
    chat: Chat, seller: int, chenniang: int
) -> None:
    buyer = make_customer(seller)
    sell(buyer, sku_id=chenniang, paid_fen=60000)
    for _ in range(3):
        sell(buyer, sku_id=chenniang)
    answer = await chat.say("客户付了600佣金怎么这么少")
    assert "¥600.00 × 14% = ¥84.00" in answer.text
    assert "¥298.00" not in answer.text


async def test_a_question_about_a_refund_shows_the_commission_taken_back(
    chat: Chat, seller: int, chenniang: int
) -> None:
    buyer = make_customer(seller)
    refunded = sell(buyer, sku_id=chenniang)
    refund_line(refunded, 29800)
    for _ in range(3):
        sell(buyer, sku_id=chenniang, paid_fen=20000)
    text = (await chat.say("客户退货为啥扣我的佣金")).text
    assert "　佣金 ¥41.72 已随退款收回" in text
    assert "¥200.00" not in text


async def test_a_cap_a_fixed_amount_and_a_cancelled_order_are_named(
    chat: Chat, seller: int
) -> None:
    buyer = make_customer(seller)
    settings.change(settings.Distribution, {"line_cap_bp": 500})
    capped = make_rule(1000)
    sell(buyer, paid_fen=10000)
    distribution.retire_rule(capped, "staff:1")
    settings.change(settings.Distribution, {"line_cap_bp": 5000})
    make_rule(300, mode="fixed")
    sell(buyer, paid_fen=20000, quantity=2)
    order_id = place_sale(buyer, paid_fen=30000)
    Commission.update(state="void").where(Commission.order == order_id).execute()
    text = (await chat.say("佣金怎么算的")).text
    assert "佣金 ¥5.00，直接推广，¥100.00 × 10%（已到上限）" in text
    assert "佣金 ¥6.00，直接推广，每件 ¥3.00 × 2 件" in text
    assert "　订单取消或资格暂停，没有佣金" in text


async def test_a_debt_is_named_among_the_reasons(chat: Chat, known: int, store: Any) -> None:
    make_rule(1000)
    order_id = sell(make_customer(known), paid_fen=20000)
    release_sale(order_id)
    await paid_out(store, known, 2000)
    refund_line(order_id, 10000)
    text = (await chat.say("佣金怎么算的")).text
    assert "　退款收回 ¥10.00，剩 ¥10.00" in text
    assert "另有 ¥10.00 待抵扣（已结算的订单后来退款），从以后的佣金扣。" in text


async def test_the_amount_after_tax_is_explained_by_the_withdrawal(chat: Chat, known: int) -> None:
    settings.change(
        settings.Distribution, {"withdraw_max_fen": 200_000, "review_from_fen": 200_000}
    )
    earn(known, 100_000)
    made = distribution.request_withdrawal(known, 100_000)
    answer = await chat.say("为什么到账只有960块佣金")
    assert shown(answer)[0] == f"{day()} 的提现：¥1000.00 − 个税 ¥40.00 = 到账 ¥960.00"
    assert answer.commands == ["提现怎么扣税", "人工"]
    assert answer.pages == [f"{LOGIN}/m/d/withdrawals/{made['withdrawal_id']}"]


async def test_without_commission_the_rule_is_shown(chat: Chat, seller: int) -> None:
    answer = await chat.say("佣金怎么算的")
    assert answer.text.startswith("您还没有佣金。佣金按买家实付计算")
    assert answer.commands == ["推广怎么得佣金", "海报", "链接"]


async def test_the_commission_of_another_member_is_not_shown(
    chat: Chat, seller: int, chenniang: int
) -> None:
    sell(make_customer(make_distributor("阿慧")), sku_id=chenniang)
    for title in ("佣金怎么算的", "佣金何时到账", "佣金结算单", "我的佣金"):
        assert "41.72" not in (await chat.say(title)).text


async def test_the_question_when_has_a_date_for_each_entry(
    chat: Chat, seller: int, chenniang: int
) -> None:
    buyer = make_customer(seller)
    frozen, shipped, paid, blocked = (sell(buyer, sku_id=chenniang) for _ in range(4))
    receive_sale(frozen)
    Order.update(receive_by_at=clock.now() + timedelta(days=10)).where(
        Order.id == shipped
    ).execute()
    line = line_of(blocked)
    case = AfterSale.create(
        case_no="AS1", order=blocked, member=buyer, kind="refund_only", reason="other",
        state="requested", goods_fen=100, created_at=clock.now(), updated_at=clock.now(),
    )  # fmt: skip
    AfterSaleLine.create(case=case.id, line=line.id, quantity=1, goods_fen=100, claim_fen=100)
    assert paid
    each = f"{day()} 陈酿×1 ¥41.72："
    assert shown(await chat.say("佣金何时到账")) == [
        "待结算 ¥166.88：",
        f"{each}{day(8)} 00:00 起可提现",
        f"{each}买家签收满 7 天后，最晚 {day(18)} 00:00",
        f"{each}发货后，买家签收满 7 天",
        f"{each}售后处理完再结算",
        "买家签收满 7 天、没有售后，随后的零点结算，就可以提现；节假日照常，不能提前。",
        "[提现]　[佣金明细]　[问客服]",
    ]


async def test_entries_for_the_next_run_and_more_than_five_are_summed_up(
    chat: Chat, seller: int, chenniang: int
) -> None:
    settings.change(settings.Distribution, {"freeze_days": 0})
    buyer = make_customer(seller)
    first, *_ = [sell(buyer, sku_id=chenniang) for _ in range(6)]
    receive_sale(first)
    answer = await chat.say("佣金何时到账")
    assert "下一次结算即可提现" in answer.text
    assert answer.text.count("陈酿×1") == 5
    assert "其余的见" in answer.text


async def test_without_frozen_commission_the_answer_says_so(chat: Chat, seller: int) -> None:
    answer = await chat.say("佣金何时到账")
    assert answer.text.startswith("您现在没有待结算的佣金。\n买家签收满 7 天")


async def test_the_commission_of_a_frozen_distributor_waits(chat: Chat, seller: int) -> None:
    payouts.freeze_payee(seller, "staff:finance", "疑似刷单")
    answer = await chat.say("佣金何时到账")
    assert answer.text.startswith("您的佣金已冻结：金额原样保留，解冻后再结算。")
    assert answer.pages[0] == f"{LOGIN}/m/d/freeze"


# --- withdrawals


async def test_the_limits_of_a_withdrawal_are_shown(chat: Chat, seller: int) -> None:
    settings.change(settings.Distribution, {"withdraw_fee_bp": 60, "withdraw_per_day": 2})
    line = "提到微信零钱，单笔 ¥1.00 至 ¥500.00，每天最多 2 次，手续费 0.6%。"
    assert line in (await chat.say("我要提现")).text
    payouts.set_payee_type(seller, "employee", "staff:1")
    assert "您登记为本公司员工，提现随工资发放。" in (await chat.say("我要提现")).text


async def test_an_open_withdrawal_is_shown_with_its_next_step(
    chat: Chat, known: int, store: Any
) -> None:
    earn(known, 50_000)
    pass_time(days=2)
    ready_for_payouts()
    waiting = distribution.request_withdrawal(known, 10_000)["withdrawal_id"]
    distribution.request_withdrawal(known, 20_000)
    asked_at = minute(distribution.withdrawal_detail(waiting).requested_at)
    await payouts.send_bill(store, FakeTransfers(), TERMS, bill_of(waiting))  # type: ignore[arg-type]
    answer = await chat.say("提现多久到账")
    assert shown(answer) == [
        f"{asked_at} 申请 ¥200.00：待审核",
        f"{asked_at} 申请 ¥100.00：待您确认，[去确认收款]",
        "¥200.00 以下自动通过，一般马上付款，周末和晚上一样；达到这个金额的由财务审核后付款。",
        "付款后请在微信确认收款，确认即到零钱，逾期退回余额。",
        "[提现]　[提现记录]　[提现没到账]",
    ]
    assert answer.pages[0] == f"{LOGIN}/m/pay/transfer/{waiting}"
    payouts.stop_payouts("staff:1", "核对")
    assert "商家暂停了付款" in (await chat.say("提现多久到账")).text


async def test_a_paid_withdrawal_has_its_time(chat: Chat, known: int, store: Any) -> None:
    earn(known, 10_000)
    wd = await paid_out(store, known, 10_000)
    paid_at = distribution.withdrawal_detail(wd).paid_at
    assert paid_at is not None
    paid = f"¥100.00 已于 {minute(paid_at)}"
    assert f"没有在途的提现；最近一笔 {paid} 到账。" in (await chat.say("提现多久到账")).text
    assert (await chat.say("提现没到账")).text.startswith(f"{paid} 付到您的微信零钱")


async def test_a_rejected_withdrawal_has_its_reason(chat: Chat, known: int) -> None:
    earn(known, 30_000)
    wd = distribution.request_withdrawal(known, 20_000)["withdrawal_id"]
    distribution.reject_withdrawal(wd, "staff:1", "资料不清")
    answer = await chat.say("提现没到账")
    assert "申请 ¥200.00：已退回余额，没有通过：资料不清" in "".join(shown(answer))
    assert "可提现 ¥300.00，可以重新申请：" in answer.text
    assert answer.pages == [f"{LOGIN}/m/d/withdraw", f"{LOGIN}/m/d/withdrawals"]


async def test_a_cancelled_withdrawal_names_who_cancelled_it(chat: Chat, known: int) -> None:
    earn(known, 30_000)
    wd = distribution.request_withdrawal(known, 20_000)["withdrawal_id"]
    distribution.cancel_withdrawal(wd, known)
    text = (await chat.say("提现没到账")).text
    assert "，您自己撤回的" in text
    assert "taken_back" not in text


async def test_a_failed_transfer_has_its_reason(chat: Chat, known: int, store: Any) -> None:
    earn(known, 10_000)
    pass_time(days=2)
    ready_for_payouts()
    wd = distribution.request_withdrawal(known, 10_000)["withdrawal_id"]
    pay = FakeTransfers()
    await payouts.send_bill(store, pay, TERMS, bill_of(wd))  # type: ignore[arg-type]
    pay.becomes(TransferState.FAIL, "OVERDUE_CLOSE")
    pass_time(hours=1)
    await payouts.query_due_bills(store, pay)  # type: ignore[arg-type]
    text = (await chat.say("提现没到账")).text
    assert "已退回余额：您没有在 24 小时内确认收款" in text
    assert "OVERDUE_CLOSE" not in text


async def test_the_obstacle_to_a_withdrawal_is_named_with_its_page(
    chat: Chat, seller: int
) -> None:
    ready_for_payouts()
    earn(seller, 30_000)
    answer = await chat.say("提现没到账")
    assert shown(answer) == [
        "没有找到您的提现申请。",
        "可提现 ¥300.00；现在不能提：请先完成实名信息　[去填写]",
        "没付成的钱都退回可提现余额，不会少。",
        "[提现记录]　[提现多久到账]　[找客服]",
    ]
    assert answer.pages[0] == f"{LOGIN}/m/d/identity"


async def test_withdrawals_of_another_member_are_not_shown(chat: Chat, known: int) -> None:
    hui = make_distributor("阿慧")
    earn(hui, 30_000)
    distribution.request_withdrawal(hui, 20_000)
    for title in ("提现没到账", "提现多久到账", "我要提现"):
        assert "申请 ¥200.00" not in (await chat.say(title)).text


# --- tax


async def test_tax_is_shown_as_a_table_with_an_example_and_this_year_s_amount(
    chat: Chat, known: int
) -> None:
    settings.change(
        settings.Distribution, {"withdraw_max_fen": 200_000, "review_from_fen": 200_000}
    )
    earn(known, 100_000)
    payee = Payee.get(Payee.owner_id == known)
    year = clock.business_day(clock.now()).year
    PayeeIncome.create(payee=payee.id, year=year, gross_fen=250_000, tax_fen=34_000)
    answer = await chat.say("提现怎么扣税")
    assert shown(answer) == [
        "个人佣金按劳务报酬由本店代扣个税，同月的提现合并计算：",
        "当月共 ¥4000.00 以内减 ¥800.00，超过的减 20%，剩下的是应税额。",
        "应税额 ¥20000 以内 20%，超过 ¥20000 30%（速算扣除 ¥2000），"
        "超过 ¥50000 40%（速算扣除 ¥7000）。",
        "您现在提 ¥1000.00：个税 ¥40.00，到账 ¥960.00",
        "今年已提 ¥2500.00，代扣 ¥340.00；完税记录在「个人所得税」App 查，年度汇算多退少补。",
        "[提现]　[每笔扣税]　[问客服]",
    ]


async def test_the_cumulative_method_has_its_own_table(chat: Chat, seller: int) -> None:
    settings.change(settings.Distribution, {"tax_method": "cumulative"})
    lines = shown(await chat.say("提现怎么扣税"))
    assert lines[1] == "收入减 20%，再减每月 ¥5000.00，剩下的是应税额，已扣的不再扣。"
    assert lines[2].startswith("应税额 ¥36000 以内 3%，超过 ¥36000 10%（速算扣除 ¥2520），")


@pytest.mark.parametrize(
    ("payee_type", "told"),
    [("company", "凭发票收款，本店不代扣税"), ("employee", "提现随工资发放，个税并入工资计算"),
     ("individual", "本店还没有选定个人的个税计算方式")],
)  # fmt: skip
async def test_tax_depends_on_the_kind_of_payee(
    chat: Chat, seller: int, payee_type: str, told: str
) -> None:
    payouts.set_payee_type(seller, payee_type, "staff:1")
    text = (await chat.say("提现怎么扣税")).text
    assert told in text
    assert "应税额" not in text
