"""Folding: different forms of a text become equal for comparisons."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kernel.words import folded


@pytest.mark.parametrize(
    ("typed", "compared"),
    [
        ("訂單　ＡＢ", "订单 ab"),
        ("陳釀", "陈酿"),
        ("甚么", "什么"),
        ("甚麼時候到", "什么时候到"),
        ("什么", "什么"),
        ("酒麴", "酒曲"),  # GB 2312 contains these two besides the simplified forms
        ("後天", "后天"),
        ("商品", "商品"),
        ("🍶 Order", "🍶 order"),
        ("山泉坊·陳釀", "山泉坊·陈酿"),
    ],
)
def test_width_case_and_traditional_characters_are_folded(typed: str, compared: str) -> None:
    assert folded(typed) == compared


def test_dictionaries_are_loaded_by_the_first_traditional_text_only() -> None:
    """They need 5 MB and time at the start, and most processes never see such a text."""
    script = (
        "import sys; from kernel.words import folded\n"
        "folded('我的订单什么时候到'); print('opencc' in sys.modules)\n"
        "folded('山泉坊·陈酿 500ml×6 ™ 🍶'); print('opencc' in sys.modules)\n"
        "folded('我的訂單'); print('opencc' in sys.modules)"
    )
    command = [sys.executable, "-c", script]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["False", "False", "True"]
