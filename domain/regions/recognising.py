"""Name, phone, region and detail in a pasted text (粘贴地址识别). Pure.

``docs/algorithms/addresses.md`` has the rules; worked cases are in ``tests/golden``.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from domain.regions.chains import find_region
from domain.regions.table import Region
from kernel.text import clean_text
from kernel.words import by_character

MOST = 500
"""Characters of a pasted text that are read; an address is shorter."""

_PHONE = re.compile(
    r"(?<![\d*])(?:\(?\+?(?:00)?86\)?[- ]{0,2})?(1[3-9](?:[- .]?\d){9})(?![\d*])"
    r"(?:[-转#]{1,2}(\d{3,5})(?!\d))?"
)
_LANDLINE = re.compile(
    r"(?<![\d*])(?:\(?(?:\+?86-?)?(0(?:10|2\d|[3-9]\d{2}))\)?[- ]{0,2}([2-9]\d{6,7})|"
    r"([48]00)[- ]?(\d{3,4})[- ]?(\d{3,4}))(?:[-转]\d{1,6})?(?![\d*])"
)
_MASKED = re.compile(r"(?<!\d)1[3-9]\d\*{3,6}\d{2,4}(?!\d)")
_POSTCODE = re.compile(r"(?<![\dA-Za-z\-#])[0-8]\d{5}(?![\dA-Za-z\-])(?!\s*[号室栋幢楼座院弄])")
_IDENTITY = re.compile(r"(?<!\d)[1-9]\d{5}(?:19|20)\d{9}[\dXx](?![\dA-Za-z])")
"""An identity card's number, which some paste with the address; it is not kept."""
_HALF = str.maketrans("（）", "()")
_BREAK = "\x1f"
"""Stands for what was recognised; a chain of names may not cross it."""
_CALL = "\x1e"
"""Stands for a phone number: names stand beside it."""
_WORD_END = re.compile(r"[ \t\n\x1f\x1e|,，;；。!！?？、:：\"'“”‘’\[\]【】《》<>{}]+")
_NO_NAME = re.compile(
    r"[0-9０-９]|(?:路|街|道|巷|弄|号|栋|幢|楼|层|室|座|单元|小区|花园|大厦|广场|镇|乡|村|组|队|县|区|市|省|州|苑|"
    r"城|园|店|公司|学校|大学|中学|小学|医院|酒店|宾馆|驿站|柜|门|旁|内|口|附近|工业|银行|超市|厂|部|局|院|公寓|"
    r"宿舍|府|湾|庄|寨|屯|社区|国际|中心|集团|有限|前台|代收|物业|街道|办|旗|盟|庭|轩|邸|阁)$"
)
_HOUSE_END = re.compile(
    r"[0-9A-Za-z号室栋幢楼层座院弄店城园区村苑厦场校心司馆厂庭府里旁口门)）]$|小区$|单元$|校区$"
)
_RECEIVES = re.compile(r"[(（]?(?:亲?收|启|签收)[)）]?$")
_REMARK = re.compile(r"(?<=[\u4e00-\u9fff])(?=[(（][^)）]*[)）]$)")
_FOREIGN = re.compile(r"[A-Za-z][A-Za-z.' ·-]{1,28}[A-Za-z.]")
_HAN = re.compile("[\u4e00-\u9fff]+")
_PICTURE = re.compile("[\U0001f000-\U0001faff\u2190-\u2bff\ufe0f\u200d\u20e3\u3299\u3297]")


@dataclass(frozen=True)
class Recognised:
    """What a pasted text says; "" and None where it says nothing."""

    name: str
    phone: str
    region: Region | None
    detail: str

    @property
    def is_empty(self) -> bool:
        """True if nothing was recognised."""
        return not (self.name or self.phone or self.region)


@dataclass
class _Text:
    """A text as typed, and the same folded character by character; what is read is blanked."""

    typed: str
    folded: str

    def blank(self, start: int, end: int, sign: str = _BREAK) -> None:
        """Take a span out of both."""
        self.typed = self.typed[:start] + sign * (end - start) + self.typed[end:]
        self.folded = self.folded[:start] + sign * (end - start) + self.folded[end:]


@cache
def _words(name: str) -> tuple[str, ...]:
    """The words of a list, the longest first."""
    return tuple(sorted(_lists()[name].split(), key=len, reverse=True))


@cache
def _lists() -> dict[str, str]:
    path = Path(__file__).parent / "words.toml"
    return dict(tomllib.loads(path.read_text(encoding="utf-8")))


@cache
def _label(name: str) -> re.Pattern[str]:
    words = "|".join(map(re.escape, _words(name)))
    ends = r"\s*[:：]+\s*|[】\]]\s*[:：]?\s*|\s*(?:是|为)[:：]?\s*|\s+(?=\S)|(?=\+?\d)"
    if name in ("place", "name"):
        ends = r"\s*[:：]+\s*|[】\]]\s*[:：]?\s*|(?:是|为)[:：]?\s*"
    if name == "name":
        ends += r"|(?<=[件货系]人)\s*(?=[\u4e00-\u9fffA-Za-z])"
    return re.compile(rf"(?<![\u4e00-\u9fffA-Za-z])[【\[(（]?(?:{words})(?:{ends})")


def recognise(pasted: str) -> Recognised:
    """The parts of an address in a text of any shape; never raises.

    '张三 13800138000 四川泸州江阳区酒城大道1号' → 张三, 13800138000, 江阳区, 酒城大道1号.
    """
    typed = _plain(pasted)
    text = _Text(typed, by_character(typed))
    named = _labelled_name(text)
    for kind in ("name", "phone", "post", "place"):
        for found in reversed(list(_label(kind).finditer(text.folded))):
            text.blank(found.start(), found.end(), _BREAK)
    for found in _IDENTITY.finditer(text.folded):
        text.blank(found.start(), found.end())
    phone = _take_phone(text)
    _take_postcode(text)
    region = find_region(text.folded)
    if region is not None:
        _take_country(text, region.start)
        text.blank(region.start, region.end)
    words, name = _split(text), named
    if not name:
        name = _take_name(words, is_placed=region is not None)
    else:
        words = [word for word in words if word.text != named]
    detail = _joined(word.text for word in words if word.text)
    return Recognised(name, phone, region.region if region else None, detail)


def _plain(pasted: str) -> str:
    """Ordinary width, no pictures, single characters that fold one to one."""
    text = clean_text(pasted.replace("\\n", "\n").replace("\\t", " "))[:MOST]
    wide = "".join(_narrow(sign) for sign in text)
    return _PICTURE.sub("\n", wide)


def _narrow(sign: str) -> str:
    if "\uff01" <= sign <= "\uff5e" and sign not in "，；：！？（）":
        return unicodedata.normalize("NFKC", sign)
    return " " if sign == "\u3000" else sign


def _labelled_name(text: _Text) -> str:
    """The name behind 收件人: and the like; it ends at a sign, a digit or the next label."""
    found = _label("name").search(text.folded)
    if found is None:
        return ""
    rest = text.folded[found.end() :]
    end = re.search(r"[\d\n,，;；。|/\[\]【】:：\t]|\+86|$", rest)
    name = rest[: end.start() if end else len(rest)]
    for kind in ("phone", "place", "post"):
        label = re.search("|".join(map(re.escape, _words(kind)[:-3])), name)
        name = name[: label.start()] if label and label.start() > 1 else name
    name = name.strip()
    words = name.split(" ")
    if not _FOREIGN.fullmatch(name) and len(words) > 1:
        name = words[0]
    place = find_region(name)
    if place is not None and place.start > 1:
        name = name[: place.start]
    if not name or len(name) > 20:
        return ""
    start = text.folded.index(name, found.end())
    typed = text.typed[start : start + len(name)]
    text.blank(found.start(), start + len(name))
    return _RECEIVES.sub("", typed).strip(" ()（）-")


def _take_phone(text: _Text) -> str:
    """The first mobile number, else the first other; all numbers are taken out."""
    mobiles, others = [], []
    for found in reversed(list(_PHONE.finditer(text.folded))):
        mobiles.append(re.sub(r"\D", "", found[1]))
        end = found.end(1) if found[2] else found.end()
        text.blank(found.start(), end, _CALL)
    for found in reversed(list(_LANDLINE.finditer(text.folded))):
        parts = [part for part in found.groups() if part]
        others.append("-".join(parts))
        text.blank(found.start(), found.end(), _CALL)
    for found in reversed(list(_MASKED.finditer(text.folded))):
        text.blank(found.start(), found.end(), _CALL)
    return (mobiles or others or [""])[-1]


def _take_postcode(text: _Text) -> None:
    for found in _POSTCODE.finditer(text.folded):
        text.blank(found.start(), found.end())


def _take_country(text: _Text, start: int) -> None:
    before = text.folded[:start].rstrip()
    if before.endswith("中国"):
        text.blank(len(before) - 2, start)


@dataclass
class _Word:
    """A piece of what is left, and whether a phone number stands next to it."""

    text: str
    start: int
    is_by_phone: bool


def _split(text: _Text) -> list[_Word]:
    found, at = [], 0
    for gap in [*_WORD_END.finditer(text.typed), None]:
        end = gap.start() if gap else len(text.typed)
        before = _WORD_END.search(text.typed[:at][::-1])
        ahead = gap[0] if gap else ""
        behind = before[0] if before and before.start() == 0 else ""
        is_by_phone = _CALL in ahead or _CALL in behind
        parts = _REMARK.split(text.typed[at:end], maxsplit=1)
        found += [_Word(x, at, is_by_phone) for x in parts if x.strip("-—_~+/\\.·*# ")]
        at = gap.end() if gap else end
    return _latin_joined([word for word in map(_without_beside, found) if word.text])


def _latin_joined(words: list[_Word]) -> list[_Word]:
    """Foreign names are of several words: Tom Li."""
    kept: list[_Word] = []
    for word in words:
        last = kept[-1] if kept else None
        if (
            last is not None
            and re.fullmatch(r"[A-Za-z.'-]+", word.text)
            and re.fullmatch(r"[A-Za-z.' -]+", last.text)
            and word.start == last.start + len(last.text) + 1
        ):
            last.text += f" {word.text}"
            last.is_by_phone = last.is_by_phone or word.is_by_phone
        else:
            kept.append(word)
    return kept


def _without_beside(word: _Word) -> _Word:
    """The word without courtesies before it; "" if it is one."""
    while True:
        text = word.text.translate(_HALF)
        text = word.text if text.count("(") == text.count(")") > 0 else word.text.strip("*#()（）")
        text = text.strip("-—_~+/\\. *#")
        text = "" if text in _words("beside") else text[len(_polite_start(text)) :]
        if text == word.text:
            return word
        word.text = text


def _polite_start(text: str) -> str:
    """The courtesy that a longer word begins with: 请寄到湖南省."""
    polite = (word for word in _words("beside") if len(word) > 1 and word not in _words("places"))
    return next((x for x in polite if text.startswith(x) and len(text) > len(x) + 1), "")


def _take_name(words: list[_Word], *, is_placed: bool) -> str:
    """The word that most looks like a name, taken out of the list; "" if none does."""
    rated = [(_likeness(word, words), -at) for at, word in enumerate(words)]
    best = max(rated, default=(0.0, 0))
    if best[0] >= 2:
        return _RECEIVES.sub("", words.pop(-best[1]).text).strip(" ()（）")
    for word in words:
        if word.is_by_phone or word is words[-1]:
            split = _glued(word.text)
            if split is not None:
                word.text = split[0]
                return split[1]
    if len(words) == 1 and not is_placed and len(words[0].text) <= 8 and words[0].is_by_phone:
        return words.pop().text
    return ""


def _likeness(word: _Word, words: list[_Word]) -> float:
    """How much a word looks like a person's name; a name has two or more."""
    text = word.text
    receives = _RECEIVES.search(text)
    bare = _RECEIVES.sub("", text) if receives and receives.start() > 1 else text
    if _NO_NAME.search(bare) and not _has_title(bare):
        return -5
    score = 2.0 if receives and receives.start() > 1 else 0.0
    score += 1 if word.is_by_phone else 0
    score += 0.5 if word in (words[0], words[-1]) else 0
    return score + _looks(bare)


def _looks(name: str) -> float:
    if _has_title(name):
        return 3
    if _FOREIGN.fullmatch(name):
        return 2
    if "·" in name or "•" in name:
        return 3
    if not _HAN.fullmatch(name) or len(name) > 6:
        return 0 if len(name) <= 10 else -3
    if len(name) > 2 and name[:2] in _words("double") and len(name) <= 4:
        return 3
    if name[0] in _lists()["surnames"] and 2 <= len(name) <= 3:
        return 2.5
    if len(name) <= 3 and name[0] in "小老阿大":
        return 2
    if 2 <= len(name) <= 3:
        return 1
    return 0.5 if name[0] in _lists()["surnames"] and len(name) == 4 else 0


def _has_title(name: str) -> bool:
    return 2 <= len(name) <= 6 and name.endswith(_words("titles")) and name not in _words("titles")


def _glued(text: str) -> tuple[str, str] | None:
    """A name at the end of a detail without a gap: 酒城大道1号张三."""
    for size in (4, 3, 2):
        head, tail = text[:-size].rstrip("-—_/ "), text[-size:]
        if len(head) < 2 or not _HAN.fullmatch(tail) or not _HOUSE_END.search(head):
            continue
        if (size == 4 and tail[:2] in _words("double")) or (
            size < 4 and tail[0] in _lists()["surnames"] and not _NO_NAME.search(tail)
        ):
            return head, tail
        if size < 4 and _has_title(tail) and tail[0] in _lists()["surnames"]:
            return head, tail
    return None


def _joined(parts: object) -> str:
    """The pieces of a detail in one line; a space stays between Latin words."""
    text = ""
    for part in parts:  # type: ignore[attr-defined]
        latin = text[-1:].isascii() and part[:1].isascii() and text[-1:] not in "-/#"
        text += f" {part}" if text and latin else part
    return text
