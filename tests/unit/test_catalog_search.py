"""Search words for products: spellings of strengths, punctuation, width, traditional script."""

from __future__ import annotations

import pytest

from domain.catalog.searching import search_text, search_words

OLD = search_text(["山泉坊·陈酿", "纯粮固态发酵", "52%vol", "送礼", "500ml*6 瓶"])
TASTING = search_text(["山泉坊·品鉴装", "五十三度与四十二度同盒", "42-53%vol"])
WEAK = search_text(["桂花露酒", "", "22.5度"])
GRAIN = search_text(["100%纯粮", "", "45°"])


def found(text: str, typed: str) -> bool:
    words = search_words(typed)
    return bool(words) and all(word in text for word in words)


@pytest.mark.parametrize(
    "typed",
    [
        "52度",
        "52 度",
        "５２度",
        "52°",
        "52º",
        "52%",
        "52%vol",
        "52% VOL",
        "五十二度",
        "陈酿 52度",
        "陈酿52度",
        "52",
    ],
)
def test_a_strength_is_found_in_any_spelling(typed: str) -> None:
    assert found(OLD, typed)


@pytest.mark.parametrize("typed", ["53度", "2度", "152度", "5度", "五十度"])
def test_another_strength_is_not_found(typed: str) -> None:
    assert not found(OLD, typed)


@pytest.mark.parametrize("typed", ["42度", "53度", "42-53度", "42~53%vol", "四十二度"])
def test_a_range_of_strengths_is_found_by_both_ends(typed: str) -> None:
    assert found(TASTING, typed)


def test_fractions_of_strengths_and_percentages_of_grain_are_unchanged() -> None:
    assert found(WEAK, "22.5度")
    assert not found(WEAK, "5度")
    for typed in ("45%vol", "100%", "100%纯粮"):
        assert found(GRAIN, typed)
    assert not found(GRAIN, "100%vol")


@pytest.mark.parametrize(
    "typed", ["山泉坊陈酿", "山泉坊·陈酿", "山泉坊・陳釀", "500ml*6", "５００ＭＬ"]
)
def test_punctuation_width_and_traditional_characters_make_no_difference(typed: str) -> None:
    assert found(OLD, typed)


def test_punctuation_alone_gives_no_words() -> None:
    assert search_words(" ··· ！ ") == []
    assert len(search_words("a b c d e f g h")) == 6
