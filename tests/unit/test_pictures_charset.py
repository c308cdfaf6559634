"""Our reading of a font's character map agrees with fontTools."""

from __future__ import annotations

import pytest
from fontTools.ttLib import TTFont

from gateways.pictures.text import _PATHS, _charset


@pytest.mark.parametrize("face", sorted(_PATHS))
def test_the_character_map_agrees_with_fonttools(face: str) -> None:
    with TTFont(str(_PATHS[face]()), lazy=True) as font:
        known = frozenset(font.getBestCmap())
    assert _charset(face) == known
    assert len(known) > 20_000
