"""Complaints and reports of counterfeits: a number, a time limit, a person."""

from __future__ import annotations

from typing import Any

import pytest

from bot.call import Call
from bot.understanding.matcher import Meaning
from domain import service_desk
from kernel.web.templates import when
from tests.face.chat import Chat
from tests.face.chat_answers.reading import seen
from tests.factories.catalog import Made, make_product
from tests.factories.distribution import pass_time
from tests.factories.orders import (
    received_order,
    shipped_order,
)

pytestmark = pytest.mark.usefixtures("wired")


@pytest.fixture
def liquor(db: Any) -> Made:
    return make_product("陈酿")


@pytest.mark.parametrize("words", ["客服骂人,我要个说法", "骗子", "我要打12315"])
async def test_a_complaint_gets_a_number_a_time_limit_and_a_person(
    chat: Chat, me: int, words: str
) -> None:
    answer = await chat.say(words)
    (ticket,) = service_desk.list_tickets_of_member(me)
    assert (ticket.kind, ticket.text) == ("complaint", words)
    assert seen(answer) == (
        f"很抱歉让您不满意，已登记为投诉，编号 {ticket.ticket_no}。\n"
        f"我们会在 {when(ticket.due_at)} 前答复，结果在这里通知您；"
        "可以接着发「投诉 具体情况」补充。\n"
        "找客服　电话 400-000-0000　处理进度"
    )
    assert "人工" in answer.commands
    assert (await chat.say(words)).text == answer.text
    assert len(service_desk.list_tickets_of_member(me)) == 1
    pass_time(hours=25)
    await chat.say(words)
    assert len(service_desk.list_tickets_of_member(me)) == 2


@pytest.mark.parametrize("words", ["我要投诉", "怎么投诉", "投诉通道在哪"])
async def test_a_question_about_complaints_is_answered(chat: Chat, me: int, words: str) -> None:
    text = seen(await chat.say(words))
    assert text.startswith("请发送「投诉」加上具体情况")
    assert "72 小时内答复" in text
    assert "电话 400-000-0000" in text
    assert service_desk.list_tickets_of_member(me) == []


@pytest.mark.parametrize(
    "words",
    ["我的投诉处理得怎么样了", "上次投诉有结果了吗", "我反映的问题解决了没", "投诉受理了没有"],
)
async def test_who_asks_what_became_of_a_complaint_reads_it_and_opens_none(
    chat: Chat, me: int, words: str
) -> None:
    await chat.say("客服骂人,我要个说法")
    (ticket,) = service_desk.list_tickets_of_member(me)
    assert (await chat.say(words)).text.startswith(f"投诉 {ticket.ticket_no}\n　处理中")
    assert len(service_desk.list_tickets_of_member(me)) == 1


@pytest.mark.parametrize("words", ["投诉了没人处理，你们不管吗", "投诉三次了一直不解决是吧"])
async def test_who_says_that_nobody_acted_complains_again(chat: Chat, me: int, words: str) -> None:
    await chat.say(words)
    assert [each.text for each in service_desk.list_tickets_of_member(me)] == [words]


async def test_a_complaint_about_an_order_is_attached_to_it(
    chat: Chat, me: int, liquor: Made
) -> None:
    bought = shipped_order(me, product=liquor)
    await chat.say(f"你们就是骗子，订单{bought.order_no}骗了我的钱，我要投诉你们")
    (ticket,) = service_desk.list_tickets_of_member(me)
    assert (ticket.kind, ticket.order_no) == ("complaint", bought.order_no)


@pytest.mark.parametrize("intent", ["complaint", "fake_suspected"])
async def test_an_uncertain_sentence_opens_no_ticket(
    chat: Chat, me: int, monkeypatch: pytest.MonkeyPatch, intent: str
) -> None:
    guessed = Meaning(intent=intent, score=0.07)
    monkeypatch.setattr(Call, "meaning", property(lambda _: guessed))
    answer = await chat.say("这个码 是啥")
    assert answer.commands[0] == "投诉 这个码 是啥"
    assert service_desk.list_tickets_of_member(me) == []
    monkeypatch.undo()
    await chat.say(answer.commands[0])
    assert [each.text for each in service_desk.list_tickets_of_member(me)] == ["投诉 这个码 是啥"]


async def test_with_too_many_tickets_a_complaint_goes_to_a_person(chat: Chat, me: int) -> None:
    for n in range(service_desk.MOST_OPEN):
        service_desk.open_ticket(me, f"第{n}条")
    answer = await chat.say("骗子")
    assert "请直接找客服" in answer.text
    assert answer.commands[0] == "人工"


@pytest.mark.parametrize("words", ["假酒", "我觉得我买到假酒了"])
async def test_a_report_of_a_counterfeit_opens_one_complaint(
    chat: Chat, me: int, liquor: Made, words: str
) -> None:
    bought = received_order(me, product=liquor)
    answer = await chat.say(words)
    (ticket,) = service_desk.list_tickets_of_member(me)
    assert (ticket.kind, ticket.text) == ("complaint", words)
    assert ticket.order_no == bought.order_no
    assert seen(answer).splitlines() == [
        f"我们非常重视，已登记，编号 {ticket.ticket_no}，{when(ticket.due_at)} 前由专人答复。",
        "请先别再喝、别扔，保留酒和外箱，拍下瓶身、瓶盖、封口、批号和防伪标识；喝后身体不适请尽快就医。",
        "申请退货退款 陈酿（选质量问题，附照片）",
        "找客服　电话 400-000-0000　处理进度　怎么验真伪",
    ]
    await chat.say(words)
    assert len(service_desk.list_tickets_of_member(me)) == 1


async def test_the_way_to_check_for_counterfeits_is_explained(chat: Chat, me: int) -> None:
    answer = await chat.say("怎么验真伪")
    assert seen(answer).splitlines() == [
        "本店的酒由山泉坊酒业有限公司销售并负责，证照公示。",
        "收到后请看瓶盖、封口和防伪标识是否完好，名称、规格与商品页是否一致。",
        "本店暂没有扫码验真的页面，瓶上有码的按瓶上印的方式查询。",
        "有疑问请先别开封，拍下瓶身、瓶盖、批号给客服核对，是我们的问题可退货退款，运费我们承担。",
        "怀疑是假酒　退货规则　找客服核对",
    ]
    assert answer.pages == ["http://127.0.0.1:8080/legal/licences"]
