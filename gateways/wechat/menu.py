"""The account's menu (自定义菜单)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateways.wechat.client import WeChatClient
from kernel.errors import Refused

NO_MENU = "46003"


class WeChatMenu:
    """Implements ``domain.push.ports.MenuPort``."""

    def __init__(self, client: WeChatClient) -> None:
        self._client = client

    async def publish_menu(self, buttons: Sequence[Mapping[str, Any]]) -> None:
        """Replace the menu. Raises Refused with WeChat's code if it breaks a limit."""
        check_menu(buttons)
        body = {"button": [dict(b) for b in buttons]}
        await self._client.call("POST", "/cgi-bin/menu/create", json=body, is_repeatable=True)

    async def current_menu(self) -> tuple[Mapping[str, Any], ...]:
        """The published menu; empty if there is none."""
        try:
            result = await self._client.call("GET", "/cgi-bin/menu/get")
        except Refused as error:
            if error.code == NO_MENU:
                return ()
            raise
        return tuple(result.get("menu", {}).get("button", ()))

    async def delete_menu(self) -> None:
        """Delete the menu."""
        await self._client.call("GET", "/cgi-bin/menu/delete")


def check_menu(buttons: Sequence[Mapping[str, Any]]) -> None:
    """Check WeChat's limits: 1 to 3 buttons, up to 5 below each, lengths in bytes.

    Raises Refused.
    """
    if not 1 <= len(buttons) <= 3:
        raise Refused("40016", "a menu has 1 to 3 buttons")
    for button in buttons:
        _check_button(button, name_bytes=16)
        below = button.get("sub_button") or ()
        if len(below) > 5:
            raise Refused("40023", "a button has at most 5 below it")
        for item in below:
            _check_button(item, name_bytes=60)


def _check_button(button: Mapping[str, Any], name_bytes: int) -> None:
    name = str(button.get("name", ""))
    if not 1 <= len(name.encode()) <= name_bytes:
        raise Refused("40018", f"name of 1 to {name_bytes} bytes", name=name)
    if len(str(button.get("key", "")).encode()) > 128:
        raise Refused("40019", "key of at most 128 bytes", name=name)
    if len(str(button.get("url", "")).encode()) > 1024:
        raise Refused("40020", "url of at most 1024 bytes", name=name)
