"""The go-live check of an installation (上线体检): ``python -m app doctor wechat``.

It tests WeChat, WeChat Pay and our own public URL. It leaves nothing lasting behind: only a scene
code of one day, and an order of one fen that is closed again. ``docs/go-live.md`` explains the
same list for people.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from urllib.parse import urlencode, urlsplit

from aiohttp import ClientSession

from gateways.checks import Check, Probe, Say, State, item, run_all
from gateways.http import Answer, HttpCaller
from gateways.wechat import WeChatGateway, account, envelope
from gateways.wechatpay import WeChatPay
from gateways.wechatpay import doctor as pay_doctor
from kernel import clock, ids
from kernel.config import Config

SKEW_WARN = timedelta(seconds=5)
SKEW_FAIL = timedelta(seconds=120)
SITE_SECONDS = 10.0
PUSH_SECONDS = 5.0
OUTSIDE_DOMAINS_MAX = 3


@dataclass(frozen=True)
class Clients:
    """The gateways that the check calls."""

    wechat: WeChatGateway
    pay: WeChatPay
    session: ClientSession


async def check(config: Config, clients: Clients, *, say: Say) -> list[Check]:
    """Run all checks; ``say`` receives each item as soon as it is known."""
    site = HttpCaller(clients.session, "site", timeout=SITE_SECONDS)
    own: list[Callable[[Config, Clients, HttpCaller], Awaitable[Check]]] = [
        clock_skew,
        public_url,
        token,
        callback_addresses,
        js_ticket,
        verify_file,
        push_url,
        network,
        menu,
        templates,
        scene_qr,
    ]
    probes: list[tuple[str, Probe]] = [
        (probe.__name__, partial(probe, config, clients, site)) for probe in own
    ]
    probes += pay_doctor.probes(config.public_url, clients.pay, site)
    return await run_all(probes, say)


async def clock_skew(config: Config, _clients: Clients, site: HttpCaller) -> Check:
    """Whether our clock agrees with WeChat's; signatures are valid for five minutes."""
    answer = await site.send("GET", f"{config.wechat.api_base}/", is_repeatable=True)
    text = answer.headers.get("Date")
    if not text:
        return item("clock_skew", "warn", "no_date")
    skew = abs(parsedate_to_datetime(text) - clock.system_now())
    seconds = skew.total_seconds()
    if skew > SKEW_FAIL:
        return item("clock_skew", "fail", "wrong", seconds=seconds)
    if skew > SKEW_WARN:
        return item("clock_skew", "warn", "drifts", seconds=seconds)
    return item("clock_skew", "ok", seconds=seconds)


async def public_url(config: Config, _clients: Clients, _site: HttpCaller) -> Check:
    """Whether the public URL suits sign-in and the JS-SDK: https, a domain name, no port."""
    parts = urlsplit(config.public_url)
    host = parts.hostname or ""
    if parts.scheme != "https" or parts.port not in (None, 443) or _is_address(host):
        state: State = "fail" if config.environment == "production" else "warn"
        return item("public_url", state, "unfit", url=config.public_url)
    return item("public_url", "ok", host=host)


async def token(_config: Config, clients: Clients, _site: HttpCaller) -> Check:
    """Whether AppID, secret and IP white list are right, by one uncached token call."""
    await clients.wechat.client.fetcher.fetch(None)
    return item("token", "ok")


async def callback_addresses(_config: Config, clients: Clients, _site: HttpCaller) -> Check:
    """Lists the IP addresses of WeChat's pushes, for firewalls."""
    found = await account.callback_addresses(clients.wechat.client)
    return item("callback_addresses", "ok", count=len(found))


async def js_ticket(_config: Config, clients: Clients, _site: HttpCaller) -> Check:
    """Whether the JS-SDK's ticket can be fetched."""
    await clients.wechat.pages.ticket.get()
    return item("js_ticket", "ok")


async def verify_file(config: Config, _clients: Clients, site: HttpCaller) -> Check:
    """Whether WeChat's verification files are served at the domain's root."""
    files = config.wechat.verify_files
    if not files:
        return item("verify_file", "warn", "missing")
    for name, content in files.items():
        answer = await _get(site, f"{config.public_url}/{name}")
        if answer.status != 200 or answer.body.decode("utf-8", "replace").strip() != content:
            return item("verify_file", "fail", "wrong", name=name, status=answer.status)
    return item("verify_file", "ok", count=len(files))


async def push_url(config: Config, _clients: Clients, site: HttpCaller) -> Check:
    """The check that WeChat makes when the push URL is saved (接入验证), by our public URL.

    A correctly signed GET must return its echostr within five seconds; a wrongly signed one must
    be refused.
    """
    echo, timestamp, nonce = ids.random_code(16), str(clock.timestamp()), ids.random_code(10)
    good = envelope.signature(config.wechat.token, timestamp, nonce)
    query = {"timestamp": timestamp, "nonce": nonce, "echostr": echo}
    base = f"{config.public_url}/wechat"
    try:
        async with asyncio.timeout(PUSH_SECONDS):
            right = await _get(site, f"{base}?{urlencode(query | {'signature': good})}")
    except TimeoutError:
        return item("push_url", "fail", "silent", seconds=PUSH_SECONDS, address=base)
    if right.status != 200 or right.body.decode("utf-8", "replace") != echo:
        return item("push_url", "fail", "wrong", status=right.status, address=base)
    wrong = await _get(site, f"{base}?{urlencode(query | {'signature': '0' * 40})}")
    if wrong.status == 200:
        return item("push_url", "fail", "forged")
    return item("push_url", "ok", address=base)


async def network(_config: Config, clients: Clients, _site: HttpCaller) -> Check:
    """Whether WeChat can resolve and ping our host."""
    result = await account.callback_check(clients.wechat.client)
    pings = result.get("ping") or []
    lost = [p for p in pings if str(p.get("package_loss", "0%")) not in ("0%", "")]
    if not result.get("dns") or lost:
        found = json.dumps(result, ensure_ascii=False)[:200]
        return item("network", "warn", "lossy", result=found)
    return item("network", "ok", count=len(result["dns"]))


async def menu(config: Config, clients: Clients, _site: HttpCaller) -> Check:
    """Whether there is a menu with at most three outside domains."""
    buttons = await clients.wechat.menu.current_menu()
    if not buttons:
        return item("menu", "warn", "missing")
    flat = [one for b in buttons for one in (b, *_below(b))]
    hosts = {urlsplit(str(i["url"])).hostname for i in flat if i.get("url")}
    outside = hosts - {urlsplit(config.public_url).hostname}
    if len(outside) > OUTSIDE_DOMAINS_MAX:
        return item("menu", "warn", "outside", count=len(outside))
    return item("menu", "ok", count=len(buttons))


async def templates(_config: Config, clients: Clients, _site: HttpCaller) -> Check:
    """Whether the account has message templates, which notices need."""
    found = await clients.wechat.messenger.private_templates()
    if not found:
        return item("templates", "warn", "missing")
    titles = "、".join(t.title for t in found[:5])
    return item("templates", "ok", count=len(found), titles=titles)


async def scene_qr(_config: Config, clients: Clients, site: HttpCaller) -> Check:
    """Whether scene codes can be created and their picture fetched."""
    code = await clients.wechat.scene_qr.temporary("doctor", days=1)
    answer = await _get(site, code.image_url)
    if answer.status != 200:
        return item("scene_qr", "warn", "no_picture", status=answer.status)
    return item("scene_qr", "ok")


def _below(button: object) -> tuple[dict[str, object], ...]:
    found = button.get("sub_button") if isinstance(button, dict) else None
    # WeChat returns a list or an object with a list, depending on how the menu was created.
    items = found.get("list") if isinstance(found, dict) else found
    return tuple(i for i in items or () if isinstance(i, dict))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." not in host
    return True


async def _get(site: HttpCaller, url: str) -> Answer:
    """Fetch a page by its public URL, as WeChat would."""
    return await site.send("GET", url, is_repeatable=True)
