"""Which words a text must not carry."""

from __future__ import annotations

from domain.lint import lint


def test_words_are_found_through_spaces_and_by_kind() -> None:
    text = "中秋 满 减，顶级佳酿，有益健康，分享得红包"
    assert [(f.kind, f.word) for f in lint(text, "ad", "liquor", "share", "marketing")] == [
        ("ad", "顶级"),
        ("liquor", "有益健康"),
        ("share", "分享得"),
        ("marketing", "红包"),
        ("marketing", "满减"),
    ]
    assert lint("您的订单已发货", "ad", "liquor", "share", "marketing") == []
