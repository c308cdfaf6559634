"""Logs at DEBUG during a whole purchase: they hold no secret and nothing personal.

Decided: logs hold our own numbers (members by id, orders, cases, bills, the login of staff), so
that a merchant can follow a case. An openid is personal data here: it appears masked
(``oabc***wxyz``), and of the chat's actor only its last six characters.
"""

from __future__ import annotations

import io
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest

from app.production import DEMO_PASSWORD
from app.seed import OWNER_LOGIN
from domain.staff.service import _open_totp
from kernel import clock, logs
from kernel.config import Config
from kernel.web.browsers import Browser
from kernel.web.masks import unmasked
from models import Staff, WechatIdentity
from simulator.keys import DemoKeys
from tests.databases import fresh
from tests.face.chat import config_with
from tests.harness import story
from tests.harness.markup import values_of
from tests.harness.own_redis import own_redis
from tests.harness.world import Phone, World, open_world
from tests.security.town import OUTSIDE

PEOPLE = ("林小雨", "阿慧", "酒城大道", "13800138000", story.ID_NUMBER, "110101")
TYPED = "wrong-but-secret-password"


@pytest.fixture
def kept() -> Iterator[io.StringIO]:
    """All log lines of the process, in production's format."""
    root, stream = logging.getLogger(), io.StringIO()
    before, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in logging.root.manager.loggerDict}
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    for name, old in levels.items():
        logging.getLogger(name).setLevel(old)
    logging.captureWarnings(False)


@pytest.fixture
async def world(
    db: Any, database_url: str, tmp_path: Path, keys: DemoKeys
) -> AsyncIterator[World]:
    """The shop and the simulator."""
    url = database_url
    if url.startswith("sqlite"):
        url = f"sqlite:///{tmp_path}/logs.sqlite3"
        fresh(url)
    async with open_world(tmp_path, url, own_redis(), keys) as opened:
        yield opened


def listen_with(config: Config, stream: io.StringIO) -> None:
    """Log as in production, but at DEBUG."""
    talkative = {"environment": "production", "log_level": "debug"}
    logs.setup(config.model_copy(update=talkative), stream)


async def play(world: World) -> list[Phone]:
    """Chat, share, buy, ship, receive, earn and withdraw; answers the phones."""
    hui, lin = await world.phone("hui"), await world.phone("lin")
    await hui.follow()
    await story.become_distributor(hui, "阿慧")
    await story.follow_by_poster(lin, hui)
    order_no = await story.buy(lin)
    await story.ship(world, order_no)
    await story.receive(lin, order_no)
    await world.move(days=8)
    await story.withdraw(hui, "30.00")
    await lin.say("我的电话是13800138000，地址酒城大道")
    return [hui, lin]


async def staff_signs_in(world: World) -> dict[str, str]:
    """Sign in with a wrong password, a right one and a code; answers the secrets of that."""
    session, url = world.browser(), f"{world.app_url}/admin"
    async with session.get(f"{url}/sign-in", headers={"User-Agent": OUTSIDE}) as page:
        cookie = page.cookies["fm_admin"].value
    token = Browser.csrf_of(cookie)
    form = {"_csrf": token, "login": OWNER_LOGIN}
    async with session.post(f"{url}/sign-in", data=form | {"password": TYPED}) as answer:
        assert answer.status == 422
    async with session.post(f"{url}/sign-in", data=form | {"password": DEMO_PASSWORD}) as answer:
        (ticket,) = values_of(await answer.text(), "input[name=ticket]", "value")
    secret = await world.runtime.store.read(totp_of, OWNER_LOGIN)
    code = pyotp.TOTP(secret).at(clock.timestamp())
    form = {"_csrf": token, "ticket": ticket, "code": code}
    async with session.post(f"{url}/sign-in/code", data=form) as answer:
        assert answer.status == 200
    cookies = {c.key: c.value for c in session.cookie_jar}
    return {"staff cookie": cookies["fm_admin"], "form token": unmasked(token), "ticket": ticket,
            "form token as sent": token, "one-time secret": secret}  # fmt: skip


def totp_of(login: str) -> str:
    """The one-time secret of an account."""
    return _open_totp(Staff.get(Staff.login == login))


def openids() -> list[str]:
    """All openids."""
    return [row.openid for row in WechatIdentity.select()]


async def forbidden(world: World, phones: list[Phone], keys: DemoKeys) -> dict[str, str]:
    """Everything that must not be in the logs, by its name."""
    config = world.runtime.config
    found = {f"configured secret {n}": s for n, s in enumerate(logs.secrets_of(config)) if s}
    found |= {"merchant's key": keys.merchant_private_key.splitlines()[5]}
    found |= {"password": DEMO_PASSWORD, "typed password": TYPED}
    found |= {f"personal {text}": text for text in PEOPLE}
    for phone in phones:
        for cookie in phone.session.cookie_jar:
            found[f"{phone.id}'s {cookie.key}"] = cookie.value
            found[f"{phone.id}'s form token"] = unmasked(Browser.csrf_of(cookie.value))
    for number, openid in enumerate(await world.runtime.store.read(openids)):
        found[f"openid {number}"] = openid
    keys_kept = [k async for k in world.runtime.redis.scan_iter("*token*")]
    for number, key in enumerate(keys_kept):
        value = await world.runtime.redis.get(key)
        found[f"token {number}"] = value.decode() if value else ""
    return {name: text for name, text in found.items() if len(text) >= 5 or name[:8] == "personal"}


async def test_a_whole_purchase_leaves_no_secret_in_the_logs(
    world: World, kept: io.StringIO, keys: DemoKeys
) -> None:
    listen_with(world.runtime.config, kept)
    phones = await play(world)
    told = await staff_signs_in(world)
    async with world.browser().get(f"{world.app_url}/oauth/callback?code=SECRETCODE1&state=S"):
        pass
    log = logging.getLogger("fenmall.test")
    log.info("the order of %s, %s", "oAbcdefghijklmnopqrstuvwxyz1", "13800138000")
    everything = told | await forbidden(world, phones, keys)
    lines = kept.getvalue()
    assert len(lines.splitlines()) > 20, "nothing was logged"
    assert len(everything) > 20
    assert "oAbc***xyz1" in lines
    found = sorted(name for name, value in everything.items() if value and value in lines)
    assert found == []


def test_a_fault_with_everything_in_it_is_masked(kept: io.StringIO) -> None:
    """Secrets in a traceback, in the values of a refused row and in a URL."""
    config, log = config_with(), logging.getLogger("fenmall.test")
    listen_with(config, kept)
    cookie = "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE"
    try:
        row = f"(13800138000) of {story.ID_NUMBER}"
        raise ValueError(f"Key (phone)={row}: {config.pay.apiv3_key}")
    except ValueError:
        log.exception("Cookie: fm_s=%s; fm_admin=%s", cookie, cookie)
    log.warning("GET /cgi-bin/x?access_token=%s&openid=%s", cookie, "o" + "A1b2" * 6 + "xyz")
    log.info("headers", extra={"sent": f"Authorization: Bearer {cookie}", "who": "13800138000"})
    log.info("/oauth/callback?code=%s&state=%s", cookie, cookie)
    log.info("GET /m/handover/%s", cookie)
    lines = kept.getvalue()
    for secret in ("13800138000", story.ID_NUMBER, config.pay.apiv3_key, cookie, "A1b2A1b2"):
        assert secret not in lines, secret


def test_libraries_that_log_parameters_are_quiet(kept: io.StringIO) -> None:
    logs.setup(config_with(log_level="debug"), kept)
    for name in ("peewee", "PIL", "asyncio", "wechatpy", "urllib3", "wechatpayv3"):
        logging.getLogger(name).debug("%s", "parameters")
        logging.getLogger(f"{name}.inner").info("%s", "parameters")
    assert "parameters" not in kept.getvalue()
