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
    Service,
    StaffCeilings,
    Storefront,
    Switches,
    Trade,
)
from domain.settings.service import all_versions, cached, change, forget_cache, fresh, get

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
    "Service",
    "StaffCeilings",
    "Storefront",
    "Switches",
    "Trade",
    "all_versions",
    "cached",
    "change",
    "forget_cache",
    "fresh",
    "get",
]
