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


def test_a_price_below_all_others_and_a_cure_went_unnoticed() -> None:
    text = "双十二全网最低价，第一品牌陈酿，喝了包治百病"
    found = [(f.kind, f.word) for f in lint(text, "ad", "liquor")]
    assert found == [("ad", "最低价"), ("ad", "全网最低"), ("ad", "第一品牌"), ("liquor", "百病")]
