"""Calls of the WeChat gateway; the cases are bugs known from other clients."""

from __future__ import annotations

import asyncio
import itertools
import json
from datetime import timedelta
from typing import Any

import fakeredis
import pytest
from aiohttp import ClientSession, web

from domain.members.ports import OAuthIdentity
from domain.push.ports import MassContent, MassMessage, TemplateMessage
from gateways import metrics
from gateways.wechat import WeChatGateway, connect
from kernel import clock
from kernel.chat import Article
from kernel.errors import GatewayError, Refused, Retryable, Unknown
from tests.contract.conftest import OPENID, wechat_config
from tests.contract.fakes import Answer, Asked, Fake, Tokens

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20
SEND = "/cgi-bin/message/custom/send"


def ok(_asked: Asked) -> Answer:
    return {"errcode": 0, "errmsg": "ok"}


async def test_a_call_that_always_gets_40001_is_sent_twice_only(
    fake: Fake, wechat: WeChatGateway
) -> None:
    tokens = Tokens(fake)
    fake.routes[SEND] = lambda _: {"errcode": 40001, "errmsg": "invalid credential"}
    with pytest.raises(Retryable) as caught:
        await wechat.messenger.send_text(OPENID, "您好")
    assert caught.value.code == "40001"
    assert len(fake.of(SEND)) == 2
    assert (tokens.fetches, tokens.forced) == (3, 1)
    with pytest.raises(Retryable):
        await wechat.messenger.send_text(OPENID, "您好")
    # A forced refresh replaces the token of every process: once a minute is enough.
    assert tokens.forced == 1


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
async def test_twenty_tasks_with_an_invalid_token_fetch_one_token(
    fake: Fake, wechat: WeChatGateway, errcode: int
) -> None:
    tokens = Tokens(fake)
    await wechat.client.token.get()
    tokens.good = "token-1"

    def route(asked: Asked) -> Answer:
        is_good = asked.query["access_token"] == "token-1"
        return {"errcode": 0 if is_good else errcode, "errmsg": ""}

    fake.routes[SEND] = route
    await asyncio.gather(*(wechat.messenger.send_text(OPENID, str(n)) for n in range(20)))
    assert tokens.fetches == 2
    assert tokens.forced == 0
    assert len(fake.of(SEND)) == 40


async def test_two_processes_share_one_refresh(fake: Fake, session: ClientSession) -> None:
    tokens = Tokens(fake)
    server = fakeredis.FakeServer()
    redises = [fakeredis.FakeAsyncRedis(server=server) for _ in range(2)]
    both = [connect(wechat_config(fake.base), session, r) for r in redises]
    fake.routes[SEND] = tokens.needs(ok)
    await asyncio.gather(*(g.messenger.send_text(OPENID, str(n)) for n in range(5) for g in both))
    assert tokens.fetches == 1
    for redis in redises:
        await redis.aclose()


async def test_without_redis_a_process_keeps_the_token_in_memory(
    fake: Fake, session: ClientSession
) -> None:
    tokens = Tokens(fake)
    server = fakeredis.FakeServer()
    server.connected = False
    redis = fakeredis.FakeAsyncRedis(server=server)
    gateway = connect(wechat_config(fake.base), session, redis)
    fake.routes[SEND] = tokens.needs(ok)
    await asyncio.gather(*(gateway.messenger.send_text(OPENID, str(n)) for n in range(5)))
    assert tokens.fetches == 1
    await redis.aclose()


async def test_token_and_ticket_end_when_business_time_passes_their_end(
    fake: Fake, session: ClientSession, redis: Any
) -> None:
    """After eight days both are invalid at WeChat, though Redis still holds them."""
    tokens, tickets = Tokens(fake), itertools.count(1)

    def ticket(_asked: Asked) -> Answer:
        return {"errcode": 0, "ticket": f"T{next(tickets)}", "expires_in": 7200}

    fake.routes["/cgi-bin/ticket/getticket"] = ticket
    both = [connect(wechat_config(fake.base), session, redis) for _ in range(2)]
    assert [await g.pages.ticket.get() for g in both] == ["T1", "T1"]
    assert tokens.fetches == 1
    clock.set_offset(timedelta(hours=1))
    assert [await g.pages.ticket.get() for g in both] == ["T1", "T1"]
    clock.set_offset(timedelta(days=8))
    assert [await g.pages.ticket.get() for g in both] == ["T2", "T2"]
    assert tokens.fetches == 2


async def test_a_value_of_another_release_in_redis_is_ignored(
    fake: Fake, session: ClientSession, redis: Any
) -> None:
    tokens = Tokens(fake)
    gateway = connect(wechat_config(fake.base), session, redis)
    await redis.set(f"v2:wx:{gateway.client.config.appid}:token", "bare-value")
    assert await gateway.client.token.get() == tokens.good
    assert tokens.fetches == 1


async def test_an_upload_repeated_after_40001_has_its_complete_body(
    fake: Fake, wechat: WeChatGateway
) -> None:
    tokens = Tokens(fake)
    fake.routes["/cgi-bin/media/upload"] = tokens.needs(lambda _: {"media_id": "M1"})
    await wechat.client.token.get()
    tokens.good = "token-1"
    media = await wechat.messenger.upload_image(PNG, "海报.png")
    first, second = fake.of("/cgi-bin/media/upload")
    assert media.media_id == "M1"
    assert PNG in first.body
    assert PNG in second.body
    assert 'filename="海报.png"'.encode() in second.body


async def test_json_is_sent_without_unicode_escapes(fake: Fake, wechat: WeChatGateway) -> None:
    tokens = Tokens(fake)
    fake.routes["/cgi-bin/menu/create"] = tokens.needs(ok)
    await wechat.menu.publish_menu([{"type": "click", "name": "商城", "key": "MALL"}])
    body = fake.of("/cgi-bin/menu/create")[0].body
    assert body == '{"button": [{"type": "click", "name": "商城", "key": "MALL"}]}'.encode()


@pytest.mark.parametrize(
    ("status", "text", "for_send", "for_read"),
    [
        (500, "oops", Unknown, Retryable),
        (502, "<html>", Unknown, Retryable),
        (200, "<html>busy</html>", Unknown, Retryable),
        (200, "[]", Unknown, Retryable),
        (302, "", Unknown, Retryable),
        (413, "too large", Refused, Refused),
        (429, "slow down", Retryable, Retryable),
        (200, '{"errcode": -1, "errmsg": "busy"}', Retryable, Retryable),
        (200, '{"errcode": "45009", "errmsg": "quota"}', Retryable, Retryable),
        (200, '{"errcode": 45015, "errmsg": "window"}', Refused, Refused),
    ],
)
async def test_each_answer_becomes_the_right_gateway_error(
    fake: Fake,
    wechat: WeChatGateway,
    status: int,
    text: str,
    for_send: type[GatewayError],
    for_read: type[GatewayError],
) -> None:
    Tokens(fake)
    fake.routes[SEND] = lambda _: web.Response(status=status, text=text)
    fake.routes["/cgi-bin/user/info"] = fake.routes[SEND]
    with pytest.raises(GatewayError) as sent:
        await wechat.messenger.send_text(OPENID, "您好")
    with pytest.raises(GatewayError) as read:
        await wechat.fans.user_info(OPENID)
    assert (type(sent.value), type(read.value)) == (for_send, for_read)
    assert len(fake.of(SEND)) == 1


async def test_a_call_without_an_answer_ends_at_the_time_out(
    fake: Fake, session: ClientSession, redis: Any
) -> None:
    Tokens(fake)
    gateway = connect(wechat_config(fake.base), session, redis)
    await gateway.client.token.get()
    gateway.client.caller.timeout = 0.2

    async def hang(_asked: Asked) -> Answer:
        await asyncio.sleep(2)
        return {}

    for path in (SEND, "/cgi-bin/user/info", "/sns/oauth2/access_token"):
        fake.routes[path] = hang
    with pytest.raises(Unknown):
        await gateway.messenger.send_text(OPENID, "您好")
    with pytest.raises(Retryable):
        await gateway.fans.user_info(OPENID)
    with pytest.raises(Retryable):
        await gateway.oauth.exchange("code")


async def test_a_refused_connection_is_retryable(
    session: ClientSession, redis: Any, unused_tcp_port: int
) -> None:
    config = wechat_config(f"http://127.0.0.1:{unused_tcp_port}")
    gateway = connect(config, session, redis)
    await redis.set(f"v2:wx:{config.appid}:token", "9999999999 known")
    with pytest.raises(Retryable) as caught:
        await gateway.messenger.send_text(OPENID, "您好")
    assert caught.value.code == "no_connection"


async def test_calls_over_the_limit_wait_and_then_fail_as_busy(
    fake: Fake, session: ClientSession, redis: Any
) -> None:
    Tokens(fake)
    gateway = connect(wechat_config(fake.base), session, redis)
    await gateway.client.token.get()
    gateway.client.caller._slots = asyncio.Semaphore(1)
    arrived, release = asyncio.Event(), asyncio.Event()

    async def wait(_asked: Asked) -> Answer:
        arrived.set()
        await release.wait()
        return {"errcode": 0}

    fake.routes[SEND] = wait
    first = asyncio.create_task(gateway.messenger.send_text(OPENID, "1"))
    await arrived.wait()
    gateway.client.caller.timeout = 0.05
    with pytest.raises(Retryable) as caught:
        await gateway.messenger.send_text(OPENID, "2")
    release.set()
    await first
    assert caught.value.code == "busy"
    assert len(fake.of(SEND)) == 1


@pytest.mark.parametrize("errcode", [40001, 40125, 40164, 40013])
async def test_a_wrong_secret_or_address_is_refused_without_retry(
    fake: Fake, wechat: WeChatGateway, errcode: int
) -> None:
    fake.routes["/cgi-bin/stable_token"] = lambda _: {"errcode": errcode, "errmsg": "no"}
    with pytest.raises(Refused) as caught:
        await wechat.messenger.send_text(OPENID, "您好")
    assert caught.value.code == str(errcode)
    assert fake.of(SEND) == []


@pytest.mark.parametrize("errcode", [40029, 40163, 42003])
async def test_a_used_or_expired_code_is_refused_with_wechats_errcode(
    fake: Fake, wechat: WeChatGateway, errcode: int
) -> None:
    fake.routes["/sns/oauth2/access_token"] = lambda _: {"errcode": errcode, "errmsg": "no"}
    with pytest.raises(Refused) as caught:
        await wechat.oauth.exchange("code")
    assert caught.value.code == str(errcode)


def test_the_authorize_url_quotes_its_state_and_keeps_its_order(wechat: WeChatGateway) -> None:
    url = wechat.oauth.authorize_url("https://mall.example.com/oauth/callback?a=1", "a b&c=1")
    assert url.partition("?")[2] == (
        "appid=wx5de3000000000001"
        "&redirect_uri=https%3A%2F%2Fmall.example.com%2Foauth%2Fcallback%3Fa%3D1"
        "&response_type=code&scope=snsapi_base&state=a%20b%26c%3D1#wechat_redirect"
    )


async def test_a_silent_sign_in_requests_no_profile(fake: Fake, wechat: WeChatGateway) -> None:
    with pytest.raises(Refused) as caught:
        await wechat.oauth.profile(OAuthIdentity(OPENID, None, "snsapi_base"))
    assert caught.value.code == "48001"
    assert fake.asked == []


async def test_a_repeated_mass_send_is_a_duplicate_with_the_first_ones_id(
    fake: Fake, wechat: WeChatGateway
) -> None:
    Tokens(fake)
    fake.routes["/cgi-bin/message/mass/sendall"] = lambda _: {
        "errcode": 45065,
        "errmsg": "clientmsgid exist",
        "msg_id": 1000000001,
    }
    message = MassMessage(MassContent("text", text="年终酬宾"), client_id="MS1")
    sent = await wechat.messenger.send_mass(message)
    assert (sent.msg_id, sent.is_duplicate) == ("1000000001", True)


async def test_a_template_with_a_client_id_may_be_repeated_one_without_may_not(
    fake: Fake, wechat: WeChatGateway
) -> None:
    Tokens(fake)
    fake.routes["/cgi-bin/message/template/send"] = lambda _: web.Response(status=500)
    values = {"thing1": "山泉坊·陈酿"}
    with pytest.raises(Retryable):
        await wechat.messenger.send_template(TemplateMessage(OPENID, "T", values, "", "C1"))
    with pytest.raises(Unknown):
        await wechat.messenger.send_template(TemplateMessage(OPENID, "T", values))


@pytest.mark.parametrize(
    ("buttons", "code"),
    [
        ([], "40016"),
        ([{"name": "一"}] * 4, "40016"),
        ([{"name": "六个字的菜单"}], "40018"),
        ([{"name": "店", "key": "k" * 129}], "40019"),
        ([{"name": "店", "url": "u" * 1025}], "40020"),
        ([{"name": "店", "sub_button": [{"name": "一"}] * 6}], "40023"),
        ([{"name": "店", "sub_button": [{"name": "字" * 21}]}], "40018"),
    ],
)
async def test_a_menu_beyond_a_limit_is_not_sent(
    fake: Fake, wechat: WeChatGateway, buttons: list[dict[str, Any]], code: str
) -> None:
    with pytest.raises(Refused) as caught:
        await wechat.menu.publish_menu(buttons)
    assert caught.value.code == code
    assert fake.asked == []


def said(fake: Fake) -> list[str]:
    return [json.loads(asked.body)["text"]["content"] for asked in fake.of(SEND)]


@pytest.mark.parametrize("text", ["", " \n", "\u200b", "\x01"])
async def test_a_text_without_words_is_not_sent(
    fake: Fake, wechat: WeChatGateway, text: str
) -> None:
    with pytest.raises(Refused) as caught:
        await wechat.messenger.send_text(OPENID, text)
    assert caught.value.code == "44004"
    assert fake.asked == []


async def test_a_text_over_2048_bytes_is_sent_as_several_messages(
    fake: Fake, wechat: WeChatGateway
) -> None:
    fake.routes[SEND] = Tokens(fake).needs(ok)
    await wechat.messenger.send_text(OPENID, "\n\n".join(n * 600 for n in "一二三"))
    assert said(fake) == [n * 600 for n in "一二三"]
    fake.asked.clear()
    await wechat.messenger.send_text(OPENID, "酒" * 5000)
    assert [len(text.encode()) <= 2048 for text in said(fake)] == [True] * 3
    assert said(fake)[-1].endswith("…")


async def test_a_long_text_that_was_sent_in_part_is_no_failure(
    fake: Fake, wechat: WeChatGateway, caplog: pytest.LogCaptureFixture
) -> None:
    """If it were an error, the caller would send the whole text again."""
    answers = iter([{"errcode": 0}, {"errcode": 45047, "errmsg": "out of response count limit"}])
    fake.routes[SEND] = Tokens(fake).needs(lambda _: next(answers))
    await wechat.messenger.send_text(OPENID, "酒" * 1000)
    assert "the rest of a long text could not be sent: 45047" in caplog.text


async def test_a_card_without_a_title_is_not_sent(fake: Fake, wechat: WeChatGateway) -> None:
    with pytest.raises(Refused) as caught:
        await wechat.messenger.send_news(OPENID, Article(" ", "", "https://m/p/1"))
    assert (caught.value.code, fake.asked) == ("45003", [])


async def test_a_customer_service_card_has_one_article(fake: Fake, wechat: WeChatGateway) -> None:
    tokens = Tokens(fake)
    fake.routes[SEND] = tokens.needs(ok)
    await wechat.messenger.send_news(OPENID, Article("新品", "桂花露酒", "https://m/p/1"))
    body = json.loads(fake.of(SEND)[0].body)
    assert body == {
        "touser": OPENID,
        "msgtype": "news",
        "news": {
            "articles": [
                {"title": "新品", "description": "桂花露酒", "url": "https://m/p/1", "picurl": ""}
            ]
        },
    }


async def test_no_error_contains_the_secret(fake: Fake, wechat: WeChatGateway) -> None:
    fake.routes["/cgi-bin/stable_token"] = lambda _: web.Response(status=500)
    with pytest.raises(Retryable) as caught:
        await wechat.fans.user_info(OPENID)
    secret = wechat.client.config.secret
    chain: BaseException | None = caught.value
    while chain is not None:
        assert secret not in repr(chain)
        chain = chain.__cause__ or chain.__context__


async def test_each_call_is_counted_by_its_outcome(fake: Fake, wechat: WeChatGateway) -> None:
    def count(outcome: str) -> float:
        return metrics.CALLS.labels("wechat", SEND, outcome)._value.get()

    tokens = Tokens(fake)
    fake.routes[SEND] = tokens.needs(ok)
    before = count("ok"), count("refused")
    await wechat.messenger.send_text(OPENID, "您好")
    fake.routes[SEND] = lambda _: {"errcode": 45015, "errmsg": "window"}
    with pytest.raises(Refused):
        await wechat.messenger.send_text(OPENID, "您好")
    assert (count("ok"), count("refused")) == (before[0] + 1, before[1] + 1)
