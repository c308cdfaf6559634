"""The normal form of typed search text, which all finders use."""

from __future__ import annotations

import pytest

from kernel.finding import LONGEST, Sought


@pytest.mark.parametrize(
    ("typed", "number", "phone"),
    [
        ("ORD26113ABC", "ORD26113ABC", ""),
        ("ord26113abc", "ORD26113ABC", ""),
        ("ＯＲＤ２６１１３", "ORD26113", ""),
        ("\u202aSF\u200b1234 5678\u202c", "SF12345678", ""),
        ("WD-2611-30", "WD261130", ""),
        ("+86 138 0013 8000", "", "13800138000"),
        ("0086138-0013-8000", "008613800138000", "13800138000"),
        ("13800138000", "13800138000", "13800138000"),
        ("23800138000", "23800138000", ""),
        ("林小满", "", ""),
        ("林 8000", "", ""),
        ("山泉坊·陈酿", "", ""),
        ("A", "", ""),
        ("", "", ""),
        ("\u200b\u2066\ufeff", "", ""),
        ("％_", "", ""),
    ],
)
def test_a_number_is_the_same_however_it_is_pasted(typed: str, number: str, phone: str) -> None:
    found = Sought.of(typed)
    assert (found.number, found.phone) == (number, phone)
    assert found.tracking == found.number


def test_a_very_long_text_is_cut() -> None:
    assert len(Sought.of("9" * 500).text) == LONGEST
    assert Sought.of("  \t ").text == ""


def test_a_package_number_is_that_of_its_parcel() -> None:
    assert Sought.of("JDVA12345678-1-2-").tracking == "JDVA12345678"
