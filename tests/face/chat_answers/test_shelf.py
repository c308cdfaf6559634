"""The shelf that the chat looks at: of the last second, in this process."""

from __future__ import annotations

from typing import Any

import pytest

from bot import shelf
from tests.factories.catalog import make_product


def _titles() -> tuple[list[str], list[str]]:
    return [each.title for each in shelf.goods()], [card.title for card in shelf.first_cards(9)]


def test_the_shelf_is_read_again_after_a_second(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000.0
    monkeypatch.setattr("bot.shelf.time.monotonic", lambda: now)
    make_product("陈酿")
    assert _titles() == (["陈酿"], ["陈酿"])
    make_product("小泉")
    now += 0.9
    assert _titles() == (["陈酿"], ["陈酿"])
    now += 0.2
    goods, cards = _titles()
    assert (sorted(goods), sorted(cards)) == (["小泉", "陈酿"], ["小泉", "陈酿"])
    assert len(shelf.first_cards(1)) == 1
