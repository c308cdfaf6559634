"""The simulator's API host refuses what WeChat documents: paths, methods, sizes, types."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from aiohttp import FormData
from PIL import Image

from simulator.account import formats
from tests.contract.sim_shop import Desk

AMR_FRAME = b"\x3c" + bytes(31)  # 12.2 kbit/s: 20 ms of silence
MP4 = b"\x00\x00\x00\x18ftypisom" + bytes(200)
MP3 = b"\xff\xfb\x90\x00" + bytes(400)  # 128 kbit/s


def openid(desk: Desk, phone: str = "lin") -> str:
    return desk.sim.world.phones[phone].openid


def picture(kind: str = "PNG", size: int = 8) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (size, size)).save(out, kind)
    return out.getvalue()


def amr(seconds: int) -> bytes:
    return formats.AMR_HEAD + AMR_FRAME * (seconds * 50)


def padded(data: bytes, size: int) -> bytes:
    return data + bytes(max(0, size - len(data)))


async def send_file(desk: Desk, path: str, data: bytes, **extra: str) -> Any:
    form = FormData()
    form.add_field(
        "media", io.BytesIO(data), filename="a.bin", content_type="application/octet-stream"
    )
    for name, value in extra.items():
        form.add_field(name, value)
    token = (await desk.token())["access_token"]
    join = "&" if "?" in path else "?"
    async with desk.session.post(
        f"{desk.base}{path}{join}access_token={token}", data=form
    ) as response:
        return await response.json()


async def call(desk: Desk, method: str, path: str, body: bytes | None = None) -> Any:
    token = (await desk.token())["access_token"]
    async with desk.session.request(
        method, f"{desk.base}{path}?access_token={token}", data=body
    ) as response:
        assert response.status == 200
        return await response.json()


# --- paths, methods, bodies
@pytest.mark.parametrize(
    "path", ["/cgi-bin/nothing", "/cgi-bin/menu/creat", "/wxa/nothing", "/sns/x", "/cgi-bin/"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_unknown_path_is_refused(desk: Desk, path: str, method: str) -> None:
    answer = await call(desk, method, path, b"{}" if method == "POST" else None)
    assert (answer["errcode"], " rid: " in answer["errmsg"]) == (40066, True)


@pytest.mark.parametrize(
    ("method", "path", "errcode"),
    [
        ("GET", "/cgi-bin/menu/create", 43002),
        ("GET", "/cgi-bin/message/custom/send", 43002),
        ("GET", "/cgi-bin/stable_token", 43002),
        ("PUT", "/cgi-bin/qrcode/create", 43002),
        ("POST", "/cgi-bin/menu/get", 43001),
        ("POST", "/cgi-bin/user/get", 43001),
        ("DELETE", "/cgi-bin/menu/delete", 43001),
        ("POST", "/sns/oauth2/access_token", 43001),
    ],
)
async def test_a_wrong_method_is_refused(desk: Desk, method: str, path: str, errcode: int) -> None:
    answer = await call(desk, method, path, b"not json" if method != "GET" else None)
    assert answer["errcode"] == errcode


async def test_the_token_is_checked_before_the_method(desk: Desk) -> None:
    async with desk.session.get(f"{desk.base}/cgi-bin/menu/create") as response:
        assert (await response.json())["errcode"] == 41001


@pytest.mark.parametrize(
    "path", ["/cgi-bin/menu/create", "/cgi-bin/message/template/send", "/cgi-bin/tags/create"]
)
async def test_a_post_without_a_body_is_refused(desk: Desk, path: str) -> None:
    assert (await call(desk, "POST", path))["errcode"] == 44002
    assert (await call(desk, "POST", path, b"{"))["errcode"] == 47001
    assert (await call(desk, "POST", path, b"[]"))["errcode"] == 47001


# --- sizes of lists
@pytest.mark.parametrize(
    ("path", "body", "errcode"),
    [
        ("user/info/batchget", {"user_list": [{"openid": "o"}] * 101}, 40032),
        ("user/info/batchget", {"user_list": []}, 40032),
        ("tags/members/batchtagging", {"openid_list": ["o"] * 51, "tagid": 100}, 40032),
        ("tags/members/batchuntagging", {"openid_list": [], "tagid": 100}, 40032),
        ("tags/members/batchblacklist", {"openid_list": ["o"] * 21}, 40032),
        ("tags/members/batchunblacklist", {"openid_list": ["o"] * 21}, 40032),
        ("message/mass/send", {"touser": ["o"]}, 40130),
        ("message/mass/send", {"touser": []}, 40130),
        ("message/mass/send", {"touser": ["o"] * 10_001}, 40032),
    ],
)
async def test_a_list_of_the_wrong_size_is_refused(
    desk: Desk, path: str, body: dict[str, Any], errcode: int
) -> None:
    await desk.api("/cgi-bin/tags/create", {"tag": {"name": "一"}})
    assert (await desk.api(f"/cgi-bin/{path}", body))["errcode"] == errcode


# --- scene codes
STR, NUMBER = {"scene_str": "a"}, {"scene_id": 1}


@pytest.mark.parametrize(
    ("name", "info", "errcode"),
    [
        ("QR_WRONG", {"scene": STR}, 40052),
        (None, {"scene": STR}, 40052),
        ("QR_STR_SCENE", None, 40053),
        ("QR_STR_SCENE", {}, 40053),
        ("QR_STR_SCENE", {"scene": NUMBER}, 40053),
        ("QR_STR_SCENE", {"scene": {"scene_str": ""}}, 40053),
        ("QR_STR_SCENE", {"scene": {"scene_str": "a" * 65}}, 40053),
        ("QR_SCENE", {"scene": {"scene_id": 0}}, 40053),
        ("QR_SCENE", {"scene": {"scene_id": 2**32}}, 40053),
        ("QR_LIMIT_SCENE", {"scene": {"scene_id": 100_001}}, 40053),
    ],
)
async def test_a_wrong_scene_code_is_refused(
    desk: Desk, name: str | None, info: Any, errcode: int
) -> None:
    body = {"expire_seconds": 60, "action_name": name, "action_info": info}
    answer = await desk.api("/cgi-bin/qrcode/create", {k: v for k, v in body.items() if v})
    assert (answer["errcode"], desk.sim.world.tickets) == (errcode, {})


# --- media
@pytest.mark.parametrize(
    ("kind", "data", "errcode"),
    [
        ("image", picture("PNG"), 0),
        ("image", picture("JPEG"), 0),
        ("image", picture("GIF"), 0),
        ("image", picture("WEBP"), 40005),
        ("image", picture("BMP"), 40005),
        ("image", b"not a picture", 40005),
        ("image", picture("PNG")[:40], 40005),
        ("image", MP4, 40005),
        ("image", b"", 41005),
        ("image", padded(picture("PNG"), 10 * formats.MB + 1), 45001),
        ("voice", amr(60), 0),
        ("voice", MP3, 0),
        ("voice", picture("JPEG"), 40005),
        ("voice", amr(61), 45007),
        ("voice", padded(MP3, 1_000_000), 45007),
        ("voice", padded(amr(1), 2 * formats.MB + 1), 45001),
        ("video", MP4, 0),
        ("video", amr(1), 40005),
        ("video", padded(MP4, 10 * formats.MB + 1), 45001),
        ("thumb", picture("JPEG"), 0),
        ("thumb", picture("PNG"), 40005),
        ("thumb", padded(picture("JPEG"), 64 * 1024 + 1), 45001),
        ("nothing", picture("PNG"), 40004),
    ],
)
@pytest.mark.parametrize("path", ["media/upload", "material/add_material"])
async def test_an_upload_is_checked_by_content_and_size(
    desk: Desk, path: str, kind: str, data: bytes, errcode: int
) -> None:
    answer = await send_file(desk, f"/cgi-bin/{path}?type={kind}", data)
    assert answer.get("errcode", 0) == errcode, answer
    assert len(desk.sim.world.media) == (0 if errcode else 1)


@pytest.mark.parametrize(
    ("data", "errcode"),
    [
        (picture("PNG"), 0),
        (picture("JPEG"), 0),
        (picture("GIF"), 40005),
        (padded(picture("PNG"), formats.MB + 1), 40009),
    ],
)
async def test_article_pictures_must_be_small_jpg_or_png(
    desk: Desk, data: bytes, errcode: int
) -> None:
    answer = await send_file(desk, "/cgi-bin/media/uploadimg", data)
    assert answer.get("errcode", 0) == errcode
    assert ("url" in answer) == (errcode == 0)
    counted = await desk.api("/cgi-bin/material/get_materialcount")
    assert counted["image_count"] == 0, "they don't count as material"


async def test_an_upload_without_a_file_is_refused(desk: Desk) -> None:
    token = (await desk.token())["access_token"]
    url = f"{desk.base}/cgi-bin/media/upload?type=image&access_token={token}"
    async with desk.session.post(url) as response:
        assert (await response.json())["errcode"] == 41005


async def test_a_permanent_video_is_returned_as_texts_and_an_address(desk: Desk) -> None:
    words = json.dumps({"title": "酿酒", "introduction": "一年"}, ensure_ascii=False)
    made = await send_file(
        desk, "/cgi-bin/material/add_material?type=video", MP4, description=words
    )
    found = await desk.api("/cgi-bin/material/get_material", {"media_id": made["media_id"]})
    assert (found["title"], found["description"]) == ("酿酒", "一年")
    async with desk.session.get(found["down_url"]) as response:
        assert await response.read() == MP4
    await desk.api("/cgi-bin/material/del_material", {"media_id": made["media_id"]})
    gone = await desk.api("/cgi-bin/material/get_material", {"media_id": made["media_id"]})
    assert gone["errcode"] == 40007


async def test_temporary_media_are_not_permanent_ones(desk: Desk) -> None:
    kept = await send_file(desk, "/cgi-bin/media/upload?type=image", picture())
    for path in ("get_material", "del_material"):
        answer = await desk.api(f"/cgi-bin/material/{path}", {"media_id": kept["media_id"]})
        assert answer["errcode"] == 40007
    lasting = await send_file(desk, "/cgi-bin/material/add_material?type=image", picture())
    answer = await desk.api("/cgi-bin/media/get", media_id=lasting["media_id"])
    assert answer["errcode"] == 40007
    assert (await desk.api("/cgi-bin/material/get_material", {"a": 1}))["errcode"] == 41006


@pytest.mark.parametrize("sent", ["image", "voice", "video"])
async def test_media_are_sent_only_as_their_own_type(desk: Desk, sent: str) -> None:
    await desk.do("/phones/lin/follow")
    files = {"image": picture(), "voice": amr(1), "video": MP4}
    ids = {
        kind: (await send_file(desk, f"/cgi-bin/media/upload?type={kind}", data))["media_id"]
        for kind, data in files.items()
    }
    assert len(ids) == 3
    for kind, media_id in ids.items():
        body = {"touser": openid(desk), "msgtype": sent, sent: {"media_id": media_id}}
        answer = await desk.api("/cgi-bin/message/custom/send", body)
        assert answer["errcode"] == (0 if kind == sent else 40007)


# --- messages
CARD = {"title": "标题", "description": "说明", "url": "http://127.0.0.1/", "picurl": ""}


@pytest.mark.parametrize(
    ("part", "errcode"),
    [
        ({"msgtype": "text", "text": {"content": "字" * 682}}, 0),
        ({"msgtype": "text", "text": {"content": "字" * 683}}, 45002),
        ({"msgtype": "text", "text": {"content": ""}}, 44004),
        ({"msgtype": "news", "news": {"articles": [CARD]}}, 0),
        ({"msgtype": "news", "news": {"articles": [CARD] * 2}}, 45008),
        ({"msgtype": "news", "news": {"articles": [CARD | {"title": "字" * 43}]}}, 45003),
        ({"msgtype": "news", "news": {"articles": [CARD | {"description": "字" * 171}]}}, 45004),
        ({"msgtype": "news", "news": {"articles": [CARD | {"url": "u" * 2049}]}}, 45005),
        ({"msgtype": "news", "news": {"articles": [CARD | {"picurl": "u" * 2049}]}}, 45006),
        ({"msgtype": "news", "news": {"articles": [CARD | {"title": ""}]}}, 44003),
        ({"msgtype": "music", "music": {"title": "歌", "musicurl": "http://m"}}, 40007),
        ({"msgtype": "nothing", "nothing": {}}, 40008),
    ],
)
async def test_customer_service_messages_have_size_limits(
    desk: Desk, part: dict[str, Any], errcode: int
) -> None:
    await desk.do("/phones/lin/follow")
    body = {"touser": openid(desk), **part}
    assert (await desk.api("/cgi-bin/message/custom/send", body))["errcode"] == errcode
    chat = await desk.see("/phones/lin/chat?via=custom")
    assert len(chat["messages"]) == (0 if errcode else 1)


async def test_typing_lasts_fifteen_seconds_or_until_a_message(desk: Desk) -> None:
    await desk.do("/phones/lin/follow")
    path = "/cgi-bin/message/custom/typing"

    async def typing(command: str) -> int:
        body = {"touser": openid(desk), "command": command}
        return int((await desk.api(path, body))["errcode"])

    assert [await typing(c) for c in ("Wrong", "Typing", "Typing")] == [45072, 0, 45081]
    assert [await typing(c) for c in ("CancelTyping", "Typing")] == [0, 0]
    hi = {"touser": openid(desk), "msgtype": "text", "text": {"content": "好"}}
    await desk.api("/cgi-bin/message/custom/send", hi)
    assert await typing("Typing") == 0
    await desk.do("/clock", advance_seconds=16)
    assert await typing("Typing") == 0
    await desk.do("/clock", advance_seconds=31)
    assert await typing("Typing") == 45080


# --- menus, tickets
async def test_a_menu_is_read_back_with_empty_sub_buttons(desk: Desk) -> None:
    one = {"name": "一", "type": "click", "key": "k"}
    two = {"name": "二", "sub_button": [one]}
    await desk.api("/cgi-bin/menu/create", {"button": [one, two]})
    read = {
        "button": [
            one | {"sub_button": []},
            {"name": "二", "sub_button": [one | {"sub_button": []}]},
        ]
    }
    answer = await desk.api("/cgi-bin/menu/get")
    assert answer["menu"]["button"] == read["button"]
    await desk.api("/cgi-bin/menu/create", {"button": answer["menu"]["button"]})
    assert (await desk.api("/cgi-bin/menu/get"))["menu"]["button"] == read["button"]


async def test_pages_and_cards_have_different_tickets(desk: Desk) -> None:
    path = "/cgi-bin/ticket/getticket"
    found = [await desk.api(path, type=t) for t in ("jsapi", "wx_card", "jsapi", "wx_card")]
    tickets = [f["ticket"] for f in found]
    assert tickets[:2] == tickets[2:]
    assert tickets[0] != tickets[1]
    assert (await desk.api(path, type="other"))["errcode"] == 40035
    await desk.do("/clock", advance_seconds=7200)
    assert (await desk.api(path, type="jsapi"))["ticket"] != tickets[0]
