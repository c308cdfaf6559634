"""Settings that the merchant changes while the shop runs (设置)."""

from domain.settings.chat import ChatMenu, ChatTexts, KeywordReply, MenuButton, MenuItem
from domain.settings.rules import (
    BindingPolicy,
    Distribution,
    Freight,
    PayoutBrakes,
    PushRules,
    RefundBrakes,
    Returns,
    StaffCeilings,
    Switches,
    Trade,
)
from domain.settings.service import all_versions, change, forget_cache, fresh, get

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
    "RefundBrakes",
    "Returns",
    "StaffCeilings",
    "Switches",
    "Trade",
    "all_versions",
    "change",
    "forget_cache",
    "fresh",
    "get",
]
