"""The account's followers (粉丝)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from domain.members.ports import FanInfo, FanPage
from gateways.wechat.client import WeChatClient

BATCH_MAX = 100


class WeChatFans:
    """Implements ``domain.members.ports.FansPort``."""

    def __init__(self, client: WeChatClient) -> None:
        self._client = client

    async def user_info(self, openid: str) -> FanInfo:
        """One follower; for a person who unfollowed, ``is_following`` is False."""
        params = {"openid": openid, "lang": "zh_CN"}
        return fan(await self._client.call("GET", "/cgi-bin/user/info", params=params))

    async def user_infos(self, openids: Sequence[str]) -> tuple[FanInfo, ...]:
        """Up to 100 followers in one call."""
        if len(openids) > BATCH_MAX:
            raise ValueError(f"at most {BATCH_MAX} at once")
        body = {"user_list": [{"openid": o, "lang": "zh_CN"} for o in openids]}
        path = "/cgi-bin/user/info/batchget"
        result = await self._client.call("POST", path, json=body, is_repeatable=True)
        return tuple(fan(raw) for raw in result.get("user_info_list", ()))

    async def fans(self, next_openid: str | None = None) -> FanPage:
        """One page of up to 10,000 followers' openids."""
        params = {"next_openid": next_openid} if next_openid else None
        result = await self._client.call("GET", "/cgi-bin/user/get", params=params)
        openids = tuple(result.get("data", {}).get("openid", ()))
        # WeChat gives the last openid as next_openid even on the last page.
        following = str(result.get("next_openid") or "") if openids else ""
        return FanPage(int(result.get("total", 0)), openids, following or None)


def fan(raw: Mapping[str, Any]) -> FanInfo:
    """A follower from WeChat's fields."""
    since = int(raw.get("subscribe_time") or 0)
    scene = str(raw.get("qr_scene_str") or "") or str(raw.get("qr_scene") or "")
    return FanInfo(
        openid=str(raw["openid"]),
        is_following=int(raw.get("subscribe") or 0) == 1,
        unionid=raw.get("unionid") or None,
        subscribed_at=datetime.fromtimestamp(since, UTC) if since else None,
        subscribe_scene=str(raw.get("subscribe_scene") or ""),
        qr_scene="" if scene == "0" else scene,
        language=str(raw.get("language") or ""),
        tag_ids=tuple(int(t) for t in raw.get("tagid_list") or ()),
    )
