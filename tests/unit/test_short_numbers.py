"""Numbers that fit a phone: short counts and sums, and badges."""

from __future__ import annotations

import pytest

from mall_h5.words import badge_count, short, yuan_short


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "0"), (9_999, "9999"), (10_000, "1万"), (12_999, "1.2万"), (99_999, "9.9万"),
        (100_000, "10万"), (356_789, "35万"), (99_999_999, "9999万"), (100_000_000, "1亿"),
        (123_456_789, "1.2亿"),
    ],
)  # fmt: skip
def test_a_count_is_short_and_never_rounded_up(number: int, shown: str) -> None:
    assert short(number) == shown


@pytest.mark.parametrize(
    ("fen", "shown"),
    [(0, "0.00"), (999_999, "9999.99"), (1_000_000, "1万"), (1_299_999, "1.2万")],
)
def test_a_sum_of_an_overview_is_short_from_ten_thousand_on(fen: int, shown: str) -> None:
    assert yuan_short(fen) == shown


@pytest.mark.parametrize(("count", "shown"), [(1, "1"), (99, "99"), (100, "99+")])
def test_a_badge_has_two_digits_at_most(count: int, shown: str) -> None:
    assert badge_count(count) == shown
