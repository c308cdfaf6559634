"""A number alone or in a sentence finds the member's own order, case or parcel only."""

from __future__ import annotations

from typing import Any

import pytest

from bot.numbers import number_in, order_number_in
from domain import aftersales, distribution, orders, payouts, service_desk
from domain.aftersales import CaseForm
from domain.orders import ShipForm
from domain.payments.service import settle
from kernel import clock
from kernel.web.templates import day
from models import Order, Payment, Refund, Withdrawal
from tests.face.chat import LOGIN, Chat
from tests.face.chat_answers.reading import seen
from tests.factories.catalog import Made, make_product
from tests.factories.distribution import ID_NUMBER, earn, ready_for_payouts
from tests.factories.members import make_address, make_member
from tests.factories.orders import (
    begin,
    paid_order,
    paid_result,
    placed_order,
    received_order,
)

pytestmark = pytest.mark.usefixtures("wired")

NONE = "没有找到这个号码，请核对后再发。\n最近订单　退款进度　留言和投诉　问客服"


@pytest.fixture
def liquor(db: Any) -> Made:
    return make_product("陈酿")


def wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) for c in text)


def shapes(number: str) -> list[str]:
    """The spellings in which people paste and type a number."""
    return [
        number,
        number.lower(),
        wide(number),
        f"\u200b{number[:9]}\u200d{number[9:]}\ufeff ",
        f"{number[:3]} {number[3:9]} {number[9:17]} {number[17:]}",
        f"{number[:9]}-{number[9:]}",
        f"【{number}】",
        f"订单号：{number}",
        f"麻烦帮我查一下{number}这个到哪里了谢谢",
        number[3:],
        f"编号{number[3:].lower()}",
    ]


@pytest.mark.parametrize("at", range(11))
async def test_an_order_number_is_understood_in_any_spelling(
    chat: Chat, me: int, liquor: Made, at: int
) -> None:
    placed_order(me, product=liquor)
    bought = paid_order(me, product=liquor, quantity=2)
    answer = await chat.say(shapes(bought.order_no)[at])
    assert seen(answer).startswith("陈酿×2 ¥596.00\n"), answer.text
    assert answer.pages[0] == f"{LOGIN}/m/orders/{bought.order_no}"
    assert "¥298.00" not in answer.text


async def test_letters_that_look_like_digits_are_read_as_these(
    chat: Chat, me: int, liquor: Made
) -> None:
    bought = paid_order(me, product=liquor)
    number = bought.order_no
    typed = number[:9] + number[9:].replace("0", "O").replace("1", "l")
    assert seen(await chat.say(typed)).startswith("陈酿 ¥298.00")


@pytest.mark.parametrize("at", range(11))
async def test_an_order_of_another_member_is_not_found(
    chat: Chat, me: int, liquor: Made, at: int
) -> None:
    theirs = paid_order(make_member("小王"), product=liquor)
    paid_order(me, product=make_product("小泉"))
    text = seen(await chat.say(shapes(theirs.order_no)[at]))
    assert text.startswith(("没有找到这个号码", "没有找到这个订单号"))
    assert (theirs.order_no in text, "陈酿" in text) == (False, False)


async def test_a_payment_number_finds_its_order(chat: Chat, me: int, liquor: Made) -> None:
    bought = paid_order(me, product=liquor)
    payment = Payment.get(Payment.state == "paid")
    transaction = "4200001234202611301234567890"
    Payment.update(transaction_id=transaction).execute()
    for number in (payment.out_trade_no, payment.out_trade_no[3:], transaction):
        assert (await chat.say(number)).pages[0] == f"{LOGIN}/m/orders/{bought.order_no}"
    other = chat.of("oFan0000000000000000000000BB")
    for number in (payment.out_trade_no, payment.out_trade_no[3:], transaction):
        assert seen(await other.say(number)) == NONE


async def test_the_numbers_of_a_case_and_its_refund_find_the_case(
    chat: Chat, me: int, liquor: Made
) -> None:
    bought = paid_order(me, product=liquor)
    form = CaseForm(me, bought.order_no, "refund_only", ((bought.line_ids[0], 1),), "not_wanted")
    case = aftersales.request_case(form)
    aftersales.approve_case(case["case_id"])
    refund = Refund.get()
    Refund.update(refund_id="50300001234202611301234567890").execute()
    numbers = (
        case["case_no"], case["case_no"][2:], refund.out_refund_no, refund.out_refund_no[3:],
        "50300001234202611301234567890", f"退款单号{case['case_no'].lower()}",
    )  # fmt: skip
    for number in numbers:
        answer = await chat.say(number)
        assert seen(answer).startswith("退款 ¥298.00 陈酿\n"), number
        assert answer.pages[0] == f"{LOGIN}/m/aftersales/{case['case_no']}"
    other = chat.of("oFan0000000000000000000000BB")
    for number in numbers:
        assert seen(await other.say(number)) == NONE, number


async def test_a_refund_without_a_case_is_found(chat: Chat, me: int, liquor: Made) -> None:
    bought = placed_order(me, product=liquor)
    for number in (begin(bought), begin(bought, "native")):
        settle(paid_result(number, bought.payable_fen))
    number = Refund.get().out_refund_no
    assert seen(await chat.say(number)).startswith("多付或晚到的付款 ¥298.00\n　正在原路退回")
    other = chat.of("oFan0000000000000000000000BB")
    assert seen(await other.say(number)) == NONE


async def test_a_ticket_is_found_by_its_number(chat: Chat, me: int) -> None:
    mine = service_desk.open_ticket(me, "酒瓶破损", "complaint")
    theirs = service_desk.open_ticket(make_member("小王"), "酒瓶破损", "complaint")
    for number in (mine, mine[2:], f"我的编号是{mine}"):
        assert (await chat.say(number)).text.startswith(f"投诉 {mine}\n　处理中")
    for number in (theirs, theirs[2:]):
        assert seen(await chat.say(number)) == NONE


async def test_a_withdrawal_is_found_by_its_number(chat: Chat, seller: int) -> None:
    payouts.save_identity(seller, "林小雨", ID_NUMBER)
    ready_for_payouts()
    earn(seller, 10_000)
    made = distribution.request_withdrawal(seller, 5_000)["withdrawal_id"]
    number = Withdrawal.get_by_id(made).out_bill_no
    for typed in (number, number[2:], wide(number)):
        answer = await chat.say(typed)
        assert seen(answer).startswith(f"提现 {number}\n　{day(clock.now())} ¥50.00 ")
        assert answer.pages == [f"{LOGIN}/m/d/withdrawals/{made}"]
    other = chat.of("oFan0000000000000000000000BB")
    assert seen(await other.say(number)) == NONE


@pytest.mark.parametrize(
    "words",
    [
        "SF1234567890123",
        "sf 1234 5678 90123",
        "单号SF1234567890123到哪了",
        wide("SF1234567890123"),
    ],
)
async def test_a_parcel_is_found_by_its_number(
    chat: Chat, me: int, liquor: Made, words: str
) -> None:
    bought = paid_order(me, product=liquor)
    orders.ship_parcel(bought.order_id, ShipForm("顺丰速运", "SF1234567890123"))
    answer = await chat.say(words)
    assert "　顺丰速运 SF1234567890123，" in answer.text
    assert answer.pages[0] == f"{LOGIN}/m/orders/{bought.order_no}"
    other = chat.of("oFan0000000000000000000000BB")
    assert seen(await other.say(words)) == NONE


async def test_a_returned_parcel_is_found_by_its_number(chat: Chat, me: int, liquor: Made) -> None:
    bought = received_order(me, product=liquor)
    form = CaseForm(me, bought.order_no, "return", ((bought.line_ids[0], 1),), "no_reason")
    case = aftersales.request_case(form)
    aftersales.approve_case(case["case_id"])
    aftersales.send_back(case["case_no"], me, "顺丰速运", "SF7755331122440")
    assert "您已寄回，等商家确认收货" in (await chat.say("SF7755331122440")).text
    other = chat.of("oFan0000000000000000000000BB")
    assert seen(await other.say("SF7755331122440")) == NONE


@pytest.mark.parametrize(
    "words", ["4471", wide("4471"), "尾号4471", "手机尾号是 4471", "后四位4471帮我查查"]
)
async def test_the_last_digits_of_the_phone_find_orders(
    chat: Chat, me: int, liquor: Made, words: str
) -> None:
    theirs = make_member("小王")
    make_address(me, province="浙江省", phone="13900004471")
    make_address(theirs, province="浙江省", phone="13700004471")
    paid_order(me, product=make_product("小泉"), province="四川省")
    mine = paid_order(me, product=liquor, province="浙江省")
    paid_order(theirs, product=liquor, province="浙江省")
    answer = await chat.say(words)
    assert answer.pages[0] == f"{LOGIN}/m/orders/{mine.order_no}"
    assert answer.text.count("¥298.00") == 1
    other = await chat.of("oFan0000000000000000000000BB").say(words)
    assert "¥298.00" not in other.text
    assert (seen(other) == NONE) == (len(words) > 4)  # four digits alone may be anything


async def test_the_last_characters_of_an_order_number_find_it(
    chat: Chat, me: int, liquor: Made
) -> None:
    bought, theirs = paid_order(me, product=liquor), paid_order(make_member("小王"))
    Order.update(order_no="ORD261130ABCDEFGHJKMN3317").where(Order.id == bought.order_id).execute()
    Order.update(order_no="ORD261130ABCDEFGHJKMN3318").where(Order.id == theirs.order_id).execute()
    assert seen(await chat.say("订单尾号3317")).startswith("陈酿 ¥298.00")
    assert seen(await chat.say("订单尾号3318")) == NONE


async def test_a_question_beside_a_number_is_answered_about_it(
    chat: Chat, me: int, liquor: Made
) -> None:
    bought = paid_order(me, product=liquor)
    paid_order(me, product=make_product("小泉"))
    for words, start in (("取消", "陈酿 ¥298.00\n　还没发货"), ("我要退款", "陈酿 实付 ¥298.00")):
        answer = await chat.say(f"{bought.order_no} {words}")
        assert seen(answer).startswith(start)
        assert "小泉" not in answer.text


async def test_an_unknown_number_is_answered_as_unknown(chat: Chat, me: int) -> None:
    unknown = "ORD261130AAAAAAAAAAAAAAAA"
    for number in (unknown, "1234567890123", "订单号 20250316008 查一下"):
        assert seen(await chat.say(number)) == NONE, number


async def test_four_digits_that_end_no_phone_of_the_person_are_no_number(
    chat: Chat, me: int
) -> None:
    """People write 8888 for a farewell and 6666 for praise."""
    for digits in ("8888", "6666"):
        assert seen(await chat.say(digits)) != NONE, digits


async def test_the_merchant_s_keyword_comes_before_a_number(chat: Chat, me: int) -> None:
    from domain import settings

    settings.change(settings.ChatTexts, {"keywords": [{"words": ["8888"], "answers": ["暗号对"]}]})
    assert (await chat.say("8888")).text == "暗号对"


async def test_a_number_for_the_agent_is_left_to_the_agent(
    chat: Chat, me: int, liquor: Made
) -> None:
    now = clock.now().astimezone(clock.SHANGHAI)
    clock.set_offset(clock.offset() + (now.replace(hour=10, minute=30) - now))
    bought = paid_order(me, product=liquor)
    await chat.say("人工")
    assert (await chat.say(bought.order_no)).kind == "transfer_customer_service"


# --- what is read, and what is not


@pytest.mark.parametrize(
    "words",
    ["53度的", "300左右送礼", "我电话13800138000", "13800138000", "来2瓶", "2024年的酒", "500ml",
     "100瓶多少钱", "卡尾号4471付不了款", "9:00-21:00", "12315", "v5.0"],
)  # fmt: skip
def test_other_figures_are_not_read_as_numbers(words: str) -> None:
    assert number_in(words) is None


@pytest.mark.parametrize(
    ("words", "kind", "number"),
    [
        ("td261130abcdefghjkmnpqrs", None, None),
        ("ord261130abcdefghjkmnpqrs", "order", "ORD261130ABCDEFGHJKMNPQRS"),
        ("261130abcdefghjkmnpqrs", "bare", "261130ABCDEFGHJKMNPQRS"),
        ("jdva12345678901-1-2-", "tracking", "JDVA12345678901"),
        ("٤٤٧١", "phone", "4471"),
    ],
)
def test_the_kinds_of_numbers_are_told_apart(
    words: str, kind: str | None, number: str | None
) -> None:
    found = number_in(words)
    assert (found and found.kind, found and found.number) == (kind, number)


def test_an_order_number_in_a_question_is_read() -> None:
    number = "ORD261130ABCDEFGHJKMNPQRS"
    assert order_number_in(f"我的{number.lower()}怎么还不发") == number
    assert order_number_in("AS261130ABCDEFGHJKMNPQRS") == ""
    assert order_number_in("什么时候发货") == ""


@pytest.mark.parametrize("words", ["6666", wide("6666"), "1499"])
async def test_four_digits_that_end_no_phone_of_theirs_are_no_number(
    chat: Chat, me: int, words: str
) -> None:
    stranger = make_member("小王")
    make_address(stranger, phone=f"1380013{'6666' if words != '1499' else words}")
    placed_order(stranger)
    assert seen(await chat.say(words)) != NONE
    assert seen(await chat.say(f"尾号{words}")) == NONE
