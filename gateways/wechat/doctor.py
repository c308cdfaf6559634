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

from gateways.checks import Check, Probe, Say, State, run_all
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
        return Check("clock_skew", "warn", "应答没有 Date 头", "请人工核对服务器时间。")
    skew = abs(parsedate_to_datetime(text) - clock.system_now())
    found = f"相差 {skew.total_seconds():.0f} 秒"
    if skew > SKEW_FAIL:
        return Check("clock_skew", "fail", found, "请启用 NTP 校时：误差超过 5 分钟支付必然失败。")
    if skew > SKEW_WARN:
        return Check("clock_skew", "warn", found, "请启用 NTP 校时。")
    return Check("clock_skew", "ok", found)


async def public_url(config: Config, _clients: Clients, _site: HttpCaller) -> Check:
    """Whether the public URL suits sign-in and the JS-SDK: https, a domain name, no port."""
    parts = urlsplit(config.public_url)
    host = parts.hostname or ""
    todo = (
        "请使用已备案的域名和 https（443 端口），并把该域名填入公众平台「公众号设置 → 功能设置」的"
        "业务域名、JS 接口安全域名、网页授权域名，以及商户平台的支付授权目录（以 /m/pay/ 结尾）。"
    )
    if parts.scheme != "https" or parts.port not in (None, 443) or _is_address(host):
        state: State = "fail" if config.environment == "production" else "warn"
        return Check("public_url", state, config.public_url, todo)
    return Check("public_url", "ok", host)


async def token(_config: Config, clients: Clients, _site: HttpCaller) -> Check:
    """Whether AppID, secret and IP white list are right, by one uncached token call."""
    await clients.wechat.client.fetcher.fetch(None)
    return Check("token", "ok", "access_token 可用")


async def callback_addresses(_config: Config, clients: Clients, _site: HttpCaller) -> Check:
    """Lists the IP addresses of WeChat's pushes, for firewalls."""
    found = await account.callback_addresses(clients.wechat.client)
    return Check("callback_addresses", "ok", f"微信服务器 IP 共 {len(found)} 个")


async def js_ticket(_config: Config, clients: Clients, _site: HttpCaller) -> Check:
    """Whether the JS-SDK's ticket can be fetched."""
    await clients.wechat.pages.ticket.get()
    return Check("js_ticket", "ok", "jsapi_ticket 可用")


async def verify_file(config: Config, _clients: Clients, site: HttpCaller) -> Check:
    """Whether WeChat's verification files are served at the domain's root."""
    files = config.wechat.verify_files
    todo = "请把公众平台给的 MP_verify_*.txt 的文件名和内容填入 wechat.verify_files。"
    if not files:
        return Check("verify_file", "warn", "没有配置", todo)
    for name, content in files.items():
        answer = await _get(site, f"{config.public_url}/{name}")
        if answer.status != 200 or answer.body.decode("utf-8", "replace").strip() != content:
            return Check("verify_file", "fail", f"/{name} 应答 {answer.status} 或内容不符", todo)
    return Check("verify_file", "ok", f"{len(files)} 个文件可访问")


async def push_url(config: Config, _clients: Clients, site: HttpCaller) -> Check:
    """The check that WeChat makes when the push URL is saved (接入验证), by our public URL.

    A correctly signed GET must return its echostr within five seconds; a wrongly signed one must
    be refused.
    """
    todo = (
        f"请在公众平台「基本配置 → 服务器配置」填入 {config.public_url}/wechat，"
        "Token、EncodingAESKey、加解密方式与配置一致，并检查反向代理。"
    )
    echo, timestamp, nonce = ids.random_code(16), str(clock.timestamp()), ids.random_code(10)
    good = envelope.signature(config.wechat.token, timestamp, nonce)
    query = {"timestamp": timestamp, "nonce": nonce, "echostr": echo}
    base = f"{config.public_url}/wechat"
    try:
        async with asyncio.timeout(PUSH_SECONDS):
            right = await _get(site, f"{base}?{urlencode(query | {'signature': good})}")
    except TimeoutError:
        return Check("push_url", "fail", f"{PUSH_SECONDS:.0f} 秒内没有应答", todo)
    if right.status != 200 or right.body.decode("utf-8", "replace") != echo:
        return Check("push_url", "fail", f"/wechat 应答 {right.status}，echostr 不符", todo)
    wrong = await _get(site, f"{base}?{urlencode(query | {'signature': '0' * 40})}")
    if wrong.status == 200:
        return Check("push_url", "fail", "错误签名也被接受", "请联系技术支持：不能上线。")
    return Check("push_url", "ok", f"{base} 验证通过")


async def network(_config: Config, clients: Clients, _site: HttpCaller) -> Check:
    """Whether WeChat can resolve and ping our host."""
    result = await account.callback_check(clients.wechat.client)
    pings = result.get("ping") or []
    lost = [p for p in pings if str(p.get("package_loss", "0%")) not in ("0%", "")]
    if not result.get("dns") or lost:
        found = json.dumps(result, ensure_ascii=False)[:200]
        return Check("network", "warn", found, "微信到服务器的网络有丢包或域名解析失败，请检查。")
    return Check("network", "ok", f"解析 {len(result['dns'])} 条，无丢包")


async def menu(config: Config, clients: Clients, _site: HttpCaller) -> Check:
    """Whether there is a menu with at most three outside domains."""
    buttons = await clients.wechat.menu.current_menu()
    if not buttons:
        return Check("menu", "warn", "没有自定义菜单", "请在后台「公众号菜单」发布菜单。")
    flat = [item for b in buttons for item in (b, *_below(b))]
    hosts = {urlsplit(str(i["url"])).hostname for i in flat if i.get("url")}
    outside = hosts - {urlsplit(config.public_url).hostname}
    if len(outside) > OUTSIDE_DOMAINS_MAX:
        return Check("menu", "warn", f"外域 {len(outside)} 个", "菜单最多跳转 3 个外部域名。")
    return Check("menu", "ok", f"{len(buttons)} 个一级菜单")


async def templates(_config: Config, clients: Clients, _site: HttpCaller) -> Check:
    """Whether the account has message templates, which notices need."""
    found = await clients.wechat.messenger.private_templates()
    if not found:
        todo = "请在公众平台「模板消息」按 docs/go-live.md 的清单选用模板（最多 25 个）。"
        return Check("templates", "warn", "没有模板", todo)
    return Check(
        "templates", "ok", f"{len(found)} 个模板：" + "、".join(t.title for t in found[:5])
    )


async def scene_qr(_config: Config, clients: Clients, site: HttpCaller) -> Check:
    """Whether scene codes can be created and their picture fetched."""
    code = await clients.wechat.scene_qr.temporary("doctor", days=1)
    answer = await _get(site, code.image_url)
    if answer.status != 200:
        return Check("scene_qr", "warn", f"二维码图片应答 {answer.status}", "请稍后重试。")
    return Check("scene_qr", "ok", "带参二维码可用")


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
