"""WeChat's official-account API: all implementations of ports in one bundle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import ClientSession
from redis.asyncio import Redis

from domain.refusals.ports import RefusalBook
from gateways.wechat.client import WeChatClient
from gateways.wechat.inbound import Inbound
from gateways.wechat.menu import WeChatMenu
from gateways.wechat.messages import WeChatMessenger
from gateways.wechat.oauth import WeChatOAuth
from gateways.wechat.qrcode import WeChatSceneQr
from gateways.wechat.tickets import WeChatPages
from gateways.wechat.users import WeChatFans
from kernel import clock
from kernel.config import WeChat


@dataclass(frozen=True)
class WeChatGateway:
    """The implementations of all ports for one official account."""

    client: WeChatClient
    inbound: Inbound
    messenger: WeChatMessenger
    menu: WeChatMenu
    fans: WeChatFans
    oauth: WeChatOAuth
    pages: WeChatPages
    scene_qr: WeChatSceneQr


@dataclass(frozen=True)
class WechatClock:
    """``now``: WeChat's time as far as known; ``on_old``: called when it seems to be wrong."""

    now: Callable[[], int] = clock.timestamp
    on_old: Callable[[], None] = lambda: None


def connect(
    config: WeChat,
    session: ClientSession,
    redis: Redis,
    book: RefusalBook | None = None,
    time: WechatClock | None = None,
) -> WeChatGateway:
    """Build the bundle without making a call. The caller closes the session and Redis."""
    known = time or WechatClock()
    client = WeChatClient(config, session, redis, book=book)
    return WeChatGateway(
        client=client,
        inbound=Inbound(config, known.now, known.on_old),
        messenger=WeChatMessenger(client),
        menu=WeChatMenu(client),
        fans=WeChatFans(client),
        oauth=WeChatOAuth(client),
        pages=WeChatPages(client, known.now),
        scene_qr=WeChatSceneQr(client),
    )
