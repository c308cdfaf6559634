"""Where a text names a region: province, city and district in a row (省市区识别). Pure.

Every place of a text is tried as the beginning of a chain. A part written in full counts 3, in
short 1.5, with one wrong character 1.4; the chain with the highest sum wins, then the earliest.
``docs/algorithms/addresses.md`` has the rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from domain.regions.table import (
    Division,
    Region,
    aliases,
    children_of,
    divisions,
    region_of,
)

SEPARATORS = " \t\n|,，、/\\·.。;；:：->_—－~+()（）[]【】《》<>"
SLIP = 1.4
"""The weight of a name with one wrong character."""
SLIP_AT_END = 1.6
"""The same, if it sounds like the ending of the name: 江阳去; more than the short name."""
_LONGEST = 15
_GAP = re.compile(rf"[{re.escape(SEPARATORS)}]*")
_FILLER = re.compile(
    r"(?:市辖区|县(?=[ |,，/])|省直辖县级行政(?:区划|单位)|自治区直辖县级行政(?:区划|单位))"
)
_HAN = re.compile("[\u4e00-\u9fff]")
# What follows the name of a place when a road, a house or a firm is named after it.
_NAMED_AFTER = re.compile(
    r"[区县州盟]|[东西南北中]?[一二三四五六七八九十]?(?:路|街|大街|大道|道(?!外|里)|巷|弄|胡同|桥|大厦|大楼|酒店|大酒店|饭店|"
    r"宾馆|广场|商城|商场|公司|集团|银行|大学|学院|中学|小学|医院|花园|小区|公寓|车站|火车站|机场|港(?!北|南)|"
    r"国际|村|镇|乡|大众|店|菜|风味|特产|烧烤|火锅|小吃|面馆|有限|科技|宾|会馆|老窖|先生|女士|小姐|人)"
)
_AFTER_FULL = {"市": "场", "区": "域", "省": "道", "县": "委"}
_SOUNDS = {"区": "去曲取屈驱", "市": "是事式室", "县": "现线限", "省": "生", "州": "洲周"}


@dataclass(frozen=True)
class Found:
    """A region and the span of the text that names it."""

    region: Region
    start: int
    end: int
    score: float
    levels: int
    is_reversed: bool = False


@dataclass(frozen=True)
class _Part:
    """A division named from ``start`` to ``end``."""

    division: Division
    start: int
    end: int
    weight: float


def find_region(text: str) -> Found | None:
    """The region that a text names, or None. ``text`` is folded character by character."""
    found = [each for at in range(len(text)) for each in _chains(text, at)]
    found += _backwards(text)
    certain = [each for each in found if _is_certain(text, each)]
    if not certain:
        return None
    best = max(certain, key=lambda each: (each.score, each.levels, -each.start))
    rivals = {x.region.code for x in certain if _rank(x) == _rank(best) and x.start == best.start}
    if len(rivals) == 1:
        return best
    return next((x for x in _less(certain, best) if x.region.code), None)


def _rank(found: Found) -> tuple[float, int]:
    return found.score, found.levels


def _less(certain: Iterable[Found], best: Found) -> list[Found]:
    """Chains from the same place that leave the doubtful last part out, best first."""
    short = [x for x in certain if x.start == best.start and x.levels < best.levels]
    ranked = sorted(short, key=lambda x: (-x.score, -x.levels))
    return [x for x in ranked if sum(_rank(y) == _rank(x) for y in short) == 1]


def _is_certain(text: str, found: Found) -> bool:
    """False for a short name alone in the middle of a word."""
    if found.score >= 2.5:
        return True
    return found.start == 0 or not _HAN.match(text[found.start - 1])


def _chains(text: str, at: int) -> Iterator[Found]:
    """The chains of names that begin at a place."""
    for province in _named(text, at, _of_level(1)):
        yield from _of_province(text, province)
    for city in _named(text, at, _of_level(2)):
        yield from _with_district(text, [city], city)
    for district in _named(text, at, _of_level(3)):
        if district.weight >= 2.5 and len(_of_level(3)[text[at : district.end]]) == 1:
            yield from _chain(text, [district])


def _of_province(text: str, province: _Part) -> Iterator[Found]:
    yield from _chain(text, [province])
    code = province.division.code
    cities = children_of(code)
    at = _skip(text, province.end)
    again = next(iter(_named(text, at, _index([province.division]))), None)
    first = max((each.end for each in _named(text, at, _children(code))), default=0)
    if again is not None and len(cities) > 1 and again.end > first:
        at = _skip(text, again.end)
    named = _named(text, at, _children(code)) or _slips(text, at, cities)
    if len(cities) == 1:
        end = named[0].end if named else province.end
        weight = named[0].weight if named else 0.0
        whole = _Part(cities[0], province.start, end, weight)
        yield from _with_district(text, [province, whole], whole)
        if not named:
            return
        twice = _Part(cities[0], province.start, province.end, 0.0)
        yield from _with_district(text, [province, twice], twice)
        return
    for city in named:
        yield from _with_district(text, [province, city], city)
    for district in _named(text, at, _grandchildren(code)):
        yield from _chain(text, [province, district])


def _with_district(text: str, parts: list[_Part], city: _Part) -> Iterator[Found]:
    yield from _chain(text, parts)
    at = _skip(text, city.end)
    again = next(iter(_named(text, at, _index([city.division]))), None)
    districts = children_of(city.division.code, is_retired=True)
    for place in {at, _skip(text, again.end) if again else at}:
        named = _named(text, place, _children(city.division.code))
        for district in [*named, *_slips(text, place, districts)]:
            yield from _chain(text, [*parts, district])


def _chain(text: str, parts: list[_Part]) -> Iterator[Found]:
    """The chain, unless its last part is the name of a road or a house."""
    last = parts[-1]
    is_short = last.weight < 2.5 and last.weight not in (SLIP, SLIP_AT_END)
    if last.weight and _is_named_after(text, last, is_short):
        return
    region = region_of(last.division.code)
    assert region is not None
    score = sum(part.weight for part in parts)
    yield Found(region, parts[0].start, last.end, score, last.division.level)


def _is_named_after(text: str, part: _Part, is_short: bool) -> bool:
    if is_short:
        return _NAMED_AFTER.match(text, part.end) is not None
    return text[part.end : part.end + 1] == _AFTER_FULL.get(text[part.end - 1], "\0")


def _skip(text: str, at: int) -> int:
    """The next place after separators and the fillers of address lists."""
    while True:
        gap = _GAP.match(text, at)
        after = gap.end() if gap else at
        filler = _FILLER.match(text, after)
        if filler is None:
            return after
        at = filler.end()


Index = dict[str, list[tuple[Division, float]]]


def _index(among: Iterable[Division]) -> Index:
    found: Index = {}
    for each in among:
        for alias, weight in aliases(each).items():
            found.setdefault(alias, []).append((each, weight))
    return found


@cache
def _of_level(level: int) -> Index:
    return _index(each for each in divisions().values() if each.level == level)


@cache
def _children(code: str) -> Index:
    return _index(children_of(code, is_retired=True))


@cache
def _grandchildren(code: str) -> Index:
    below = (children_of(each.code, is_retired=True) for each in children_of(code))
    return _index(each for some in below for each in some)


def _named(text: str, at: int, index: Index) -> list[_Part]:
    """The divisions that are named from a place on, the longest name first."""
    found = []
    for end in range(min(len(text), at + _LONGEST), at + 1, -1):
        for division, weight in index.get(text[at:end], ()):
            found.append(_Part(division, at, end, weight))
    return found


def _slips(text: str, at: int, among: Iterable[Division]) -> list[_Part]:
    """The divisions whose full name, of three characters or more, stands there but for one."""
    found = []
    for each in among:
        end = at + len(each.name)
        typed = text[at:end]
        if len(each.name) < 3 or len(typed) < len(each.name):
            continue
        wrong = [place for place, sign in enumerate(each.name) if typed[place] != sign]
        if len(wrong) == 1 and _is_slip(each.name, typed, wrong[0]):
            is_last = wrong[0] == len(each.name) - 1
            found.append(_Part(each, at, end, SLIP_AT_END if is_last else SLIP))
    return found


def _is_slip(name: str, typed: str, place: int) -> bool:
    if not _HAN.match(typed[place]):
        return False
    if place < len(name) - 1:
        return True
    return typed[place] in _SOUNDS.get(name[-1], "")


def _backwards(text: str) -> Iterator[Found]:
    """Chains from small to large, each part between separators: 江阳区, 泸州市, 四川省."""
    words = list(re.finditer(rf"[^{re.escape(SEPARATORS)}\x00-\x1f]+", text))
    for first in range(len(words)):
        for many in (3, 2):
            run = words[first : first + many]
            if len(run) < many or not all(_is_one_name(word[0]) for word in run):
                continue
            turned = "".join(word[0] for word in reversed(run))
            for each in _chains(turned, 0):
                if each.end == len(turned) and each.levels >= many - 1:
                    yield Found(
                        each.region, run[0].start(), run[-1].end(), each.score, each.levels, True
                    )


def _is_one_name(word: str) -> bool:
    return any(word in _of_level(level) for level in (1, 2, 3))
