"""Helpers for clients of the account's API: routing to the simulator, files, sign-in codes."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
import requests
from PIL import Image

from simulator.account import formats
from tests.contract.sim_shop import Desk

WECHAT = frozenset({"api.weixin.qq.com", "mp.weixin.qq.com", "open.weixin.qq.com"})
MP4 = b"\x00\x00\x00\x18ftypisom" + bytes(200)
AMR = formats.AMR_HEAD + (b"\x3c" + bytes(31)) * 50
MENU: dict[str, Any] = {
    "button": [
        {"type": "click", "name": "帮助", "key": "help"},
        {"name": "商城", "sub_button": [
            {"type": "view", "name": "首页", "url": "http://127.0.0.1/m/"},
            {"type": "click", "name": "订单", "key": "orders"},
        ]},
    ]
}  # fmt: skip


def picture(kind: str = "JPEG") -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, kind)
    return out.getvalue()


def named(data: bytes, name: str) -> io.BytesIO:
    """A file object with a name, as clients based on requests need it."""
    found = io.BytesIO(data)
    found.name = name
    return found


def reroute(monkeypatch: pytest.MonkeyPatch, base: str) -> None:
    """Send calls of Python clients for WeChat's hosts to the simulator; refuse other hosts."""
    plain, target = requests.Session.request, urlsplit(base)

    def request(self: Any, method: str, url: str, **kwargs: Any) -> Any:
        parts = urlsplit(url)
        assert parts.hostname in WECHAT, f"a client reached out to {parts.hostname}"
        moved = urlunsplit(parts._replace(scheme=target.scheme, netloc=target.netloc))
        kwargs["headers"] = {**(kwargs.get("headers") or {}), "Connection": "close"}
        return plain(self, method, moved, **kwargs)

    monkeypatch.setattr(requests.Session, "request", request)


def openid(desk: Desk, phone: str = "lin") -> str:
    """The openid of a phone."""
    return desk.sim.world.phones[phone].openid


async def shown(desk: Desk, via: str, phone: str = "lin") -> list[dict[str, Any]]:
    """A phone's messages from the account that came ``via`` this kind of send."""
    found = await desk.see(f"/phones/{phone}/chat?via={via}")
    messages: list[dict[str, Any]] = found["messages"]
    return messages


async def signed_in(desk: Desk, scope: str = "snsapi_userinfo") -> str:
    """The code of a person who consented to the sign-in."""
    url = (
        f"https://open.weixin.qq.com/connect/oauth2/authorize?appid={desk.settings.appid}"
        f"&redirect_uri={desk.shop.base}/x&response_type=code&scope={scope}&state=s"
        "#wechat_redirect"
    )
    code: str = (await desk.do("/phones/lin/oauth", url=url, decision="allow"))["code"]
    return code
