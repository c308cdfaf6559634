"""Pushes that WeChat would never send, rightly signed and sealed: answered, nothing booked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import strategies as st

from models import TABLES, Member, OutboxRow
from tests.face.chat import Chat, cdata, make_chat
from tests.face.test_chat_webhook import pushes
from tests.fuzz.test_fuzz_notify import books, run_examples
from tests.security.town import digest

FIELDS = (
    "ToUserName", "FromUserName", "CreateTime", "MsgType", "Content", "MsgId", "Event",
    "EventKey", "Ticket", "MediaId", "PicUrl", "Location_X", "Location_Y", "Scale", "Label",
    "Title", "Url", "Recognition", "bizmsgmenuid", "Status", "Latitude", "Encrypt", "Idx",
    "SubscribeMsgPopupEvent", "MsgID",
)  # fmt: skip
KINDS = ("text", "event", "image", "voice", "location", "link", "video", "TEXT", "", "x" * 300)
EVENTS = ("subscribe", "unsubscribe", "SCAN", "CLICK", "VIEW", "TEMPLATESENDJOBFINISH",
          "MASSSENDJOBFINISH", "subscribe_msg_popup_event", "LOCATION", "")  # fmt: skip
ODD = st.one_of(
    st.integers(-(10**40), 10**40).map(str),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc",)), max_size=12).map(cdata),
    st.sampled_from([
        "", "0", "-1", "1e999", "NaN", "²", "9" * 400, cdata("x" * 9000), cdata("订单 " * 300),
        "<a><b><c/></b></a>", "<item/><item/>", "&lt;xml&gt;", "&#0;", "&amp;lol;", "&undefined;",
        cdata("佣金"), cdata("海报 99999999999999999999"), cdata("商品 ' OR 1=1 --"),
        cdata("人工"), cdata("<script>alert(1)</script>"), cdata("{{7*7}}"), cdata("😀" * 600),
    ]),
)  # fmt: skip
DOCTYPES = (
    '<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><Content>&a;</Content></xml>',
    '<!DOCTYPE xml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><xml><Content>&b;</Content></xml>',
    '<!DOCTYPE xml SYSTEM "http://127.0.0.1:1/x.dtd"><xml/>',
    '<!DOCTYPE xml [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><xml/>',
)


@pytest.fixture(params=["plain", "safe"])
async def chat(
    request: pytest.FixtureRequest, aiohttp_client: Any, store: Any
) -> AsyncIterator[Chat]:
    """The webhook in the mode under test."""
    import fakeredis

    redis = fakeredis.FakeAsyncRedis()
    yield await make_chat(aiohttp_client, store, redis=redis, wechat={"mode": request.param})
    await redis.aclose()


async def raw_push(chat: Chat, xml: str) -> tuple[int, str]:
    """Post XML as it is, signed and, in safe mode, sealed."""
    if chat.config.wechat.mode == "plain":
        return await chat.post(chat.query(), xml)
    sealed = chat.envelope().encrypt(xml)
    return await chat.post(chat.query(sealed), f"<xml><Encrypt>{sealed}</Encrypt></xml>")


def drawn(chat: Chat, data: st.DataObject) -> str:
    """A push with fields missing, doubled, nested, absurd; mostly from and to the right ones."""
    fields = {
        "ToUserName": chat.config.wechat.original_id, "FromUserName": chat.openid,
        "CreateTime": "1763800000", "MsgId": str(data.draw(st.integers(1, 10**18))),
        "MsgType": data.draw(st.sampled_from(KINDS)), "Event": data.draw(st.sampled_from(EVENTS)),
    }  # fmt: skip
    for name in data.draw(st.sets(st.sampled_from(FIELDS), max_size=5)):
        fields[name] = data.draw(ODD)
    for name in data.draw(st.sets(st.sampled_from(sorted(fields)), max_size=2)):
        del fields[name]
    inner = "".join(f"<{k}>{v}</{k}>" for k, v in fields.items())
    return f"<xml>{inner}{data.draw(st.sampled_from(['', inner, '<xml/>']))}</xml>"


async def test_signed_nonsense_is_answered_and_never_booked(chat: Chat, store: Any) -> None:
    before = books(await store.read(digest))
    faults = pushes("failed")

    async def one(xml: str) -> None:
        status, text = await raw_push(chat, xml)
        assert status == 200, text
        assert "Traceback" not in text

    await run_examples(lambda data: drawn(chat, data), one, most=80)
    assert pushes("failed") == faults  # no "sorry" for what was merely odd
    after = books(await store.read(digest))
    assert after | {"outbox_row": ""} == before | {"outbox_row": ""}
    assert await store.read(waiting) <= {"push.receipt"}  # of a message that nobody sent


def waiting() -> set[str]:
    """What is to be done later."""
    return {row.kind for row in OutboxRow.select()}


async def test_bodies_that_are_no_push_leave_no_trace(chat: Chat, store: Any) -> None:
    before = await store.read(digest)
    deep = "<a>" * 9_000 + "</a>" * 9_000
    many = "<xml>" + "<a/>" * 15_000 + "</xml>"
    for xml in (*DOCTYPES, deep, many, "", "x", "<xml/>", "<xml></xml>", "<a/>", "<xml><xml>",
                "<xml>" + deep[:50_000] + "</xml>", "<xml>\x01</xml>",
                '<?xml version="1.0" encoding="utf-16"?><xml/>',
                '<?xml version="1.0" encoding="no"?><xml/>'):  # fmt: skip
        status, text = await raw_push(chat, xml)
        assert (status, text) in {(200, "success"), (413, "")}, xml[:60]
        assert "root:" not in text
    assert await store.read(digest) == before


async def test_envelopes_that_are_none_are_refused(chat: Chat, store: Any) -> None:
    before = await store.read(digest)
    good = chat.envelope().encrypt(chat.text("帮助"))
    for sealed in ("", "x", "A" * 43 + "=", good[:-4], good[:60], good[4:], "=" * 40, "é",
                   good.replace(good[10], "!"), "A" * 44, "<b/>", good + good):  # fmt: skip
        body = f"<xml><Encrypt>{sealed}</Encrypt></xml>"
        status, text = await chat.post(chat.query(sealed), body)
        assert status in {200, 403, 429}, sealed[:20]
        assert text in {"success", "bad signature", ""}
    foreign = chat.envelope("0" * 43).encrypt(chat.text("帮助"))
    status, text = await chat.post(chat.query(foreign), f"<xml><Encrypt>{foreign}</Encrypt></xml>")
    assert text in {"success", "bad signature", ""}
    assert await store.read(digest) == before
    assert Member.select().count() == 0


async def test_queries_that_are_none_are_refused(chat: Chat, store: Any) -> None:
    before = await store.read(digest)
    good, body = chat.query(), chat.text("帮助")
    for name in ("signature", "timestamp", "nonce"):
        for value in ("", "x", "²", "0", "9" * 400, "-1", "é", "NaN", "' OR 1=1"):
            status, _ = await chat.post(good | {name: value}, body)
            assert status in {403, 429, 200}
    assert await store.read(digest) == before


def test_the_fingerprint_covers_every_table() -> None:
    assert len(TABLES) > 40
