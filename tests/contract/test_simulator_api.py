"""The simulator's API host: tokens, windows, follow state, quotas, sizes."""

from __future__ import annotations

import io
from typing import Any

import pytest
from aiohttp import FormData
from PIL import Image

from tests.contract.sim_fixtures import MakeDesk
from tests.contract.sim_shop import Desk

HI = {"msgtype": "text", "text": {"content": "您好"}}


def openid(desk: Desk, phone: str = "lin") -> str:
    return desk.sim.world.phones[phone].openid


async def say(desk: Desk, phone: str = "lin") -> int:
    body = {"touser": openid(desk, phone), **HI}
    return (await desk.api("/cgi-bin/message/custom/send", body))["errcode"]


# --- tokens ------------------------------------------------------------------------------
async def test_stable_token_stays_the_same_until_five_minutes_before_its_end(desk: Desk) -> None:
    first = await desk.token()
    assert (first["expires_in"], len(first["access_token"])) == (7200, 136)
    await desk.do("/clock", advance_seconds=6800)
    again = await desk.token()
    assert again["access_token"] == first["access_token"]
    assert 395 <= again["expires_in"] <= 400
    await desk.do("/clock", advance_seconds=150)
    fresh = await desk.token()
    assert fresh["access_token"] != first["access_token"]
    old = {"access_token": first["access_token"]}
    assert "ip_list" in await desk.api("/cgi-bin/getcallbackip", **old)
    await desk.do("/clock", advance_seconds=300)
    assert (await desk.api("/cgi-bin/getcallbackip", **old))["errcode"] == 42001


async def test_a_plain_token_replaces_the_previous_one_and_not_the_stable_one(
    desk: Desk,
) -> None:
    stable = (await desk.token())["access_token"]
    path = (
        f"{desk.base}/cgi-bin/token?grant_type=client_credential"
        f"&appid={desk.settings.appid}&secret={desk.settings.secret}"
    )
    tokens = []
    for _ in range(2):
        async with desk.session.get(path) as response:
            tokens.append((await response.json())["access_token"])
    assert "ip_list" in await desk.api("/cgi-bin/getcallbackip", access_token=tokens[0])
    await desk.do("/clock", advance_seconds=301)
    answers = [
        (await desk.api("/cgi-bin/getcallbackip", access_token=t)).get("errcode", 0)
        for t in (*tokens, stable)
    ]
    assert answers == [40001, 0, 0]


async def test_force_refresh_replaces_the_token_at_once_and_is_limited(desk: Desk) -> None:
    old = (await desk.token())["access_token"]
    forced = await desk.token(force_refresh=True)
    assert forced["access_token"] != old
    assert (await desk.api("/cgi-bin/getcallbackip", access_token=old))["errcode"] == 40001
    again = await desk.token(force_refresh=True)
    assert again["access_token"] == forced["access_token"], "within 30 seconds: not refreshed"
    await desk.do("/clock", advance_seconds=31)
    assert "access_token" in await desk.token(force_refresh=True)
    day = desk.sim.clock.day()
    await desk.do("/counters", **{f"{day}:force_refresh": 20})
    await desk.do("/clock", advance_seconds=31)
    assert (await desk.token(force_refresh=True))["errcode"] == 45009


@pytest.mark.parametrize(("token", "errcode"), [("", 41001), ("short", 40014), ("x" * 136, 40001)])
async def test_a_wrong_token_is_refused_with_its_code(
    desk: Desk, token: str, errcode: int
) -> None:
    answer = await desk.api("/cgi-bin/getcallbackip", access_token=token)
    assert answer["errcode"] == errcode
    assert " rid: " in answer["errmsg"]


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [({"appid": "wx0"}, 40013), ({"secret": "no"}, 40125), ({"grant_type": "x"}, 40002)],
)
async def test_wrong_account_gets_no_token(desk: Desk, changes: Any, errcode: int) -> None:
    assert (await desk.token(**changes))["errcode"] == errcode
    assert desk.sim.world.tokens == {}


async def test_addresses_that_are_not_listed_are_refused(make_desk: MakeDesk) -> None:
    desk = await make_desk(ip_whitelist=["10.1.2.3"])
    assert (await desk.token())["errcode"] == 40164


# --- windows -----------------------------------------------------------------------------
async def test_a_message_opens_five_sends_in_48_hours(desk: Desk) -> None:
    await desk.do("/phones/lin/follow")
    await desk.do("/clock", advance_seconds=61)
    assert await say(desk) == 45015
    await desk.do("/phones/lin/text", content="在吗")
    assert [await say(desk) for _ in range(6)] == [0, 0, 0, 0, 0, 45047]
    await desk.do("/phones/lin/text", content="还在吗")
    assert await say(desk) == 0
    await desk.do("/clock", advance_seconds=48 * 3600 + 1)
    assert await say(desk) == 45015
    chat = await desk.see("/phones/lin/chat?via=custom")
    assert len(chat["messages"]) == 6


async def test_following_and_scanning_each_open_three_sends_for_a_minute(desk: Desk) -> None:
    await desk.do("/phones/lin/follow")
    assert [await say(desk) for _ in range(4)] == [0, 0, 0, 45047]
    scene = {"scene": {"scene_str": "store-1"}}
    body = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": scene}
    ticket = (await desk.api("/cgi-bin/qrcode/create", body))["ticket"]
    done = await desk.do("/phones/lin/scan", content=ticket)
    assert (done["kind"], done["push"]["fields"]["EventKey"]) == ("scene", "store-1")
    assert [await say(desk) for _ in range(4)] == [0, 0, 0, 45047]
    await desk.do("/clock", advance_seconds=61)
    assert await say(desk) == 45015


async def test_paying_opens_an_unlimited_window_for_a_follower(desk: Desk) -> None:
    await desk.do("/phones/lin/follow")
    await desk.do("/clock", advance_seconds=61)
    await desk.paid("FEN0000001", 100)
    assert {await say(desk) for _ in range(8)} == {0}


async def test_messages_to_a_person_who_unfollowed_are_refused(desk: Desk) -> None:
    await desk.do("/phones/lin/follow")
    await desk.do("/phones/lin/text", content="hi")
    await desk.do("/phones/lin/unfollow")
    before = len(desk.sim.world.phones["lin"].chat)
    assert await say(desk) == 45015
    template = await desk.do("/templates", title="订单", keywords=["订单编号"])
    body = {
        "touser": openid(desk),
        "template_id": template["id"],
        "data": {"character_string1": {"value": "A1"}},
    }
    assert (await desk.api("/cgi-bin/message/template/send", body))["errcode"] == 43004
    assert len(desk.sim.world.phones["lin"].chat) == before


async def test_an_unknown_openid_is_refused(desk: Desk) -> None:
    body = {"touser": "oNobody", **HI}
    assert (await desk.api("/cgi-bin/message/custom/send", body))["errcode"] == 40003


# --- menus -------------------------------------------------------------------------------
MENU = {
    "button": [
        {"name": "商城", "type": "view", "url": "http://127.0.0.1/m/"},
        {"name": "服务", "sub_button": [{"name": "帮助", "type": "click", "key": "help"}]},
    ]
}


async def test_a_tap_on_the_menu_reaches_the_shop(desk: Desk) -> None:
    assert (await desk.api("/cgi-bin/menu/create", MENU))["errcode"] == 0
    await desk.do("/phones/lin/follow")
    assert await desk.see("/phones/lin/menu") == MENU
    done = await desk.do("/phones/lin/menu", key="help")
    assert done["push"]["fields"]["Event"] == "CLICK"
    done = await desk.do("/phones/lin/menu", name="商城")
    assert done["open"] == "http://127.0.0.1/m/"
    assert desk.shop.pushed[-1][1].count("<![CDATA[VIEW]]>") == 1


@pytest.mark.parametrize(
    ("button", "errcode"),
    [
        ([], 40016),
        ([{"name": "这个名字实在太长了", "type": "click", "key": "a"}], 40018),
        ([{"name": "a", "type": "no"}], 40017),
        ([{"name": "a", "type": "click", "key": "k" * 129}], 40019),
        ([{"name": "a", "sub_button": [{"name": "b", "type": "view", "url": "ftp://x"}]}], 40054),
    ],
)
async def test_a_wrong_menu_is_refused_and_changes_nothing(
    desk: Desk, button: Any, errcode: int
) -> None:
    await desk.api("/cgi-bin/menu/create", MENU)
    assert (await desk.api("/cgi-bin/menu/create", {"button": button}))["errcode"] == errcode
    shown = (await desk.api("/cgi-bin/menu/get"))["menu"]["button"]
    assert [b["name"] for b in shown] == [b["name"] for b in MENU["button"]]


async def test_escaped_chinese_in_a_menu_is_refused(desk: Desk) -> None:
    token = (await desk.token())["access_token"]
    url = f"{desk.base}/cgi-bin/menu/create?access_token={token}"
    async with desk.session.post(url, json=MENU) as response:
        assert (await response.json())["errcode"] == 40033
    assert (await desk.api("/cgi-bin/menu/get"))["errcode"] == 46003


async def test_the_daily_quota_ends_and_can_be_cleared(desk: Desk) -> None:
    await desk.do("/counters", **{"day:/cgi-bin/menu/create": 1000})
    assert (await desk.api("/cgi-bin/menu/create", MENU))["errcode"] == 45009
    cleared = await desk.api("/cgi-bin/clear_quota", {"appid": desk.settings.appid})
    assert cleared["errcode"] == 0
    assert (await desk.api("/cgi-bin/menu/create", MENU))["errcode"] == 0


# --- users, tags, codes ------------------------------------------------------------------
async def test_a_followers_data_have_the_scene_and_no_name(desk: Desk) -> None:
    body = {
        "action_name": "QR_STR_SCENE",
        "expire_seconds": 60,
        "action_info": {"scene": {"scene_str": "d:7"}},
    }
    made = await desk.api("/cgi-bin/qrcode/create", body)
    url = f"{desk.base}/cgi-bin/showqrcode"
    async with desk.session.get(url, params={"ticket": made["ticket"]}) as response:
        picture = await response.read()
    form = FormData({"media": io.BytesIO(picture)})
    async with desk.session.post(f"{desk.base}/_sim/decode", data=form) as response:
        assert await response.json() == {"texts": [made["url"]]}
    done = await desk.do("/phones/lin/scan", content=made["url"])
    assert done["kind"] == "followed"
    assert done["push"]["fields"]["EventKey"] == "qrscene_d:7"
    info = await desk.api("/cgi-bin/user/info", openid=openid(desk))
    assert (info["nickname"], info["headimgurl"], info["qr_scene_str"]) == ("", "", "d:7")
    await desk.do("/clock", advance_seconds=61)
    async with desk.session.get(url, params={"ticket": made["ticket"]}) as response:
        assert response.status == 404


async def test_tags_are_added_and_removed(desk: Desk) -> None:
    await desk.do("/phones/lin/follow")
    made = await desk.api("/cgi-bin/tags/create", {"tag": {"name": "分销员"}})
    tag = made["tag"]["id"]
    twice = await desk.api("/cgi-bin/tags/create", {"tag": {"name": "分销员"}})
    assert twice["errcode"] == 45157
    members = {"openid_list": [openid(desk)], "tagid": tag}
    assert (await desk.api("/cgi-bin/tags/members/batchtagging", members))["errcode"] == 0
    mine = await desk.api("/cgi-bin/tags/getidlist", {"openid": openid(desk)})
    assert mine["tagid_list"] == [tag]
    wrong = await desk.api(
        "/cgi-bin/tags/members/batchtagging", {"openid_list": ["oX"], "tagid": tag}
    )
    assert wrong["errcode"] == 49003
    await desk.api("/cgi-bin/tags/members/batchuntagging", members)
    mine = await desk.api("/cgi-bin/tags/getidlist", {"openid": openid(desk)})
    assert mine["tagid_list"] == []


# --- media, templates, notices, mass -----------------------------------------------------
async def upload(desk: Desk) -> str:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    form = FormData()
    form.add_field("media", out.getvalue(), filename="a.png", content_type="image/png")
    token = (await desk.token())["access_token"]
    url = f"{desk.base}/cgi-bin/media/upload?type=image&access_token={token}"
    async with desk.session.post(url, data=form) as response:
        return (await response.json())["media_id"]


async def test_media_live_three_days(desk: Desk) -> None:
    await desk.do("/phones/lin/follow")
    media_id = await upload(desk)
    body = {"touser": openid(desk), "msgtype": "image", "image": {"media_id": media_id}}
    assert (await desk.api("/cgi-bin/message/custom/send", body))["errcode"] == 0
    await desk.do("/clock", advance_seconds=3 * 86_400 + 1)
    await desk.do("/phones/lin/text", content="hi")
    assert (await desk.api("/cgi-bin/message/custom/send", body))["errcode"] == 40007


async def send_template(desk: Desk, value: str) -> Any:
    template = await desk.do("/templates", id="T", title="通知", keywords=["事项名称"])
    return await desk.api(
        "/cgi-bin/message/template/send",
        {
            "touser": openid(desk),
            "template_id": template["id"],
            "url": "http://127.0.0.1/m/orders",
            "data": {"thing1": {"value": value}},
        },
    )


@pytest.mark.parametrize(
    ("value", "blocks", "status", "shown"),
    [
        ("您的订单已发货", False, "success", 1),
        ("全场特价速来", False, "failed: system failed", 0),
        ("您的订单已发货", True, "failed:user block", 0),
    ],
)
async def test_the_result_of_a_template_message_arrives_as_an_event(
    desk: Desk, value: str, blocks: bool, status: str, shown: int
) -> None:
    await desk.do("/phones/lin/follow")
    await desk.ask("PATCH", "/phones/lin", {"blocks_templates": blocks})
    sent = await send_template(desk, value)
    assert sent["errcode"] == 0
    await desk.idle()
    fields = desk.sim.world.pushes[-1].fields
    assert (fields["Event"], fields["MsgID"], fields["Status"]) == (
        "TEMPLATESENDJOBFINISH",
        sent["msgid"],
        status,
    )
    chat = await desk.see("/phones/lin/chat?via=template")
    assert len(chat["messages"]) == shown
    blocked = await desk.api("/wxa/sec/queryblocktmplmsg", {"tmpl_msg_id": "T"})
    assert len(blocked["msginfo"]) == (1 if "特价" in value else 0)


async def test_template_values_must_fit_their_type(desk: Desk) -> None:
    await desk.do("/phones/lin/follow")
    assert (await send_template(desk, "字" * 21))["errcode"] == 47003
    assert (await send_template(desk, "字" * 20))["errcode"] == 0


async def test_one_accept_allows_one_notice(desk: Desk) -> None:
    await desk.do("/phones/lin/follow")
    await desk.do("/templates", id="S", title="到货", keywords=["商品名称"], kind="subscribe")
    body = {
        "touser": openid(desk),
        "template_id": "S",
        "data": {"thing1": {"value": "陈酿52度"}},
    }
    path = "/cgi-bin/message/subscribe/bizsend"
    assert (await desk.api(path, body))["errcode"] == 43101
    await desk.do("/phones/lin/subscribe", templates={"S": "accept"})
    assert "<SubscribeMsgPopupEvent><List>" in desk.shop.pushed[-1][1]
    assert [(await desk.api(path, body))["errcode"] for _ in range(2)] == [0, 43101]


async def test_mass_sends_are_limited_by_day_month_and_follower(desk: Desk) -> None:
    for phone in ("lin", "wang"):
        await desk.do(f"/phones/{phone}/follow")
    body = {"filter": {"is_to_all": True}, **HI, "clientmsgid": "m1"}
    path = "/cgi-bin/message/mass/sendall"
    first = await desk.api(path, body)
    assert first["errcode"] == 0
    again = await desk.api(path, body)
    assert (again["errcode"], again["msg_id"]) == (45065, first["msg_id"])
    assert (await desk.api(path, body | {"clientmsgid": "m2"}))["errcode"] == 45028
    people = {"touser": [openid(desk), openid(desk, "wang")], **HI}
    some = [(await desk.api("/cgi-bin/message/mass/send", people))["errcode"] for _ in range(4)]
    assert some == [0, 0, 0, 45028]
    chat = await desk.see("/phones/lin/chat?via=mass")
    assert len(chat["messages"]) == 4


async def test_a_published_article_can_be_read_and_sent(desk: Desk) -> None:
    await desk.do("/phones/lin/follow")
    article = {
        "title": "新酒上市",
        "content": "<p>山泉坊·桂花露酒</p><script>alert(1)</script>",
        "thumb_media_id": await upload(desk),
    }
    draft = await desk.api("/cgi-bin/draft/add", {"articles": [article]})
    submitted = await desk.api("/cgi-bin/freepublish/submit", {"media_id": draft["media_id"]})
    done = await desk.api("/cgi-bin/freepublish/get", {"publish_id": submitted["publish_id"]})
    assert done["publish_status"] == 0
    url = done["article_detail"]["item"][0]["article_url"]
    async with desk.session.get(url) as response:
        assert "桂花露酒" in await response.text()
        assert response.headers["Content-Security-Policy"].startswith("script-src 'none'")
    body = {
        "touser": openid(desk),
        "msgtype": "mpnewsarticle",
        "mpnewsarticle": {"article_id": done["article_id"]},
    }
    assert (await desk.api("/cgi-bin/message/custom/send", body))["errcode"] == 0
    shown = (await desk.see("/phones/lin/chat?via=custom"))["messages"][0]
    assert shown["body"]["articles"][0]["url"] == url


@pytest.mark.parametrize(
    ("kind", "body", "part"),
    [
        ("scancode_waitmsg", {"scan": "C123"}, "<ScanResult><![CDATA[C123]]></ScanResult>"),
        ("location_select", {"latitude": 30.5, "longitude": 104}, "<Location_X>30.5</Location_X>"),
        ("pic_sysphoto", {}, "<Count>1</Count>"),
    ],
)
async def test_special_menu_buttons_push_their_events(
    desk: Desk, kind: str, body: dict[str, Any], part: str
) -> None:
    button = {"name": "扫码", "type": kind, "key": "k"}
    await desk.api("/cgi-bin/menu/create", {"button": [button]})
    await desk.do("/phones/lin/follow")
    done = await desk.do("/phones/lin/menu", key="k", **body)
    assert done["push"]["fields"]["Event"] == kind
    assert part in desk.shop.pushed[-1][1]


async def test_typing_is_shown_only_soon_after_an_act_of_the_person(desk: Desk) -> None:
    await desk.do("/phones/lin/follow")
    body = {"touser": openid(desk), "command": "Typing"}
    path = "/cgi-bin/message/custom/typing"
    assert (await desk.api(path, body))["errcode"] == 0
    await desk.do("/clock", advance_seconds=31)
    assert (await desk.api(path, body))["errcode"] == 45080
