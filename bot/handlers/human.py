"""人工: hand-over to an agent; out of hours a message is taken, and a complaint gets a number."""

from __future__ import annotations

import re

from markupsafe import Markup

from bot import waiting
from bot.call import Call
from bot.hours import is_open
from bot.numbers import order_number_in
from bot.router import ANYTHING, Command, Router, event
from bot.texts import TEXTS
from bot.tickets import as_typed, noted
from domain import legal, orders, service_desk
from kernel import clock
from kernel.chat import Event, HandOver, Reply, TextReply
from kernel.errors import Conflict, NotFound

router = Router("human")

SHOWN = 3
_NUMBER = re.compile(r"tk[0-9]{6}[0-9a-z]{16}")
_TICKET = re.compile(rf"\s*{_NUMBER.pattern}.*")


@router.on(
    Command(
        "人工",
        "转人工",
        "找人工",
        "客服",
        "人工客服",
        "联系客服",
        "客户服务",
        "kefu",
        intent="human",
    )
)
async def human(call: Call) -> Reply:
    """Hand the conversation over during service hours, else say when the shop is open."""
    if is_open(legal.last_business().service_hours, clock.now()):
        # WeChat hands over after a text message, but ignores a hand-over in reply to a menu tap
        is_tap = isinstance(call.message, Event)
        if is_tap:
            return call.answer("human_open.txt", company=legal.last_business())
        await waiting.begin(call.deps.trips, call.openid)
        return HandOver()
    own = Markup(call.texts.closed)  # noqa: S704 - written by the merchant
    return call.answer("human_closed.txt", own=own, company=legal.last_business())


async def still_waits(call: Call) -> bool:
    """Whether this is said to the person who was asked for, within the service hours."""
    if isinstance(call.message, Event):
        return False
    is_manned = is_open(legal.last_business().service_hours, clock.now())
    return is_manned and await waiting.has(call.deps.trips, call.openid)


@router.on(event("kf_close_session"))
async def conversation_closed(call: Call) -> None:
    """The agent ended the conversation."""
    await waiting.end(call.deps.trips, call.openid)


@router.on(Command("留言", intent="human", takes=ANYTHING))
async def leave_message(call: Call, rest: str) -> Reply:
    """留言: record a question as a service ticket; it is answered in this chat."""
    return await _take_down(call, "question", rest)


@router.on(Command("投诉", "举报", intent="complaint", takes=ANYTHING, is_apart=True))
async def complain(call: Call, rest: str) -> Reply:
    """投诉: record a complaint; it gets a number, an owner and a time limit."""
    return await _take_down(call, "complaint", rest)


@router.on(Command("工单", "我的投诉", "我的留言", intent="complaint"))
async def progress(call: Call) -> Reply:
    """The member's questions and complaints with their states and answers."""
    found = await call.read(service_desk.list_tickets_of_member, call.member_id, None, SHOWN)
    return call.answer("tickets.txt", tickets=found)


@router.on(Command("满意", "已解决", intent="complaint", takes=_TICKET))
async def accept_answer(call: Call, rest: str) -> Reply:
    """满意: the member accepts an answer, and the ticket is closed."""
    return await _judge(call, rest, is_content=True)


@router.on(Command("不满意", "没解决", "未解决", intent="complaint", takes=_TICKET))
async def reject_answer(call: Call, rest: str) -> Reply:
    """不满意: the member rejects an answer, and the ticket is open again."""
    return await _judge(call, rest, is_content=False)


async def how_to_complain(call: Call, kind: str = "complaint", words: str = "") -> Reply:
    """What to send, and within how many hours it is answered; ``words`` can be sent by a tap."""
    return call.answer(
        "ticket_how.txt", kind=kind, promised=await call.promised(),
        company=legal.last_business(), words=words,
    )  # fmt: skip


async def note_complaint(call: Call) -> Reply:
    """Record a complaint in free words; the same words within a day are the same complaint."""
    ticket = await noted(call, "complaint", order_no=await _own_order_in(call))
    return call.answer("complaint.txt", ticket=ticket, company=legal.last_business())


async def _take_down(call: Call, kind: str, rest: str) -> Reply:
    if not rest:
        return await how_to_complain(call, kind)
    order_no = await _own_order_in(call)
    number = await call.write(
        service_desk.open_ticket_once, call.member_id, as_typed(call), kind, order_no
    )
    found = await call.read(service_desk.ticket_detail, number, call.member_id)
    return call.answer("ticket_opened.txt", ticket=found)


async def _own_order_in(call: Call) -> str | None:
    """The number of an order that the message names, if it is this person's."""
    order_no = order_number_in(call.sentence)
    if not order_no:
        return None
    try:
        await call.read(orders.order_id_of, order_no, call.member_id)
    except NotFound:
        return None
    return order_no


async def _judge(call: Call, rest: str, *, is_content: bool) -> Reply:
    number = _NUMBER.search(rest.replace(" ", ""))
    if number is None:
        return await progress(call)
    ticket_no = number[0].upper()
    try:
        if is_content:
            actor = f"member:{call.member_id}"
            await call.write(service_desk.close_ticket, ticket_no, actor, call.member_id)
        else:
            await call.write(service_desk.reopen_ticket, ticket_no, call.member_id, as_typed(call))
    except (NotFound, Conflict) as error:
        return TextReply(TEXTS.of(error))
    return call.answer("ticket_judged.txt", is_content=is_content, ticket_no=ticket_no)
