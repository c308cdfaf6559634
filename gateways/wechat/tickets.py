"""The JS-SDK's configuration of a page: the shared ticket and the page's signature."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from gateways.wechat.client import WeChatClient
from gateways.wechat.shared import SharedValue
from kernel import clock, ids
from kernel.errors import Retryable

EARLY_SECONDS = 300
LEAST_SECONDS = 30


class WeChatPages:
    """Implements ``domain.members.ports.PagePort``."""

    def __init__(self, client: WeChatClient, now: Callable[[], int] = clock.timestamp) -> None:
        self._client = client
        self._now = now
        key = f"wx:{client.config.appid}:jsapi_ticket"
        self.ticket = SharedValue(client.redis, key, self._fetch)

    async def page_config(
        self, url: str, apis: Sequence[str], open_tags: Sequence[str] = ()
    ) -> dict[str, Any]:
        """The argument of ``wx.config`` for the page's URL as in ``location.href``."""
        nonce, timestamp = ids.random_code(16), self._now()
        ticket = await self.ticket.get()
        return {
            "appId": self._client.config.appid,
            "timestamp": timestamp,
            "nonceStr": nonce,
            "signature": page_signature(ticket, nonce, timestamp, url),
            "jsApiList": list(apis),
            "openTagList": list(open_tags),
        }

    async def _fetch(self, _bad: str | None) -> tuple[str, float]:
        path, params = "/cgi-bin/ticket/getticket", {"type": "jsapi"}
        result = await self._client.call("GET", path, params=params)
        ticket = result.get("ticket")
        if not isinstance(ticket, str) or not ticket:
            raise Retryable("no_ticket", "the ticket call answered without a ticket")
        life = int(result.get("expires_in") or 0)
        return ticket, float(max(life - EARLY_SECONDS, LEAST_SECONDS))


def page_signature(ticket: str, nonce: str, timestamp: int, url: str) -> str:
    """SHA-1 in hex over the sorted parameters; the URL is used as given, without its fragment."""
    page = url.partition("#")[0]
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={page}"
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
