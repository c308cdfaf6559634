"""What members and the owner are told unasked: every purpose has words, fields fit WeChat."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from bot.notices import ABOUT, MOST, ChatNotices
from bot.speech import Speech
from domain.push.notices import OCCASIONS
from domain.push.ports import NoticeWords
from kernel import clock
from kernel.web.render import Renderer, when
from tests.face.chat import ROOT, config_with

CONFIG = config_with()
LOGIN = f"{CONFIG.public_url}/oauth/login?next="
FACTS: dict[str, Any] = {
    "fen": 1490, "order_no": "FM2611221234567890ABCDEF", "title": "陈酿", "who": "王*",
    "level": 1, "lines": 2, "withdrawal_id": 7, "visitors_today": 3,
}  # fmt: skip


@pytest.fixture(scope="module")
def words() -> NoticeWords:
    return ChatNotices(Speech(Renderer(CONFIG), CONFIG.public_url))


def told_purposes() -> set[str]:
    """Every purpose that the domain tells, as its code has it."""
    told = re.compile(r'(?:tell|tell_owner)\(\s*(?:[\w.]+,\s*)?"(\w+)"|"purpose": "(\w+)"')
    texts = [p.read_text(encoding="utf-8") for p in Path(ROOT, "domain").rglob("*.py")]
    return {one or other for text in texts for one, other in told.findall(text)}


def test_every_purpose_that_the_domain_tells_has_words(words: NoticeWords) -> None:
    purposes = told_purposes() | set(OCCASIONS)
    assert len(purposes) > 15
    assert [p for p in sorted(purposes) if not words.text(p, {})] == []
    assert sorted(set(OCCASIONS) - set(ABOUT)) == []


def test_an_unknown_purpose_says_nothing(words: NoticeWords) -> None:
    assert words.text("nobody_knows", FACTS) is None
    assert words.url("nobody_knows", FACTS) == ""


def test_a_commission_tells_how_much_for_which_order(words: NoticeWords) -> None:
    text = words.text("commission_pending", FACTS)
    assert text is not None
    assert text.startswith("新佣金 ¥14.90：朋友已付款，订单 FM2611221234567890ABCDEF。")
    assert f'<a href="{LOGIN}/m/d/entries">佣金明细</a>' in text


def test_a_taking_back_names_the_line_and_where_it_came_from(words: NoticeWords) -> None:
    facts = FACTS | {"available_fen": 1000, "debt_fen": 490}
    text = words.text("commission_taken_back", facts)
    assert text is not None
    assert text.splitlines()[:3] == [
        "「陈酿」发生退款（订单 FM2611221234567890ABCDEF），相应佣金 ¥14.90 须扣回：",
        "可提现扣 ¥10.00",
        "由以后的佣金抵扣 ¥4.90",
    ]


def test_names_from_outside_become_no_link(words: NoticeWords) -> None:
    text = words.text("new_customer", {"who": '<a href="https://evil.example">'})
    assert text is not None
    assert '<a href="https://evil' not in text


@pytest.mark.parametrize(
    ("purpose", "page"),
    [
        ("order_paid", "/m/orders/FM2611221234567890ABCDEF"),
        ("withdrawal_awaiting", "/m/pay/transfer/7"),
        ("withdrawal_returned", "/m/d/withdrawals/7"),
        ("commission_released", "/m/d/entries"),
    ],
)
def test_a_notice_leads_to_its_page(words: NoticeWords, purpose: str, page: str) -> None:
    assert words.url(purpose, FACTS) == LOGIN + page


def test_fields_are_filled_by_their_labels(words: NoticeWords) -> None:
    fields = [
        ("character_string1", "订单编号"), ("amount2", "佣金金额"), ("phrase3", "状态"),
        ("time4", "到账时间"), ("thing5", "商品名称"), ("thing6", "客户"), ("thing7", "备注"),
    ]  # fmt: skip
    before = when(clock.now())
    values = dict(words.values("commission_released", FACTS, fields))
    assert values.pop("time4") in {before, when(clock.now())}
    assert values == {
        "character_string1": "FM2611221234567890ABCDEF",
        "amount2": "¥14.90",
        "phrase3": "已结算",
        "thing5": "陈酿",
        "thing6": "王*",
        "thing7": "2 笔佣金共 ¥14.90 已结算，可…",
    }


def test_no_value_is_empty_or_too_long(words: NoticeWords) -> None:
    labels = ("单号", "金额", "状态", "时间", "商品", "客户", "原因", "快递公司", "说明", "")
    fields = [(f"{kind}{n}", label) for kind in MOST for n, label in enumerate(labels)]
    long = FACTS | {"title": "很长的商品名" * 9, "who": "", "fen": 0, "reason": ""}
    for purpose in ABOUT:
        for key, value in words.values(purpose, long, fields).items():
            assert 1 <= len(value) <= MOST[key.rstrip("0123456789")], (purpose, key, value)
            assert "<" not in value


def test_an_answer_is_told_with_the_way_to_judge_it(words: NoticeWords) -> None:
    number = "TK2611220000000000000001"
    facts = {"ticket_no": number, "answer": "可以开发票。"}
    told = words.text("ticket_answered", facts) or ""
    assert told.splitlines()[:2] == [f"您的问题 {number} 有答复了：", "可以开发票。"]
    assert "满意" in told
    bare = words.text("ticket_answered", facts | {"answer": ""}) or ""
    assert bare.startswith(f"您的问题 {number} 有答复了。")
