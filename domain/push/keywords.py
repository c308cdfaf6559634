"""Values that fit a template's field, by the kind in the field's key (模板关键词). Pure.

WeChat refuses the whole message with 47003 for one value that does not fit. A value is cleaned
(one line, no invisible characters) and cut to its length; if it can't be made to fit, there is no
value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence

from kernel.text import isolated

_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff"
_UNTYPED = 200
_KIND = re.compile(r"^[a-z_]+")
_SPACES = re.compile(r"\s+")
_PLAIN = re.compile(r"[\x20-\x7e]+")
_AMOUNT = re.compile(r"([¥$]?)([0-9]{1,10}(?:\.[0-9]{1,2})?)(元?)")
MONEY_WORDS = ("金额", "佣金", "收益", "价", "费")

TEXT = {"thing": 20, "short_thing": 5}
OURS_NEVER = frozenset({"const", "enum", "phone_number", "car_number", "letter", "symbol"})
"""Kinds that no notice can fill, such as a choice from a list known to WeChat's console only."""


def kind_of(key: str) -> str:
    """'character_string12' → 'character_string'; an old key ('first') is its own kind."""
    found = _KIND.match(key)
    return found[0].rstrip("_") if found else ""


def value_for(kind: str, candidates: Iterable[str]) -> str | None:
    """The first candidate that can be made to fit the kind, or None."""
    fit = _FITS.get(kind, _text(_UNTYPED))
    for candidate in candidates:
        clean = cleaned(candidate)
        value = fit(clean) if clean else ""
        if value:
            return value
    return None


def unfillable(fields: Sequence[tuple[str, str]], *, has_amount: bool) -> tuple[str, ...]:
    """Labels of fields for which a notice never has a value (选用时拒绝)."""
    return tuple(
        label for key, label in fields if not _is_fillable(kind_of(key), label, has_amount)
    )


def cleaned(text: str) -> str:
    """The text on one line, without invisible characters, normalised (NFC)."""
    seen = (
        "" if unicodedata.category(sign) in ("Cf", "Cs", "Co", "Cn")
        else " " if unicodedata.category(sign)[0] in "CZ" else sign
        for sign in unicodedata.normalize("NFC", text)
    )  # fmt: skip
    return _SPACES.sub(" ", "".join(seen)).strip()


def cut(text: str, most: int) -> str:
    """At most this many characters, cut with …; accents stay with their letter, emoji count 2."""
    if _units(text) <= most:
        return text
    kept = text
    while kept and _units(kept) > most - 1:
        kept = kept[:-1]
        while kept and unicodedata.category(text[len(kept)])[0] == "M":
            kept = kept[:-1]
    return f"{kept.rstrip()}…"


def _is_fillable(kind: str, label: str, has_amount: bool) -> bool:
    if kind == "amount":
        return has_amount
    if kind == "number":
        return has_amount and any(word in label for word in MONEY_WORDS)
    return kind not in OURS_NEVER


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _text(most: int) -> Callable[[str], str]:
    return lambda text: _isolated_if_rtl(text, most)


def _isolated_if_rtl(text: str, most: int) -> str:
    """A text that fits; right-to-left text is isolated, which takes two characters."""
    if isolated(text) == text:
        return cut(text, most)
    return isolated(cut(text, most - 2))


def _character_string(text: str) -> str:
    """The leading digits, letters and signs, at most 32."""
    found = _PLAIN.match(unicodedata.normalize("NFKC", text))
    return found[0].strip()[:32].strip() if found else ""


def _phrase(text: str) -> str:
    """At most five characters, all Chinese; else ''."""
    return text[:5] if re.fullmatch(f"[{_HAN}]+", text) else ""


def _name(text: str) -> str:
    """A name without digits: at most ten characters with Chinese, else twenty."""
    most = 10 if re.search(f"[{_HAN}]", text) else 20
    return text[:most].strip() if all(_is_name_sign(sign) for sign in text) else ""


def _is_name_sign(sign: str) -> bool:
    is_sign = unicodedata.category(sign)[0] in "PS" and ord(sign) < 0x10000
    return is_sign or bool(re.fullmatch(f"[A-Za-z {_HAN}]", sign))


def _amount(text: str) -> str:
    """A currency sign and up to ten digits with decimals, without thousands separators."""
    found = _AMOUNT.fullmatch(unicodedata.normalize("NFKC", text).replace(",", ""))
    return found[0] if found else ""


def _number(text: str) -> str:
    found = _AMOUNT.fullmatch(unicodedata.normalize("NFKC", text).replace(",", ""))
    return found[2] if found else ""


def _shaped(pattern: str) -> Callable[[str], str]:
    return lambda text: text if re.fullmatch(pattern, text, re.ASCII) else ""


_DAY = r"\d{4}年\d{1,2}月\d{1,2}日"
_FITS: dict[str, Callable[[str], str]] = {
    **{kind: _text(most) for kind, most in TEXT.items()},
    "character_string": _character_string,
    "phrase": _phrase,
    "name": _name,
    "amount": _amount,
    "number": _number,
    "time": _shaped(rf"({_DAY} )?\d\d:\d\d"),
    "date": _shaped(rf"{_DAY}( \d\d:\d\d)?"),
} | dict.fromkeys(OURS_NEVER, lambda _: "")
