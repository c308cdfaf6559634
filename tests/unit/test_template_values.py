"""A value of a template is made to fit its kind, or left out; all notices: test_notices.py."""

from __future__ import annotations

import pytest

from domain.push.keywords import cleaned, cut, value_for


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        ("thing", "第一行\n第二行", "第一行 第二行"),
        ("thing", "一二三四五六七八九十" * 2 + "完", "一二三四五六七八九十一二三四五六七八九…"),
        ("character_string", "FM2611 等 3 单", "FM2611"),
        ("character_string", "ＳＦ１２３", "SF123"),
        ("phrase", "已发货", "已发货"),
        ("phrase", "OK", None),
        ("name", "王*", "王*"),
        ("name", "会员4C**", None),
        ("amount", "¥90,760.00", "¥90760.00"),
        ("amount", "十元", None),
        ("number", "¥14.90", "14.90"),
        ("phone_number", "13800000000", None),
        ("thing", "\u200b\n", None),
        ("nonsense", "文字", "文字"),
    ],
)  # fmt: skip
def test_a_value_is_made_to_fit_or_left_out(kind: str, given: str, value: str | None) -> None:
    assert value_for(kind, [given]) == value


def test_a_cut_does_not_separate_a_character_from_its_accent() -> None:
    assert cut("e\u0301" * 3, 4) == "e\u0301…"
    assert cut("🍶🍶🍶", 4) == "🍶…"
    assert cleaned("a\u0000b\u2029c") == "a b c"
