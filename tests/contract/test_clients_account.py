"""The simulated account's API, driven by independent clients."""

from __future__ import annotations

import base64
from asyncio import to_thread
from pathlib import Path
from typing import Any

import pytest
import werobot.client
from wechatpy import WeChatClient
from wechatpy.exceptions import WeChatClientException
from wechatpy.oauth import WeChatOAuth

from tests.contract.clients.account import (
    AMR,
    MENU,
    MP4,
    named,
    openid,
    picture,
    reroute,
    shown,
    signed_in,
)
from tests.contract.clients.node import ClientError, RunNode
from tests.contract.sim_shop import Desk

TEMPLATE = {"id": "T", "title": "通知", "keywords": ["事项名称", "处理状态"]}
VALUES = {"thing1": {"value": "一件事"}, "phrase2": {"value": "已发货"}}
WRONG = {"thing1": {"value": "字" * 21}, "phrase2": {"value": "已发货"}}


@pytest.fixture
async def town(desk: Desk) -> Desk:
    """An account with two followers who just wrote, and a template."""
    await desk.do("/templates", **TEMPLATE)
    for phone in ("lin", "wang"):
        await desk.do(f"/phones/{phone}/follow")
        await desk.do(f"/phones/{phone}/text", content="在吗")
    return desk


def kept_menu(desk: Desk) -> Any:
    return desk.sim.world.menu and desk.sim.world.menu["button"]


# --- wechatpy
@pytest.fixture
def wechatpy(town: Desk, monkeypatch: pytest.MonkeyPatch) -> WeChatClient:
    reroute(monkeypatch, town.base)
    return WeChatClient(town.settings.appid, town.settings.secret)


async def test_wechatpy_keeps_menus_people_and_tags(town: Desk, wechatpy: WeChatClient) -> None:
    def play() -> dict[str, Any]:
        wechatpy.menu.create(MENU)
        read = wechatpy.menu.get()
        wechatpy.menu.update(read["menu"])
        tag = wechatpy.tag.create("常客")["id"]
        wechatpy.tag.tag_user(tag, [openid(town)])
        return {
            "buttons": [b["name"] for b in read["menu"]["button"]],
            "info": wechatpy.user.get(openid(town)),
            "batch": wechatpy.user.get_batch([openid(town), openid(town, "wang")]),
            "followers": wechatpy.user.get_followers()["data"]["openid"],
            "tagged": wechatpy.tag.get_tag_users(tag)["data"]["openid"],
            "mine": wechatpy.tag.get_user_tag(openid(town)) == [tag],
        }

    found = await to_thread(play)
    assert found["buttons"] == ["帮助", "商城"]
    assert (found["info"]["subscribe"], found["info"]["nickname"]) == (1, "")
    assert [one["openid"] for one in found["batch"]] == [openid(town), openid(town, "wang")]
    assert set(found["followers"]) == {openid(town), openid(town, "wang")}
    assert (found["tagged"], found["mine"]) == ([openid(town)], True)
    assert kept_menu(town)
    await to_thread(wechatpy.menu.delete)
    assert kept_menu(town) is None


async def test_wechatpy_sends_every_kind_of_message(town: Desk, wechatpy: WeChatClient) -> None:
    who, message = openid(town), wechatpy.message

    def files() -> dict[str, str]:
        up = wechatpy.media.upload
        return {
            "image": up("image", named(picture(), "a.jpg"))["media_id"],
            "voice": up("voice", named(AMR, "a.amr"))["media_id"],
            "video": up("video", named(MP4, "a.mp4"))["media_id"],
            "thumb": up("thumb", named(picture(), "t.jpg"))["thumb_media_id"],
        }

    ids = await to_thread(files)
    downloaded = await to_thread(wechatpy.media.download, ids["image"])
    assert downloaded.content == picture()
    downloaded.close()
    card = {"title": "新品", "description": "桂花", "url": "http://127.0.0.1/", "image": ""}
    sends: list[tuple[Any, ...]] = [
        (message.send_text, who, "您好😀"),
        (message.send_image, who, ids["image"]),
        (message.send_voice, who, ids["voice"]),
        (message.send_video, who, ids["video"], "标题", "说明"),
        (message.send_music, who, "http://m", "http://m", ids["thumb"], "歌", "谱"),
        (message.send_articles, who, [card]),
    ]
    for send, *args in sends:
        await to_thread(send, *args)
        await town.do("/phones/lin/text", content="继续")  # opens the window again
    kinds = [m["kind"] for m in await shown(town, "custom")]
    assert kinds == ["text", "image", "voice", "video", "music", "news"]


async def test_wechatpy_sends_templates_and_to_many(town: Desk, wechatpy: WeChatClient) -> None:
    message, both = wechatpy.message, [openid(town), openid(town, "wang")]
    sent = await to_thread(message.send_template, openid(town), "T", VALUES, "http://127.0.0.1/")
    assert sent["msgid"] > 0
    with pytest.raises(WeChatClientException) as refused:
        await to_thread(message.send_template, openid(town), "T", WRONG)
    assert (refused.value.errcode, "data.thing1.value" in refused.value.errmsg) == (47003, True)
    mass = await to_thread(message.send_mass_text, both, "上新了")
    assert (await to_thread(message.get_mass, mass["msg_id"]))["msg_status"]
    with pytest.raises(WeChatClientException) as lonely:
        await to_thread(message.send_mass_text, both[:1], "上新了")
    assert lonely.value.errcode == 40130
    assert [len(await shown(town, via)) for via in ("template", "mass")] == [1, 1]


async def test_wechatpy_makes_codes_tickets_and_signs_people_in(
    town: Desk, wechatpy: WeChatClient
) -> None:
    scene = {
        "expire_seconds": 60,
        "action_name": "QR_STR_SCENE",
        "action_info": {"scene": {"scene_str": "d:7"}},
    }
    made = await to_thread(wechatpy.qrcode.create, scene)
    shown_code = await to_thread(wechatpy.qrcode.show, made["ticket"])
    assert shown_code.headers["Content-Type"] == "image/jpg"
    shown_code.close()
    ticket = await to_thread(wechatpy.jsapi.get_jsapi_ticket)
    assert ticket == town.sim.world.jsapi_ticket
    oauth = WeChatOAuth(town.settings.appid, town.settings.secret, "http://127.0.0.1/x")
    answer = await to_thread(oauth.fetch_access_token, await signed_in(town))
    assert answer["openid"] == openid(town)
    person = await to_thread(oauth.get_user_info)
    assert person["nickname"] == "小林"
    assert await to_thread(oauth.check_access_token)


# --- WeRoBot
@pytest.fixture
def robot(town: Desk, monkeypatch: pytest.MonkeyPatch) -> werobot.client.Client:
    reroute(monkeypatch, town.base)
    return werobot.client.Client(
        {"APP_ID": town.settings.appid, "APP_SECRET": town.settings.secret}
    )


async def test_werobot_keeps_menus_people_and_tags(
    town: Desk, robot: werobot.client.Client
) -> None:
    def play() -> dict[str, Any]:
        robot.create_menu(MENU)
        tag = robot.create_tag("常客")["tag"]["id"]
        robot.tag_users(tag, [openid(town)])
        return {
            "menu": robot.get_menu()["menu"]["button"],
            "info": robot.get_user_info(openid(town)),
            "batch": robot.get_users_info([openid(town), openid(town, "wang")]),
            "followers": robot.get_followers()["data"]["openid"],
            "tagged": robot.get_users_by_tag(tag)["data"]["openid"],
            "mine": robot.get_tags_by_user(openid(town))["tagid_list"] == [tag],
            "ips": robot.get_ip_list()["ip_list"],
        }

    found = await to_thread(play)
    assert [b["sub_button"] == [] for b in found["menu"]] == [True, False]
    assert found["info"]["subscribe"] == 1
    assert len(found["batch"]["user_info_list"]) == len(found["followers"]) == 2
    assert (found["tagged"], found["mine"], bool(found["ips"])) == ([openid(town)], True, True)
    await to_thread(robot.delete_menu)
    with pytest.raises(werobot.client.ClientException, match="46003"):
        await to_thread(robot.get_menu)


async def test_werobot_sends_every_kind_of_message(
    town: Desk, robot: werobot.client.Client
) -> None:
    who = openid(town)

    def upload(kind: str, data: bytes, name: str) -> str:
        answer = robot.upload_media(kind, named(data, name))
        return str(answer.get("media_id") or answer["thumb_media_id"])

    image = await to_thread(upload, "image", picture(), "a.jpg")
    voice = await to_thread(upload, "voice", AMR, "a.amr")
    video = await to_thread(upload, "video", MP4, "a.mp4")
    thumb = await to_thread(upload, "thumb", picture(), "t.jpg")
    article = {"title": "新品", "description": "桂花", "url": "http://127.0.0.1/", "picurl": ""}
    sends: list[tuple[Any, ...]] = [
        (robot.send_text_message, who, "您好"),
        (robot.send_image_message, who, image),
        (robot.send_voice_message, who, voice),
        (robot.send_video_message, who, video, "标题", "说明"),
        (robot.send_music_message, who, "http://m", "http://m", thumb, "歌", "谱"),
        (robot.send_article_message, who, [article]),
    ]
    for send, *args in sends:
        await to_thread(send, *args)
        await town.do("/phones/lin/text", content="继续")
    kinds = [m["kind"] for m in await shown(town, "custom")]
    assert kinds == ["text", "image", "voice", "video", "music", "news"]
    kept = await to_thread(robot.upload_permanent_video, "酿酒", "一年", named(MP4, "v.mp4"))
    read = await to_thread(robot.download_permanent_media, kept.json()["media_id"])
    assert read.json()["title"] == "酿酒"
    count = await to_thread(robot.get_media_count)
    assert count["video_count"] == 1


async def test_werobot_sends_templates_and_to_many_and_is_told_of_mistakes(
    town: Desk, robot: werobot.client.Client
) -> None:
    sent = await to_thread(robot.send_template_message, openid(town), "T", VALUES)
    assert sent["errcode"] == 0
    with pytest.raises(werobot.client.ClientException, match=r"47003: .*data\.thing1\.value"):
        await to_thread(robot.send_template_message, openid(town), "T", WRONG)
    both = [openid(town), openid(town, "wang")]
    await to_thread(robot.send_mass_msg, "text", "上新了", both)
    assert len(await shown(town, "mass", "wang")) == 1
    scene = {"expire_seconds": 60, "action_name": "QR_NONE", "action_info": {"scene": {}}}
    with pytest.raises(werobot.client.ClientException, match="40052"):
        await to_thread(robot.create_qrcode, scene)


# --- co-wechat-api
def co_wechat(desk: Desk) -> dict[str, Any]:
    return {"base": desk.base, "appid": desk.settings.appid, "secret": desk.settings.secret}


async def test_co_wechat_api_keeps_menus_people_and_tags(town: Desk, node: RunNode) -> None:
    both = [openid(town), openid(town, "wang")]
    async with node("co_wechat.mjs", **co_wechat(town)) as api:
        await api.call("api", "createMenu", MENU)
        menu = await api.call("api", "getMenu")
        assert [b["sub_button"] == [] for b in menu["menu"]["button"]] == [True, False]
        people = await api.call("api", "batchGetUsers", both)
        assert [p["subscribe"] for p in people["user_info_list"]] == [1, 1]
        followers = await api.call("api", "getFollowers")
        assert set(followers["data"]["openid"]) == set(both)
        tag = (await api.call("api", "createTags", "常客"))["tag"]["id"]
        await api.call("api", "batchTagging", both, tag)
        assert (await api.call("api", "getIdList", both[0]))["tagid_list"] == [tag]
        with pytest.raises(ClientError) as refused:
            await api.call("api", "batchTagging", both * 26, tag)
        assert refused.value.code == 40032
        await api.call("api", "removeMenu")
    assert kept_menu(town) is None


async def test_co_wechat_api_uploads_and_sends(town: Desk, node: RunNode, tmp_path: Path) -> None:
    who = openid(town)
    files = {"image": ("a.jpg", picture()), "voice": ("a.amr", AMR), "video": ("a.mp4", MP4),
             "thumb": ("t.jpg", picture())}  # fmt: skip
    ids = {}
    async with node("co_wechat.mjs", **co_wechat(town)) as api:
        for kind, (name, data) in files.items():
            (tmp_path / name).write_bytes(data)
            made = await api.call("api", "uploadMedia", str(tmp_path / name), kind)
            ids[kind] = made.get("media_id") or made["thumb_media_id"]
        got = await api.call("api", "getMedia", ids["image"])
        assert base64.b64decode(got["base64"]) == picture()
        with pytest.raises(ClientError) as wrong:
            await api.call("api", "uploadMedia", str(tmp_path / "a.mp4"), "image")
        assert wrong.value.code == 40005
        card = {"title": "新品", "description": "桂花", "url": "http://127.0.0.1/", "picurl": ""}
        music = {"title": "歌", "description": "谱", "musicurl": "http://m",
                 "hqmusicurl": "http://m", "thumb_media_id": ids["thumb"]}  # fmt: skip
        for name, *args in (
            ("sendText", "您好"), ("sendImage", ids["image"]), ("sendVoice", ids["voice"]),
            ("sendVideo", ids["video"], ids["thumb"]), ("sendMusic", music), ("sendNews", [card]),
        ):  # fmt: skip
            await api.call("api", name, who, *args)
            await town.do("/phones/lin/text", content="继续")
        await api.call("api", "sendTemplate", who, "T", "http://127.0.0.1/", "#000", VALUES)
        with pytest.raises(ClientError) as refused:
            await api.call("api", "sendTemplate", who, "T", "", "#000", WRONG)
        assert (refused.value.code, "data.thing1.value" in str(refused.value)) == (47003, True)
        await api.call("api", "massSendText", "上新了", [who, openid(town, "wang")])
        with pytest.raises(ClientError) as lonely:
            await api.call("api", "massSendText", "上新了", [who])
        assert lonely.value.code == 40130
    kinds = [m["kind"] for m in await shown(town, "custom")]
    assert kinds == ["text", "image", "voice", "video", "music", "news"]


async def test_co_wechat_api_makes_codes_and_page_signatures(town: Desk, node: RunNode) -> None:
    url = f"{town.shop.base}/m/p/1"
    async with node("co_wechat.mjs", **co_wechat(town)) as api:
        made = await api.call("api", "createTmpQRCode", "d:7", 60)
        assert town.sim.world.tickets[made["ticket"]].scene() == "d:7"
        pages = await api.call("api", "getTicket")
        cards = await api.call("api", "getTicket", "wx_card")
        config = await api.call("api", "getJsConfig", {"url": url, "jsApiList": ["scanQRCode"]})
    assert pages["ticket"] != cards["ticket"]
    checked = await town.do("/phones/lin/js/config", **config, url=url)
    assert checked["errMsg"] == "config:ok"


async def test_co_wechat_api_fetches_a_new_token_when_the_old_one_is_invalid(
    town: Desk, node: RunNode
) -> None:
    async with node("co_wechat.mjs", **co_wechat(town)) as api:
        await api.call("api", "getIp")
        await town.do("/tokens", action="expire")
        assert (await api.call("api", "getIp"))["ip_list"] == ["127.0.0.1"]


# --- node-easywechat
def easywechat(desk: Desk, **changes: Any) -> dict[str, Any]:
    return co_wechat(desk) | {"token": desk.settings.token} | changes


@pytest.mark.parametrize("stable", [False, True])
async def test_easywechat_calls_with_its_own_token(
    town: Desk, node: RunNode, stable: bool
) -> None:
    async with node("easywechat.mjs", **easywechat(town, stable=stable)) as app:
        await app.call("request", "POST", "cgi-bin/menu/create", {"json": MENU})
        menu = await app.call("request", "GET", "cgi-bin/menu/get")
        text = {"touser": openid(town), "msgtype": "text", "text": {"content": "您好"}}
        await app.call("request", "POST", "cgi-bin/message/custom/send", {"json": text})
        body = {"touser": openid(town), "template_id": "T", "data": VALUES}
        sent = await app.call("request", "POST", "cgi-bin/message/template/send", {"json": body})
        url = f"{town.shop.base}/m/p/1"
        config = await app.call("jsConfig", url)
    assert [b["name"] for b in menu["menu"]["button"]] == ["帮助", "商城"]
    assert sent["errcode"] == 0
    assert [t.kind for t in town.sim.world.tokens.values()] == ["stable" if stable else "plain"]
    assert [m["body"] for m in await shown(town, "custom")] == [{"content": "您好"}]
    checked = await town.do("/phones/lin/js/config", **config | {"url": url})
    assert checked["errMsg"] == "config:ok"


async def test_easywechat_signs_people_in(town: Desk, node: RunNode) -> None:
    async with node("easywechat.mjs", **easywechat(town)) as app:
        address = await app.call("redirect")
        assert address.startswith("https://open.weixin.qq.com/connect/oauth2/authorize?")
        person = await app.call("user", await signed_in(town))
    assert (person["id"], person["nickname"]) == (openid(town), "小林")
