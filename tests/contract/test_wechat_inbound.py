"""WeChat's pushes and our replies in three modes, with an independent encryption."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.wechat.inbound import Inbound
from gateways.wechat.replies import cdata, render
from kernel import clock
from kernel.chat import (
    Article,
    BadPush,
    Event,
    HandOver,
    Image,
    ImageReply,
    Link,
    Location,
    NewsReply,
    Other,
    Push,
    Text,
    TextReply,
    Video,
    Voice,
)
from simulator.crypto import CryptoError, Envelope, sha1_of_sorted
from tests.contract.conftest import OPENID, PREVIOUS_KEY, wechat_config

CONFIG = wechat_config("http://127.0.0.1:1", previous_aes_key=PREVIOUS_KEY)
GH = CONFIG.original_id
AT = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
ENVELOPE = Envelope(CONFIG.token, CONFIG.encoding_aes_key, CONFIG.appid)


def xml_of(**fields: Any) -> str:
    common = {
        "ToUserName": GH,
        "FromUserName": OPENID,
        "CreateTime": int(AT.timestamp()),
        "MsgType": "text",
    }
    inner = "".join(f"<{k}>{v}</{k}>" for k, v in (common | fields).items() if v is not None)
    return f"<xml>{inner}</xml>"


HELLO = xml_of(Content="<![CDATA[你好😀]]>", MsgId="23456789012345678")


def sealed(
    plain: str, envelope: Envelope = ENVELOPE, extra: str = "", age: int = 0
) -> tuple[dict[str, str], bytes]:
    """A push in safe mode; with ``extra`` clear fields as in compatible mode."""
    encrypt = envelope.encrypt(plain)
    return signed(encrypt, age), f"<xml>{extra}<Encrypt>{encrypt}</Encrypt></xml>".encode()


def signed(encrypt: str, age: int = 0) -> dict[str, str]:
    timestamp, nonce = str(clock.timestamp() - age), "1372623149"
    return {
        "signature": sha1_of_sorted(CONFIG.token, timestamp, nonce),
        "msg_signature": sha1_of_sorted(CONFIG.token, timestamp, nonce, encrypt),
        "timestamp": timestamp,
        "nonce": nonce,
        "encrypt_type": "aes",
        "openid": OPENID,
    }


def plain_query(age: int = 0) -> dict[str, str]:
    timestamp, nonce = str(clock.timestamp() - age), "1372623149"
    signature = sha1_of_sorted(CONFIG.token, timestamp, nonce)
    return {"signature": signature, "timestamp": timestamp, "nonce": nonce}


def inbound(mode: str = "safe") -> Inbound:
    return Inbound(CONFIG.model_copy(update={"mode": mode}))


def opened(xml: str) -> Any:
    return inbound().open_push(*sealed(xml)).message


def reason(query: dict[str, str], body: bytes, mode: str = "safe") -> str:
    with pytest.raises(BadPush) as caught:
        inbound(mode).open_push(query, body)
    return caught.value.reason


# --- the URL check


def test_the_url_check_answers_its_echostr() -> None:
    query = plain_query() | {"echostr": "5927782489442352469"}
    assert inbound().verify_url(query) == "5927782489442352469"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"signature": "0" * 40}, "signature"),
        ({"signature": "é"}, "query"),
        ({"nonce": "\udc80"}, "query"),
        ({"signature": ""}, "query"),
        ({"nonce": ""}, "query"),
        ({"timestamp": "yesterday"}, "signature"),
        ({"echostr": ""}, "query"),
    ],
)
def test_a_bad_url_check_is_refused(change: dict[str, str], expected: str) -> None:
    with pytest.raises(BadPush) as caught:
        inbound().verify_url(plain_query() | {"echostr": "1"} | change)
    assert caught.value.reason == expected


@pytest.mark.parametrize("timestamp", ["soon", "-1", "1e9", "9" * 13])
def test_a_signed_timestamp_that_is_no_number_is_refused(timestamp: str) -> None:
    query = plain_query() | {"echostr": "1", "timestamp": timestamp}
    query["signature"] = sha1_of_sorted(CONFIG.token, timestamp, query["nonce"])
    with pytest.raises(BadPush) as caught:
        inbound().verify_url(query)
    assert caught.value.reason == "time"


@pytest.mark.parametrize(("age", "is_open"), [(297, True), (302, False), (-302, False)])
def test_the_clock_may_differ_by_five_minutes(age: int, is_open: bool) -> None:
    query = plain_query(age) | {"echostr": "1"}
    if is_open:
        assert inbound().verify_url(query) == "1"
        return
    with pytest.raises(BadPush) as caught:
        inbound().verify_url(query)
    assert caught.value.reason == "time"


def test_the_age_of_a_push_is_measured_by_business_time() -> None:
    query, body = sealed(HELLO)
    clock.set_offset(timedelta(days=15))
    assert reason(query, body) == "time"


# --- modes


def test_safe_mode_decrypts_a_text() -> None:
    push = inbound().open_push(*sealed(HELLO))
    assert push == Push(
        Text(OPENID, GH, AT, "23456789012345678", "你好😀"),
        f"m:{OPENID}:23456789012345678",
        True,
        0,
    )


@pytest.mark.parametrize(
    "query", [plain_query(), plain_query() | {"encrypt_type": "raw"}, signed("x")]
)
def test_safe_mode_refuses_a_plain_body_however_well_signed(query: dict[str, str]) -> None:
    assert reason(query, HELLO.encode()) == "plain_refused"


@pytest.mark.parametrize("mode", ["plain", "compatible"])
def test_plain_pushes_are_taken_where_configured(mode: str) -> None:
    push = inbound(mode).open_push(plain_query(), HELLO.encode())
    assert (push.message.openid, push.is_encrypted) == (OPENID, False)
    assert reason(plain_query() | {"signature": "0"}, HELLO.encode(), mode) == "signature"


def test_compatible_mode_uses_the_encrypted_part_only() -> None:
    query, body = sealed(HELLO, extra="<FromUserName>oSomebodyElse</FromUserName>")
    push = inbound("compatible").open_push(query, body)
    assert (push.message.openid, push.is_encrypted) == (OPENID, True)


def test_the_previous_key_still_decrypts_and_encrypts() -> None:
    old = Envelope(CONFIG.token, PREVIOUS_KEY, CONFIG.appid)
    push = inbound().open_push(*sealed(HELLO, old))
    assert (push.key_number, push.is_encrypted) == (1, True)
    answer = ET.fromstring(inbound().render(push, TextReply("收到")))
    assert "收到" in old.decrypt(answer.findtext("Encrypt") or "")
    with pytest.raises(CryptoError):
        ENVELOPE.decrypt(answer.findtext("Encrypt") or "")


def test_a_push_with_an_unknown_key_or_appid_is_refused() -> None:
    other = Envelope(CONFIG.token, "Z" * 43, CONFIG.appid)
    assert reason(*sealed(HELLO, other)) in {"decrypt", "appid"}
    strange = Envelope(CONFIG.token, CONFIG.encoding_aes_key, "wx0000000000000000")
    assert reason(*sealed(HELLO, strange)) == "appid"


def test_a_message_for_another_account_is_refused() -> None:
    assert reason(*sealed(xml_of(Content="1", MsgId="1", ToUserName="gh_other"))) == "account"


# --- bodies that make the library raise other errors


@pytest.mark.parametrize(
    "encrypt",
    ["AAAA", "A" * 64, "not base64 at all", "A", "%%%%", "QUJD" * 200, "中文"],
)
def test_a_signed_malformed_body_is_always_badpush(encrypt: str) -> None:
    body = f"<xml><Encrypt>{encrypt}</Encrypt></xml>".encode()
    assert reason(signed(encrypt), body) == "decrypt"


@given(st.binary(max_size=200))
def test_any_body_is_opened_or_refused(body: bytes) -> None:
    for query in (signed("x"), plain_query()):
        for mode in ("safe", "plain"):
            with pytest.raises(BadPush):
                inbound(mode).open_push(query, body)


@pytest.mark.parametrize(
    "xml",
    [
        "",
        "<xml>",
        "<xml/>",
        "<xml>text</xml>",
        "<other><MsgType>text</MsgType></other>",
        "\x00",
        '<!DOCTYPE x [<!ENTITY a "b">]><xml><Content>&a;</Content></xml>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><Content>&a;</Content></xml>',
    ],
)
def test_broken_xml_is_refused(xml: str) -> None:
    assert reason(plain_query(), xml.encode(), "plain") == "xml"
    if xml:
        assert reason(*sealed(xml)) == "xml"


@pytest.mark.parametrize(
    "fields",
    [
        {"MsgType": None, "MsgId": "1"},
        {"MsgType": "event"},
        {"MsgId": None, "Content": "1"},
        {"MsgId": "abc", "Content": "1"},
        {"MsgId": "1", "Content": "<a>1</a>"},
        {"MsgId": "1", "CreateTime": ""},
        {"MsgId": "1", "CreateTime": "9" * 20},
        {"MsgId": "1", "CreateTime": "-5"},
        {"MsgId": "1", "FromUserName": None},
        {"MsgId": "1", "FromUserName": "a b"},
        {"MsgId": "1", "FromUserName": "o" * 65},
        {"MsgId": "1", "MsgType": "location", "Location_X": "north"},
        {"MsgId": "1", "ToUserName": "<x>1</x>"},
    ],
)
def test_a_message_with_a_broken_field_is_refused(fields: dict[str, Any]) -> None:
    assert reason(*sealed(xml_of(**fields))) == "shape"


def test_the_signature_covers_the_encrypted_body() -> None:
    query, _ = sealed(HELLO)
    _, other = sealed(xml_of(Content="改了", MsgId="2"))
    assert reason(query, other) == "signature"


# --- kinds of messages


def test_an_empty_text_is_an_empty_text() -> None:
    assert opened(xml_of(Content="", MsgId="1")).content == ""


def test_each_kind_of_message_is_parsed() -> None:
    base = {"openid": OPENID, "account": GH, "created_at": AT, "message_id": "1"}
    cases: list[tuple[dict[str, Any], Any]] = [
        (
            {"MsgType": "text", "Content": "满意", "bizmsgmenuid": "101"},
            Text(**base, content="满意", menu_id="101"),
        ),
        (
            {"MsgType": "image", "PicUrl": "http://p/1", "MediaId": "M"},
            Image(**base, media_id="M", picture_url="http://p/1"),
        ),
        (
            {"MsgType": "voice", "MediaId": "M", "Format": "amr", "Recognition": "订单"},
            Voice(**base, media_id="M", format="amr", recognition="订单"),
        ),
        (
            {"MsgType": "shortvideo", "MediaId": "M", "ThumbMediaId": "T"},
            Video(**base, media_id="M", thumb_media_id="T", is_short=True),
        ),
        (
            {
                "MsgType": "location",
                "Location_X": "30.65",
                "Location_Y": "104.06",
                "Scale": "16",
                "Label": "锦江区",
            },
            Location(**base, latitude=30.65, longitude=104.06, scale=16, label="锦江区"),
        ),
        (
            {"MsgType": "link", "Title": "T", "Description": "D", "Url": "https://x/"},
            Link(**base, title="T", description="D", url="https://x/"),
        ),
        (
            {"MsgType": "miniprogrampage", "Title": "T", "AppId": "wx1"},
            Other(**base, kind="miniprogrampage", facts={"Title": "T", "AppId": "wx1"}),
        ),
    ]
    for fields, expected in cases:
        assert opened(xml_of(MsgId="1", **fields)) == expected


def event(**fields: Any) -> Event:
    message = opened(xml_of(MsgType="event", **fields))
    assert isinstance(message, Event)
    return message


@pytest.mark.parametrize(
    ("fields", "scene"),
    [
        ({"Event": "subscribe", "EventKey": "qrscene_s:42", "Ticket": "T"}, "s:42"),
        ({"Event": "subscribe", "EventKey": ""}, None),
        ({"Event": "subscribe", "EventKey": "last_trade_no_4200001"}, None),
        ({"Event": "SCAN", "EventKey": "s:42", "Ticket": "T"}, "s:42"),
        ({"Event": "CLICK", "EventKey": "s:42"}, None),
    ],
)
def test_only_a_scene_codes_event_has_a_scene(fields: dict[str, str], scene: str | None) -> None:
    assert event(**fields).scene == scene


def test_an_events_name_is_lower_case_and_its_other_fields_are_kept() -> None:
    found = event(Event="TEMPLATESENDJOBFINISH", MsgID="200163836", Status="failed:user block")
    assert (found.kind, found.message_id, found.status) == (
        "templatesendjobfinish",
        "200163836",
        "failed:user block",
    )
    scan = event(
        Event="scancode_waitmsg",
        EventKey="SCAN",
        ScanCodeInfo="<ScanType>qrcode</ScanType><ScanResult>https://q/1</ScanResult>",
    )
    assert scan.scan_result == "https://q/1"
    assert event(Event="CLICK", EventKey="A").scan_result is None


@pytest.mark.parametrize("tag", ["SubscribeMsgPopupEvent", "SubscribeMsgChangeEvent"])
@pytest.mark.parametrize("count", [1, 2])
def test_one_or_several_subscription_entries_are_a_tuple(tag: str, count: int) -> None:
    status = "<SubscribeStatusString>reject</SubscribeStatusString>"
    entry = f"<List><TemplateId>T</TemplateId>{status}</List>"
    found = event(Event="subscribe_msg_change_event", **{tag: entry * count})
    expected = {"TemplateId": "T", "SubscribeStatusString": "reject"}
    assert found.subscriptions == (expected,) * count
    assert event(Event="CLICK", EventKey="A").subscriptions == ()


# --- duplicates


def key_of(xml: str) -> str:
    return inbound().open_push(*sealed(xml)).dedupe_key


def test_a_retry_has_the_same_key_and_another_push_has_another() -> None:
    click = {"MsgType": "event", "Event": "CLICK", "EventKey": "A"}
    keys = [
        key_of(xml_of(**click)),
        key_of(xml_of(**click | {"EventKey": "B"})),
        key_of(xml_of(**click | {"Event": "VIEW"})),
        key_of(xml_of(**click | {"FromUserName": OPENID[:-1] + "a"})),
        key_of(xml_of(**click | {"CreateTime": 1})),
        key_of(xml_of(**click | {"MsgID": "7"})),
        key_of(xml_of(Content="1", MsgId="7")),
        key_of(xml_of(Content="1", MsgId="8")),
        key_of(xml_of(Content="1", MsgId="7", FromUserName=OPENID.swapcase())),
        key_of(xml_of(**click | {"Ticket": "t"})),
        key_of(xml_of(**click | {"Latitude": "30.1"})),
    ]
    assert len(set(keys)) == len(keys)
    assert key_of(xml_of(**click)) == keys[0]


# --- replies


def rendered(reply: Any, xml: str = HELLO) -> ET.Element:
    push = replace(inbound().open_push(*sealed(xml)), is_encrypted=False)
    return ET.fromstring(inbound().render(push, reply))


def test_a_reply_exchanges_sender_and_receiver() -> None:
    root = rendered(TextReply("您好😀"))
    texts = {e.tag: e.text or "" for e in root}
    assert abs(int(texts.pop("CreateTime")) - clock.timestamp()) <= 5
    assert texts == {
        "ToUserName": OPENID,
        "FromUserName": GH,
        "MsgType": "text",
        "Content": "您好😀",
    }


def test_a_sealed_push_gets_a_sealed_and_signed_reply() -> None:
    push = inbound().open_push(*sealed(HELLO))
    root = ET.fromstring(inbound().render(push, TextReply("收到")))
    encrypt = root.findtext("Encrypt") or ""
    nonce, timestamp = root.findtext("Nonce") or "", root.findtext("TimeStamp") or ""
    assert root.findtext("MsgSignature") == ENVELOPE.signature(timestamp, nonce, encrypt)
    assert ET.fromstring(ENVELOPE.decrypt(encrypt)).findtext("Content") == "收到"


@pytest.mark.parametrize(
    "reply",
    [None, TextReply(""), TextReply(" \n"), NewsReply(()), TextReply("\u200b"),
     TextReply("\x01"), NewsReply((Article(" ", "", "https://m"),))],
)  # fmt: skip
def test_no_reply_is_an_unencrypted_success(reply: Any) -> None:
    assert inbound().render(inbound().open_push(*sealed(HELLO)), reply) == "success"


@given(st.text(max_size=300))
def test_no_text_can_end_its_cdata_section(text: str) -> None:
    parsed = ET.fromstring(f"<a>{cdata(text)}</a>").text or ""
    allowed = "".join(c for c in text if ord(c) >= 32 or c in "\t\n\r")
    allowed = "".join(
        c for c in allowed if c not in "\ufffe\uffff" and not "\ud800" <= c <= "\udfff"
    )
    assert parsed == allowed.replace("\r\n", "\n").replace("\r", "\n")


def test_a_cdata_end_in_a_text_is_read_back_as_text() -> None:
    text = "]]></Content><MsgType>evil</MsgType>]]>]]>"
    assert rendered(TextReply(text)).findtext("Content") == text


def test_a_long_text_is_cut_visibly_between_characters() -> None:
    content = rendered(TextReply("酒" * 1000)).findtext("Content") or ""
    assert content == "酒" * 681 + "…"
    assert len(content.encode()) <= 2048


CARDS = tuple(Article(f"标题{n}", "说明", f"https://m/{n}", "https://m/p.jpg") for n in range(9))


def test_a_message_gets_one_card_and_an_event_up_to_eight() -> None:
    to_message = rendered(NewsReply(CARDS))
    click = xml_of(MsgType="event", Event="CLICK", EventKey="A")
    to_event = rendered(NewsReply(CARDS), click)
    assert to_message.findtext("ArticleCount") == "1"
    assert to_event.findtext("ArticleCount") == "8"
    items = to_event.findall("Articles/item")
    assert [i.findtext("Url") for i in items] == [f"https://m/{n}" for n in range(8)]
    assert items[0].findtext("PicUrl") == "https://m/p.jpg"


def test_pictures_and_handing_over() -> None:
    assert rendered(ImageReply("M")).findtext("Image/MediaId") == "M"
    assert rendered(HandOver()).findtext("MsgType") == "transfer_customer_service"
    assert rendered(HandOver()).find("TransInfo") is None
    assert rendered(HandOver("kf1@gh")).findtext("TransInfo/KfAccount") == "kf1@gh"


def test_the_time_of_a_reply_can_be_given() -> None:
    message = Text(OPENID, GH, AT, "1", "hi")
    assert "<CreateTime>7</CreateTime>" in render(message, TextReply("x"), 7)
