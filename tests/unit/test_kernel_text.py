"""Cleaning of typed text: numbers are read, names kept, invisible and bidi characters removed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kernel.text import (
    bare,
    clean_line,
    clean_text,
    fits,
    fold_digits,
    graphemes,
    isolated,
    length,
    number_of,
    phone_of,
    shortened,
    tracking_of,
    xml_safe,
)

ODD = st.text(
    st.one_of(
        st.sampled_from(
            "\0\t\n\r\x1d\x85\u2028\u00ad\u034f\u061c\u115f\u180b\u180e\u200b\u200c\u200d\u200e\u202e\u2066"
            "\u2069\u2800\u3164\ufe0f\ufeff\uff10Ａ１a1#中\u0301\u0335\u20e3\u0e48\u0e01\u0627\u05d0\u094d\u0915"
            "\u1820\u1100\ud800\udfff\ue000\ufdd0\uffff\U0001f468\U0001f3fb\U0001f1e8\U0001f3f4\U000e0067"
            "\U000e007f\U000e0100\U0010ffff\u2764\ufb2a\u0340\u2126"
        ),
        st.characters(),
    ),
    max_size=40,
)
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufdd0-\ufdef\ufeff\ufff9-\ufffc\ufffe\uffff\ud800-\udfff\ue000-\uf8ff"
    "\U000e0001\U000f0000-\U0010ffff]"
)
ALL: tuple[Callable[[str], str], ...] = (
    clean_line, clean_text, fold_digits, number_of, phone_of, tracking_of, bare, isolated,
)  # fmt: skip


@example("R.¸")  # the removed character was between a letter and its mark
@given(ODD)
def test_cleaning_raises_for_no_input_and_is_idempotent(text: str) -> None:
    for one in ALL:
        done = one(text)
        assert one(done) == done, one.__name__


@given(ODD)
def test_clean_text_has_no_invisible_bidi_or_control_characters(text: str) -> None:
    line, free = clean_line(text), clean_text(text)
    for done in (line, free):
        assert not FORBIDDEN.search(done)
        assert done == unicodedata.normalize("NFC", done)
        assert xml_safe(done) == done
        done.encode()
    assert "\n" not in line
    assert "  " not in line
    assert line == line.strip()


@given(ODD)
def test_a_cleaned_grapheme_carries_few_marks(text: str) -> None:
    for each in graphemes(clean_line(text)):
        assert sum(unicodedata.category(c) in {"Mn", "Me"} for c in each) <= 8
    runs = re.findall("[\u0300-\u036f\u20d0-\u20ff]+", clean_line(text))
    assert all(len(run) <= 3 for run in runs)  # two marks, and those that NFC put between them


@given(ODD, st.integers(0, 30), st.integers(0, 60))
def test_a_shortened_text_is_a_prefix_within_its_limits(text: str, most: int, room: int) -> None:
    text = clean_line(text)
    cut = shortened(text, most, room)
    assert text.startswith(cut)
    assert fits(cut, most, room)


@pytest.mark.parametrize("whole", [
    "👨‍👩‍👧‍👦", "👩🏻‍❤️‍💋‍👨🏿", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏳️‍🌈", "🧑🏽‍🚀", "❤️‍🔥", "1️⃣", "#️⃣", "🇨🇳", "☺︎", "🍶", "葛󠄀",
])  # fmt: skip
def test_an_emoji_sequence_stays_whole_and_is_one_character(whole: str) -> None:
    assert clean_line(whole) == clean_text(whole) == whole
    assert length(whole) == 1
    assert shortened(whole + whole, 1) == whole
    assert shortened("酒" + whole, 2, 1 + len(whole) - 1) == "酒"  # no half of a sequence


@pytest.mark.parametrize(("typed", "kept"), [
    ("  张三\u3000李四 ", "张三 李四"), ("官\u200b方\u2060客\ufeff服", "官方客服"),
    ("\u202e福气\u202c", "福气"), ("\u2067小\u2069林", "小林"), ("ＡＢ１２", "AB12"),
    ("林\x1d小\x00雨", "林小雨"), ("一\n二\u2028三\x85四", "一 二 三 四"),
    ("\u3164\u115f\u2800", ""),
    ("Z" + "\u0335" * 40 + "algo", "Z\u0335\u0335algo"), ("\u0301\u0302林", "林"),
    ("e\u0301te\u0301", "\u00e9t\u00e9"), ("ไม่ได้", "ไม่ได้"),
    ("हिन्दी क्\u200dष", "हिन्दी क्\u200dष"),
    ("a\u200db", "ab"), ("1\ufe0f2", "12"), ("\U000e0041酒\U000e007f", "酒"),
    ("\ue001\U000f0000酒", "酒"),
    ("（家）", "（家）"), ("𠮷野家", "𠮷野家"), ("می\u200cخواهم", "می\u200cخواهم"), ("\ud83d", ""),
    ("مرحبا", "مرحبا"), ("\U0002fffe\ufdd0", ""), ("M\u00fcller", "M\u00fcller"),
])  # fmt: skip
def test_a_name_keeps_only_its_readable_characters(typed: str, kept: str) -> None:
    assert clean_line(typed) == kept


def test_free_text_keeps_its_lines_and_wide_characters() -> None:
    assert clean_text(" 一\r\n\u3000二\r三\x0b\u202e四，ＡＢ ") == "一\n\u3000二\n三\n四，ＡＢ"


@pytest.mark.parametrize("typed", [
    "13800138000", " 138 0013 8000 ", "138-0013-8000", "138–0013—8000", "１３８００１３８０００",
    "+8613800138000", "+86 138-0013-8000", "＋８６ 138 0013 8000", "0086 138 0013 8000",
    "8613800138000", "（+86）138 0013 8000", "138\u200b0013\ufeff8000", "\u202d13800138000\u202c",
    "138\u00a00013\u202f8000", "138\u20110013\u22128000", "138.0013.8000", "١٣٨٠٠١٣٨٠٠٠",
    "138·0013·8000", "𝟏𝟑𝟖𝟎𝟎𝟏𝟑𝟖𝟎𝟎𝟎", "138\n0013\t8000", "138ー0013ー8000", "\U000e002013800138000",
])  # fmt: skip
def test_a_phone_pasted_from_anywhere_is_read(typed: str) -> None:
    assert phone_of(typed) == "13800138000"


@pytest.mark.parametrize(("typed", "number"), [
    ("８６１３８００１３８００", "861380013800"), ("0830-229 0101", "08302290101"),
    ("+1 415 555 0100", "+14155550100"), ("abc", "ABC"), ("", ""),
])  # fmt: skip
def test_an_invalid_phone_is_left_for_the_check(typed: str, number: str) -> None:
    assert phone_of(typed) == number


@pytest.mark.parametrize(("typed", "number"), [
    ("sf1234 5678", "SF12345678"), ("ＳＦ１２３４–５６７８", "SF12345678"),
    ("\u200eSF1234\u200b5678", "SF12345678"), ("JDVA00123456-1-2-", "JDVA00123456"),
    ("JDVA00123456－1－2", "JDVA00123456"), ("YT-123-456", "YT123456"),
])  # fmt: skip
def test_a_parcel_number_keeps_only_letters_and_digits_of_the_carrier(
    typed: str, number: str
) -> None:
    assert tracking_of(typed) == number


def test_folded_digits_keep_signs_and_separators() -> None:
    assert fold_digits(" ￥１，２３４．５０\u200b ") == "¥1,234.50"
    assert fold_digits("−５") == "-5"
    assert fold_digits("12 ٣٤\u00a0") == "12 34"
    assert number_of("11010119900307801ｘ") == "11010119900307801X"


@pytest.mark.parametrize(
    "typed", ["退订", "退\u200b订", "退̶订̶", "\u2068退订\u2069", "\x10退订\x1d"]
)
def test_a_bare_word_has_no_invisible_characters(typed: str) -> None:
    assert bare(typed) == "退订"


def test_right_to_left_values_are_isolated_by_line() -> None:
    assert isolated("小林") == "小林"
    assert isolated("שלום 10") == "\u2068שלום 10\u2069"
    assert isolated("שלום\n小林\nعربي") == "\u2068שלום\u2069\n小林\n\u2068عربي\u2069"
    assert clean_line(isolated("שלום")) == "שלום"


def test_lengths_count_graphemes() -> None:
    assert length("林小雨") == 3
    assert length("👨‍👩‍👧‍👦e\u0301") == 2
    assert length("ᄀ" * 100) == 7  # a grapheme counts as one up to sixteen code points
    assert not fits("🇨🇳" * 20, 20, 30)
    assert fits("🇨🇳" * 15, 20, 30)
