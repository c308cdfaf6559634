"""Questions about invoices, payment, returns and refunds: the answer in each state."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain import aftersales, service_desk, settings
from domain.payments.service import settle
from kernel import clock
from kernel.web.templates import clock_time, day, when
from models import Refund
from tests.face.chat import Chat
from tests.face.chat_answers.reading import ask, money_back, page, seen
from tests.factories.catalog import Made, make_product
from tests.factories.members import make_member
from tests.factories.orders import (
    begin,
    paid_order,
    paid_result,
    placed_order,
    received_order,
    shipped_order,
)

pytestmark = pytest.mark.usefixtures("wired")


@pytest.fixture
def liquor(db: Any) -> Made:
    return make_product("陈酿")


# --- 发票, 付款


async def test_an_invoice_names_the_sum_and_the_earlier_request(
    chat: Chat, me: int, liquor: Made
) -> None:
    bought = shipped_order(me, product=liquor)
    placed_order(me, product=liquor)
    await chat.say("留言 发票 抬头：泉城公司")
    (ticket,) = service_desk.list_tickets_of_member(me)
    assert seen(await chat.say("能开发票吗")).splitlines() == [
        "需要发票，请发送「留言 发票」加上抬头、税号（个人只写姓名）、收票邮箱和订单号，"
        "24 小时内答复，开好后在这里通知您。",
        f"{bought.order_no}：陈酿，可开 ¥298.00",
        f"您上次的发票留言 {ticket.ticket_no}：处理中，{when(ticket.due_at)} 前答复，查看",
        "查订单号　找客服",
    ]
    service_desk.answer_ticket(ticket.ticket_no, "已发邮箱", "staff:1")
    assert f"{ticket.ticket_no}：已答复" in (await chat.say("开发票")).text


async def test_the_ways_to_pay_are_shown(chat: Chat, me: int) -> None:
    assert seen(await chat.say("能用支付宝吗")) == (
        "本店用微信支付：零钱，或绑在微信里的银行卡、信用卡，付款时您自己选。\n"
        "在微信里直接付；手机浏览器会打开微信付；电脑上用微信扫页面上的码付，家人也可以扫这个码代付。\n"
        "不支持支付宝、花呗分期和货到付款；公司对公转账请联系客服。下单后 30 分钟内付款有效。\n"
        "我的订单　付款遇到问题　找客服"
    )


async def test_cash_on_delivery_is_declined_with_the_protection_of_payments(
    chat: Chat, me: int
) -> None:
    settings.change(settings.Service, {"covers_breakage": False})
    assert seen(await chat.say("可以货到付款吗")) == (
        "不支持货到付款，下单后用微信支付付款。\n"
        "您可以放心：没发货随时能申请退款，款项原路退回；签收后 7 天内可无理由退货。\n"
        "怎么付款　退货规则　找客服"
    )


async def test_the_state_of_a_payment_is_shown(chat: Chat, me: int, liquor: Made) -> None:
    assert (await chat.say("付款遇到问题")).text.startswith("您还没有订单")
    waits = placed_order(me, product=liquor)
    until = clock_time(waits.row.pay_by_at)
    assert f"　还没有付款，请在 {until} 前去付款" in seen(await chat.say("付款遇到问题"))
    begin(waits)
    answer = await chat.say("扣了钱订单没成")
    assert f"　微信还没有付款成功的消息，请在 {until} 前去付款" in seen(answer)
    assert page(f"/m/pay/{waits.order_no}") in answer.pages
    assert "请别重复付" in answer.text
    paid = paid_order(me, product=liquor)
    at = when(paid.row.paid_at)
    assert f"　已付款 ¥298.00，{at} 到账" in (await chat.say("付款遇到问题")).text


async def test_a_double_payment_is_shown_as_refunding(chat: Chat, me: int, liquor: Made) -> None:
    bought = placed_order(me, product=liquor)
    first, second = begin(bought), begin(bought, "native")
    for number in (first, second):
        assert settle(paid_result(number, bought.payable_fen)) == "booked"
    assert "多付或晚到的 ¥298.00 正在原路退回" in (await chat.say("付款遇到问题")).text
    assert "多付或晚到的付款 ¥298.00\n　正在原路退回" in seen(await chat.say("退款进度"))
    money_back(Refund.get())
    at = when(clock.now())
    assert f"多付或晚到的 ¥298.00 {at} 已退回" in (await chat.say("付款遇到问题")).text
    assert f"　{at} 已退回" in (await chat.say("退款进度")).text


# --- 退货, 退款


async def test_the_rules_of_returns_are_those_of_the_settings(chat: Chat, me: int) -> None:
    settings.change(settings.Service, {"free_return_days": 15, "send_back_days": 10})
    settings.change(settings.Trade, {"refund_answer_hours": 24})
    answer = await chat.say("支持七天无理由吗")
    assert seen(answer).splitlines() == [
        "没发货：随时可退款。收到后：签收次日起 15 天内可无理由退货。",
        "酒要没开封，瓶盖、封口和防伪标识完好；只拆外包装不影响。下单时确认过不支持无理由退货的除外。",
        "运费：无理由退货由您承担；质量问题、发错、漏发、运输破损由我们承担，破损包赔，有问题的酒开了封也能申请。",
        "申请后 24 小时内答复，同意后 10 天内寄回，收到退货后原路退款。",
        "申请退货退款　完整规则　找客服",
    ]
    assert answer.pages == ["http://127.0.0.1:8080/legal/terms"]


async def test_an_order_that_can_be_refunded_gets_its_form(
    chat: Chat, me: int, liquor: Made
) -> None:
    assert (await chat.say("我要退款")).text.startswith("您还没有可以退款的订单")
    got = received_order(me, product=liquor)
    sent = shipped_order(me, product=liquor)
    paid = paid_order(me, product=liquor)
    answer = await chat.say("我要退款")
    assert seen(answer).splitlines() == [
        "陈酿 实付 ¥298.00", "　还没发货，可整单退款：申请退款",
        "陈酿 实付 ¥298.00", "　可退款、退货、换货：申请",
        "陈酿 实付 ¥298.00", f"　{when(got.row.complete_by_at)} 前可退款、退货、换货：申请",
        "", "提交后 48 小时内答复，款项原路退回。", "退款进度　退货规则　找客服",
    ]  # fmt: skip
    assert page(f"/m/aftersales/new?order={paid.order_no}") in answer.pages
    line = f"/m/aftersales/new?order={sent.order_no}&line={sent.line_ids[0]}"
    assert page(line) in answer.pages


async def test_an_open_case_is_shown_before_the_form(chat: Chat, me: int, liquor: Made) -> None:
    case = ask(paid_order(me, product=liquor))
    text = seen(await chat.say("申请退款"))
    assert text.startswith("已经在处理：\n退款 ¥298.00 陈酿\n")
    assert text.count("陈酿") == 1
    assert page(f"/m/aftersales/{case['case_no']}") in (await chat.say("申请退款")).pages


async def test_a_refund_is_shown_with_amount_and_dates(chat: Chat, me: int, liquor: Made) -> None:
    assert (await chat.say("退款到哪了")).text.startswith("没有找到您的退款或售后记录")
    case = ask(paid_order(me, product=liquor))
    today, answered = day(clock.now()), when(clock.now() + timedelta(hours=48))
    asked = f"退款 ¥298.00 陈酿\n　{today} 申请，"
    text = seen(await chat.say("退款进度"))
    assert text.startswith(f"{asked}等待商家处理，{answered} 前答复，逾期自动退款")
    aftersales.approve_case(case["case_id"])
    assert seen(await chat.say("退款进度")).startswith(f"{asked}已同意，款项正在原路退回")
    money_back(Refund.get())
    at = when(clock.now())
    assert seen(await chat.say("退款进度")).startswith(f"{asked}{at} 已原路退回")
    assert f"{at} 已原路退回" in (await chat.say("退款多久到账")).text


async def test_the_refund_of_a_named_order_is_shown(chat: Chat, me: int, liquor: Made) -> None:
    first, second = paid_order(me, product=liquor), paid_order(me, product=liquor)
    case, _ = ask(first), ask(second)
    answer = await chat.say(f"{first.order_no} 这单退款到哪了")
    assert answer.pages == [page(f"/m/aftersales/{case['case_no']}"), page("/m/aftersales")]
    theirs = paid_order(make_member("小王"), product=liquor)
    secret = ask(theirs)["case_no"]
    assert secret not in (await chat.say(f"{theirs.order_no} 这单退款到哪了")).text


async def test_the_steps_of_a_return_are_shown(chat: Chat, me: int, liquor: Made) -> None:
    case = ask(received_order(me, product=liquor), "return", "no_reason")
    assert "逾期自动同意退货" in (await chat.say("退款进度")).text
    aftersales.approve_case(case["case_id"])
    until = when(clock.now() + timedelta(days=7))
    assert f"已同意，请在 {until} 前寄回并填写单号" in (await chat.say("退款进度")).text
    aftersales.send_back(case["case_no"], me, "顺丰速运", "SF7700000001")
    assert "您已寄回，等商家确认收货" in (await chat.say("退款进度")).text
    aftersales.reject_case(case["case_id"], "收到的不是本店的酒")
    assert "未同意：收到的不是本店的酒" in (await chat.say("退款进度")).text


async def test_the_days_of_a_refund_depend_on_the_channel(chat: Chat, me: int) -> None:
    assert seen(await chat.say("退款什么时候到账")) == (
        "退款由微信原路退回：付款用零钱的，一般 20 分钟内到账；"
        "用银行卡、信用卡的，一般 3 个工作日内。\n"
        "申请后 48 小时内答复；不用寄回的同意后马上退，要寄回的收到退货后退。\n\n"
        "到账后这里会通知您，也可在微信的账单里查。\n退款进度　问客服"
    )


async def test_a_defect_is_claimed_with_a_photo_until_a_date(
    chat: Chat, me: int, liquor: Made
) -> None:
    general = seen(await chat.say("我收到的酒碎了"))
    assert "我的订单（确认收货后 7 天内可申请，过期请找客服）" in general
    bought = received_order(me, product=liquor)
    answer = await chat.say("我收到的酒碎了")
    assert seen(answer).splitlines() == [
        "很抱歉给您添麻烦了。请拍下商品、外箱和快递面单，在订单里申请售后：可退、可换，也可只退一部分。",
        f"申请售后 陈酿，{when(bought.row.complete_by_at)} 前可申请",
        "破损包赔；属于我们的责任，寄回运费由我们承担，48 小时内答复。",
        "退款进度　找客服",
    ]
    assert answer.pages == [
        page(f"/m/aftersales/new?order={bought.order_no}&line={bought.line_ids[0]}")
    ]
