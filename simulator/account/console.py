"""The account's console (公众平台后台): it saves a server address after a check (接入验证)."""

from __future__ import annotations

import time
from urllib.parse import urlencode

import aiohttp

from simulator.crypto import sha1_of_sorted
from simulator.errors import SimConflict
from simulator.ids import digits
from simulator.sim import Sim


async def connect(sim: Sim, base_url: str) -> str:
    """Save the shop's address. Raises SimConflict and keeps the old one if the check fails.

    The check is a GET with signature, timestamp, nonce and echostr. The shop must answer with the
    bytes of echostr and status 200 within five seconds. The echostr is not encrypted in any mode.
    """
    settings = sim.settings
    base = base_url.rstrip("/") or settings.app_base_url.rstrip("/")
    echo, timestamp, nonce = digits(19), str(int(sim.clock.now())), digits(10)
    query = {
        "signature": sha1_of_sorted(settings.token, timestamp, nonce),
        "echostr": echo,
        "timestamp": timestamp,
        "nonce": nonce,
    }
    url = f"{base}{settings.push_path}?{urlencode(query)}"
    if problem := await _ask(sim, url, echo):
        raise SimConflict(f"token 验证失败: {problem}")
    settings.app_base_url = base
    return base


async def _ask(sim: Sim, url: str, echo: str) -> str:
    """What is wrong with the shop's answer; "" if it is right."""
    limit_s, started = sim.settings.push_timeout_s, time.monotonic()
    assert sim.session is not None
    try:
        async with sim.session.get(
            url, timeout=sim.exactly(limit_s), allow_redirects=False
        ) as response:
            raw = await response.content.read(4096)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        return f"请求 URL 超时或不通 ({type(error).__name__})"
    if time.monotonic() - started > limit_s:
        return "请求 URL 超时"
    if response.status != 200:
        return f"应答 {response.status}"
    return "" if raw == echo.encode() else "应答不是 echostr"
