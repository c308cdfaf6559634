"""The tiles of the product grid: a rendered tile is kept for equal cards only."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.catalog import PictureRef, ProductCard
from kernel import clock
from kernel.web.templates import Renderer
from mall_h5 import tiles
from mall_h5.words import FILTERS
from tests.face.chat import config_with
from tests.harness.markup import values_of, words_of

PICTURE = PictureRef("f" * 64, 800, 800, "#5b6b3a", (320, 640))
CARD = ProductCard(7, "陈酿", "五年", "52度", True, 29800, None, False, 3, PICTURE)


@pytest.fixture
def renderer() -> Renderer:
    made = Renderer(config_with())
    made.env.auto_reload = False
    made.env.filters.update(FILTERS)
    return made


def shown(renderer: Renderer, card: ProductCard, hero: bool = False) -> str:
    return renderer.env.from_string("{{ card | tile(hero=hero) }}").render(card=card, hero=hero)


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ({"title": "陈酿<b>"}, "陈酿<b>"),
        ({"price_fen": 19900}, "199"),
        ({"strike_fen": 39900}, "399"),
        ({"subtitle": "十年"}, "十年"),
        ({"is_sold_out": True}, "暂时售罄"),
        ({"label": "限时价"}, "限时价"),
        ({"until": clock.day_start(date(2027, 3, 9))}, "至 3月9日"),
    ],
)
def test_a_changed_card_is_rendered_anew(
    renderer: Renderer, change: dict[str, Any], seen: str
) -> None:
    def text_of(card: ProductCard) -> str:
        return words_of(shown(renderer, card))

    assert seen not in text_of(CARD)
    assert seen in text_of(replace(CARD, **change))
    assert seen not in text_of(CARD)


def test_the_first_picture_has_priority_and_the_others_are_loaded_lazily(
    renderer: Renderer,
) -> None:
    first, other = shown(renderer, CARD, hero=True), shown(renderer, CARD)
    assert values_of(first, "img", "fetchpriority") == ["high"]
    assert values_of(first, "img", "loading") == [""]
    assert values_of(other, "img", "loading") == ["lazy"]


def test_an_equal_card_is_not_rendered_again_and_few_tiles_are_kept(
    renderer: Renderer,
) -> None:
    before = tiles._kept.cache_info()
    for _ in range(3):
        shown(renderer, replace(CARD, title="只此一次"))
    after = tiles._kept.cache_info()
    assert (after.misses - before.misses, after.hits - before.hits) == (1, 2)
    assert after.maxsize == tiles.KEPT_MOST
