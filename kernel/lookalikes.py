"""Names that look alike (形近): the skeleton of a text (UTS 39), extended for Chinese shops.

People can hardly tell texts with equal skeletons apart: '官方客服', '官 方·客服',
'官\\u200b方客服' and '官方客服' in traditional characters; 'Admin', 'АDМIN' with Cyrillic letters,
'ａｄｍｉｎ' and 'adrnin'. A skeleton is for comparing only.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

import regex

from kernel.text import visible
from kernel.words import folded

_TABLE = Path(__file__).with_name("lookalikes.txt")
# Han characters used as substitutes in impostors' names; no published table lists them.
_HAN = str.maketrans("宫呂埋倍薇贠圆眼腹佰妁亻", "官吕理信微员员服服百的人")
# Small capitals, letters in black discs, boxes and flags, and signs used as letters.
_LETTERS = (
    str.maketrans("ᴀʙᴄᴅᴇꜰғɢʜɪᴊᴋʟᴍʍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ@$€£", "abcdeffghijklmmnoprstuvwyzasel")
    | {0x1F150 + n: 97 + n for n in range(26)}
    | {0x1F170 + n: 97 + n for n in range(26)}
    | {0x1F1E6 + n: 97 + n for n in range(26)}
)
_PAIRS = (("rn", "m"), ("vv", "w"))
_SAME = str.maketrans("0i1", "oll")
_NOT_LETTERS = regex.compile(r"[^\p{L}\p{N}]")
_SCRIPTS = {
    name: regex.compile(rf"\p{{{name}}}") for name in ("Latin", "Cyrillic", "Greek", "Armenian")
}


@lru_cache(maxsize=2048)
def skeleton(text: str) -> str:
    """The skeleton: letters and digits only, each replaced by its commonest look-alike."""
    plain = unicodedata.normalize("NFKD", visible(text)[:400].translate(_LETTERS))
    letters = _NOT_LETTERS.sub("", plain)
    alike = unicodedata.normalize("NFKC", letters).translate(_table())
    same = folded(alike).translate(_HAN).translate(_SAME)
    for pair, one in _PAIRS:
        same = same.replace(pair, one)
    return same


def latin(char: str) -> str:
    """The Latin letter that a Cyrillic or Greek one looks like; other characters unchanged."""
    if "\u0370" <= char <= "\u052f":
        return _table().get(ord(char), char).lower()
    return char


def mixes_scripts(text: str) -> bool:
    """True if Latin letters stand beside Cyrillic, Greek or Armenian ones in one word."""
    return any(
        sum(found.search(word) is not None for found in _SCRIPTS.values()) > 1
        for word in re.split(r"\W+", text)
    )


@cache
def _table() -> dict[int, str]:
    """Each look-alike's common form, from lines 'form characters' (``scripts/lookalikes.py``)."""
    pairs = (line.split(" ") for line in _TABLE.read_text(encoding="utf-8").splitlines())
    return {ord(char): form for form, chars in pairs for char in chars}
