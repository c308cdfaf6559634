"""The simulator's pushes: three modes, retries, passive replies; checked against wechatpy."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidSignatureException

from simulator.account import xmlcodec
from simulator.crypto import CryptoError, Envelope
from simulator.settings import Settings
from tests.contract.sim_fixtures import MakeDesk
from tests.contract.sim_shop import Desk, sha1

UNANSWERED = "该公众号暂时无法提供服务，请稍后再试"
MISTAKEN = "该公众号提供的服务出现故障，请稍后再试"


def crypto(settings: Settings) -> WeChatCrypto:
    return WeChatCrypto(settings.token, settings.encoding_aes_key, settings.appid)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1))
def test_wechatpy_and_the_envelope_decrypt_each_other(text: str) -> None:
    settings = Settings()
    envelope = Envelope(settings.token, settings.encoding_aes_key, settings.appid)
    sealed = envelope.encrypt(text)
    body = xmlcodec.render({"ToUserName": "gh", "Encrypt": sealed})
    signature = envelope.signature("1700000000", "n", sealed)
    theirs = crypto(settings)
    opened = theirs.decrypt_message(body, signature, "1700000000", "n")
    assert opened in (text, text.encode())
    reply = xmlcodec.parse(theirs.encrypt_message(text, "n2", "1700000001"))
    assert envelope.decrypt(reply["Encrypt"]) == text
    assert reply["MsgSignature"] == envelope.signature("1700000001", "n2", reply["Encrypt"])


def test_an_envelope_of_another_account_is_refused() -> None:
    settings = Settings()
    theirs = Envelope(settings.token, settings.encoding_aes_key, "wxother")
    ours = Envelope(settings.token, settings.encoding_aes_key, settings.appid)
    with pytest.raises(CryptoError, match="another appid"):
        ours.decrypt(theirs.encrypt("<xml/>"))
    with pytest.raises(CryptoError):
        ours.decrypt("bm90IGJsb2Nrcw==")


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])))
def test_text_survives_xml(text: str) -> None:
    fields = {"Content": text, "List": [{"A": 1}, {"A": text}]}
    parsed = xmlcodec.parse(xmlcodec.render(fields))
    assert parsed == {"Content": text, "List": [{"A": "1"}, {"A": text}]}


def test_document_types_are_refused() -> None:
    with pytest.raises(xmlcodec.XmlError):
        xmlcodec.parse('<!DOCTYPE x [<!ENTITY a "b">]><xml><A>&a;</A></xml>')


# --- modes -------------------------------------------------------------------------------
def reply_text(fields: dict[str, Any], content: str) -> str:
    return xmlcodec.render(
        {
            "ToUserName": fields["FromUserName"],
            "FromUserName": fields["ToUserName"],
            "CreateTime": 1,
            "MsgType": "text",
            "Content": content,
        }
    )


async def answer_plain(_request: web.Request, raw: bytes) -> web.Response:
    return web.Response(text=reply_text(xmlcodec.parse(raw.decode()), "收到"))


async def follow(desk: Desk) -> None:
    await desk.do("/phones/lin/follow")
    desk.shop.pushed.clear()


async def test_plain_mode_signs_the_url_and_shows_the_reply(desk: Desk) -> None:
    await follow(desk)
    desk.shop.answer_push = answer_plain
    done = await desk.do("/phones/lin/text", content="在吗]]>")
    assert done["reply"]["body"] == {"content": "收到"}
    assert done["push"]["outcome"] == "reply"
    query, body = desk.shop.pushed[0]
    parts = sorted([desk.settings.token, query["timestamp"], query["nonce"]])
    assert query["signature"] == sha1("".join(parts))
    assert set(query) == {"signature", "timestamp", "nonce", "openid"}
    fields = xmlcodec.parse(body)
    assert (fields["Content"], fields["FromUserName"]) == ("在吗]]>", query["openid"])
    assert fields["MsgId"].isdigit()


@pytest.mark.parametrize("mode", ["compatible", "safe"])
async def test_wechatpy_reads_pushes_in_encrypted_modes(
    make_desk: MakeDesk,
    mode: str,
) -> None:
    desk = await make_desk(mode=mode)
    await follow(desk)
    theirs = crypto(desk.settings)

    async def answer(request: web.Request, raw: bytes) -> web.Response:
        q = request.query
        xml = theirs.decrypt_message(raw, q["msg_signature"], q["timestamp"], q["nonce"])
        text = reply_text(xmlcodec.parse(xml if isinstance(xml, str) else xml.decode()), "密")
        return web.Response(text=theirs.encrypt_message(text, "n", q["timestamp"]))

    desk.shop.answer_push = answer
    done = await desk.do("/phones/lin/text", content="您好")
    assert done["reply"]["body"] == {"content": "密"}
    query, body = desk.shop.pushed[0]
    assert query["encrypt_type"] == "aes"
    assert ("Content" in xmlcodec.parse(body)) == (mode == "compatible")


async def test_safe_mode_refuses_a_plain_reply(make_desk: MakeDesk) -> None:
    desk = await make_desk(mode="safe")
    await follow(desk)

    async def answer(_request: web.Request, _raw: bytes) -> web.Response:
        person = desk.sim.world.phones["lin"].openid
        fields = {"FromUserName": person, "ToUserName": desk.settings.original_id}
        return web.Response(text=reply_text(fields, "明文"))

    desk.shop.answer_push = answer
    done = await desk.do("/phones/lin/text", content="您好")
    assert (done["reply"], done["push"]["outcome"]) == (None, "unavailable")
    assert "encrypted" in done["push"]["tries"][0]["error"]


@pytest.mark.parametrize(
    "text",
    ['{"a":1}', "<xml></xml>", "<xml><MsgType>text</MsgType></xml>", "<html>", "ok"],
)
async def test_a_wrong_reply_tells_the_person_that_the_account_cannot_serve(
    desk: Desk,
    text: str,
) -> None:
    await follow(desk)

    async def answer(_request: web.Request, _raw: bytes) -> web.Response:
        return web.Response(text=text)

    desk.shop.answer_push = answer
    done = await desk.do("/phones/lin/text", content="您好")
    assert (done["push"]["outcome"], len(done["push"]["tries"])) == ("unavailable", 1)
    chat = await desk.see("/phones/lin/chat")
    assert [m["body"] for m in chat["messages"]][-1] == {"content": MISTAKEN}


@pytest.mark.parametrize("text", ["success", ""])
async def test_success_and_an_empty_answer_show_nothing(desk: Desk, text: str) -> None:
    await follow(desk)

    async def answer(_request: web.Request, _raw: bytes) -> web.Response:
        return web.Response(text=text)

    desk.shop.answer_push = answer
    done = await desk.do("/phones/lin/text", content="您好")
    assert (done["reply"], done["push"]["outcome"]) == (None, "empty")


# --- retries and faults ------------------------------------------------------------------
async def test_a_slow_shop_gets_three_tries_with_the_same_msgid(
    make_desk: MakeDesk,
) -> None:
    desk = await make_desk(push_timeout_s=0.05)
    await follow(desk)
    release = asyncio.Event()

    async def answer(_request: web.Request, _raw: bytes) -> web.Response:
        await release.wait()
        return web.Response(text="success")

    desk.shop.answer_push = answer
    done = await desk.do("/phones/lin/text", content="慢")
    release.set()
    assert [t["error"] for t in done["push"]["tries"]] == ["TimeoutError"] * 3
    numbers = {xmlcodec.parse(body)["MsgId"] for _, body in desk.shop.pushed}
    assert len(desk.shop.pushed) == 3
    assert len(numbers) == 1
    assert done["push"]["outcome"] == "unavailable"
    chat = await desk.see("/phones/lin/chat")
    assert chat["messages"][-1]["body"] == {"content": UNANSWERED}


async def test_the_time_limit_is_exactly_five_seconds(desk: Desk) -> None:
    """aiohttp rounds limits of five seconds up to a whole second of the loop's clock."""
    await follow(desk)
    desk.settings.push_timeout_s = 5.0
    loop = asyncio.get_running_loop()
    asked: list[float] = []

    async def answer(_request: web.Request, raw: bytes) -> web.Response:
        asked.append(loop.time())
        if len(asked) == 1:  # late, but before the whole second that follows the limit
            await asyncio.sleep(max(5.2, int(asked[0] + 6) - asked[0] - 0.1))
        return await answer_plain(_request, raw)

    desk.shop.answer_push = answer
    done = await desk.do("/phones/lin/text", content="慢")
    assert [t["error"] for t in done["push"]["tries"]] == ["TimeoutError", ""]
    assert done["reply"]["body"] == {"content": "收到"}


async def test_an_answer_to_the_second_try_is_shown(desk: Desk) -> None:
    await follow(desk)
    desk.shop.answer_push = answer_plain
    await desk.do("/faults", match={"kind": "push"}, action={"ignore_reply": True})
    done = await desk.do("/phones/lin/text", content="您好")
    assert len(desk.shop.pushed) == 2
    assert done["reply"]["body"] == {"content": "收到"}
    chat = await desk.see("/phones/lin/chat?via=passive")
    assert len(chat["messages"]) == 1


@pytest.mark.parametrize(
    ("action", "error"), [({"bad_signature": True}, InvalidSignatureException)]
)
async def test_a_bad_signature_does_not_verify(
    make_desk: MakeDesk,
    action: Any,
    error: Any,
) -> None:
    desk = await make_desk(mode="safe")
    await follow(desk)
    await desk.do("/faults", match={"kind": "push"}, action=action)
    await desk.do("/phones/lin/text", content="您好")
    query, body = desk.shop.pushed[0]
    with pytest.raises(error):
        crypto(desk.settings).decrypt_message(
            body, query["msg_signature"], query["timestamp"], query["nonce"]
        )


async def test_duplicates_loss_and_reordering(desk: Desk) -> None:
    await follow(desk)
    await desk.do("/faults", match={"kind": "push"}, action={"duplicate": 2})
    await desk.do("/phones/lin/text", content="一")
    assert len(desk.shop.pushed) == 3
    desk.shop.pushed.clear()
    await desk.do("/faults", match={"kind": "push"}, action={"lose": True})
    done = await desk.do("/phones/lin/text", content="二")
    assert (done["push"]["outcome"], desk.shop.pushed) == ("lost", [])
    await desk.do("/faults", match={"kind": "push"}, action={"reorder": True})
    await desk.do("/phones/lin/text", content="三")
    assert desk.shop.pushed == []
    await desk.do("/phones/lin/text", content="四")
    said = [xmlcodec.parse(body)["Content"] for _, body in desk.shop.pushed]
    assert said == ["四", "三"]


async def test_a_misspelt_fault_is_refused(desk: Desk) -> None:
    body = {"match": {"kind": "push"}, "action": {"duplicated": 1}}
    status, answer = await desk.ask("POST", "/faults", body)
    assert (status, answer["error"]["code"]) == (400, "bad_request")
    assert (await desk.see("/faults"))["faults"] == []


async def test_the_phones_event_stream_has_every_message(desk: Desk) -> None:
    await follow(desk)
    seq = (await desk.see("/phones/lin/events?poll=1"))["seq"]
    desk.shop.answer_push = answer_plain
    watching = asyncio.create_task(desk.see(f"/phones/lin/events?poll=1&after={seq}&timeout_s=5"))
    await desk.do("/phones/lin/text", content="您好")
    seen = await watching
    assert seen["events"][0]["message"]["body"] == {"content": "您好"}
    more = await desk.see(f"/phones/lin/events?poll=1&after={seq}")
    assert [e["message"]["sender"] for e in more["events"]] == ["person", "account"]
