"""Messages with characters that XML forbids, or that are invisible, are read and answered."""

from __future__ import annotations

import base64
import time
from collections.abc import AsyncIterator
from typing import Any

import fakeredis
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from gateways.wechat.mending import mended
from models import Member, ServiceTicket
from tests.face.chat import Chat, cdata, make_chat
from tests.face.test_chat_webhook import pushes
from tests.factories.catalog import make_product


@pytest.fixture(params=["plain", "safe"])
async def chat(
    request: pytest.FixtureRequest, aiohttp_client: Any, store: Any
) -> AsyncIterator[Chat]:
    """The webhook in the mode under test."""
    redis = fakeredis.FakeAsyncRedis()
    yield await make_chat(aiohttp_client, store, redis=redis, wechat={"mode": request.param})
    await redis.aclose()


HIDDEN = (
    "\x1d{}", "{}\x10", "\x00{}\x08", "\ufffe{}\uffff", "\ufeff{}", "\u202e{}\u202c",
    "\u2067{}\u2069",
    "\u200b{}\u200d", "\u00ad{}\u2060", "\U000e0001{}\U000e007f", "\ue000{}", "\u3164{}\u2800",
    "\x7f{}\x9f", "\u2028{}\u2029", "\x85{}\x0c", "{}\ufe0f\u20e3", "\u034f{}\u0336\u0337\u0338",
)  # fmt: skip


async def sent(chat: Chat, body: bytes) -> Any:
    """Post bytes as a signed message, encrypted in safe mode; returns the decrypted answer."""
    if chat.config.wechat.mode == "plain":
        return chat.opened(*await chat.post(chat.query(), body))
    sealed = seal(chat, body)
    outer = f"<xml><Encrypt>{sealed}</Encrypt></xml>"
    return chat.opened(*await chat.post(chat.query(sealed), outer))


def seal(chat: Chat, body: bytes) -> str:
    """Encrypt bytes, which need not be text, as WeChat does."""
    key = base64.b64decode(chat.config.wechat.encoding_aes_key + "=")
    plain = b"0123456789abcdef" + len(body).to_bytes(4, "big") + body
    plain += chat.config.wechat.appid.encode()
    short = 32 - len(plain) % 32
    made = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    padded = plain + bytes([short]) * short
    return base64.b64encode(made.update(padded) + made.finalize()).decode()


@pytest.mark.parametrize("around", HIDDEN)
async def test_a_message_with_a_control_character_is_answered(
    chat: Chat,
    store: Any,
    around: str,
) -> None:
    await store.write(make_product, "陈酿")
    plain = await chat.say("商品")
    assert (await sent(chat, chat.text(around.format("商品")).encode())).text == plain.text
    inside = "".join(around.format(c) for c in "商品")
    assert (await sent(chat, chat.text(inside).encode())).text == plain.text


@pytest.mark.parametrize("around", HIDDEN)
async def test_a_stop_with_a_control_character_is_obeyed(
    chat: Chat,
    store: Any,
    around: str,
) -> None:
    await store.write(lambda: Member.select().count())
    answer = await sent(chat, chat.text(around.format("退订")).encode())
    assert "已" in answer.text
    assert await store.read(lambda: Member.get().push_stopped_at) is not None


@pytest.mark.parametrize("raw", [
    b"\xed\xa0\xbd", b"\xff\xfe", b"\xc0\x80", b"\xf5\x80\x80\x80", b"\xe4\xb8", b"]]>",
    b"]]><!DOCTYPE", b"&#0;", b"<b>&nosuch;", b"\x1b[31m",
])  # fmt: skip
async def test_a_message_with_invalid_utf8_is_answered(
    chat: Chat,
    store: Any,
    raw: bytes,
) -> None:
    faults = pushes("failed")
    parts = chat.text("退订@@").encode().split(b"@@")
    answer = await sent(chat, raw.join(parts))
    assert answer.text
    assert pushes("failed") == faults


@pytest.mark.parametrize("body", [
    "<Content>退订&#x1d;</Content>", "<Content>退订&#0;&#xFFFF;&#55296;</Content>",
    "<Content>&#16;退订</Content>", "<Content>退订\x01</Content>",
])  # fmt: skip
async def test_a_message_with_forbidden_character_references_is_answered(
    chat: Chat,
    store: Any,
    body: str,
) -> None:
    xml = chat.text("@@").replace("<Content><![CDATA[@@]]></Content>", body)
    assert "已" in (await sent(chat, xml.encode())).text
    assert await store.read(lambda: Member.get().push_stopped_at) is not None


@pytest.mark.parametrize(
    "nothing", ["\x1d", "\u200b", "\u202e\u202c", "\ufeff \u3164", "\x00" * 50]
)
async def test_a_message_of_invisible_characters_is_answered(
    chat: Chat,
    nothing: str,
) -> None:
    assert (await sent(chat, chat.text(nothing).encode())).text == (await chat.say("你好")).text


async def test_taps_and_voice_are_cleaned_like_texts(chat: Chat) -> None:
    word = (await chat.say("帮助")).text
    tapped = chat.xml(MsgType="event", Event="CLICK", EventKey=cdata("\x1d帮助\u200b"))
    assert (await sent(chat, tapped.encode())).text == word
    spoken = chat.xml(MsgType="voice", MediaId="m", Format="amr", MsgId="99887766554433",
                      Recognition=cdata("\x08帮助。\u2060"))  # fmt: skip
    assert (await sent(chat, spoken.encode())).text == word


async def test_a_stored_message_has_no_invisible_characters(chat: Chat, store: Any) -> None:
    said = "投诉 瓶\x1d子\u202e碎了\u202c" + "\u0336" * 40 + " 👨‍👩‍👧‍👦"
    answer = await sent(chat, chat.text(said).encode())
    assert answer.text
    kept = await store.read(lambda: ServiceTicket.get().text)
    assert kept == "投诉 瓶子碎了\u0336\u0336 👨‍👩‍👧‍👦"


async def test_a_document_type_is_refused(chat: Chat) -> None:
    evil = '<!DOCTYPE xml [<!ENTITY a "退订">]>' + chat.text("\x1d").replace("\x1d", "\x1d]]>&a;")
    answer = await sent(chat, evil.encode())
    assert (answer.status, answer.raw) == (200, "success")


async def test_mending_takes_linear_time(chat: Chat) -> None:
    for odd in (b"<a><![CDATA[" * 5_000, b"<" * 60_000, b"&#1;" * 15_000, b"<a " * 20_000):
        began = time.thread_time()
        mended(odd)
        assert time.thread_time() - began < 0.5  # CPU time; it takes milliseconds
