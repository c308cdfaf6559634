"""The webhook as WeChat calls it: three modes, forged and broken pushes, texts and errors."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from prometheus_client import REGISTRY

import bot.dedupe
import bot.late
import bot.webhook
from bot import handlers
from domain import members
from kernel import clock
from kernel.errors import Invalid, Retryable
from tests.face.chat import OPENID, PREVIOUS_KEY, Chat, cdata
from tests.face.chat_desk import Desk, door_of
from tests.face.conftest import OpenChat

HELP = "您可以点击，或直接发送："


def pushes(outcome: str) -> float:
    return REGISTRY.get_sample_value("fenmall_pushes_total", {"outcome": outcome}) or 0.0


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk()
    monkeypatch.setattr(handlers, "ROUTERS", (made.router, *handlers.ROUTERS))
    return made


# --- the URL check and the modes


@pytest.mark.row("D1")
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
@pytest.mark.row("D1")
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
    assert await chat.deps.store.read(members.list_members) == []


async def test_a_push_with_the_previous_key_is_answered_with_it(chat: Chat) -> None:
    answer = await chat.push(chat.text("帮助"), key=PREVIOUS_KEY)
    assert answer.text.startswith(HELP)


# --- forged, stale, broken, too large


async def test_a_forged_signature_is_refused_and_stores_nothing(chat: Chat) -> None:
    encrypt = chat.envelope().encrypt(chat.text("帮助"))
    query = chat.query(encrypt) | {"msg_signature": "0" * 40}
    status, body = await chat.post(query, f"<xml><Encrypt>{encrypt}</Encrypt></xml>")
    assert (status, body) == (403, "bad signature")
    assert await chat.deps.store.read(members.list_members) == []


async def test_a_stale_push_is_refused(chat: Chat) -> None:
    assert (await chat.push(chat.text("帮助"), age=301)).status == 403
    assert (await chat.push(chat.text("帮助"), age=290)).status == 200


async def test_forged_pushes_of_one_ip_address_are_limited(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also across the end of a minute, until the oldest ones are a minute old."""
    limiter, start = door_of(chat)._deps.limiter, 1_700_000_000.0
    query = chat.query() | {"signature": "0" * 40, "echostr": "1"}

    async def forge(at: float, times: int) -> list[int]:
        monkeypatch.setattr(limiter, "_now", lambda: start + at)
        statuses = []
        for _ in range(times):
            async with chat.client.get("/wechat", params=query) as response:
                statuses.append(response.status)
        return statuses

    most = bot.webhook.BAD_MOST
    assert await forge(59.9, most - 5) == [403] * (most - 5)
    assert await forge(60.1, 6) == [403] * 5 + [429]
    assert (await chat.say("帮助")).status == 200
    assert await forge(119.8, 1) == [429]
    assert await forge(123.1, 1) == [403]


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
async def test_a_broken_push_is_acknowledged_and_counted(
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


async def test_an_unknown_event_is_acknowledged_and_counted(chat: Chat) -> None:
    before = pushes("unknown")
    assert (await chat.event("qualification_verify_success")).raw == "success"
    assert pushes("unknown") == before + 1


async def test_a_message_of_an_unknown_kind_gets_an_answer(chat: Chat) -> None:
    answer = await chat.push(chat.xml(MsgType="miniprogrampage", MsgId="77", Title="卡片"))
    assert answer.text.startswith("已收到，谢谢。")


# --- contents of texts


@pytest.mark.parametrize("text", ["😀🍶𠮷 㐀", "a]]>b", "<a href='https://x'>x</a>", "&lt;"])
async def test_any_text_is_echoed_unchanged(chat: Chat, desk: Desk, text: str) -> None:
    desk.result = "echo"
    assert (await chat.say(f"测试 {text}")).text == f"测试 {text}"


async def test_a_typed_link_is_not_sent_back_as_a_link(chat: Chat) -> None:
    answer = await chat.say('商品 <a href="https://evil.example">领奖</a>')
    assert 'https://evil.example"' not in "".join(answer.pages)
    assert "＜a href=" in answer.text


# --- refusals and errors


async def test_a_refusal_of_a_rule_is_answered_with_its_text(chat: Chat, desk: Desk) -> None:
    desk.result = Invalid("text_too_long", "text", limit=20)
    assert (await chat.say("测试")).text == "内容太长了，请控制在 20 字以内。"


async def test_an_error_of_wechat_is_answered_with_a_text(chat: Chat, desk: Desk) -> None:
    desk.result = Retryable("-1", "system busy")
    assert (await chat.say("测试")).text == "微信接口暂时繁忙，请稍后再试。"


async def test_an_internal_error_is_answered_with_an_apology_and_counted(
    chat: Chat, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    before = pushes("failed")
    desk.result = ZeroDivisionError()
    assert (await chat.say("测试")).text == bot.webhook.SORRY
    assert pushes("failed") == before + 1
    assert "a message could not be answered" in caplog.text


# --- members and their reply window


async def test_texts_open_the_reply_window_and_taps_do_not(chat: Chat) -> None:
    appid, read = chat.config.wechat.appid, chat.deps.store.read
    await chat.tap("帮助")
    tapped = await read(members.identity_by_openid, appid, OPENID)
    assert tapped.is_following
    await chat.say("帮助")
    heard = await read(members.identity_by_openid, appid, OPENID)
    assert heard.member_id == tapped.member_id
    assert heard.last_message_at is not None


async def test_the_reply_window_is_renewed_every_ten_minutes_at_most(chat: Chat) -> None:
    async def heard() -> Any:
        found = await chat.deps.store.read(
            members.identity_by_openid, chat.config.wechat.appid, OPENID
        )
        return found.last_message_at

    await chat.say("帮助")
    first = await heard()
    clock.set_offset(timedelta(minutes=9))
    await chat.say("帮助")
    assert await heard() == first
    clock.set_offset(timedelta(minutes=11))
    await chat.say("帮助")
    assert await heard() > first


async def test_a_result_event_opens_no_reply_window(chat: Chat) -> None:
    await chat.event("TEMPLATESENDJOBFINISH", MsgID="9", Status="success")
    found = await chat.deps.store.read(
        members.identity_by_openid, chat.config.wechat.appid, OPENID
    )
    assert (found.is_following, found.last_message_at) == (False, None)


async def test_a_returning_follower_is_the_same_member(chat: Chat) -> None:
    appid, read = chat.config.wechat.appid, chat.deps.store.read
    await chat.say("帮助")
    before = await read(members.identity_by_openid, appid, OPENID)
    assert (await chat.event("unsubscribe")).raw == "success"
    assert (await read(members.identity_by_openid, appid, OPENID)).is_following is False
    await chat.say("帮助")
    after = await read(members.identity_by_openid, appid, OPENID)
    assert (after.member_id, after.is_following) == (before.member_id, True)


async def test_recognised_voice_is_read_as_a_command(chat: Chat) -> None:
    spoken = chat.xml(MsgType="voice", MediaId="m", MsgId="81", Recognition=cdata("帮助。"))
    assert (await chat.push(spoken)).text.startswith(HELP)
