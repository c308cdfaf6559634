"""Switches that the merchant changes while the shop runs (设置)."""

from domain.settings.chat import ChatMenu, ChatTexts, KeywordReply, MenuButton, MenuItem
from domain.settings.rules import (
    BindingPolicy,
    Distribution,
    Freight,
    PayoutBrakes,
    PushRules,
    Returns,
    Switches,
    Trade,
)
from domain.settings.service import all_versions, change, fresh, get, hold

__all__ = [
    "BindingPolicy",
    "ChatMenu",
    "ChatTexts",
    "Distribution",
    "Freight",
    "KeywordReply",
    "MenuButton",
    "MenuItem",
    "PayoutBrakes",
    "PushRules",
    "Returns",
    "Switches",
    "Trade",
    "all_versions",
    "change",
    "fresh",
    "get",
    "hold",
]
