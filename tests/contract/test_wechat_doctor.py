"""The go-live check against the simulator: it finds each fault and says what to do."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from gateways.checks import Check
from gateways.wechat import connect, doctor
from gateways.wechat.doctor import Clients, check
from gateways.wechatpay import WeChatPay
from kernel import clock
from kernel.config import Config, Site
from simulator.keys import DemoKeys
from tests.contract.conftest import pay_config, wechat_config
from tests.contract.shop import Shop, Simulated

ALL = {
    "clock_skew",
    "public_url",
    "token",
    "callback_addresses",
    "js_ticket",
    "verify_file",
    "push_url",
    "network",
    "menu",
    "templates",
    "scene_qr",
    "pay_keys",
    "prepay",
    "refund_right",
    "transfer_right",
    "bills",
    "notify_urls",
}


def config_of(world: Simulated, keys: DemoKeys, **changes: Any) -> Config:
    files = {"MP_verify_1.txt": "verify-1"}
    values: dict[str, Any] = {
        "environment": "test",
        "public_url": world.shop.base,
        "secret_key": "test-secret-0123456789",
        "wechat": wechat_config(world.base, verify_files=files),
        "pay": pay_config(world.base, keys),
        "site": Site(name="山泉坊", legal_name="山泉坊酒业有限公司"),
    }
    return Config(**(values | changes))


async def examined(world: Simulated, config: Config, redis: Any) -> dict[str, Check]:
    """Run all checks with new clients; each result was reported at once."""
    said: list[Check] = []
    clients = Clients(
        connect(config.wechat, world.session, redis),
        WeChatPay(config.pay, world.session),
        world.session,
    )
    done = await check(config, clients, say=said.append)
    assert done == said
    assert {c.code for c in done} == ALL
    return {c.code: c for c in done}


async def test_a_correct_shop_passes(world: Simulated, keys: DemoKeys, redis: Any) -> None:
    await world.wechat.menu.publish_menu(
        [{"type": "view", "name": "商城", "url": world.url("/m/")}]
    )
    await world.sim("templates", title="发货通知", content="订单编号：{{character_string1.DATA}}")
    found = await examined(world, config_of(world, keys), redis)
    states = {code: c.state for code, c in found.items()}
    assert states == dict.fromkeys(ALL, "ok") | {"public_url": "warn"}
    assert all(c.what_to_do_zh for c in found.values() if c.state != "ok")
    book = await world.sim("book", "GET")
    assert [o["state"] for o in book["orders"]] == ["CLOSED"]
    assert (book["refunds"], book["transfers"]) == ([], [])


async def test_the_missing_parts_of_an_empty_account_are_named(
    world: Simulated, keys: DemoKeys, redis: Any
) -> None:
    config = config_of(world, keys, wechat=wechat_config(world.base))
    found = await examined(world, config, redis)
    assert {c for c, x in found.items() if x.state != "ok"} == {
        "public_url",
        "verify_file",
        "menu",
        "templates",
    }


@pytest.mark.parametrize(
    ("change", "code", "word"),
    [
        ({"secret": "wrong-secret-000"}, "40125", "AppSecret"),
        ({"appid": "wx00000000000000ff"}, "40013", "AppID"),
    ],
)
async def test_a_wrong_secret_is_named(
    world: Simulated, keys: DemoKeys, redis: Any, change: dict[str, str], code: str, word: str
) -> None:
    await world.wechat.client.token.get()  # a cached token must not hide the wrong secret
    config = config_of(world, keys, wechat=wechat_config(world.base, **change))
    found = (await examined(world, config, redis))["token"]
    assert found.state == "fail"
    assert code in found.found
    assert word in found.what_to_do_zh


async def test_another_token_in_the_console_is_found(
    world: Simulated, keys: DemoKeys, redis: Any
) -> None:
    config = config_of(world, keys, wechat=wechat_config(world.base, token="otherToken"))
    found = await examined(world, config, redis)
    assert found["push_url"].state == "fail"


async def test_an_address_that_answers_after_five_seconds_is_found(
    world: Simulated, keys: DemoKeys, redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = asyncio.Event()

    async def slow(request: web.Request) -> web.Response:
        await release.wait()
        return await world.shop.confirm(request)

    monkeypatch.setattr(doctor, "PUSH_SECONDS", 0.05)
    world.shop.answer_check = slow
    found = (await examined(world, config_of(world, keys), redis))["push_url"]
    release.set()
    assert (found.state, "秒内没有应答" in found.found) == ("fail", True)


@pytest.mark.parametrize("echo", ["{echo}!", '"{echo}"', "success"])
async def test_an_address_that_answers_something_else_is_found(
    world: Simulated, keys: DemoKeys, redis: Any, echo: str
) -> None:
    async def other(request: web.Request) -> web.Response:
        return web.Response(text=echo.format(echo=request.query["echostr"]))

    world.shop.answer_check = other
    found = (await examined(world, config_of(world, keys), redis))["push_url"]
    assert (found.state, "echostr" in found.found) == ("fail", True)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"serial_no": "0" * 40}, "SIGN_ERROR"),
        ({"appid": "wx00000000000000ff"}, "APPID_MCHID_NOT_MATCH"),
    ],
)
async def test_wrong_pay_settings_are_named(
    world: Simulated, keys: DemoKeys, redis: Any, change: dict[str, str], code: str
) -> None:
    config = config_of(world, keys, pay=pay_config(world.base, keys, **change))
    found = (await examined(world, config, redis))["prepay"]
    assert (found.state, found.found.split()[0]) == ("fail", code)
    assert found.what_to_do_zh


async def test_a_wrong_public_key_is_found_by_the_first_answer(
    world: Simulated, keys: DemoKeys, redis: Any
) -> None:
    wrong = pay_config(world.base, keys, public_key=keys.merchant_public_key)
    found = await examined(world, config_of(world, keys, pay=wrong), redis)
    assert found["prepay"].state == "fail"
    assert "验签" in found["prepay"].what_to_do_zh


async def test_a_shop_with_certificates_only_gets_a_warning(
    world: Simulated, keys: DemoKeys, redis: Any
) -> None:
    old = pay_config(world.base, keys, public_key=None, public_key_id=None)
    found = await examined(world, config_of(world, keys, pay=old), redis)
    assert (found["pay_keys"].state, found["prepay"].state) == ("warn", "ok")
    clock.set_offset(timedelta(days=5 * 365 - 10))
    await world.sim("clock", offset_seconds=clock.offset().total_seconds(), notify_app=False)
    both = await examined(world, config_of(world, keys), redis)
    assert both["pay_keys"].state == "warn"
    assert "到期" in both["pay_keys"].what_to_do_zh


async def test_the_skew_is_measured_by_system_time_not_by_the_moved_clock(
    world: Simulated, keys: DemoKeys, redis: Any
) -> None:
    clock.set_offset(timedelta(days=15))
    await world.sim("clock", offset_seconds=15 * 86400, notify_app=False)
    assert (await examined(world, config_of(world, keys), redis))["clock_skew"].state == "ok"


async def test_a_missing_permission_differs_from_a_missing_order(
    world: Simulated, keys: DemoKeys, redis: Any
) -> None:
    match = {"kind": "pay", "path": "/v3/refund"}
    await world.fault(None, match=match, status=403, code="NO_AUTH")
    match = {"kind": "pay", "path": "/v3/fund-app"}
    await world.fault(None, match=match, status=403, code="NO_AUTH")
    found = await examined(world, config_of(world, keys), redis)
    assert found["refund_right"].state == "fail"
    assert "产品中心" in found["refund_right"].what_to_do_zh
    assert found["transfer_right"].state == "warn"


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ((200, {"code": "SUCCESS"}), "fail"),
        ((204, None), "fail"),
        ((302, None), "fail"),
        ((401, {"code": "FAIL"}), "ok"),
    ],
)
async def test_the_notification_address_must_refuse_an_unsigned_notification(
    world: Simulated,
    keys: DemoKeys,
    redis: Any,
    answer: tuple[int, Any],
    state: str,
) -> None:
    async def notify(_self: Shop, _request: web.Request) -> web.Response:
        status, body = answer
        headers = {"Location": "/login"} if status == 302 else None
        return web.Response(
            status=status, text=json.dumps(body) if body else None, headers=headers
        )

    world.shop.answer_notify = notify
    found = await examined(world, config_of(world, keys), redis)
    assert found["notify_urls"].state == state


async def test_a_shop_that_cannot_be_reached_fails_its_items_only(
    world: Simulated, keys: DemoKeys, redis: Any, unused_tcp_port: int
) -> None:
    config = config_of(world, keys, public_url=f"http://127.0.0.1:{unused_tcp_port}")
    found = await examined(world, config, redis)
    failed = {code for code, c in found.items() if c.state == "fail"}
    assert failed == {"verify_file", "push_url", "notify_urls"}
    assert found["prepay"].state == "ok"
