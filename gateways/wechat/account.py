"""Calls about the account itself: quotas, and whether WeChat reaches our server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateways.wechat.client import WeChatClient


@dataclass(frozen=True)
class QuotaLeft:
    """Today's quota of an interface (接口调用额度), in calls."""

    daily_limit: int
    used: int
    remain: int


async def quota(client: WeChatClient, path: str) -> QuotaLeft:
    """Query today's quota of an interface."""
    result = await client.call(
        "POST", "/cgi-bin/openapi/quota/get", json={"cgi_path": path}, is_repeatable=True
    )
    raw: Mapping[str, Any] = result.get("quota", {})
    return QuotaLeft(
        int(raw.get("daily_limit", 0)), int(raw.get("used", 0)), int(raw.get("remain", 0))
    )


async def clear_quota(client: WeChatClient) -> None:
    """Reset the account's call counters (清零).

    WeChat allows it 10 times a month, so only a person triggers it.
    """
    body = {"appid": client.config.appid, "appsecret": client.config.secret}
    await client.anonymous("POST", "/cgi-bin/clear_quota/v2", json=body)


async def callback_check(client: WeChatClient) -> dict[str, Any]:
    """Have WeChat resolve and ping our host; returns its answer per network operator."""
    body = {"action": "all", "check_operator": "DEFAULT"}
    return await client.call(
        "POST", "/cgi-bin/callback/check", json=body, timeout=30.0, is_repeatable=True
    )


async def callback_addresses(client: WeChatClient) -> tuple[str, ...]:
    """The IP addresses that WeChat's pushes come from."""
    result = await client.call("GET", "/cgi-bin/getcallbackip")
    return tuple(str(a) for a in result.get("ip_list", ()))
