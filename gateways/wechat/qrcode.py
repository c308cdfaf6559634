"""QR codes with a scene (带参二维码)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from domain.distribution.ports import SceneCode
from gateways.wechat.client import WeChatClient
from kernel import clock
from kernel.errors import Refused

DAYS_MAX = 30
SCENE_CHARACTERS_MAX = 64


class WeChatSceneQr:
    """Implements ``domain.distribution.ports.SceneQr`` with string scenes."""

    def __init__(self, client: WeChatClient) -> None:
        self._client = client

    async def temporary(self, scene: str, days: int = DAYS_MAX) -> SceneCode:
        """Create a code that is valid for up to 30 days."""
        if not 1 <= days <= DAYS_MAX:
            raise ValueError(f"1 to {DAYS_MAX} days")
        body = {"expire_seconds": days * 86400, "action_name": "QR_STR_SCENE"}
        return await self._create(scene, body)

    async def permanent(self, scene: str) -> SceneCode:
        """Create a code that never expires; an account has at most 100,000 of them."""
        return await self._create(scene, {"action_name": "QR_LIMIT_STR_SCENE"})

    async def _create(self, scene: str, body: dict[str, Any]) -> SceneCode:
        if not 1 <= len(scene) <= SCENE_CHARACTERS_MAX:
            raise Refused("40053", f"scene of 1 to {SCENE_CHARACTERS_MAX} characters")
        body |= {"action_info": {"scene": {"scene_str": scene}}}
        made_at = clock.now()
        path = "/cgi-bin/qrcode/create"
        result = await self._client.call("POST", path, json=body, is_repeatable=True)
        ticket = str(result["ticket"])
        seconds = int(result.get("expire_seconds") or 0)
        return SceneCode(
            scene=scene,
            ticket=ticket,
            url=str(result["url"]),
            image_url=self.image_url(ticket),
            expires_at=made_at + timedelta(seconds=seconds) if seconds else None,
        )

    def image_url(self, ticket: str) -> str:
        """The URL of a code's picture at WeChat; it needs no token."""
        base = self._client.config.mp_base
        return f"{base}/cgi-bin/showqrcode?ticket={quote(ticket, safe='')}"
