"""Questions about orders, shipping and cancelling: the answer in each state."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain import adults, orders, service_desk, settings
from kernel import clock
from kernel.web.templates import clock_time, day, when
from models import AfterSale, Order
from tests.face.chat import Chat
from tests.face.chat_answers.reading import ask, page, promised, seen
from tests.factories.catalog import Made, make_product
from tests.factories.distribution import pass_time
from tests.factories.members import make_member
from tests.factories.orders import (
    paid_order,
    placed_order,
    received_order,
    ship_all,
    shipped_order,
)

pytestmark = pytest.mark.usefixtures("wired")

TITLES = (
    "多久发货", "快递到哪了", "没收到货", "收到的酒有问题", "我的订单", "取消订单", "改收货地址",
    "催发货", "开发票", "怎么付款", "付款遇到问题", "货到付款", "退货规则", "申请退款", "退款进度",
    "退款多久到账", "我要投诉", "怀疑是假酒", "怎么验真伪",
)  # fmt: skip


@pytest.fixture
def liquor(db: Any) -> Made:
    return make_product("陈酿")


@pytest.mark.parametrize("title", TITLES)
async def test_without_orders_each_answer_has_a_next_step_and_a_person(
    chat: Chat, me: int, title: str
) -> None:
    answer = await chat.say(title)
    assert not answer.text.startswith(("抱歉，没有明白", "您是想"))
    assert "人工" in answer.commands or title in ("我的订单", "快递到哪了")
    for command in answer.commands:
        if command not in ("人工", "商品"):
            follow = await chat.say(command)
            assert not follow.text.startswith(("抱歉，没有明白", "您是想")), command


@pytest.mark.parametrize("title", TITLES)
async def test_no_answer_has_orders_of_another_member(
    chat: Chat, me: int, liquor: Made, title: str
) -> None:
    wang = make_member("小王")
    theirs = [
        placed_order(wang, product=liquor), paid_order(wang, product=liquor),
        shipped_order(wang, product=liquor), received_order(wang, product=liquor),
    ]  # fmt: skip
    case = ask(theirs[1])
    ticket = service_desk.open_ticket(wang, "留言 发票 王家")
    text = (await chat.say(title)).text
    secret = [*(each.order_no for each in theirs), case["case_no"], ticket, "陈酿"]
    assert not [word for word in secret if word in text]


# --- 发货, 物流


async def test_the_promised_time_is_the_one_of_the_settings(chat: Chat, me: int) -> None:
    settings.change(settings.Service, {"ship_within_hours": 24})
    assert seen(await chat.say("多久发货")) == (
        "付款后 24 小时内发货，发出后在这里通知您快递公司和单号。\n订单　物流　找客服"
    )


async def test_a_paid_order_has_its_day_of_shipping(chat: Chat, me: int, liquor: Made) -> None:
    bought = paid_order(me, product=liquor, quantity=2)
    assert seen(await chat.say("多久发货")).splitlines() == [
        "付款后 48 小时内发货，发出后在这里通知您快递公司和单号。",
        "陈酿×2 ¥596.00",
        f"　{day(clock.now())} 已付款，最晚 {promised(bought)} 发货",
        "",
        "催发货　全部订单　找客服",
    ]
    pass_time(hours=49)
    assert "已付款，正在加急发货" in (await chat.say("多久发货")).text


async def test_a_parcel_has_carrier_number_and_the_day_of_receipt(
    chat: Chat, me: int, liquor: Made
) -> None:
    placed_order(me, product=liquor)
    sent = shipped_order(me, product=liquor)
    number = orders.parcels_of(sent.order_id)[0].tracking_no
    answer = await chat.say("快递到哪了")
    assert seen(answer).splitlines() == [
        "陈酿 ¥298.00",
        f"　{day(clock.now())} 已发货",
        f"　顺丰速运 {number}，{day(clock.now())} 发出",
        "",
        "实时位置和派送员请用单号在快递公司查；收到后请确认收货，"
        f"{day(clock.now() + timedelta(days=10))} 自动确认。",
        "没收到货　全部订单　问客服",
    ]
    assert (await chat.say("物流")).text == answer.text


async def test_an_unshipped_order_has_no_parcel(chat: Chat, me: int, liquor: Made) -> None:
    bought = paid_order(me, product=liquor)
    text = seen(await chat.say("快递到哪了"))
    assert text.startswith("您还没有在路上的包裹，发出后在这里通知您单号。\n陈酿 ¥298.00")
    assert f"最晚 {promised(bought)} 发货" in text


async def test_a_parcel_that_was_not_received_gets_a_link_for_a_claim(
    chat: Chat, me: int, liquor: Made
) -> None:
    paid_order(me, product=liquor)
    sent = shipped_order(me, product=liquor)
    answer = await chat.say("显示签收了但是我没收到货")
    assert "没找到就交给我们：申请退款（48 小时内答复）　请客服核实" in seen(answer)
    assert "没收到之前请先不要确认收货。" in answer.text
    claim = f"/m/aftersales/new?order={sent.order_no}&line={sent.line_ids[0]}"
    assert answer.pages == [page(f"/m/orders/{sent.order_no}"), page(claim)]
    await chat.say(f"留言 没收到货 {sent.order_no}")
    (ticket,) = service_desk.list_tickets_of_member(me)
    assert (ticket.kind, ticket.order_no) == ("question", sent.order_no)


async def test_a_message_is_not_attached_to_an_order_of_another_member(
    chat: Chat, me: int, liquor: Made
) -> None:
    theirs = paid_order(make_member("小王"), product=liquor)
    await chat.say(f"留言 没收到货 {theirs.order_no}")
    assert service_desk.list_tickets_of_member(me)[0].order_no == ""


# --- 订单


async def test_orders_have_their_state_and_next_step(chat: Chat, me: int, liquor: Made) -> None:
    done = received_order(me, product=liquor)
    waits = placed_order(me, product=liquor)
    text = seen(await chat.say("我的订单"))
    today = day(clock.now())
    until = clock_time(waits.row.pay_by_at)
    assert f"　{today} 待付款，请在 {until} 前付款" in text
    assert f"　{today} 已收货，{day(done.row.complete_by_at)} 前可申请售后" in text
    assert page(f"/m/pay/{waits.order_no}") in (await chat.say("我的订单")).pages


async def test_the_newest_three_orders_are_shown(chat: Chat, me: int, liquor: Made) -> None:
    made = [placed_order(me, product=liquor) for _ in range(4)]
    pages = (await chat.say("帮我看看我那单现在什么状态")).pages
    shown = [each.order_no for each in made if page(f"/m/orders/{each.order_no}") in pages]
    assert shown == [each.order_no for each in made[1:]]


# --- 取消


async def test_an_unpaid_order_is_cancelled_only_by_a_tap(
    chat: Chat, me: int, liquor: Made
) -> None:
    bought = placed_order(me, product=liquor)
    answer = await chat.say("不想要了，帮我取消订单")
    tap = f"取消订单 {bought.order_no}"
    assert bought.row.state == "awaiting_payment"
    assert tap in answer.commands
    done = await chat.say(tap)
    assert done.text.startswith(f"好的，陈酿（订单 {bought.order_no}）正在取消")
    assert bought.row.state == "closing"
    assert "　正在关闭" in (await chat.say(tap)).text


async def test_a_paid_order_is_cancelled_by_a_refund(chat: Chat, me: int, liquor: Made) -> None:
    bought = paid_order(me, product=liquor)
    for words in ("取消订单", f"取消订单 {bought.order_no}"):
        answer = await chat.say(words)
        assert "　还没发货，可整单退款，款项原路退回：取消并退款" in seen(answer)
        assert page(f"/m/aftersales/new?order={bought.order_no}") in answer.pages
    ask(bought)
    assert "　售后处理中，查看进度" in seen(await chat.say("取消订单"))


async def test_a_shipped_order_is_returned_instead(chat: Chat, me: int, liquor: Made) -> None:
    shipped_order(me, product=liquor)
    assert "　已经发出，不能取消了；收到后可退货：申请售后" in seen(await chat.say("取消订单"))


async def test_a_partly_shipped_order_is_refunded_and_returned_by_lines(
    chat: Chat, me: int
) -> None:
    first, second = make_product("陈酿"), make_product("小泉")
    bought = paid_order(me, items=[(first.sku_id, 1), (second.sku_id, 1)])
    ship_all(bought, (bought.line_ids[0], 1))
    answer = await chat.say("取消订单")
    assert "　部分已发出，没发的可退款，已发的收到后可退货：申请退款" in seen(answer)
    assert f"其余最晚 {promised(bought)} 发出" in (await chat.say("多久发货")).text


async def test_a_finished_order_can_not_be_cancelled(chat: Chat, me: int, liquor: Made) -> None:
    bought = received_order(me, product=liquor)
    assert seen(await chat.say("取消订单")).startswith("您没有可以取消的订单。")
    assert "不能取消了" in (await chat.say(f"取消订单 {bought.order_no}")).text


async def test_an_order_of_another_member_is_not_cancelled(
    chat: Chat, me: int, liquor: Made
) -> None:
    theirs = placed_order(make_member("小王"), product=liquor)
    assert (await chat.say(f"取消订单 {theirs.order_no}")).text.startswith("没有找到这个订单号")
    assert theirs.row.state == "awaiting_payment"


# --- 改地址


async def test_the_answer_tells_whether_the_address_can_be_changed(
    chat: Chat, me: int, liquor: Made
) -> None:
    waits = placed_order(me, product=liquor)
    paid = paid_order(me, product=liquor)
    sent = shipped_order(me, product=liquor)
    text = seen(await chat.say("收货地址填错了怎么办"))
    assert text.count("（寄往 林** 138****8000 四川省") == 3
    assert "　还没付款：取消这一单，换地址重新下单即可" in text
    assert f"　还没发货，订单号 {paid.order_no}，也可退款重拍\n" in text
    assert "还没发货的请尽快发送「留言 改地址 订单号 新的收货人、电话、地址」" in text
    number = orders.parcels_of(sent.order_id)[0].tracking_no
    assert f"已经发出，改不了了；可用单号请快递公司改派\n　顺丰速运 {number}" in text
    assert f"取消订单 {waits.order_no}" in (await chat.say("改收货地址")).commands


# --- 催发货


async def test_a_request_to_hurry_is_noted_once_on_the_order(
    chat: Chat, me: int, liquor: Made
) -> None:
    oldest = paid_order(me, product=liquor)
    newest = paid_order(me, product=liquor)
    answer = await chat.say("怎么还不发货，后天要用")
    (ticket,) = service_desk.list_tickets_of_member(me)
    assert (ticket.kind, ticket.order_no) == ("question", oldest.order_no)
    assert ticket.text == "催发货：怎么还不发货，后天要用"
    assert answer.text.startswith(
        f"已为您记下催单，编号 {ticket.ticket_no}，{when(ticket.due_at)} 前在这里答复您。"
    )
    assert f"最晚 {promised(newest)} 发货" in answer.text
    again = await chat.say("催发货")
    assert ticket.ticket_no in again.text
    assert len(service_desk.list_tickets_of_member(me)) == 1


async def test_a_late_order_gets_an_apology_and_a_refund_link(
    chat: Chat, me: int, liquor: Made
) -> None:
    bought = paid_order(me, product=liquor)
    pass_time(hours=49)
    answer = await chat.say("催发货")
    assert "已超过承诺的发货时间，非常抱歉；不想等了可以申请退款。" in seen(answer)
    assert page(f"/m/aftersales/new?order={bought.order_no}") in answer.pages


async def test_without_a_waiting_order_nothing_is_noted(chat: Chat, me: int, liquor: Made) -> None:
    placed_order(me, product=liquor)
    assert "待付款，请在" in (await chat.say("催发货")).text
    shipped_order(me, product=liquor)
    assert service_desk.list_tickets_of_member(me) == []


async def test_an_order_of_another_member_is_not_hurried(
    chat: Chat, me: int, liquor: Made
) -> None:
    paid_order(me, product=liquor)
    theirs = paid_order(make_member("小王"), product=liquor)
    answer = await chat.say(f"我的订单{theirs.order_no}怎么还不发货啊，快点发")
    assert service_desk.list_tickets_of_member(me) == []
    assert "陈酿" not in answer.text


async def test_with_too_many_tickets_a_request_to_hurry_still_gets_the_date(
    chat: Chat, me: int, liquor: Made
) -> None:
    bought = paid_order(me, product=liquor)
    for n in range(service_desk.MOST_OPEN):
        service_desk.open_ticket(me, f"第{n}条")
    text = (await chat.say("催发货")).text
    assert "这次没有另记编号" in text
    assert f"最晚 {promised(bought)} 发货" in text


# --- length


@pytest.mark.parametrize("kind", ["paid", "shipped", "received", "late", "cases"])
async def test_three_orders_with_long_names_fit_into_a_message(
    chat: Chat, me: int, kind: str
) -> None:
    goods = make_product("山泉坊·陶坛珍藏酱香型白酒礼盒装二零二六年纪念版")
    make = {"shipped": shipped_order, "received": received_order}.get(kind, paid_order)
    for _ in range(3):
        bought = make(me, product=goods, quantity=3)
        if kind == "cases":
            ask(bought)
    if kind == "late":
        pass_time(hours=50)
    for title in TITLES:
        answer = await chat.say(title)
        assert "查看全部" not in answer.text, (title, answer.text)
        assert answer.commands, title


# --- every state has its text


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("unconfirmed", "正在核实退货是否收到"),
        ("received_back", "商家已收到退货，正在处理"),
        ("abnormal", "微信没能直接退回，正在人工核对"),
        ("settled_by_hand", "已由商家线下退还"),
        ("exchanged", "已换新发出，顺丰速运 SF5550001112"),
        ("withdrawn", "已撤销"),
    ],
)
async def test_each_state_of_a_case(
    chat: Chat, me: int, liquor: Made, state: str, words: str
) -> None:
    case = ask(received_order(me, product=liquor), "return", "no_reason")
    parcel = {"sent_company": "顺丰速运", "sent_tracking_no": "SF5550001112"}
    AfterSale.update(state=state, **parcel).where(AfterSale.id == case["case_id"]).execute()
    for title in ("退款进度", case["case_no"]):
        assert words in (await chat.say(title)).text
    for title in TITLES:
        assert not (await chat.say(title)).text.startswith("抱歉"), title


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("closing", {"我的订单": "正在关闭", "付款遇到问题": "正在与微信核对付款"}),
        ("cancelled", {"我的订单": "已取消", "付款遇到问题": "没有收到付款，已取消"}),
        ("completed", {"我的订单": "已完成", "申请退款": "过了自助申请的期限"}),
        ("refunded", {"我的订单": "已退款"}),
    ],
)
async def test_each_state_of_an_order(
    chat: Chat, me: int, liquor: Made, state: str, words: dict[str, str]
) -> None:
    is_paid = state in ("completed", "refunded")
    bought = (received_order if is_paid else placed_order)(me, product=liquor)
    Order.update(state=state).where(Order.id == bought.order_id).execute()
    for title, said in words.items():
        assert said in (await chat.say(title)).text
    named = {
        "取消": {"closing": "正在关闭", "cancelled": "已经取消了", "completed": "不能取消",
                 "refunded": "已经退款了"},
        "申请退款": {"closing": "还没付款，不用退款", "cancelled": "没有付款，已取消",
                     "completed": "交易已完成", "refunded": "已全部退款"},
    }  # fmt: skip
    for wish, answers in named.items():
        assert answers[state] in (await chat.say(f"{bought.order_no} {wish}")).text
    for title in TITLES:
        assert not (await chat.say(title)).text.startswith("抱歉"), title


@pytest.mark.row("L2")
@pytest.mark.parametrize("title", ["我的订单", "付款遇到问题", "多久发货", "催发货"])
async def test_a_held_order_says_why_and_what_to_do(
    chat: Chat, me: int, liquor: Made, title: str
) -> None:
    paid_order(me, product=liquor)
    before = await chat.say(title)
    assert page("/m/me/age") not in before.pages
    adults.doubt_by_staff(me, "像孩子")
    answer = await chat.say(title)
    assert page("/m/me/age") in answer.pages
    assert "年龄待核验" in answer.text


async def test_an_unpaid_order_in_doubt_is_not_sent_to_the_till(
    chat: Chat, me: int, liquor: Made
) -> None:
    bought = placed_order(me, product=liquor)
    adults.doubt_by_staff(me, "像孩子")
    answer = await chat.say("我的订单")
    assert page(f"/m/pay/{bought.order_no}") not in answer.pages
    assert "还不能付款" in answer.text
