"""Patterns that are compiled at their first use work like compiled ones."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

import pytest

from kernel.patterns import compiled_later

USERS = ("domain.chat_answers.masking", "domain.lint.folding")


def test_a_pattern_is_used_like_a_compiled_one() -> None:
    lazy, own = compiled_later("([a-z]+)([0-9])?"), re.compile("([a-z]+)([0-9])?")
    for _ in range(2):  # compiled by the first, kept for the second
        assert lazy.sub("*", "ab1 c") == own.sub("*", "ab1 c")
        found = lazy.search("1 ab2")
        assert found is not None
        assert found.groups() == ("ab", "2")
        assert lazy.findall("a1b2") == own.findall("a1b2")
    assert lazy.pattern == own.pattern


def test_a_broken_pattern_is_found_when_it_is_used() -> None:
    lazy = compiled_later("(")
    with pytest.raises(re.error):
        lazy.search("x")


@pytest.mark.parametrize("name", USERS)
def test_each_pattern_of_the_shop_can_be_compiled(name: str) -> None:
    """What would have stopped the start is found here."""
    kept: list[Any] = [
        value for value in vars(import_module(name)).values() if type(value).__name__ == "_Lazy"
    ]
    assert len(kept) >= 2
    assert all(value.pattern for value in kept)
