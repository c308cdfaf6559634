"""The menu at the bottom of the chat: the merchant's choice, put into WeChat's form and published.

An entry that stands for a command has the command as its key, so a tap and the typed word have the
same effect. Pages of the mall open signed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from domain import settings
from domain.push.ports import MenuPort
from domain.settings import ChatMenu, MenuButton, MenuItem
from kernel.store import Store


async def publish_menu(store: Store, port: MenuPort, public_url: str) -> None:
    """Replace the account's menu by the merchant's; phones show it within five minutes."""
    menu = await store.read(settings.fresh, ChatMenu)
    await port.publish_menu(buttons_of(menu, public_url))


async def current_menu(port: MenuPort) -> tuple[Mapping[str, Any], ...]:
    """The menu as it is published at WeChat now."""
    return await port.current_menu()


def buttons_of(menu: ChatMenu, public_url: str) -> list[dict[str, Any]]:
    """A menu in the form of WeChat's menu/create."""
    return [_button(button, public_url) for button in menu.buttons]


def _button(button: MenuButton, public_url: str) -> dict[str, Any]:
    if button.item is not None:
        return _item(button.item, public_url) | {"name": button.name}
    below = [_item(item, public_url) for item in button.items]
    return {"name": button.name, "sub_button": below}


def _item(item: MenuItem, public_url: str) -> dict[str, Any]:
    if item.kind == "command":
        return {"name": item.name, "type": "click", "key": item.value}
    if item.kind == "link":
        return {"name": item.name, "type": "view", "url": item.value}
    return {"name": item.name, "type": "view", "url": _page(item.value, public_url)}


def _page(path: str, public_url: str) -> str:
    is_mall = path.startswith("/m/")
    return f"{public_url}/oauth/login?next={quote(path)}&s=menu" if is_mall else public_url + path
