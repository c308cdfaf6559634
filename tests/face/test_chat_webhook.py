"""The webhook as WeChat meets it: three modes, forged and broken pushes, retries, slow answers."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from prometheus_client import REGISTRY

import bot.dedupe
import bot.webhook
from bot import handlers
from bot.router import Command, Router
from domain import members
from kernel import clock
from kernel.chat import Article, HandOver, ImageReply, NewsReply, Reply, TextReply
from kernel.errors import Invalid, Refused, Retryable
from tests.face.chat import OPENID, PREVIOUS_KEY, Chat, cdata
from tests.face.conftest import OpenChat

HELP = "您可以点击，或直接发送："


def pushes(outcome: str) -> float:
    return REGISTRY.get_sample_value("fenmall_pushes_total", {"outcome": outcome}) or 0.0


class Desk:
    """A conversation for tests: answers 「测试」 with what it is given, and counts."""

    def __init__(self) -> None:
        self.router = Router("desk")
        self.asked = 0
        self.result: Any = TextReply("好的")
        self.gate: asyncio.Event | None = None
        self.coming = ""
        self.router.on(Command("测试"))(self._answer)

    async def _answer(self, call: Any, rest: str) -> Reply | None:
        self.asked += 1
        if self.coming:
            call.promise(self.coming)
        if self.gate is not None:
            await self.gate.wait()
        if isinstance(self.result, Exception):
            raise self.result
        return self.result if self.result != "echo" else TextReply(call.typed)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk()
    monkeypatch.setattr(handlers, "ROUTERS", (made.router, *handlers.ROUTERS))
    return made


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer is late after a moment."""
    monkeypatch.setattr(bot.webhook, "BUDGET_SECONDS", 0.12)
    monkeypatch.setattr(bot.webhook, "SOON_SECONDS", 0.06)


async def settled(chat: Chat, count: int = 1) -> None:
    """Until so many customer-service messages were sent."""
    async with asyncio.timeout(3):
        while len(chat.messenger.sent) < count:
            await asyncio.sleep(0.005)


# --- the URL check and the modes


async def test_the_url_check_answers_the_echo(chat: Chat) -> None:
    query = chat.query() | {"echostr": "5927782489442352469"}
    async with chat.client.get("/wechat", params=query) as response:
        assert (response.status, await response.text()) == (200, "5927782489442352469")
        assert response.content_type == "text/plain"


async def test_a_forged_url_check_is_refused(chat: Chat) -> None:
    query = chat.query() | {"echostr": "1", "signature": "0" * 40}
    async with chat.client.get("/wechat", params=query) as response:
        assert response.status == 403
        assert "1" not in await response.text()


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
async def test_help_is_answered_in_every_mode(open_chat: OpenChat, mode: str) -> None:
    chat = await open_chat(wechat={"mode": mode})
    answer = await chat.say("帮助")
    assert (answer.kind, answer.text.splitlines()[0]) == ("text", HELP)
    assert ("<Encrypt>" in answer.raw) is (mode != "plain")


async def test_safe_mode_refuses_a_plain_body(chat: Chat) -> None:
    before = pushes("plain_refused")
    status, _ = await chat.post(chat.query(), chat.text("帮助"))
    assert status == 403
    assert pushes("plain_refused") == before + 1
    assert await chat.deps.store.read(members.recent_members) == []


async def test_a_push_under_the_previous_key_is_answered_under_it(chat: Chat) -> None:
    answer = await chat.push(chat.text("帮助"), key=PREVIOUS_KEY)
    assert answer.text.startswith(HELP)


# --- forged, stale, broken, too large


async def test_a_forged_signature_is_refused_and_leaves_no_trace(chat: Chat) -> None:
    encrypt = chat.envelope().encrypt(chat.text("帮助"))
    query = chat.query(encrypt) | {"msg_signature": "0" * 40}
    status, body = await chat.post(query, f"<xml><Encrypt>{encrypt}</Encrypt></xml>")
    assert (status, body) == (403, "bad signature")
    assert await chat.deps.store.read(members.recent_members) == []


async def test_a_stale_push_is_refused(chat: Chat) -> None:
    assert (await chat.push(chat.text("帮助"), age=301)).status == 403
    assert (await chat.push(chat.text("帮助"), age=290)).status == 200


async def test_an_address_that_keeps_forging_is_told_to_slow_down(chat: Chat) -> None:
    query = chat.query() | {"signature": "0" * 40, "echostr": "1"}
    statuses = []
    for _ in range(bot.webhook.BAD_MOST + 1):
        async with chat.client.get("/wechat", params=query) as response:
            statuses.append(response.status)
    assert statuses == [403] * bot.webhook.BAD_MOST + [429]
    assert (await chat.say("帮助")).status == 200


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("<xml><ToUserName>", "xml"),
        ('<!DOCTYPE x [<!ENTITY e "帮助">]><xml><Content>&e;</Content></xml>', "xml"),
        ("<xml><MsgType>text</MsgType></xml>", "shape"),
        ("not xml at all", "xml"),
        ("", "xml"),
    ],
)
async def test_a_broken_push_is_answered_quietly_and_counted(
    chat: Chat, body: str, outcome: str
) -> None:
    before = pushes(outcome)
    encrypt = chat.envelope().encrypt(body)
    status, text = await chat.post(chat.query(encrypt), f"<xml><Encrypt>{encrypt}</Encrypt></xml>")
    assert (status, text) == (200, "success")
    assert pushes(outcome) == before + 1


async def test_a_body_of_two_megabytes_is_refused_before_it_is_read(chat: Chat) -> None:
    before = pushes("size")
    status, _ = await chat.post(chat.query(), BytesIO(b"x" * 2 * 1024 * 1024))
    assert status == 413
    assert pushes("size") == before + 1


async def test_a_large_body_without_a_length_is_refused(chat: Chat) -> None:
    async def chunks() -> Any:
        for _ in range(80):
            yield b"x" * 1024

    async with chat.client.post("/wechat", params=chat.query(), data=chunks()) as response:
        assert response.status == 413


async def test_an_unknown_event_is_answered_quietly_and_counted(chat: Chat) -> None:
    before = pushes("unknown")
    assert (await chat.event("qualification_verify_success")).raw == "success"
    assert pushes("unknown") == before + 1


async def test_a_message_of_an_unknown_kind_is_taken_politely(chat: Chat) -> None:
    answer = await chat.push(chat.xml(MsgType="miniprogrampage", MsgId="77", Title="卡片"))
    assert answer.text.startswith("已收到，谢谢。")


# --- what texts may hold


@pytest.mark.parametrize("text", ["😀🍶𠮷 㐀", "a]]>b", "<a href='https://x'>x</a>", "&lt;"])
async def test_any_text_comes_back_unharmed(chat: Chat, desk: Desk, text: str) -> None:
    desk.result = "echo"
    assert (await chat.say(f"测试 {text}")).text == f"测试 {text}"


async def test_what_a_person_typed_becomes_no_link(chat: Chat) -> None:
    answer = await chat.say('商品 <a href="https://evil.example">领奖</a>')
    assert 'https://evil.example"' not in "".join(answer.pages)
    assert "＜a href=" in answer.text


# --- de-duplication


async def test_a_retry_gets_the_same_reply_and_is_not_handled_again(
    chat: Chat, desk: Desk
) -> None:
    xml = chat.text("测试")
    first, second = await chat.push(xml), await chat.push(xml)
    assert first.raw == second.raw
    assert desk.asked == 1


async def test_a_retry_while_the_first_is_at_work_waits_for_the_same_reply(
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


async def test_a_retry_at_another_process_gets_the_same_reply(
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


async def test_a_push_whose_process_died_is_answered_by_the_next(
    chat: Chat, desk: Desk, redis: Any
) -> None:
    xml = chat.text("测试")
    number = xml.partition("<MsgId>")[2].partition("<")[0]
    await redis.set(f"push:m:{number}", bot.dedupe.PENDING, px=120)
    assert (await chat.push(xml)).text == "好的"
    assert desk.asked == 1


async def test_two_events_of_one_second_are_two(chat: Chat) -> None:
    first, second = await chat.tap("帮助"), await chat.tap("退订")
    assert first.text != second.text


async def test_without_redis_retries_are_still_recognised(
    open_chat: OpenChat, broken_redis: Any, desk: Desk
) -> None:
    chat = await open_chat(redis=broken_redis)
    xml = chat.text("测试")
    first, second = await chat.push(xml), await chat.push(xml)
    assert (first.text, first.raw == second.raw, desk.asked) == ("好的", True, 1)


async def test_redis_going_away_under_work_loses_no_reply(
    chat: Chat, desk: Desk, redis: Any, monkeypatch: pytest.MonkeyPatch, broken_redis: Any
) -> None:
    desk.gate = asyncio.Event()
    xml = chat.text("测试")
    first = asyncio.create_task(chat.push(xml))
    while not desk.asked:
        await asyncio.sleep(0.005)
    monkeypatch.setattr(redis, "set", broken_redis.set)
    monkeypatch.setattr(redis, "get", broken_redis.get)
    second = asyncio.create_task(chat.push(xml))
    await asyncio.sleep(0.02)
    desk.gate.set()
    assert (await first).raw == (await second).raw
    assert desk.asked == 1


async def test_a_fault_while_answering_does_not_block_the_retry(
    chat: Chat, desk: Desk, monkeypatch: pytest.MonkeyPatch, redis: Any
) -> None:
    class Broken:
        def render(self, *_: Any) -> str:
            raise ZeroDivisionError

        def open_push(self, *args: Any) -> Any:
            return chat.deps.inbound.open_push(*args)

    (handler,) = [
        r.handler
        for r in chat.client.app.router.routes()
        if r.method == "POST"  # type: ignore[union-attr]
    ]
    door = handler.__self__  # type: ignore[attr-defined]
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
async def test_a_slow_answer_is_announced_and_delivered_afterwards(
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


async def test_quick_work_that_was_announced_is_simply_answered(chat: Chat, desk: Desk) -> None:
    desk.coming = "海报正在制作"
    assert (await chat.say("测试")).text == "好的"
    assert chat.messenger.sent == []


async def test_a_late_answer_that_wechat_refuses_breaks_nothing(
    chat: Chat, desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    chat.messenger.refusal = Refused("45015", "response out of time limit")
    desk.gate = asyncio.Event()
    with monkeypatch.context() as hurry:
        hurry.setattr(bot.webhook, "SOON_SECONDS", 0.03)
        hurry.setattr(bot.webhook, "BUDGET_SECONDS", 0.06)
        assert (await chat.say("测试")).text == bot.webhook.AT_WORK
    desk.gate.set()
    async with asyncio.timeout(3):
        while "could not be delivered: 45015" not in caplog.text:
            await asyncio.sleep(0.005)
    assert chat.messenger.sent == []
    assert (await chat.say("帮助")).text.startswith(HELP)


@pytest.mark.usefixtures("hurried")
async def test_a_slow_event_that_nobody_waits_for_says_nothing(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(*_: Any) -> Any:
        await asyncio.sleep(0.2)

    monkeypatch.setattr(bot.webhook, "dispatch", slow)
    answer = await chat.event("TEMPLATESENDJOBFINISH", MsgID="9", Status="success")
    assert answer.raw == "success"


# --- what goes wrong inside


async def test_a_rule_s_no_is_told_in_words(chat: Chat, desk: Desk) -> None:
    desk.result = Invalid("text_too_long", "text", limit=20)
    assert (await chat.say("测试")).text == "内容太长了，请控制在 20 字以内。"


async def test_wechat_s_trouble_is_told_in_words(chat: Chat, desk: Desk) -> None:
    desk.result = Retryable("-1", "system busy")
    assert (await chat.say("测试")).text == "微信接口暂时繁忙，请稍后再试。"


async def test_a_fault_of_ours_apologises_and_is_counted(
    chat: Chat, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    before = pushes("failed")
    desk.result = ZeroDivisionError()
    assert (await chat.say("测试")).text == bot.webhook.SORRY
    assert pushes("failed") == before + 1
    assert "a message could not be answered" in caplog.text


# --- who wrote


async def test_words_open_the_window_and_taps_do_not(chat: Chat) -> None:
    appid, read = chat.config.wechat.appid, chat.deps.store.read
    await chat.tap("帮助")
    tapped = await read(members.reach_of, appid, OPENID)
    assert tapped.is_following
    await chat.say("帮助")
    heard = await read(members.reach_of, appid, OPENID)
    assert heard.member_id == tapped.member_id
    assert heard.last_message_at is not None


async def test_the_window_is_renewed_every_ten_minutes_at_most(chat: Chat) -> None:
    async def heard() -> Any:
        found = await chat.deps.store.read(members.reach_of, chat.config.wechat.appid, OPENID)
        return found.last_message_at

    await chat.say("帮助")
    first = await heard()
    clock.set_offset(timedelta(minutes=9))
    await chat.say("帮助")
    assert await heard() == first
    clock.set_offset(timedelta(minutes=11))
    await chat.say("帮助")
    assert await heard() > first


async def test_a_result_event_opens_no_window(chat: Chat) -> None:
    await chat.event("TEMPLATESENDJOBFINISH", MsgID="9", Status="success")
    found = await chat.deps.store.read(members.reach_of, chat.config.wechat.appid, OPENID)
    assert (found.is_following, found.last_message_at) == (False, None)


async def test_who_leaves_and_comes_back_is_the_same_member(chat: Chat) -> None:
    appid, read = chat.config.wechat.appid, chat.deps.store.read
    await chat.say("帮助")
    before = await read(members.reach_of, appid, OPENID)
    assert (await chat.event("unsubscribe")).raw == "success"
    assert (await read(members.reach_of, appid, OPENID)).is_following is False
    await chat.say("帮助")
    after = await read(members.reach_of, appid, OPENID)
    assert (after.member_id, after.is_following) == (before.member_id, True)


async def test_voice_that_wechat_put_into_words_is_a_command(chat: Chat) -> None:
    spoken = chat.xml(MsgType="voice", MediaId="m", MsgId="81", Recognition=cdata("帮助。"))
    assert (await chat.push(spoken)).text.startswith(HELP)
