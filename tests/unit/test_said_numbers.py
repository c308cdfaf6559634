"""Numbers in spoken form are read."""

from __future__ import annotations

import pytest

from kernel.said_numbers import number_said


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3", 3), ("300", 300), ("3百", 300), ("1.5万", 15_000), ("2k", 2000), ("2w", 20_000),
        ("十", 10), ("十二", 12), ("二十", 20), ("两百", 200), ("两百五", 250), ("两百零五", 205),
        ("一千五", 1500), ("一千零五十", 1050), ("三万五", 35_000), ("一万二千", 12_000),
        ("九九", 9), ("0", 0), ("零", None), ("", None), ("酒", None), ("3x", None),
    ],
)  # fmt: skip
def test_a_number_in_spoken_form_is_read(text: str, number: int | None) -> None:
    assert number_said(text) == number
