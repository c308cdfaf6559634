"""Times that the shop promises come from its settings, never from a figure in a text."""

from __future__ import annotations

import re
from datetime import timedelta

from domain.catalog.rules import STRIKE_PRICE_WINDOW, STRIKE_SHOWN_FOR
from domain.orders.service import EXTENDABLE_LAST
from domain.payouts.freezes import REVIEW_WITHIN
from domain.promotions.rules import LASTS_MOST
from tests.arch.source import ROOT

TIME = re.compile(
    r"(?<![0-9.])(?:[0-9]+|[一二两三四五六七八九十百]+) ?个? ?(?:小时|分钟|工作日|天|日|个月|年)"
)
"""A figure and its unit, in digits or Chinese numerals."""

TEXTS = (
    ("templates", "*.html"), ("templates", "*.txt"), ("bot/intents", "*.py"),
    ("texts/zh_CN/mall", "*.toml"), ("texts/zh_CN/chat", "*.toml"),
    ("texts/zh_CN/shared", "*.toml"), ("texts/zh_CN/legal", "*.txt"),
)  # fmt: skip
COUNTED = "a period that figures are counted over"
NOT_PROMISED = {
    ("templates/chat/commission.txt", "7 天"): COUNTED,
    ("templates/h5/seller/center.html", "7 天"): COUNTED,
    ("templates/h5/seller/center.html", "30 天"): COUNTED,
    ("templates/h5/seller/customers.html", "30 天"): COUNTED,
    ("templates/chat/customers.txt", "30 天"): COUNTED,
    ("bot/intents/statement.py", "30 天"): COUNTED,
    ("templates/admin/people/answer.html", "30 天"): COUNTED,
    ("templates/admin/today.html", "7 日"): COUNTED,
    ("templates/admin/today.html", "30 日"): COUNTED,
    ("templates/admin/selling/distributor.html", "7 日"): COUNTED,
    ("templates/admin/selling/distributor.html", "30 日"): COUNTED,
    ("templates/admin/selling/tax.html", "一年"): COUNTED,
    ("templates/admin/selling/withdrawal.html", "两天"): COUNTED,
    ("templates/admin/selling/brakes.html", "1 小时"): COUNTED,
    ("templates/admin/me.html", "24 小时"): COUNTED,
    ("texts/zh_CN/chat/notices/staff.toml", "一天"): COUNTED,
    ("templates/admin/marketing/_reach.html", "2023 年"): "the year of WeChat's rule",
    ("templates/admin/people/_answer_follows.html", "48 小时"): "WeChat's own window",
    ("templates/admin/shop/menu.html", "5 分钟"): "WeChat's own delay",
    ("texts/zh_CN/mall/payouts.toml", "24 小时"): "WeChat's limit for confirming a transfer",
    ("texts/zh_CN/chat/notices/distribution.toml", "24 小时"): "the same",
    ("texts/zh_CN/mall/payouts.toml", "一分钟"): "when to try again",
    ("templates/h5/trade/pay.html", "一两分钟"): "when to try again",
    ("templates/h5/outside.html", "15 分钟"): "how long a code for the sign-in is valid",
    ("templates/admin/trade/reconcile.html", "三个月"): "how long WeChat keeps bills",
    ("templates/admin/trade/bill_day.html", "三个月"): "the same",
    ("texts/zh_CN/legal/terms.txt", "7 日"): "the law's limit for paying back",
    ("texts/zh_CN/legal/distribution.txt", "7 日"): "an appeal's limit, signed with the text",
}  # fmt: skip
BY_RULE: dict[tuple[str, str], timedelta] = {
    ("texts/zh_CN/mall/orders.toml", "3 天"): EXTENDABLE_LAST,
    ("templates/h5/trade/order.html", "3 天"): EXTENDABLE_LAST,
    ("templates/admin/selling/distributor.html", "15 天"): REVIEW_WITHIN,
    ("templates/admin/marketing/offer_form.html", "90 天"): LASTS_MOST,
    ("templates/admin/goods/product_prices.html", "7 日"): STRIKE_PRICE_WINDOW,
    ("templates/admin/goods/product_prices.html", "30 日"): STRIKE_SHOWN_FOR,
}
"""Times that a rule of the domain fixes."""


def stated() -> set[tuple[str, str]]:
    """Every time in a text that people read, as (file, figure with unit)."""
    return {
        (path.relative_to(ROOT).as_posix(), found)
        for folder, pattern in TEXTS
        for path in (ROOT / folder).rglob(pattern)
        for found in TIME.findall(path.read_text(encoding="utf-8"))
    }


def test_no_text_states_a_time_that_a_setting_decides() -> None:
    """Earlier, ten templates said 48 小时内发货 whatever the merchant had set."""
    assert stated() - set(NOT_PROMISED) - set(BY_RULE) == set()


def test_every_exception_is_still_needed() -> None:
    assert (set(NOT_PROMISED) | set(BY_RULE)) - stated() == set()


def test_a_time_fixed_by_a_rule_is_stated_rightly() -> None:
    wrong = {
        place: rule.days
        for place, rule in BY_RULE.items()
        if int(place[1].split()[0]) != rule.days
    }
    assert wrong == {}
