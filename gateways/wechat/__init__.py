"""WeChat's official-account API: one bundle of everything that implements a port."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import ClientSession
from redis.asyncio import Redis

from gateways.wechat.client import WeChatClient
from gateways.wechat.inbound import Inbound
from gateways.wechat.menu import WeChatMenu
from gateways.wechat.messages import WeChatMessenger
from gateways.wechat.oauth import WeChatOAuth
from gateways.wechat.qrcode import WeChatSceneQr
from gateways.wechat.tickets import WeChatPages
from gateways.wechat.users import WeChatFans
from kernel.config import WeChat


@dataclass(frozen=True)
class WeChatGateway:
    """Everything of one official account, ready to be handed to faces and flows."""

    client: WeChatClient
    inbound: Inbound
    messenger: WeChatMessenger
    menu: WeChatMenu
    fans: WeChatFans
    oauth: WeChatOAuth
    pages: WeChatPages
    scene_qr: WeChatSceneQr


def connect(config: WeChat, session: ClientSession, redis: Redis) -> WeChatGateway:
    """Build the bundle; makes no call. The session and Redis stay the caller's to close."""
    client = WeChatClient(config, session, redis)
    return WeChatGateway(
        client=client,
        inbound=Inbound(config),
        messenger=WeChatMessenger(client),
        menu=WeChatMenu(client),
        fans=WeChatFans(client),
        oauth=WeChatOAuth(client),
        pages=WeChatPages(client),
        scene_qr=WeChatSceneQr(client),
    )
