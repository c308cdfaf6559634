"""De-duplication of pushes, and slow answers: their time budget, parts and late delivery."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

import bot.dedupe
import bot.late
import bot.webhook
from bot import handlers
from kernel.chat import Article, HandOver, ImageReply, NewsReply, Reply, TextReply
from kernel.errors import Refused
from tests.face.chat import OPENID, Chat
from tests.face.chat_desk import Desk, door_of, opened, settled, text_xml
from tests.face.conftest import OpenChat
from tests.harness.redis_wires import BrokenWire
from tests.harness.waiting import PATIENCE

BUDGET = bot.webhook.BUDGET_SECONDS  # the fixtures give tests a longer one

HELP = "您可以点击，或直接发送："


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk()
    monkeypatch.setattr(handlers, "ROUTERS", (made.router, *handlers.ROUTERS))
    return made


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make answers late after a short time."""
    monkeypatch.setattr(bot.webhook, "BUDGET_SECONDS", 0.12)
    monkeypatch.setattr(bot.webhook, "SOON_SECONDS", 0.06)


# --- de-duplication


async def test_a_retry_gets_the_same_reply_and_is_not_handled_again(
    chat: Chat, desk: Desk
) -> None:
    xml = chat.text("测试")
    first, second = await chat.push(xml), await chat.push(xml)
    assert first.raw == second.raw
    assert desk.asked == 1


async def test_a_retry_during_the_first_push_waits_for_the_same_reply(
    chat: Chat, desk: Desk
) -> None:
    desk.gate = asyncio.Event()
    xml = chat.text("测试")
    first = asyncio.create_task(chat.push(xml))
    while not desk.asked:
        await asyncio.sleep(0.005)
    second = asyncio.create_task(chat.push(xml))
    await asyncio.sleep(0.03)
    assert not second.done()
    desk.gate.set()
    assert (await first).raw == (await second).raw
    assert ((await first).text, desk.asked) == ("好的", 1)


async def test_a_retry_in_another_process_gets_the_same_reply(
    open_chat: OpenChat, desk: Desk
) -> None:
    one, other = await open_chat(), await open_chat()
    desk.gate = asyncio.Event()
    xml = one.text("测试")
    first = asyncio.create_task(one.push(xml))
    while not desk.asked:
        await asyncio.sleep(0.005)
    second = asyncio.create_task(other.push(xml))
    await asyncio.sleep(0.03)
    desk.gate.set()
    assert (await first).raw == (await second).raw
    assert desk.asked == 1


async def test_a_push_of_a_dead_process_is_answered_by_another(
    chat: Chat, desk: Desk, redis: Any
) -> None:
    xml = chat.text("测试")
    number = xml.partition("<MsgId>")[2].partition("<")[0]
    await redis.set(f"push:m:{OPENID}:{number}", bot.dedupe.PENDING, px=120)
    assert (await chat.push(xml)).text == "好的"
    assert desk.asked == 1


async def test_two_different_events_of_one_second_are_both_handled(chat: Chat) -> None:
    first, second = await chat.tap("帮助"), await chat.tap("退订")
    assert first.text != second.text


async def test_two_texts_of_one_second_get_two_replies(chat: Chat, desk: Desk) -> None:
    desk.result = "echo"
    asked = [text_xml(chat, f"测试 {n}", MsgId=str(n + 1)) for n in range(4)]
    answers = await asyncio.gather(*(chat.push(xml) for xml in asked))
    assert [a.text for a in answers] == [f"测试 {n}" for n in range(4)]


async def test_an_equal_message_id_of_another_person_is_another_message(
    chat: Chat, desk: Desk
) -> None:
    desk.result = "echo"
    other = chat.of(OPENID.swapcase())
    assert (await chat.push(text_xml(chat, "测试 一", MsgId="77"))).text == "测试 一"
    assert (await other.push(text_xml(other, "测试 二", MsgId="77"))).text == "测试 二"


async def test_two_scans_by_one_button_in_one_second_are_both_handled(chat: Chat) -> None:
    def key_of(result: str) -> str:
        info = f"<ScanType>qrcode</ScanType><ScanResult>{result}</ScanResult>"
        xml = chat.xml(
            MsgType="event", Event="scancode_waitmsg", EventKey="k", ScanCodeInfo=info,
            CreateTime="1700000000",
        )  # fmt: skip
        return str(opened(chat, xml).dedupe_key)

    assert len({key_of("A"), key_of("A"), key_of("B")}) == 2


async def test_two_equal_taps_in_one_second_are_one(chat: Chat, desk: Desk) -> None:
    tap = chat.xml(MsgType="event", Event="CLICK", EventKey="测试", CreateTime="1700000000")
    answers = [await chat.push(tap), await chat.push(tap)]
    assert answers[0].raw == answers[1].raw
    assert desk.asked == 1


async def test_without_redis_retries_are_recognised_within_the_process(
    open_chat: OpenChat, broken_redis: Any, desk: Desk
) -> None:
    chat = await open_chat(redis=broken_redis)
    xml = chat.text("测试")
    first, second = await chat.push(xml), await chat.push(xml)
    assert (first.text, first.raw == second.raw, desk.asked) == ("好的", True, 1)


async def test_a_lost_redis_during_the_work_loses_no_reply(
    chat: Chat,
    desk: Desk,
    redis: Any,
    monkeypatch: pytest.MonkeyPatch,
    broken_redis: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    desk.gate = asyncio.Event()
    xml = chat.text("测试")
    first = asyncio.create_task(chat.push(xml))
    while not desk.asked:
        await asyncio.sleep(0.005)
    for name in ("execute_command", "pipeline", "get"):
        monkeypatch.setattr(redis, name, getattr(broken_redis, name))
    monkeypatch.setattr(door_of(chat)._replies._trips, "_connection", BrokenWire())
    second = asyncio.create_task(chat.push(xml))
    await asyncio.sleep(0.02)
    desk.gate.set()
    assert (await first).raw == (await second).raw
    assert desk.asked == 1
    await door_of(chat)._replies.finish()
    assert "redis did not answer" in caplog.text
    assert (await chat.push(xml)).text == "好的"
    assert desk.asked == 1


async def test_a_failed_answer_does_not_block_the_retry(
    chat: Chat, desk: Desk, monkeypatch: pytest.MonkeyPatch, redis: Any
) -> None:
    class Broken:
        def render(self, *_: Any) -> str:
            raise ZeroDivisionError

        def open_push(self, *args: Any) -> Any:
            return chat.deps.inbound.open_push(*args)

    door = door_of(chat)
    xml = chat.text("测试")
    with monkeypatch.context() as broken:
        broken.setattr(door, "_deps", replace(door._deps, inbound=Broken()))
        assert (await chat.push(xml)).status == 500
    await redis.flushall()
    assert (await chat.push(xml)).text == "好的"
    assert desk.asked == 2


# --- slow answers


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize(
    ("result", "sent"),
    [
        (TextReply("算好了"), ("text", "算好了")),
        (ImageReply("media-1"), ("image", "media-1")),
        (
            NewsReply((Article("陈酿", "52%vol", "https://x/"),)),
            ("news", Article("陈酿", "52%vol", "https://x/")),
        ),
        (HandOver(), ("text", "抱歉让您久等，请再发送一次「人工」，马上为您接通。")),
    ],
)
async def test_a_slow_answer_is_announced_and_sent_afterwards(
    chat: Chat, desk: Desk, result: Reply, sent: tuple[str, Any]
) -> None:
    desk.gate, desk.result = asyncio.Event(), result
    xml = chat.text("测试")
    answer = await chat.push(xml)
    assert answer.text == bot.webhook.AT_WORK
    assert chat.messenger.sent == []
    desk.gate.set()
    await settled(chat)
    assert chat.messenger.sent == [(OPENID, *sent)]
    assert (await chat.push(xml)).raw == answer.raw
    assert desk.asked == 1


async def test_announced_slow_work_is_answered_within_a_second(
    chat: Chat, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.webhook, "SOON_SECONDS", 0.03)
    desk.gate, desk.coming = asyncio.Event(), "海报正在制作"
    assert (await chat.say("测试")).text == "海报正在制作"
    desk.gate.set()
    await settled(chat)
    assert chat.messenger.sent == [(OPENID, "text", "好的")]


async def test_announced_work_that_is_quick_is_answered_at_once(chat: Chat, desk: Desk) -> None:
    desk.coming = "海报正在制作"
    assert (await chat.say("测试")).text == "好的"
    assert chat.messenger.sent == []


async def test_a_late_answer_that_wechat_refuses_is_dropped(
    chat: Chat, desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    chat.messenger.refusal = Refused("45015", "response out of time limit")
    desk.gate = asyncio.Event()
    with monkeypatch.context() as hurry:
        hurry.setattr(bot.webhook, "SOON_SECONDS", 0.03)
        hurry.setattr(bot.webhook, "BUDGET_SECONDS", 0.06)
        assert (await chat.say("测试")).text == bot.webhook.AT_WORK
    desk.gate.set()
    async with asyncio.timeout(PATIENCE):
        while "could not be delivered: 45015" not in caplog.text:
            await asyncio.sleep(0.005)
    assert chat.messenger.sent == []
    assert (await chat.say("帮助")).text.startswith(HELP)


@pytest.mark.usefixtures("hurried")
async def test_a_slow_event_without_an_answer_announces_nothing(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(*_: Any) -> Any:
        await asyncio.sleep(0.2)

    monkeypatch.setattr(bot.webhook, "dispatch", slow)
    answer = await chat.event("TEMPLATESENDJOBFINISH", MsgID="9", Status="success")
    assert answer.raw == "success"


async def test_reading_and_waiting_shorten_the_time_for_the_answer(
    chat: Chat, desk: Desk, monkeypatch: pytest.MonkeyPatch, redis: Any
) -> None:
    monkeypatch.setattr(bot.webhook, "SOON_SECONDS", 3600.0)
    monkeypatch.setattr(bot.webhook, "BUDGET_SECONDS", 3600.0)
    desk.gate = asyncio.Event()
    ended = asyncio.get_running_loop().time() - 1
    async with asyncio.timeout(PATIENCE):
        answer = await door_of(chat)._first_answer(opened(chat, chat.text("测试")), ended)
        assert bot.webhook.AT_WORK in chat.opened(200, answer.decode()).text
        await redis.set("push:m:x", bot.dedupe.PENDING)
        assert await bot.dedupe.Replies(chat.deps.trips).claim("m:x", ended) == b"success"
    desk.gate.set()
    await settled(chat)


async def test_the_budget_begins_with_the_arrival_of_the_request(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, arrived = asyncio.get_running_loop(), asyncio.Event()
    read, seen = bot.webhook._bounded, dict[str, float]()
    encrypt = chat.envelope().encrypt(chat.text("帮助"))

    async def noted(request: Any) -> bytes:
        arrived.set()
        return await read(request)

    async def crawling() -> Any:
        yield b"<xml><Encrypt>"
        await arrived.wait()
        seen["body"] = loop.time()
        yield f"{encrypt}</Encrypt></xml>".encode()

    async def claim(_key: str, ends: float) -> bytes:
        seen["ends"] = ends
        return b"success"

    monkeypatch.setattr(bot.webhook, "_bounded", noted)
    monkeypatch.setattr(door_of(chat)._replies, "claim", claim)
    assert (await chat.post(chat.query(encrypt), crawling()))[0] == 200
    assert seen["ends"] <= seen["body"] + bot.webhook.BUDGET_SECONDS


async def test_a_too_long_answer_continues_in_a_second_message(
    chat: Chat, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.late, "REST_SECONDS", 0.0)
    first, second = "一" * 600, "二" * 600
    desk.result = TextReply(f"{first}\n\n{second}")
    xml = chat.text("测试")
    answer = await chat.push(xml)
    assert answer.text == first
    await settled(chat)
    assert chat.messenger.sent == [(OPENID, "text", second)]
    assert (await chat.push(xml)).raw == answer.raw
    assert len(chat.messenger.sent) == 1


@pytest.mark.parametrize("nothing", ["", " \n", "\u200b", "\x01"])
async def test_an_empty_answer_sends_no_message(chat: Chat, desk: Desk, nothing: str) -> None:
    desk.result = TextReply(nothing)
    assert (await chat.say("测试")).raw == "success"


async def test_after_the_time_limit_a_missing_answer_is_reported(
    chat: Chat, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.late, "LATE_SECONDS", 0.05)
    monkeypatch.setattr(bot.webhook, "SOON_SECONDS", 0.03)
    monkeypatch.setattr(bot.webhook, "BUDGET_SECONDS", 0.06)
    desk.gate = asyncio.Event()
    assert (await chat.say("测试")).text == bot.webhook.AT_WORK
    await settled(chat)
    assert chat.messenger.sent == [(OPENID, "text", bot.late.GAVE_UP)]


def test_the_budget_leaves_room_within_wechat_s_five_seconds() -> None:
    """Over half a second is left for network and rendering, and reading the body is limited."""
    assert bot.webhook.SOON_SECONDS < bot.webhook.BODY_SECONDS < BUDGET
    assert BUDGET <= 4.4
