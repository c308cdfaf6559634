"""The simulator's pushes, received and answered by independent libraries."""

from __future__ import annotations

import time
from typing import Any

import pytest
from aiohttp import web
from wechatpy import create_reply, parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import check_signature
from werobot import WeRoBot

from simulator.account import xmlcodec
from tests.contract.clients.node import RunNode
from tests.contract.sim_fixtures import MakeDesk
from tests.contract.sim_shop import Answer, Desk

MODES = ["plain", "compatible", "safe"]


def by_wechatpy(desk: Desk, seen: list[Any]) -> Answer:
    """A server by wechatpy, as its documentation shows."""
    settings = desk.settings
    crypto = WeChatCrypto(settings.token, settings.encoding_aes_key, settings.appid)

    async def answer(request: web.Request, raw: bytes) -> web.Response:
        q = request.query
        check_signature(settings.token, q["signature"], q["timestamp"], q["nonce"])
        is_sealed = q.get("encrypt_type") == "aes"
        xml: Any = raw
        if is_sealed:
            xml = crypto.decrypt_message(raw, q["msg_signature"], q["timestamp"], q["nonce"])
        message = parse_message(xml)
        seen.append(message)
        if message.type != "text":
            return web.Response(text="success")
        text = create_reply(f"收到：{message.content}", message).render()
        if is_sealed:
            text = crypto.encrypt_message(text, q["nonce"], str(int(time.time())))
        return web.Response(text=text)

    return answer


def by_werobot(desk: Desk, seen: list[Any]) -> Answer:
    """A server by WeRoBot, which parses, handles and encrypts."""
    settings = desk.settings
    robot = WeRoBot(
        token=settings.token,
        encoding_aes_key=settings.encoding_aes_key,
        app_id=settings.appid,
        SESSION_STORAGE=False,
    )

    @robot.text
    def echo(message: Any) -> str:
        return f"收到：{message.content}"

    async def answer(request: web.Request, raw: bytes) -> web.Response:
        q = request.query
        if not robot.check_signature(q["timestamp"], q["nonce"], q["signature"]):
            return web.Response(status=403)
        sealed = {"msg_signature": q["msg_signature"]} if "msg_signature" in q else {}
        message = robot.parse_message(raw, timestamp=q["timestamp"], nonce=q["nonce"], **sealed)
        seen.append(message)
        reply = robot.get_reply(message)
        if not reply:
            return web.Response(text="success")
        if sealed:
            return web.Response(text=robot.crypto.encrypt_message(reply.render()))
        return web.Response(text=reply.render())

    return answer


SERVERS = {"wechatpy": by_wechatpy, "werobot": by_werobot}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("server", SERVERS)
async def test_independent_servers_read_and_answer_in_every_mode(
    make_desk: MakeDesk, server: str, mode: str
) -> None:
    desk, seen = await make_desk(mode=mode), list[Any]()
    desk.shop.answer_push = SERVERS[server](desk, seen)
    await desk.do("/phones/lin/follow", scene="d:7")
    done = await desk.do("/phones/lin/text", content="在吗😀 <b>&")
    assert done["push"]["tries"][0]["error"] == ""
    assert done["reply"]["body"] == {"content": "收到：在吗😀 <b>&"}
    followed, said = seen
    assert followed.source == said.source == desk.sim.world.phones["lin"].openid
    assert said.content == "在吗😀 <b>&"
    assert "d:7" in str(getattr(followed, "scene_id", "") or followed.key)


@pytest.mark.parametrize("server", SERVERS)
async def test_every_kind_of_message_and_event_is_read(make_desk: MakeDesk, server: str) -> None:
    desk, seen = await make_desk(mode="safe"), list[Any]()
    desk.shop.answer_push = SERVERS[server](desk, seen)
    buttons = [
        {"type": "click", "name": "帮助", "key": "help"},
        {"type": "view", "name": "商城", "url": "http://127.0.0.1/m/"},
        {"type": "scancode_waitmsg", "name": "扫码", "key": "scan"},
    ]
    await desk.api("/cgi-bin/menu/create", {"button": buttons})
    await desk.do("/phones/lin/follow")
    await desk.do("/phones/lin/picture", base64="iVBORw0KGgo=")
    await desk.do("/phones/lin/location", latitude=30.65, longitude=104.06, label="锦江区")
    await desk.do("/phones/lin/link", title="标题", description="说明", url="http://127.0.0.1/")
    await desk.do("/phones/lin/menu", key="help")
    await desk.do("/phones/lin/menu", name="商城")
    await desk.do("/phones/lin/menu", key="scan", scan="C123")
    await desk.do("/phones/lin/unfollow")
    errors = [t["error"] for p in desk.sim.world.pushes for t in p.tries]
    assert errors == [""] * 8
    kinds = [str(getattr(m, "event", "") or m.type).lower().removesuffix("_event") for m in seen]
    assert kinds == [
        "subscribe", "image", "location", "link", "click", "view", "scancode_waitmsg",
        "unsubscribe",
    ]  # fmt: skip


@pytest.mark.parametrize("server", SERVERS)
async def test_independent_servers_refuse_a_forged_push(make_desk: MakeDesk, server: str) -> None:
    desk, seen = await make_desk(mode="safe"), list[Any]()
    desk.shop.answer_push = SERVERS[server](desk, seen)
    await desk.do("/phones/lin/follow")
    seen.clear()
    await desk.do("/faults", match={"kind": "push"}, action={"bad_signature": True})
    done = await desk.do("/phones/lin/text", content="在吗")
    assert (seen, done["reply"]) == ([], None)


# --- Node
@pytest.mark.parametrize("mode", ["compatible", "safe"])
async def test_wechat_crypto_and_the_simulator_decrypt_each_other(
    make_desk: MakeDesk, node: RunNode, mode: str
) -> None:
    desk = await make_desk(mode=mode)
    settings = desk.settings
    config = {"token": settings.token, "aesKey": settings.encoding_aes_key}
    async with node("wechat_crypto.mjs", **config, appid=settings.appid) as crypto:

        async def answer(request: web.Request, raw: bytes) -> web.Response:
            q, sealed = request.query, xmlcodec.parse(raw.decode())["Encrypt"]
            expected = await crypto.call("signature", q["timestamp"], q["nonce"], sealed)
            assert expected == q["msg_signature"]
            opened = await crypto.call("decrypt", sealed)
            assert opened["id"] == settings.appid
            asked = xmlcodec.parse(opened["message"])
            reply = {
                "ToUserName": asked["FromUserName"],
                "FromUserName": asked["ToUserName"],
                "CreateTime": 1,
                "MsgType": "text",
                "Content": f"收到：{asked['Content']}",
            }
            made = await crypto.call("encrypt", xmlcodec.render(reply))
            signed = await crypto.call("signature", "1700000000", "n", made)
            return web.Response(text=xmlcodec.render({
                "Encrypt": made, "MsgSignature": signed, "TimeStamp": 1700000000, "Nonce": "n",
            }))  # fmt: skip

        await desk.do("/phones/lin/follow")
        desk.shop.answer_push = answer
        done = await desk.do("/phones/lin/text", content="您好😀")
    assert done["reply"]["body"] == {"content": "收到：您好😀"}, done["push"]


@pytest.mark.parametrize("mode", MODES)
async def test_easywechat_serves_the_url_check_and_pushes(
    make_desk: MakeDesk, node: RunNode, mode: str
) -> None:
    desk = await make_desk(mode=mode)
    settings = desk.settings
    aes_key = "" if mode == "plain" else settings.encoding_aes_key
    config = {"appid": settings.appid, "secret": settings.secret, "token": settings.token}
    async with node("easywechat.mjs", base=desk.base, **config, aesKey=aes_key) as app:
        port = await app.call("serve")
        connected = await desk.do("/connect", app_base_url=f"http://127.0.0.1:{port}")
        assert connected["connected"]
        await desk.do("/phones/lin/follow")
        done = await desk.do("/phones/lin/text", content="您好😀")
        seen = await app.call("seen")
    assert done["push"]["tries"][0]["error"] == "", done["push"]
    assert done["reply"]["body"] == {"content": "收到：您好😀"}
    assert [m["MsgType"] for m in seen] == ["event", "text"]
