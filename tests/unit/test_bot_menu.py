"""The account's menu: validation by WeChat's limits, saving, publishing in WeChat's format."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from bot.handlers import COMMANDS
from bot.menu import buttons_of, current_menu, publish_menu
from bot.words import normal
from domain import settings
from domain.settings import ChatMenu, ChatTexts, MenuButton
from gateways.wechat.menu import check_menu
from kernel.errors import Conflict, Invalid

URL = "https://mall.example"


class Account:
    """A fake account that records the published menu."""

    def __init__(self) -> None:
        self.buttons: tuple[Any, ...] = ()

    async def publish_menu(self, buttons: Any) -> None:
        self.buttons = tuple(buttons)

    async def current_menu(self) -> tuple[Any, ...]:
        return self.buttons

    async def delete_menu(self) -> None:
        self.buttons = ()


def test_the_default_menu_is_within_wechat_s_limits() -> None:
    buttons = buttons_of(ChatMenu(), URL)
    check_menu(buttons)
    assert [b["name"] for b in buttons] == ["选购", "推广", "我的"]
    assert buttons[0]["sub_button"][0] == {
        "name": "进入商城", "type": "view", "url": f"{URL}/oauth/login?next=/m/&s=menu",
    }  # fmt: skip


def test_every_entry_of_the_default_menu_is_a_command() -> None:
    known = {name for command in COMMANDS for name in command.names}
    keys = [
        item["key"]
        for button in buttons_of(ChatMenu(), URL)
        for item in button["sub_button"]
        if item["type"] == "click"
    ]
    assert len(keys) == 11
    assert [k for k in keys if normal(k) not in known] == []


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"name": "海报", "kind": "command", "value": "海报"}, {"type": "click", "key": "海报"}),
        (
            {"name": "礼盒", "kind": "page", "value": "/m/search?q=礼盒"},
            {
                "type": "view",
                "url": f"{URL}/oauth/login?next=/m/search%3Fq%3D%E7%A4%BC%E7%9B%92&s=menu",
            },
        ),
        ({"name": "条款", "kind": "page", "value": "/legal/terms"},
         {"type": "view", "url": f"{URL}/legal/terms"}),
        ({"name": "官网", "kind": "link", "value": "https://example.com/?a=b"},
         {"type": "view", "url": "https://example.com/?a=b"}),
    ],
)  # fmt: skip
def test_an_entry_may_be_the_button_itself(item: dict[str, str], expected: dict[str, str]) -> None:
    menu = ChatMenu.model_validate({"buttons": [{"name": "一个", "item": item}]})
    assert buttons_of(menu, URL) == [{"name": "一个"} | expected]


ENTRY = {"name": "海报", "kind": "command", "value": "海报"}


@pytest.mark.parametrize(
    "button",
    [
        {"name": "六个汉字的名", "item": ENTRY},  # 18 bytes; the limit is 16
        {"name": "", "item": ENTRY},
        {"name": "空"},
        {"name": "双", "item": ENTRY, "items": [ENTRY]},
        {"name": "多", "items": [ENTRY] * 6},
        {"name": "长", "items": [ENTRY | {"name": "字" * 21}]},
        {"name": "键", "item": ENTRY | {"value": "字" * 43}},
        {"name": "页", "item": {"name": "页", "kind": "page", "value": "//evil.example"}},
        {"name": "页", "item": {"name": "页", "kind": "page", "value": "m/"}},
        {"name": "链", "item": {"name": "链", "kind": "link", "value": "javascript:alert(1)"}},
        {"name": "链", "item": {"name": "链", "kind": "link", "value": "https://x/" + "a" * 1024}},
    ],
)
def test_a_menu_that_wechat_would_refuse_is_not_saved(button: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MenuButton.model_validate(button)


@pytest.mark.parametrize("count", [0, 4])
def test_a_menu_has_one_to_three_buttons(count: int) -> None:
    with pytest.raises(ValidationError):
        ChatMenu.model_validate({"buttons": [{"name": "一", "item": ENTRY}] * count})


@pytest.mark.parametrize(
    "texts",
    [
        {"welcome": "字" * 667},
        {"keywords": [{"words": [], "answers": ["好"]}]},
        {"keywords": [{"words": ["  "], "answers": ["好"]}]},
        {"keywords": [{"words": ["字" * 21], "answers": ["好"]}]},
        {"keywords": [{"words": ["好"], "answers": []}]},
        {"keywords": [{"words": ["好"], "answers": [" "]}]},
        {"keywords": [{"words": ["好"], "answers": ["字" * 667]}]},
        {"keywords": [{"words": ["好"], "answers": ["好"], "match": "regex"}]},
    ],
)
def test_texts_longer_than_a_reply_are_not_saved(texts: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ChatTexts.model_validate(texts)


async def test_what_the_merchant_saved_is_published(store: Any) -> None:
    buttons = [{"name": "海报", "item": ENTRY}]
    await store.write(settings.change, ChatMenu, {"buttons": buttons})
    account = Account()
    await publish_menu(store, account, URL)
    assert await current_menu(account) == ({"name": "海报", "type": "click", "key": "海报"},)


async def test_an_invalid_menu_does_not_replace_the_old_one(store: Any) -> None:
    with pytest.raises(Invalid) as caught:
        await store.write(settings.change, ChatMenu, {"buttons": []})
    assert (caught.value.code, caught.value.field) == ("setting_bad", "buttons")
    assert await store.read(settings.fresh, ChatMenu) == ChatMenu()


async def test_two_merchants_don_t_overwrite_each_other(store: Any) -> None:
    await store.write(settings.change, ChatTexts, {"welcome": "一"}, version=0)
    with pytest.raises(Conflict):
        await store.write(settings.change, ChatTexts, {"welcome": "二"}, version=0)
    assert (await store.read(settings.fresh, ChatTexts)).welcome == "一"
