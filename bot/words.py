"""Makes typed text comparable: width, case, spaces, traditional characters, typos."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from kernel.words import folded

LONGEST = 200
_JOINTS = " :：+#-,，、】」』》)）]\"'”’"
_COUNT = r"[0-9一二两三四五六七八九十几]{1,3}(?:瓶|箱|盒|件|坛|套|款|点)"
_ASKING = re.compile(
    r"^(?:请问|你们|您们|老板|我|想要?|要|买|来|给我|有没有|有|推荐|介绍|看看|找|下|点|些)+|"
    r"(?:多少钱|什么价格?|啥价|价格|怎么卖|怎么买|在哪买|还有吗|有吗|还?有货吗|的酒?|吗|呢|吧|啊|呀|"
    + _COUNT
    + r")+$"
)
_COUNTED = re.compile(rf"^(?:{_COUNT}|[瓶箱盒坛套款点])")
_EDGE = re.compile(r"^[\W_]+|[\W_]+$")


@lru_cache(maxsize=4096)
def normal(text: str) -> str:
    """A message in normal form: '　訂單 ＡＢ! ' → '订单 ab'."""
    return " ".join(_EDGE.sub("", folded(text[:LONGEST])).split())


def wish_of(words: str) -> str:
    """The object of a shopper's sentence: '来两瓶陈酿' and '请问陈酿多少钱' → '陈酿'."""
    bare = _ASKING.sub("", words.replace(" ", ""))
    return _COUNTED.sub("", bare)


def split_command(words: str, names: Iterable[str]) -> tuple[str, bool] | None:
    """What follows one of the names at the start of a message, and whether a space or colon parts
    them; None if no name is there.

    '海报陈酿', '海报 陈酿' and '海 报：陈酿' all answer '陈酿' for the name '海报'.
    """
    for name in names:
        if words.startswith(name[0]) and (rest := _after(words, name)) is not None:
            return rest.lstrip(_JOINTS), rest != rest.lstrip(_JOINTS)
    return None


def _after(words: str, name: str) -> str | None:
    """What follows a name that may contain spaces."""
    at = 0
    for letter in name:
        while at < len(words) and words[at] == " ":
            at += 1
        if at == len(words) or words[at] != letter:
            return None
        at += 1
    is_cut = name.isascii() and words[at : at + 1].isalnum() and words[at].isascii()
    return None if is_cut else words[at:]


def nearest(words: str, names: Iterable[str]) -> str | None:
    """The command that a typo probably meant: '海抱' → '海报'; None if none is near.

    Near means an edit distance of one for two characters, one in three for longer words.
    """
    packed = words.replace(" ", "")
    if not 2 <= len(packed) <= 8:
        return None
    from rapidfuzz.distance import Levenshtein  # loaded at the first typo only: it takes 3 MB

    most = max(1, len(packed) // 3)
    found = min(((Levenshtein.distance(packed, name), name) for name in names), default=None)
    return found[1] if found is not None and found[0] <= most else None
