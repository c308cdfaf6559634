"""The administrative divisions of China (行政区划), frozen with the code (ADR 109).

``divisions.txt`` has a line per division: six digits of GB/T 2260 and the full name, indented by
level. A municipality is its own only city. ``retired.txt`` has names that people still write.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent
NOT_DELIVERABLE = frozenset({"710000", "810000", "820000"})
"""Known, but not offered: an address of the mall has a mainland mobile number."""


@dataclass(frozen=True)
class Division:
    """A province (level 1), city (2) or district (3) with its code (行政区划代码).

    ``is_retired``: merged or renamed; recognised, but not offered.
    """

    code: str
    name: str
    parent: str
    level: int
    is_retired: bool = False


@dataclass(frozen=True)
class Region:
    """A place down to the level that is known: each part is a full name or ""."""

    code: str
    province: str
    city: str = ""
    district: str = ""

    @property
    def is_whole(self) -> bool:
        """True if nothing is left to choose: a district, or a city without districts."""
        return bool(self.district) or (bool(self.city) and not districts_of(self.code))


class UnknownPart(ValueError):
    """A part of a region that no division has; ``field`` is province, city or district."""

    def __init__(self, field: str, is_missing: bool = False) -> None:
        super().__init__(field)
        self.field, self.is_missing = field, is_missing


@cache
def divisions() -> dict[str, Division]:
    """All divisions by code, in the order of the codes; the retired ones last."""
    found: dict[str, Division] = {}
    above = ["", "", ""]
    for line in (_FOLDER / "divisions.txt").read_text(encoding="utf-8").splitlines():
        level = line.count("\t")
        code, name = line.split()
        found[code] = Division(code, name, above[level], level + 1)
        above[level + 1 :] = [code, *above[level + 2 :]]
    for line in (_FOLDER / "retired.txt").read_text(encoding="utf-8").splitlines():
        code, name, *into = line.split()
        parent = found[into[0]].parent if into else f"{code[:4]}00"
        found[code] = Division(code, name, parent, 3, is_retired=True)
    return found


@cache
def _below() -> dict[str, tuple[Division, ...]]:
    found: dict[str, list[Division]] = {}
    for each in divisions().values():
        found.setdefault(each.parent, []).append(each)
    return {code: tuple(children) for code, children in found.items()}


def provinces() -> tuple[Division, ...]:
    """The provinces to which parcels can go."""
    return tuple(each for each in _below()[""] if each.code not in NOT_DELIVERABLE)


def all_provinces() -> tuple[Division, ...]:
    """The provinces, also those to which no parcel goes."""
    return _below()[""]


def cities_of(province: str, *, is_retired: bool = False) -> tuple[Division, ...]:
    """The cities of a province, by its code."""
    return children_of(province, is_retired=is_retired)


def districts_of(city: str, *, is_retired: bool = False) -> tuple[Division, ...]:
    """The districts of a city, by its code; with ``is_retired`` also those of former years."""
    return children_of(city, is_retired=is_retired)


def children_of(code: str, *, is_retired: bool = False) -> tuple[Division, ...]:
    """The divisions directly below one."""
    found = _below().get(code, ())
    return tuple(each for each in found if is_retired or not each.is_retired)


def region_of(code: str) -> Region | None:
    """The region of a division's code; None if there is none."""
    one = divisions().get(code)
    if one is None:
        return None
    names = {one.level: one.name}
    above = one
    while above.parent:
        above = divisions()[above.parent]
        names[above.level] = above.name
    return Region(code, names.get(1, ""), names.get(2, ""), names.get(3, ""))


def resolve(province: str, city: str, district: str) -> Region:
    """The region of three names as people write them: 四川, 泸州, 江阳区 (省市区).

    A city without districts needs none; without a city the district decides. Raises UnknownPart.
    """
    first = _one(all_provinces(), province, "province")
    cities = cities_of(first.code)
    if not cities:
        return Region(first.code, first.name)
    below = [each for one in cities for each in districts_of(one.code, is_retired=True)]
    if not city and len(cities) > 1:
        raise UnknownPart("city", is_missing=True)
    second = cities[0] if len(cities) == 1 else _city(cities, below, city)
    third = [each for each in below if each.parent == second.code]
    if not third or (not district and second.name == city == ""):
        return Region(second.code, first.name, second.name)
    if second.name != city and (inside := [each for each in third if is_named(each, city)]):
        district = district if any(is_named(each, district) for each in third) else inside[0].name
    chosen = _one(third, district, "district")
    return Region(chosen.code, first.name, second.name, chosen.name)


def chain_of(code: str) -> tuple[str, ...]:
    """The codes of a division and of those that contain it, the smallest first; () if unknown."""
    found: list[str] = []
    one = divisions().get(code)
    while one is not None:
        found.append(one.code)
        one = divisions().get(one.parent)
    return tuple(found)


def name_of(code: str) -> str:
    """A division's name; a district with its city, since many are called alike."""
    one = divisions().get(code)
    if one is None:
        return code
    above = divisions().get(one.parent)
    return f"{above.name}{one.name}" if one.level == 3 and above else one.name


@cache
def place_named(name: str) -> str:
    """The code of a place by its name alone: 新疆, 泸州, 泸州市江阳区; "" if doubtful."""
    for level in (1, 2, 3):
        found = [x for x in divisions().values() if x.level == level and is_named(x, name)]
        found = [x for x in found if x.name == name] or found
        if len(found) == 1:
            return found[0].code
    whole = [x.code for x in divisions().values() if x.level == 3 and name_of(x.code) == name]
    return whole[0] if len(whole) == 1 else ""


def nearest(province: str, city: str, district: str) -> str:
    """The code of the smallest part that is known; "" if not even the province is."""
    found = [each for each in all_provinces() if is_named(each, province)]
    if not found:
        return ""
    try:
        return resolve(province, city, district).code
    except UnknownPart:
        cities = cities_of(found[0].code)
        inside = [each for each in cities if len(cities) == 1 or is_named(each, city)]
        return (inside or found)[0].code


def _city(cities: tuple[Division, ...], below: list[Division], name: str) -> Division:
    """The city of a name; a district of a city stands for it: 昆山市 → 苏州市."""
    found = [each for each in cities if is_named(each, name)]
    if found:
        return found[0]
    parents = {each.parent for each in below if each.name == name}
    if len(parents) == 1:
        return divisions()[parents.pop()]
    raise UnknownPart("city")


def _one(among: tuple[Division, ...] | list[Division], name: str, field: str) -> Division:
    if not name:
        raise UnknownPart(field, is_missing=True)
    exact = [each for each in among if each.name == name]
    found = exact or [each for each in among if is_named(each, name)]
    if not found:
        raise UnknownPart(field)
    return found[0]


def is_named(one: Division, name: str) -> bool:
    """True if people write this name for a division."""
    return name in aliases(one)


@cache
def aliases(one: Division) -> dict[str, float]:
    """How a division is written, each with its weight as evidence: 3 in full, 1.5 in short."""
    found = {one.name: 3.0}
    short = short_name(one)
    if len(short) > 1 and short != one.name:
        found[short] = 1.5
        ending = one.name[-1]
        if one.name.endswith(_SELF_GOVERNED) and not short.endswith(ending):
            found.setdefault(short + ending, 2.5)
            found.setdefault(f"{short}{one.name[-3:]}", 2.5)
    for alias in _EXTRA.get(one.name, ()):
        found.setdefault(alias, 1.5)
    return found


_SELF_GOVERNED = ("自治州", "自治县", "自治旗")
_PEOPLES = (
    "汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 拉祜 "
    "水 东乡 纳西 景颇 柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 "
    "乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京 塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺 各"
)
_PEOPLE = "|".join(sorted(_PEOPLES.split(), key=len, reverse=True))
_ENDINGS = re.compile(
    rf"(?:(?:(?:{_PEOPLE})族?)+自治[州县旗区]|维吾尔自治区|自治区|特别行政区|地区|林区|新区|"
    r"[省市区县旗盟])$"
)
_EXTRA = {
    "内蒙古自治区": ("内蒙古", "内蒙"),
    "呼和浩特市": ("呼市",),
    "乌鲁木齐市": ("乌市",),
    "伊犁哈萨克自治州": ("伊犁州", "伊犁"),
    "博尔塔拉蒙古自治州": ("博州", "博尔塔拉州", "博尔塔拉"),
    "巴音郭楞蒙古自治州": ("巴州", "巴音郭楞州", "巴音郭楞"),
    "克孜勒苏柯尔克孜自治州": ("克州", "克孜勒苏州", "克孜勒苏"),
    "延边朝鲜族自治州": ("延边州", "延边"),
    "浦东新区": ("浦东",),
}


@cache
def short_name(one: Division) -> str:
    """A division as people say it: 新疆, 泸州, 江阳; two characters at least."""
    name = one.name
    ends = (at for at in range(2, len(name)) if _ENDINGS.match(name, at))
    return name[: next(ends, len(name))]
