"""Tiles of a grid: kept by what they show, and never shown for another card."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from domain.catalog import PictureRef, ProductCard
from kernel import clock
from kernel.web.templates import Renderer
from mall_h5 import tiles
from mall_h5.words import FILTERS
from tests.face.chat import config_with

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
        ({"until": clock.now().replace(month=3, day=9)}, "至 3月9日"),
    ],
)
def test_a_card_that_changed_has_a_tile_of_its_own(
    renderer: Renderer, change: dict[str, Any], seen: str
) -> None:
    def text_of(card: ProductCard) -> str:
        return LexborHTMLParser(shown(renderer, card)).text()

    assert seen not in text_of(CARD)
    assert seen in text_of(replace(CARD, **change))
    assert seen not in text_of(CARD)


def test_the_first_picture_is_loaded_first_and_the_others_when_they_come_into_view(
    renderer: Renderer,
) -> None:
    assert 'fetchpriority="high"' in shown(renderer, CARD, hero=True)
    assert 'loading="lazy"' in shown(renderer, CARD)


def test_an_equal_card_is_not_rendered_again_and_the_kept_tiles_are_bounded(
    renderer: Renderer,
) -> None:
    before = tiles._kept.cache_info()
    for _ in range(3):
        shown(renderer, replace(CARD, title="只此一次"))
    after = tiles._kept.cache_info()
    assert (after.misses - before.misses, after.hits - before.hits) == (1, 2)
    assert after.maxsize == tiles.KEPT_MOST
