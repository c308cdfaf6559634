"""Long texts are split into messages within the limit, with whole links and no lost words."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.wechat import cards
from kernel.chat import Article
from kernel.chat_text import cut, head_and_rest, parts, says_something
from kernel.text import xml_safe

LINK = '<a href="https://m.example/m/p/1">看看</a>'
words = st.text(st.sampled_from("陈酿酒a ，。\n！😀"), max_size=40)
texts = st.lists(st.one_of(words, st.just(LINK), st.just("\n\n")), max_size=30).map("".join)


def bare(text: str) -> str:
    return re.sub(r"\s", "", text)


@given(texts, st.integers(60, 200))
def test_parts_fit_and_lose_no_word(text: str, most: int) -> None:
    found = parts(text, most, most=10_000)
    assert all(len(part.encode()) <= most and says_something(part) for part in found)
    assert bare("".join(found)) == bare(text)


@given(texts, st.integers(60, 200))
def test_no_part_ends_inside_a_link(text: str, most: int) -> None:
    for part in parts(text, most, most=10_000):
        assert part.count("<a ") == part.count("</a>")


@given(texts, st.integers(60, 200), st.integers(1, 4))
def test_there_are_no_more_parts_than_the_window_allows(text: str, size: int, most: int) -> None:
    found = parts(text, size, most)
    assert len(found) <= most
    assert all(len(part.encode()) <= size for part in found)
    if len(parts(text, size, most=10_000)) > most:
        assert found[-1].endswith("…")


@pytest.mark.parametrize(
    ("text", "head", "rest"),
    [
        ("短", "短", ""),
        ("一段话。\n\n第二段很长很长", "一段话。", "第二段很长很长"),
        ("第一行很长\n第二行很长", "第一行很长", "第二行很长"),
        ("第一句很长。第二句很长", "第一句很长。", "第二句很长"),
        ("没有停顿的一长串文字", "没有停顿的一长", "串文字"),
        ("甲\n乙丙丁戊己庚辛壬癸", "甲\n乙丙丁戊己庚", "辛壬癸"),
    ],
)
def test_a_text_is_split_at_paragraphs_lines_or_sentences(text: str, head: str, rest: str) -> None:
    assert head_and_rest(text, 23 if "\n" not in text else 22) == (head, rest)


def test_a_link_longer_than_a_message_is_cut() -> None:
    text = f'<a href="https://x/{"a" * 300}">x</a>'
    assert all(len(part.encode()) <= 100 for part in parts(text, 100, most=50))
    assert parts(text, 100, most=50)


@pytest.mark.parametrize("text", ["", " \n", "\u200b", "\x01\x02", "\u200b\ufeff \u2060"])
def test_blank_and_invisible_texts_give_no_message(text: str) -> None:
    assert not says_something(xml_safe(text))
    assert parts(text) == ()


def test_a_cut_is_between_characters_and_marked() -> None:
    assert cut("酒" * 10, 9) == "酒酒…"
    assert cut("酒酒酒", 9) == "酒酒酒"


@pytest.mark.parametrize(
    ("given_", "taken"),
    [
        (Article("字" * 60, "说" * 300, "https://m"), ("字" * 41 + "…", "说" * 169 + "…")),
        (Article("", "只有说明", "https://m"), ("只有说明", "")),
        (Article("标题", "", "https://m", "p" * 2049), ("标题", "")),
        (Article("标\x01题", "", "https://m"), ("标题", "")),
    ],
)
def test_a_card_is_shortened_to_the_limits(given_: Article, taken: tuple[str, str]) -> None:
    found = cards.fitting(given_)
    assert found is not None
    assert (found.title, found.description) == taken
    assert (len(found.title.encode()) <= 128, len(found.picture_url) <= 2048) == (True, True)


@pytest.mark.parametrize(
    "card", [Article(" ", "\u200b", "https://m"), Article("a", "", "u" * 2049)]
)
def test_a_card_that_cannot_be_shortened_is_left_out(card: Article) -> None:
    assert cards.fitting(card) is None
