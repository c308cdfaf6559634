"""The WeChat gateway against the simulator in this process: acts of people, and faults."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web

from domain.members.ports import CODES_TO_RESTART
from domain.push.ports import (
    MassContent,
    MassMessage,
    MassState,
    MenuChoice,
    SubscriptionMessage,
    TemplateMessage,
)
from gateways.wechat import account
from kernel import clock
from kernel.chat import Article, Event, HandOver, Location, Text
from kernel.errors import Refused, Retryable, Unknown
from tests.contract.shop import Simulated

JPEG = bytes.fromhex(
    "ffd8ffe000104a46494600010100000100010000ffdb004300080606070605080707070909080a0c140d0c0b0b0c"
    "1912130f141d1a1f1e1d1a1c1c20242e2720222c231c1c2837292c30313434341f27393d38323c2e333432ffc000"
    "0b080001000101011100ffc4001f0000010501010101010100000000000000000102030405060708090a0bffc400"
    "b5100002010303020403050504040000017d01020300041105122131410613516107227114328191a1082342b1c1"
    "1552d1f02433627282090a161718191a25262728292a3435363738393a434445464748494a535455565758595a63"
    "6465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6"
    "b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9faffda0008"
    "010100003f00fbfd28a28affd9"
)
MENU = [
    {"type": "view", "name": "商城", "url": "https://mall.example.com/m/"},
    {"name": "我的", "sub_button": [{"type": "click", "name": "客服", "key": "KF"}]},
]


async def test_a_person_reads_the_answer_to_an_encrypted_push(world: Simulated) -> None:
    openid = await world.follower("lin")
    pushed = await world.sim("phones/lin/text", content="你好]]>😀")
    assert pushed["push"]["outcome"] == "reply"
    assert pushed["reply"]["body"] == {"content": "您说：你好]]>😀"}
    follow, text = world.shop.pushes
    assert isinstance(follow.message, Event)
    assert (follow.message.kind, follow.message.scene) == ("subscribe", None)
    assert isinstance(text.message, Text)
    assert (text.message.openid, text.is_encrypted) == (openid, True)


@pytest.mark.parametrize(("mode", "is_taken"), [("plain", False), ("compatible", True)])
async def test_in_safe_mode_a_plain_push_is_refused(
    world: Simulated, mode: str, is_taken: bool
) -> None:
    await world.follower("lin")
    await world.fault(match={"kind": "push"}, mode=mode)
    pushed = await world.sim("phones/lin/text", content="你好")
    assert pushed["push"]["outcome"] == ("reply" if is_taken else "unavailable")
    assert world.shop.refused == ([] if is_taken else ["plain_refused"])


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("bad_signature", "signature"), ("stale_timestamp", "time"), ("wrong_appid", "appid")],
)
async def test_a_push_that_is_not_wechats_is_refused(
    world: Simulated, fault: str, reason: str
) -> None:
    await world.follower("lin")
    before = len(world.shop.pushes)
    await world.fault(match={"kind": "push"}, **{fault: True})
    await world.sim("phones/lin/text", content="你好")
    assert world.shop.refused == [reason]
    assert len(world.shop.pushes) == before


async def test_a_push_sent_twice_has_one_key(world: Simulated) -> None:
    await world.follower("lin")
    world.shop.pushes.clear()
    await world.fault(match={"kind": "push"}, duplicate=2)
    await world.sim("phones/lin/text", content="一次")
    await world.fault(match={"kind": "push"}, ignore_reply=True)
    await world.sim("phones/lin/location", latitude=30.65, longitude=104.06, label="锦江区")
    keys = [p.dedupe_key for p in world.shop.pushes]
    assert len(keys) == 5
    assert len(set(keys)) == 2
    message = world.shop.pushes[-1].message
    assert isinstance(message, Location)
    assert (message.latitude, message.label) == (30.65, "锦江区")


async def test_the_console_accepts_our_address_only_with_the_right_token(
    world: Simulated,
) -> None:
    assert (await world.sim("connect"))["connected"]

    async def other(request: web.Request) -> web.Response:
        return web.Response(text="forbidden", status=403)

    world.shop.answer_check = other
    with pytest.raises(AssertionError, match="token 验证失败"):
        await world.sim("connect")


async def test_handing_over_to_a_human_is_understood(world: Simulated) -> None:
    await world.follower("lin")
    world.shop.answer = lambda _: HandOver()
    pushed = await world.sim("phones/lin/text", content="人工")
    assert pushed["push"]["outcome"] == "empty", "handed over without a word"
    assert pushed["reply"] is None
    assert [t["error"] for t in pushed["push"]["tries"]] == [""]
    assert (await world.chat("lin"))[-1]["sender"] == "person"


async def test_twenty_tasks_with_an_invalid_token_cause_one_refresh(world: Simulated) -> None:
    openid = await world.follower("lin")
    await world.wechat.fans.user_info(openid)
    before = await world.sim("counters", "GET")
    await world.sim("tokens", action="kill")
    found = await asyncio.gather(*(world.wechat.fans.user_info(openid) for _ in range(20)))
    after = await world.sim("counters", "GET")
    assert {f.is_following for f in found} == {True}

    def fetched(counters: dict[str, int]) -> int:
        return sum(n for name, n in counters.items() if name.endswith("/cgi-bin/stable_token"))

    assert fetched(after) - fetched(before) == 1


async def test_an_expired_token_is_renewed(world: Simulated) -> None:
    openid = await world.follower("lin")
    await world.wechat.fans.user_info(openid)
    await world.sim("clock", advance_seconds=8000, notify_app=False)
    clock.set_offset(timedelta(seconds=8000))
    assert (await world.wechat.fans.user_info(openid)).is_following
    assert await world.wechat.pages.ticket.get()


async def test_the_menu_is_published_shown_and_tapped(world: Simulated) -> None:
    await world.follower("lin")
    assert await world.wechat.menu.current_menu() == ()
    await world.wechat.menu.publish_menu(MENU)
    shown = await world.sim("phones/lin/menu", "GET")
    assert [b["name"] for b in shown["button"]] == ["商城", "我的"]
    assert [b["name"] for b in await world.wechat.menu.current_menu()] == ["商城", "我的"]
    tapped = await world.sim("phones/lin/menu", key="KF")
    assert tapped["reply"]["body"]["content"] == "您点了 KF"
    await world.wechat.menu.delete_menu()
    assert await world.wechat.menu.current_menu() == ()


async def test_fans_come_and_go(world: Simulated) -> None:
    lin, wang = await world.follower("lin"), await world.person("wang")
    one, other = await world.wechat.fans.user_infos([lin, wang])
    assert (one.is_following, other.is_following) == (True, False)
    assert one.subscribed_at is not None
    page = await world.wechat.fans.fans()
    assert (page.total, page.openids) == (1, (lin,))
    assert (await world.wechat.fans.fans(page.next_openid)).openids == ()
    with pytest.raises(Refused) as caught:
        await world.wechat.fans.user_info("oNobody")
    assert caught.value.code == "40003"


async def test_a_scene_code_brings_its_scene_whether_one_follows_or_not(
    world: Simulated,
) -> None:
    code = await world.wechat.scene_qr.temporary("店:成都1号", days=7)
    assert code.expires_at is not None
    assert timedelta(days=6, hours=23) < code.expires_at - clock.now() <= timedelta(days=7)
    lasting = await world.wechat.scene_qr.permanent("staff-7")
    assert lasting.expires_at is None
    await world.person("lin")
    await world.sim("phones/lin/scan", content=code.url)
    await world.sim("phones/lin/scan", content=lasting.ticket)
    events = [p.message for p in world.shop.pushes if isinstance(p.message, Event)]
    assert [(e.kind, e.scene, e.ticket) for e in events] == [
        ("subscribe", "店:成都1号", code.ticket),
        ("scan", "staff-7", lasting.ticket),
    ]
    async with world.session.get(code.image_url) as response:
        assert (response.status, (await response.read())[:3]) == (200, b"\xff\xd8\xff")


async def test_messages_inside_the_window_arrive_and_the_sixth_does_not(
    world: Simulated,
) -> None:
    openid = await world.follower("lin")
    await world.sim("clock", advance_seconds=90, notify_app=False)  # the window of the follow ends
    await world.sim("phones/lin/text", content="在吗")
    messenger = world.wechat.messenger
    media = await messenger.upload_image(JPEG, "海报.jpg")
    assert timedelta(hours=59) < media.expires_at - clock.now() <= timedelta(hours=60)
    await messenger.send_typing(openid)
    await messenger.send_text(openid, "在的😀")
    await messenger.send_image(openid, media.media_id)
    await messenger.send_news(openid, Article("新品", "桂花露酒", "https://m/p/1", "https://m/1"))
    await messenger.send_menu(openid, "满意吗？", [MenuChoice("101", "满意")], "谢谢")
    await messenger.send_text(openid, "第五条")
    with pytest.raises(Refused) as caught:
        await messenger.send_text(openid, "第六条")
    assert caught.value.code == "45047"
    custom = [m for m in await world.chat("lin") if m["via"] == "custom"]
    assert [m["kind"] for m in custom] == ["text", "image", "news", "msgmenu", "text"]
    assert custom[0]["body"] == {"content": "在的😀"}
    assert custom[3]["body"]["list"] == [{"id": "101", "content": "满意"}]


async def test_typing_that_wechat_refuses_is_no_error(
    world: Simulated, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Errors about the account or the person are still raised."""
    openid, client = await world.follower("lin"), world.wechat.messenger._client
    call, refusals = client.call, []

    async def heard(*args: Any, **kwargs: Any) -> Any:
        try:
            return await call(*args, **kwargs)
        except Refused as error:
            refusals.append(error.code)
            raise

    monkeypatch.setattr(client, "call", heard)
    await world.sim("clock", advance_seconds=100, notify_app=False)
    await world.wechat.messenger.send_typing(openid)
    assert refusals == ["45080"]
    with pytest.raises(Refused):
        await world.wechat.messenger.send_typing("nobody")


async def test_a_template_message_arrives_once_and_its_result_is_notified(
    world: Simulated,
) -> None:
    openid = await world.follower("lin")
    made = await world.sim(
        "templates", title="发货通知", content="订单编号：{{character_string1.DATA}}"
    )
    listed = await world.wechat.messenger.private_templates()
    assert [(t.template_id, t.title) for t in listed] == [(made["id"], "发货通知")]
    message = TemplateMessage(
        openid, made["id"], {"character_string1": "PA1"}, "https://m/o/1", "ship-1"
    )
    first = await world.wechat.messenger.send_template(message)
    assert await world.wechat.messenger.send_template(message) == first
    await world.sim("idle")
    sent = [m for m in await world.chat("lin") if m["via"] == "template"]
    assert len(sent) == 1
    ends = [p.message for p in world.shop.pushes if isinstance(p.message, Event)]
    finish = next(e for e in ends if e.kind == "templatesendjobfinish")
    assert (finish.message_id, finish.status) == (first, "success")


async def test_a_notice_goes_once_for_each_time_the_person_agreed(world: Simulated) -> None:
    openid = await world.follower("lin")
    made = await world.sim(
        "templates", title="预约提醒", content="预约事项：{{thing1.DATA}}", kind="subscribe"
    )
    message = SubscriptionMessage(openid, made["id"], {"thing1": "品酒会"}, "https://m/e/1")
    with pytest.raises(Refused) as caught:
        await world.wechat.messenger.send_subscription(message)
    assert caught.value.code == "43101"
    await world.sim("phones/lin/subscribe", templates={made["id"]: "accept"})
    events = [p.message for p in world.shop.pushes if isinstance(p.message, Event)]
    assert events[-1].subscriptions[0]["SubscribeStatusString"] == "accept"
    await world.wechat.messenger.send_subscription(message)
    with pytest.raises(Refused):
        await world.wechat.messenger.send_subscription(message)


@pytest.mark.parametrize("kind", ["text", "image", "mpnews"])
async def test_a_mass_send_reaches_fans_once(world: Simulated, kind: str) -> None:
    openid = await world.follower("lin")
    messenger = world.wechat.messenger
    media = (await messenger.upload_image(JPEG, "a.jpg")).media_id
    if kind == "mpnews":
        article = {"title": "年终", "content": "酬宾", "thumb_media_id": media}
        path = "/cgi-bin/draft/add"
        draft = await world.wechat.client.call("POST", path, json={"articles": [article]})
        media = draft["media_id"]
    content = MassContent(kind, text="酬宾", media_ids=(media,))  # type: ignore[arg-type]
    await messenger.preview_mass(openid, content)
    message = MassMessage(content, client_id="MS1")
    sent = await messenger.send_mass(message)
    again = await messenger.send_mass(message)
    assert (again.msg_id, again.is_duplicate) == (sent.msg_id, True)
    await world.sim("idle")
    assert await messenger.mass_result(sent.msg_id) is MassState.SUCCESS
    vias = [m["via"] for m in await world.chat("lin")]
    assert (vias.count("mass"), vias.count("preview")) == (1, 1)


async def test_silent_sign_in_gives_the_openid_and_a_code_works_once(world: Simulated) -> None:
    openid = await world.person("lin")
    back = world.url("/oauth/callback")
    url = world.wechat.oauth.authorize_url(back, "abc123")
    given = await world.sim("phones/lin/oauth", url=url)
    split = urlsplit(given["location"])
    assert f"{split.scheme}://{split.netloc}{split.path}" == back
    code = parse_qs(split.query)["code"][0]
    identity = await world.wechat.oauth.exchange(code)
    assert (identity.openid, identity.scope) == (openid, "snsapi_base")
    assert not identity.is_snapshot
    with pytest.raises(Refused) as caught:
        await world.wechat.oauth.exchange(code)
    assert caught.value.code in CODES_TO_RESTART


async def test_a_person_shows_name_and_picture_and_a_snapshot_visitor_is_marked(
    world: Simulated,
) -> None:
    openid = await world.person("lin", nickname="小林🍶")
    url = world.wechat.oauth.authorize_url(world.url("/cb"), "s1", "snsapi_userinfo")
    given = await world.sim("phones/lin/oauth", url=url)
    identity = await world.wechat.oauth.exchange(given["code"])
    profile = await world.wechat.oauth.profile(identity)
    assert (profile.openid, profile.nickname) == (openid, "小林🍶")
    assert identity.access_token not in repr(identity)
    assert (await world.wechat.oauth.picture(profile.avatar_url)).startswith(b"\x89PNG")
    with pytest.raises(Refused, match="picture_elsewhere"):
        await world.wechat.oauth.picture("http://169.254.169.254/latest/meta-data")
    shot = await world.sim("phones/lin/oauth", url=url, decision="snapshot")
    visitor = await world.wechat.oauth.exchange(shot["code"])
    assert visitor.is_snapshot
    assert visitor.openid != openid


async def test_an_expired_code_is_refused(world: Simulated) -> None:
    await world.person("lin")
    url = world.wechat.oauth.authorize_url(world.url("/cb"), "s1")
    given = await world.sim("phones/lin/oauth", url=url)
    await world.sim("clock", advance_seconds=400, notify_app=False)
    with pytest.raises(Refused) as caught:
        await world.wechat.oauth.exchange(given["code"])
    assert caught.value.code in CODES_TO_RESTART


async def test_a_page_may_use_the_js_sdk_and_another_may_not(world: Simulated) -> None:
    await world.person("lin")
    page = world.url("/m/p/1?a=1&b=酒")
    config = await world.wechat.pages.page_config(f"{page}#top", ["chooseWXPay"])
    good = await world.sim("phones/lin/js/config", url=page, **config)
    bad = await world.sim("phones/lin/js/config", url=f"{page}2", **config)
    assert good["errMsg"] == "config:ok"
    assert bad["errMsg"] == "config:invalid signature"


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ({"drop": True}, Unknown),
        ({"status": 502}, Unknown),
        ({"garbage": True}, Unknown),
        ({"errcode": -1}, Retryable),
        ({"errcode": 45009}, Retryable),
        ({"errcode": 45015}, Refused),
    ],
)
async def test_each_failure_of_a_send_has_its_own_error(
    world: Simulated, action: dict[str, object], kind: type[Exception]
) -> None:
    openid = await world.follower("lin")
    await world.sim("phones/lin/text", content="在吗")
    await world.fault(match={"kind": "api", "path": "/cgi-bin/message/custom/send"}, **action)
    with pytest.raises(kind):
        await world.wechat.messenger.send_text(openid, "您好")


async def test_a_send_whose_answer_was_lost_is_unknown(world: Simulated) -> None:
    openid = await world.follower("lin")
    await world.sim("phones/lin/text", content="在吗")
    match = {"kind": "api", "path": "/cgi-bin/message/custom/send"}
    await world.fault(match=match, drop=True, when="after")
    with pytest.raises(Unknown):
        await world.wechat.messenger.send_text(openid, "您好")
    custom = [m for m in await world.chat("lin") if m["via"] == "custom"]
    assert len(custom) == 1


async def test_a_token_that_becomes_invalid_is_replaced_without_error(world: Simulated) -> None:
    openid = await world.follower("lin")
    await world.fault(match={"kind": "api", "path": "/cgi-bin/user/info"}, stale_token=True)
    assert (await world.wechat.fans.user_info(openid)).is_following


async def test_questions_about_the_account(world: Simulated) -> None:
    client = world.wechat.client
    assert await account.callback_addresses(client)
    assert "dns" in await account.callback_check(client)
    left = await account.quota(client, "/cgi-bin/menu/create")
    assert left.daily_limit == left.used + left.remain > 0
    await account.clear_quota(client)
