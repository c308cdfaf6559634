"""Chinese text as bitmaps: available glyphs, width of a line, line breaks.

Pillow draws an empty box for a character that a font lacks and has no call to ask beforehand. So
the font's character map is read here.
"""

from __future__ import annotations

import functools
import re
import struct
import threading
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pylopdf_fonts_zh_cn
from PIL import Image, ImageDraw, ImageFont

_NEVER_FIRST = frozenset("，。、；：！？）》」』】〉…·,.;:!?)]}%℃")
_SIGNS = r"·・~～\-—_|｜,，、.。*+&/"
_EMPTY = re.compile(r"[（(【\[「『《<]\s*[）)】\]」』》>]")
_DOUBLED = re.compile(rf"([{_SIGNS}])(?:\s*\1)+")
_AT_ENDS = re.compile(rf"^[\s{_SIGNS}]+|[\s{_SIGNS}]+$")
_lock = threading.RLock()  # FreeType faces are not thread-safe


@dataclass(frozen=True, slots=True)
class Style:
    """A text's face, size in pixels, and extra weight as outline in pixels."""

    face: str
    size: int
    weight: float = 0.0

    def sized(self, size: int) -> Style:
        """The same style in another size."""
        return Style(self.face, size, self.weight * size / self.size)


@dataclass(frozen=True, slots=True)
class Ink:
    """A drawn line of text; ``left``, ``top``: the mask's offset from the baseline's start."""

    mask: Image.Image
    left: int
    top: int
    advance: float


@functools.lru_cache(maxsize=1024)  # called up to three times for each text of a poster
def clean(text: str, face: str) -> str:
    """Reduce a text to what the font can draw: styled letters become plain, emoji are removed.

    Signs that stood around an emoji only, such as "·🌸·" or "（🍶）", go with it.
    """
    known = _charset(face)
    kept: list[str] = []
    plain = unicodedata.normalize("NFC", text)
    for char in plain:
        category = unicodedata.category(char)
        if category.startswith("Z") or char in "\t\n\r":
            kept.append(" ")
        elif category[0] == "C" or category in ("Mn", "Me"):
            continue  # controls, joiners, emoji selectors, combining marks
        elif ord(char) in known:
            kept.append(char)
        else:
            kept.append(_substitute(char, known))
    drawn = " ".join("".join(kept).split())
    return _without_loose_signs(drawn) if "" in kept else drawn


def _without_loose_signs(text: str) -> str:
    """The text without empty brackets, doubled separators, and separators at its ends."""
    for sign, better in ((_EMPTY, ""), (_DOUBLED, r"\1"), (_AT_ENDS, "")):
        text = sign.sub(better, text)
    return " ".join(text.split())


def _substitute(char: str, known: frozenset[int]) -> str:
    plain = "".join(
        each
        for each in unicodedata.normalize("NFKD", char)
        if ord(each) in known and unicodedata.category(each)[0] not in "CM"
    )
    # a Han character that the font lacks becomes "·", anything else is removed
    return plain or ("·" if unicodedata.name(char, "").startswith("CJK") else "")


@functools.lru_cache(maxsize=4096)  # wrapping, cutting and drawing ask for the same lengths
def length(text: str, style: Style) -> float:
    """The advance width of a text in pixels."""
    with _lock:
        return _font(style.face, style.size).getlength(text)


def cut(text: str, style: Style, width: float) -> str:
    """Cut a text to ``width`` pixels, ending in an ellipsis if it is too long."""
    if length(text, style) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if length(text[:middle].rstrip() + "…", style) <= width:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + "…"


def shrink(text: str, style: Style, width: float, least: int) -> Style:
    """The style in the largest size, down to ``least`` pixels, in which a text fits."""
    size = style.size
    while size > least and length(text, style.sized(size)) > width:
        size -= 1
    return style.sized(size)


def wrap(text: str, style: Style, width: float, lines: int) -> list[str]:
    """Break a text into at most ``lines`` lines; the last one is cut.

    Latin words are kept whole where possible, and no line starts with closing punctuation.
    """
    done: list[str] = []
    rest = text
    while rest and len(done) < lines - 1 and length(rest, style) > width:
        at = _break_at(rest, style, width)
        done.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [*done, cut(rest, style, width)] if rest else done


def ink(text: str, style: Style) -> Ink:
    """A line as a mask through which a colour is pasted; cached."""
    return _ink(text, style)


def write(picture: Image.Image, text: str, style: Style, at: tuple[int, int], color: str) -> None:
    """Draw a line that is unlikely to recur, character by character, from a point on the baseline.

    Single characters recur and are cached. Without kerning in this layout the result is the same.
    """
    pen = float(at[0])
    for char in text:
        drawn = ink(char, style)
        picture.paste(color, (round(pen) + drawn.left, at[1] + drawn.top), drawn.mask)
        pen += drawn.advance


def _break_at(text: str, style: Style, width: float) -> int:
    fits = len(cut(text, style, width)) - 1
    while fits < len(text) and length(text[: fits + 1], style) <= width:
        fits += 1
    at = max(1, fits)
    while at > 1 and (text[at] in _NEVER_FIRST or _inside_word(text, at)):
        at -= 1
    return at if at > max(1, fits) // 3 else max(1, fits)


def _inside_word(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    return before.isascii() and after.isascii() and before.isalnum() and after.isalnum()


_PATHS: dict[str, Callable[[], Path]] = {
    "sans": pylopdf_fonts_zh_cn.sans_path,
    "serif": pylopdf_fonts_zh_cn.serif_path,
}


@functools.lru_cache(maxsize=64)
def _font(face: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(_PATHS[face]()), size, layout_engine=ImageFont.Layout.BASIC)


@functools.lru_cache(maxsize=4096)  # most are single characters of names
def _ink(text: str, style: Style) -> Ink:
    with _lock:
        font = _font(style.face, style.size)
        box = font.getbbox(text, anchor="ls", stroke_width=style.weight)
        left, top = int(box[0]) - 1, int(box[1]) - 1
        size = (max(1, int(box[2]) - left + 1), max(1, int(box[3]) - top + 1))
        mask = Image.new("L", size)
        pen = ImageDraw.Draw(mask)
        pen.text((-left, -top), text, 255, font, anchor="ls", stroke_width=style.weight)
        return Ink(mask, left, top, length(text, style))


@functools.cache
def _charset(face: str) -> frozenset[int]:
    return _read_charset(_PATHS[face]().read_bytes())


def _read_charset(font: bytes) -> frozenset[int]:
    """The characters that an OpenType font maps to a glyph (cmap subtable format 12)."""
    tables = struct.unpack_from(">H", font, 4)[0]
    start = 0
    for number in range(tables):
        tag, _, offset, _ = struct.unpack_from(">4sIII", font, 12 + 16 * number)
        if tag == b"cmap":
            start = offset
    if not start:
        raise ValueError("the font has no character map")
    for number in range(struct.unpack_from(">H", font, start + 2)[0]):
        offset = start + struct.unpack_from(">I", font, start + 8 + 8 * number)[0]
        if struct.unpack_from(">H", font, offset)[0] == 12:
            return _segments(font, offset)
    raise ValueError("the font has no full-range character map")


def _segments(font: bytes, offset: int) -> frozenset[int]:
    found: set[int] = set()
    for number in range(struct.unpack_from(">I", font, offset + 12)[0]):
        first, last, glyph = struct.unpack_from(">III", font, offset + 16 + 12 * number)
        found.update(range(first if glyph else first + 1, last + 1))
    return frozenset(found)
