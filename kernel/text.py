"""Normalises what people type, paste and send: numbers, lines and free text (ADR 0047).

Numbers (phone, order, parcel, identity, code) lose invisible characters and separators; callers
check them afterwards. Names and free text keep what people read. They lose what changes how other
text is displayed: control characters, invisible characters, bidirectional controls, stacked marks.
Lengths are counted in graphemes, which people see as one character (字).

All functions are pure, idempotent, and raise for no input.
"""

from __future__ import annotations

import re
import unicodedata

import regex

GRAPHEME_MOST = 16  # code points; the longest emoji family in use has 14
FSI, PDI = "\u2068", "\u2069"

# Text of only these characters, which is nearly all, is normalised: one code point per grapheme.
_COMMON = "!-~\u3001-\u3003\u3008-\u3011\u4e00-\u9fff\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f"
_PLAIN_LINE = re.compile(f"[{_COMMON}]+(?: [{_COMMON}]+)*")
_PLAIN_TEXT = re.compile(f"[{_COMMON}](?:[ \n{_COMMON}]*[{_COMMON}])?")
_SINGLES = re.compile(f"[ \n\u3000{_COMMON}]*")

# Sequences that are kept although parts are invisible, because people see them as one character.
_EMOJI = r"\p{Extended_Pictographic}(?:[\uFE0E\uFE0F]|\p{Emoji_Modifier})?"
_JOINING = r"[\p{Arabic}\p{Syriac}\p{Mongolian}\p{Nko}]"
_WHOLES = "|".join((
    r"\U0001F3F4[\U000E0030-\U000E0039\U000E0061-\U000E007A]{3,6}\U000E007F",  # flags of regions
    rf"{_EMOJI}(?:\u200D{_EMOJI}){{0,4}}",  # families, professions
    r"[0-9#*]\uFE0F?\u20E3",  # keycaps
    r"\p{Han}[\U000E0100-\U000E01EF\uFE00-\uFE02]",  # a variant form, as in some names
    r"\p{Mongolian}[\u180B-\u180D\u180F]",
    r"\p{Canonical_Combining_Class=Virama}[\u200C\u200D](?=\p{L})",
    rf"{_JOINING}\u200C(?={_JOINING})",
))  # fmt: skip
# Unassigned characters are kept, since they may be newer than these tables; private-use characters
# and noncharacters are removed.
_UNSEEN = (
    r"\p{Cs}\p{Co}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\uFFFC"
    r"\x00-\x08\x0E-\x1F\x7F-\x84\x86-\x9F"
)
_JUNK = regex.compile(f"({_WHOLES})|[{_UNSEEN}]")
_INVISIBLE = regex.compile(rf"[{_UNSEEN}]")
# Combining marks: at most two script-independent ones, four in all, none without a base letter.
_TOWERS = regex.compile(
    r"(?V1)(?:\A|(?<=\s))[\p{M}\u200C\u200D]+"
    r"|([\p{Inherited}&&\p{M}]{2})[\p{Inherited}&&\p{M}]+|(\p{M}{4})\p{M}+"
)
_LOOSE = regex.compile(r"(?V1)[\p{Inherited}&&\p{M}]")
_CLUSTER = regex.compile(r"\X")
_BREAK = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")
_SPACE = re.compile("[^\\S\n\u3000]|\u2800")  # the blank Braille pattern looks like a space
_WIDE = {
    wide: wide - 0xFEE0
    for first, last in ((0xFF10, 0xFF19), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A))
    for wide in range(first, last + 1)
}
_DASH = regex.compile(r"[\p{Pd}\u2212]")
_SEPARATOR = re.compile("[-\\s\u2800\u30fc]")
_IN_PHONE = re.compile("[().·•・]")
_CHINA = re.compile(r"(?:\+|00)?86(?=1[0-9]{10}\Z)|\+86")
_PACKAGE = re.compile(r"(JD[0-9A-Z]+)(?:-[0-9]{1,4}){2}-?")
# Right-to-left letters, and their digits.
_RTL = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean_line(text: str) -> str:
    """Clean a name, title or other single line: single spaces, Latin letters of ordinary width.

    '官\\u200b方\\n\\u3000ＡＢ' → '官方 AB'. Case and Chinese punctuation are kept.
    """
    if not text or _PLAIN_LINE.fullmatch(text):
        return text
    return " ".join(_cleaned(text.translate(_WIDE)).split())


def clean_text(text: str) -> str:
    """Clean free text of several lines: line breaks become ``\\n``, both ends are trimmed.

    Emoji sequences are kept. Control characters, invisible characters and bidirectional controls
    are removed, combining marks are limited, letters are composed (NFC).
    """
    if not text or _PLAIN_TEXT.fullmatch(text):
        return text
    return _cleaned(text).strip()


def _cleaned(text: str) -> str:
    """Clean until nothing changes: a removal may join characters that must be removed, too."""
    while True:
        seen = unicodedata.normalize("NFC", _seen(unicodedata.normalize("NFC", text)))
        spaced = _SPACE.sub(" ", _BREAK.sub("\n", seen))
        low: str = _TOWERS.sub(lambda found: found[1] or found[2] or "", spaced)
        if low == text:
            return low
        text = low


def _seen(text: str) -> str:
    kept: str = _JUNK.sub(lambda found: found[1] or "", text)
    return kept


def graphemes(text: str) -> list[str]:
    """The graphemes of a text: a family emoji is one, and so is 'é' of two code points."""
    if _SINGLES.fullmatch(text):
        return list(text)
    found: list[str] = []
    for cluster in _CLUSTER.findall(text):
        found += [cluster[at : at + GRAPHEME_MOST] for at in range(0, len(cluster), GRAPHEME_MOST)]
    return found


def length(text: str) -> int:
    """The length of a text in graphemes."""
    return len(text) if _SINGLES.fullmatch(text) else len(graphemes(text))


def fits(text: str, most: int, room: int | None = None) -> bool:
    """True if a text has at most ``most`` graphemes and ``room`` code points (a column's size)."""
    if room is not None and len(text) > room:
        return False
    return len(text) <= most or length(text) <= most


def too_long(text: str, most: int) -> str:
    """The error code of a text that doesn't fit: too many graphemes, or too many code points."""
    return "text_too_long" if length(text) > most else "text_too_heavy"


def shortened(text: str, most: int, room: int | None = None) -> str:
    """The start of a text: at most ``most`` whole graphemes in ``room`` code points."""
    if len(text) <= most and (room is None or len(text) <= room):
        return text
    kept, left = [], len(text) if room is None else room
    for each in graphemes(text)[:most]:
        left -= len(each)
        if left < 0:
            break
        kept.append(each)
    return "".join(kept).rstrip()


def fold_digits(text: str) -> str:
    """Normalise a typed number: ordinary width, ASCII digits, no invisible characters.

    '１２\\u200b٣' → '123', '−5' → '-5'. Signs, commas and spaces are left to the caller.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    seen = unicodedata.normalize("NFKC", _INVISIBLE.sub("", " ".join(text.split())))
    plain = " ".join(_DASH.sub("-", _INVISIBLE.sub("", seen)).split())
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in plain)


def number_of(text: str) -> str:
    """A number as stored and compared: without separators, upper case; not validated.

    ' sf１２３–４５６ ' → 'SF123456'.
    """
    return unicodedata.normalize("NFKC", _SEPARATOR.sub("", fold_digits(text)).upper())


def phone_of(text: str) -> str:
    """A phone number without separators and China's prefix: '+86 138-0013-8000' → '138…'.

    The prefix is +86, 0086, or 86 before the eleven digits of a mobile number.
    """
    plain = unicodedata.normalize("NFKC", _IN_PHONE.sub("", number_of(text)))
    return _CHINA.sub("", plain, count=1)


def tracking_of(text: str) -> str:
    """A parcel's tracking number; of a package number like 'JDVA123-1-2-' the tracked part."""
    plain = "".join(fold_digits(text).split()).upper()
    package = _PACKAGE.fullmatch(plain)
    return package[1] if package else number_of(plain)


def visible(text: str) -> str:
    """Text without invisible characters, emoji joiners included; for numbers."""
    return text if text.isascii() and text.isprintable() else str(_INVISIBLE.sub("", text))


def bare(text: str) -> str:
    """Text for comparing: NFKC, without invisible characters and script-independent marks.

    For chat commands and search; never stored or shown.
    """
    if text.isascii() and text.isprintable():
        return text
    seen = unicodedata.normalize("NFKC", _INVISIBLE.sub("", _BREAK.sub("\n", text)))
    return unicodedata.normalize("NFKC", _LOOSE.sub("", seen))


def isolated(text: str) -> str:
    """Wrap right-to-left lines in Unicode isolates (UAX 9): text around them keeps its order.

    Text without right-to-left letters is returned unchanged.
    """
    if text.isascii() or not _RTL.search(text):
        return text
    return "\n".join(map(_isolated_line, text.split("\n")))


def _isolated_line(line: str) -> str:
    done = line.startswith(FSI) and line.endswith(PDI)
    return line if done or not _RTL.search(line) else f"{FSI}{line}{PDI}"


def xml_safe(text: str) -> str:
    """Text without the characters that XML 1.0 forbids; all of them are invisible."""
    return _NOT_XML.sub("", text)
