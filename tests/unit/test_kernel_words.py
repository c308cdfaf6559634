"""Folding: what is typed in another form is compared as the same text."""

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
        ("酒麴", "酒曲"),  # GB 2312 has these two, next to the simplified forms
        ("後天", "后天"),
        ("商品", "商品"),
        ("🍶 Order", "🍶 order"),
    ],
)
def test_it_folds_width_case_and_traditional_characters(typed: str, compared: str) -> None:
    assert folded(typed) == compared


def test_dictionaries_are_loaded_by_the_first_traditional_text_only() -> None:
    """They take 5 MB and the start's time, and most processes never meet such a text."""
    script = (
        "import sys; from kernel.words import folded\n"
        "folded('我的订单什么时候到'); print('opencc' in sys.modules)\n"
        "folded('我的訂單'); print('opencc' in sys.modules)"
    )
    command = [sys.executable, "-c", script]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["False", "True"]
