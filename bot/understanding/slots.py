"""What a sentence names beside its intent: prices, counts, strength, aroma, places, numbers.

All read from folded text (``kernel.words.folded``): full-width and traditional characters are
already plain. Amounts are fen. A slot that a sentence doesn't name is None or "".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from bot.understanding.tokens import words_of
from kernel.said_numbers import number_said
from kernel.said_prices import NUMBER, price_said

_COUNT = re.compile(rf"({NUMBER})(?:瓶|箱|件|盒|坛|套|提|支|bottles?|box(?:es)?|cases?)")
_STRENGTH = re.compile(r"([3-7][0-9])(?:度|°|%|vol)")
_AROMA = re.compile("酱香|浓香|清香|米香|兼香|凤香|馥郁香|芝麻香|豉香")
_OCCASIONS = {
    "wedding": "婚宴|婚礼|结婚|喜酒|订婚|回门|嫁",
    "banquet": "宴席|升学|满月|百日|寿宴|谢师|乔迁|酒席|年会",
    "gift": "送礼|送人|送领导|送长辈|送老丈人|送岳父|送爸|送客户|礼物|拜年|走亲戚|gift",
    "own": "自己喝|自饮|口粮|平时喝|小酌",
}
_OCCASION = {name: re.compile(words) for name, words in _OCCASIONS.items()}
_APART = ("香港", "澳门", "台湾")
"""Outside the mainland, with rules of their own; the rest of the class ``abroad`` is 海外."""
_ENGLISH = {
    "hong kong": "香港",
    "hongkong": "香港",
    "macau": "澳门",
    "taiwan": "台湾",
    "beijing": "北京",
    "shanghai": "上海",
    "guangdong": "广东",
    "sichuan": "四川",
    "xinjiang": "新疆",
    "tibet": "西藏",
}
_ABROAD = ("overseas", "abroad")


@dataclass(frozen=True, kw_only=True)
class Slots:
    """What was named. ``region`` is a province, a city or 海外."""

    price_from_fen: int | None = None
    price_to_fen: int | None = None
    quantity: int | None = None
    strength: int | None = None
    aroma: str = ""
    occasion: str = ""
    region: str = ""

    def named(self) -> dict[str, Any]:
        """The slots that the sentence names."""
        return {name: value for name, value in asdict(self).items() if value not in (None, "")}


NO_SLOTS = Slots()


def slots_of(sentence: str) -> Slots:
    """The slots of a folded sentence."""
    price = price_said(sentence)
    count = _COUNT.search(sentence)
    strength = _STRENGTH.search(sentence)
    aroma = _AROMA.search(sentence)
    return Slots(
        price_from_fen=price.low if price else None,
        price_to_fen=price.high if price else None,
        quantity=number_said(count[1]) if count else None,
        strength=number_said(strength[1]) if strength else None,
        aroma=aroma[0] if aroma else "",
        occasion=next((name for name, words in _OCCASION.items() if words.search(sentence)), ""),
        region=_region(sentence),
    )


@cache
def _places() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What finds provinces and cities, and what finds other countries."""
    home = [*_APART, *words_of("region"), *words_of("city")]
    return _any_of(home), _any_of([*words_of("abroad"), *_ABROAD])


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    own = {word for word in words if not word.isascii() or word in _ABROAD}
    return re.compile("|".join(sorted(own, key=lambda word: (-len(word), word))))


def _region(sentence: str) -> str:
    """The place that a sentence names; "" if it names none."""
    home, abroad = _places()
    if found := home.search(sentence):
        return found[0]
    if abroad.search(sentence):
        return "海外"
    return next((place for word, place in _ENGLISH.items() if word in sentence), "")
