"""The merchant's settings for the chat: menu, welcome, keyword replies."""

from __future__ import annotations

import re
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from domain.settings.rules import Switches

TOP_NAME_BYTES = 16
SUB_NAME_BYTES = 60
KEY_BYTES = 128
URL_BYTES = 1024
TEXT_BYTES = 2000
"""A passive text reply holds 2,048 bytes; the rest is for what the chat adds."""

_PAGE = re.compile(r"/[^\s/\\][^\s\\]*|/")
_LINK = re.compile(r"https?://[^\s<>\"']+")


def _within(text: str, most: int) -> str:
    """Check a text's length in bytes, as WeChat does; a Chinese character takes three."""
    size = len(text.encode())
    if size > most:
        raise PydanticCustomError(
            "over_bytes", "at most {most} bytes, not {size}", {"most": most, "size": size}
        )
    return text


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class MenuItem(_Part):
    """A menu entry, which sends a command, opens a page of the mall, or opens a link."""

    name: str = Field(min_length=1)
    kind: Literal["command", "page", "link"]
    value: str = Field(min_length=1)

    @field_validator("name")
    @classmethod
    def _name_fits(cls, value: str) -> str:
        return _within(value.strip(), SUB_NAME_BYTES)

    @model_validator(mode="after")
    def _value_fits(self) -> MenuItem:
        if self.kind == "command":
            _within(self.value, KEY_BYTES)
        elif self.kind == "page" and not _PAGE.fullmatch(self.value):
            raise PydanticCustomError("page_bad", "a page is a path such as /m/orders")
        elif self.kind == "link" and not _LINK.fullmatch(self.value):
            raise PydanticCustomError("link_bad", "a link begins with http:// or https://")
        _within(self.value, URL_BYTES)
        return self


class MenuButton(_Part):
    """A menu button: an entry of its own, or up to five entries above it."""

    name: str = Field(min_length=1)
    item: MenuItem | None = None
    items: tuple[MenuItem, ...] = Field(default=(), max_length=5)

    @field_validator("name")
    @classmethod
    def _name_fits(cls, value: str) -> str:
        return _within(value.strip(), TOP_NAME_BYTES)

    @model_validator(mode="after")
    def _one_or_many(self) -> MenuButton:
        if (self.item is None) == (not self.items):
            raise PydanticCustomError("entry_missing", "a button has an entry, or entries")
        return self


def _say(name: str, command: str = "") -> MenuItem:
    return MenuItem(name=name, kind="command", value=command or name)


def _open(name: str, path: str) -> MenuItem:
    return MenuItem(name=name, kind="page", value=path)


DEFAULT_MENU = (
    MenuButton(
        name="选购",
        items=(
            _open("进入商城", "/m/"),
            _say("推荐商品", "商品"),
            _say("优惠活动", "优惠"),
            _open("购物车", "/m/cart"),
            _say("我的订单", "订单"),
        ),
    ),
    MenuButton(
        name="推广",
        items=(
            _say("推广海报", "海报"),
            _say("推广链接", "链接"),
            _say("我的佣金", "佣金"),
            _say("我的客户"),
            _say("提现"),
        ),
    ),
    MenuButton(
        name="我的",
        items=(
            _open("个人中心", "/m/me"),
            _say("申请分销"),
            _say("人工客服", "人工"),
            _say("使用帮助", "帮助"),
        ),
    ),
)


class ChatMenu(Switches):
    """The menu at the bottom of the chat (自定义菜单), at most three buttons."""

    KEY: ClassVar[str] = "chat_menu"
    buttons: tuple[MenuButton, ...] = Field(default=DEFAULT_MENU, min_length=1, max_length=3)


class KeywordReply(_Part):
    """A reply to words that customers type (关键词回复); one of several answers is drawn."""

    words: tuple[str, ...] = Field(min_length=1, max_length=10)
    match: Literal["exact", "contains"] = "exact"
    answers: tuple[str, ...] = Field(min_length=1, max_length=5)

    @field_validator("words")
    @classmethod
    def _short_words(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(not 1 <= len(word.strip()) <= 20 for word in value):
            raise PydanticCustomError("keyword_bad", "a keyword has 1 to 20 characters")
        return value

    @field_validator("answers")
    @classmethod
    def _short_answers(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(text.strip() for text in value):
            raise PydanticCustomError("answer_empty", "an answer has text")
        return tuple(_within(text, TEXT_BYTES) for text in value)


class ChatTexts(Switches):
    """The merchant's texts in the chat (关注回复、关键词回复); '' stands for the default text."""

    KEY: ClassVar[str] = "chat_texts"
    welcome: str = ""
    closed: str = ""
    """The reply to 人工 outside the service hours."""
    keywords: tuple[KeywordReply, ...] = Field(default=(), max_length=200)

    @field_validator("welcome", "closed")
    @classmethod
    def _texts_fit(cls, value: str) -> str:
        return _within(value, TEXT_BYTES)
