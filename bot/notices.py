"""What a member or the owner is told unasked (服务通知): a purpose and its facts put into words.

Implements ``domain.push.ports.NoticeWords``. ``templates/chat/notices.txt`` has one block per
purpose; a purpose without a block has nothing to say. A template message's fields are filled by
what their labels ask for, each cut to the length that WeChat allows its kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot import paths
from bot.speech import Speech
from kernel import clock
from kernel.money import yuan
from kernel.web.render import when

Facts = Mapping[str, Any]

# What a notice is about, in at most five characters, and the page that it opens.
ABOUT: dict[str, tuple[str, str]] = {
    "order_paid": ("已付款", paths.ORDERS),
    "order_shipped": ("已发货", paths.ORDERS),
    "refund": ("已退款", paths.ORDERS),
    "order_refunded": ("已退款", paths.ORDERS),
    "first_visit": ("有访客", paths.SELLING),
    "new_customer": ("新客户", paths.CUSTOMERS),
    "commission_pending": ("待结算", paths.ENTRIES),
    "commission_released": ("已结算", paths.ENTRIES),
    "commission_taken_back": ("已扣回", paths.ENTRIES),
    "withdrawal_awaiting": ("待确认", paths.WITHDRAWALS),
    "withdrawal_paid": ("已到账", paths.WITHDRAWALS),
    "withdrawal_returned": ("已退回", paths.WITHDRAWALS),
    "withdrawal_rejected": ("未通过", paths.WITHDRAWALS),
    "distributor_approved": ("已通过", paths.SELLING),
    "distributor_rejected": ("未通过", paths.SELLING),
    "distributor_suspended": ("已暂停", paths.SELLING),
    "distributor_restored": ("已恢复", paths.SELLING),
    "ticket_answered": ("已答复", ""),
    "case_return": ("请寄回", paths.CASES),
    "case_rejected": ("未通过", paths.CASES),
}

# Every fact that a text may use; what a notice does not carry is empty.
FACTS: dict[str, Any] = dict.fromkeys(
    ("order_no", "title", "who", "reason", "company", "tracking_no", "ticket_no", "why", "code",
     "state", "cause", "address", "answer"), "",
) | dict.fromkeys(
    ("fen", "tax_fen", "fee_fen", "pending_fen", "available_fen", "withdrawing_fen", "debt_fen",
     "taken_fen", "lines", "level", "visitors_today", "withdrawal_id"), 0,
)  # fmt: skip

# What a field asks for by words in its label; the first that fits, so narrow ones come first.
LABELS: tuple[tuple[tuple[str, ...], Callable[[Facts], Any]], ...] = (
    (("金额", "佣金", "收益", "费"), lambda f: f"¥{yuan(int(f['fen']))}" if f["fen"] else ""),
    (("快递单号", "运单", "物流单号"), lambda f: f["tracking_no"]),
    (("单号", "编号"), lambda f: f["order_no"] or f["tracking_no"] or f["ticket_no"]),
    (("时间", "日期"), lambda _: when(clock.now())),
    (("公司", "快递"), lambda f: f["company"]),
    (("客户", "用户", "姓名", "好友"), lambda f: f["who"]),
    (("商品", "产品"), lambda f: f["title"]),
    (("原因",), lambda f: f["reason"]),
)
STATE_LABELS = ("状态", "结果", "进度", "类型")

# WeChat refuses a longer value with 47003; kinds as the field's key begins.
MOST = {"thing": 20, "phrase": 5, "character_string": 32, "const": 20, "name": 10}
MOST_ELSE = 200
PLAIN = {"character_string", "number", "letter"}  # WeChat takes no Chinese here
_KIND = re.compile(r"^[a-z_]+")
_LINK = re.compile(r"<[^>]*>")


class ChatNotices:
    """The words of every notice."""

    def __init__(self, speech: Speech) -> None:
        self._speech = speech

    def text(self, purpose: str, facts: Facts) -> str | None:
        """The text for the chat window; None if there is nothing to say."""
        said = self._speech.block("notices.txt", purpose, FACTS | dict(facts))
        page = self._page(purpose, facts) or paths.HOME
        return self._speech.fitted(said, page) if said else None

    def values(
        self, purpose: str, facts: Facts, fields: Sequence[tuple[str, str]]
    ) -> Mapping[str, str]:
        """The values of a template's fields, given as (key, label)."""
        known = FACTS | dict(facts)
        return {key: _cut(key, self._value(purpose, known, label)) for key, label in fields}

    def url(self, purpose: str, facts: Facts) -> str:
        """Where the message leads; '' for nowhere."""
        page = self._page(purpose, facts)
        return self._speech.url(page) if page else ""

    def _page(self, purpose: str, facts: Facts) -> str:
        if purpose == "withdrawal_awaiting" and facts.get("withdrawal_id"):
            return paths.confirm(int(facts["withdrawal_id"]))
        if purpose == "withdrawal_returned" and facts.get("withdrawal_id"):
            return paths.withdrawal(int(facts["withdrawal_id"]))
        page = ABOUT.get(purpose, ("", ""))[1]
        if page == paths.CASES:
            return paths.case(str(facts.get("ticket_no", "")))
        order_no = facts.get("order_no")
        return paths.order(str(order_no)) if page == paths.ORDERS and order_no else page

    def _value(self, purpose: str, facts: Facts, label: str) -> str:
        """The fact that a label asks for, else the notice in short."""
        if any(word in label for word in STATE_LABELS):
            return ABOUT.get(purpose, ("", ""))[0]
        for words, fact in LABELS:
            if any(word in label for word in words):
                return str(fact(facts))
        said = self._speech.block("notices.txt", purpose, facts)
        return _LINK.sub("", said.partition("\n")[0])


def _cut(key: str, value: str) -> str:
    """A value that WeChat takes for the kind of the field: never empty, never too long."""
    found = _KIND.match(key)
    kind = found[0].rstrip("_") if found else ""
    most = MOST.get(kind, MOST_ELSE)
    text = value or "—"
    if kind in PLAIN and not text.isascii():
        return "-"
    return text if len(text) <= most else text[: most - 1] + "…"
