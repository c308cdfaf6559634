"""Parses what people type: amounts, rates, whole numbers, words; ambiguous input is refused.

``docs/algorithms/typed-numbers.md`` explains the rules, ADR 0046 the reason. All code that reads
typed numbers uses these functions; ``tests/arch/test_typed.py`` enforces it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Literal

from kernel.errors import Invalid
from kernel.text import clean_text, too_long, visible

AMOUNT_MOST_FEN = 99_999_999_999
COUNT_MOST = 10**18 - 1
RATE_MOST_BP = 10_000
LENGTH_MOST = 200  # longer than any number with its spaces

_Kind = Literal["amount", "rate", "count"]
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SAME = str.maketrans("￥−–—‐‑﹣﹢﹐﹒﹪｡萬塊圓圆", "¥------+,.%。万块元元")
_NUMBER = r"(?:[0-9]+|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.[0-9]+)?"
_PREFIX = r"(?:(?:人民币|rmb|cny|cn) ?)?(?:¥ ?)?"
_UNIT = r"(?: ?(?:元|块)(?: ?[钱整正])?| ?(?:rmb|cny))?"
_AMOUNT = re.compile(rf"{_PREFIX}(?P<number>{_NUMBER})(?P<wan> ?万)?{_UNIT}")
_SPOKEN = re.compile(
    rf"{_PREFIX}(?:(?P<yuan>[0-9]+|[1-9][0-9]{{0,2}}(?:,[0-9]{{3}})+) ?[元块] ?)?"
    r"(?:(?P<jiao>[0-9]) ?[角毛] ?)?(?:(?P<fen>[0-9]) ?分)?(?: ?[钱整正])?"
)
_BLOCK = re.compile(rf"{_PREFIX}(?P<yuan>[0-9]+) ?块(?P<jiao>[0-9])")
_FEN_ONLY = re.compile(rf"{_PREFIX}(?P<fen>[0-9]{{1,2}}) ?分(?:钱)?")
_RATE = re.compile(
    r"(?:百分之 ?(?P<said>[0-9]+(?:\.[0-9]+)?)|(?P<number>[0-9]+(?:\.[0-9]+)?) ?%?)"
)
_COUNT = re.compile(rf"(?P<sign>[+-] ?)?(?P<number>{_NUMBER})(?P<wan> ?万)?(?: ?[件个])?")

_AROUND = {
    "amount": re.compile(rf"^{_PREFIX}|{_UNIT}$"),
    "rate": re.compile(r"^百分之 ?| ?%$"),
    "count": re.compile(r" ?[件个]$"),
}
_NOT_A_NUMBER = re.compile(r"[+-]?(?:s?nan|inf|infinity)|.*∞.*")
_EXPONENT = re.compile(r".*[0-9.] ?e ?[+-]?[0-9].*")
_CURRENCY = re.compile(r".*(?:usd|hkd|twd|eur|jpy|gbp|美元|美金|港币|港元|欧元|日元|英镑|台币).*")
_SAID = re.compile(r"[〇零一二三四五六七八九十两壹贰叁肆伍陆柒捌玖拾佰仟半]")
_UNITS = re.compile(r"[万元块角毛分厘整正钱瓶箱盒打坛斤套件个百千亿点%‰]")


def amount(text: str, field: str | None = None) -> int:
    """Parse an amount of money (金额) into fen, 0 to 999,999,999.99 yuan.

    Raises Invalid('amount_…'): empty, commas, spaced, point, points, decimals, exponent, negative,
    sign, not_a_number, currency, letters, words, digits, unit, huge, unreadable.
    """
    plain = _seen("amount", text, field)
    found = _spoken(plain)
    if found is None:
        match = _AMOUNT.fullmatch(plain)
        if match is None:
            raise _refusal("amount", plain, field)
        found = _scaled(match["number"], 6 if match["wan"] else 2)
        if found is None:
            raise Invalid("amount_decimals", field)
    if found > AMOUNT_MOST_FEN:
        raise _huge("amount", field)
    return found


def rate(text: str, field: str | None = None) -> int:
    """Parse a percentage (百分比) into basis points, 0 to 100 %. ``0.2`` is 0.20 %.

    Raises Invalid('rate_…') with the endings of ``amount``, and above.
    """
    plain = _seen("rate", text, field)
    match = _RATE.fullmatch(plain)
    if match is None:
        raise _refusal("rate", plain, field)
    found = _scaled(match["said"] or match["number"], 2)
    if found is None:
        raise Invalid("rate_decimals", field)
    if found > RATE_MOST_BP:
        raise Invalid("rate_above", field, limit=100)
    return found


def count(text: str, field: str | None = None, *, signed: bool = False) -> int:
    """Parse a whole number (件数, 天数); a sign is accepted only if ``signed``.

    Raises Invalid('count_…') with the endings of ``amount``, and not_whole.
    """
    plain = _seen("count", text, field)
    match = _COUNT.fullmatch(plain)
    if match is None:
        raise _refusal("count", plain, field)
    sign = (match["sign"] or "").strip()
    if sign and not signed:
        raise Invalid("count_negative" if sign == "-" else "count_sign", field)
    if "." in match["number"] and not match["wan"]:
        raise Invalid("count_not_whole", field)
    found = _scaled(match["number"], 4 if match["wan"] else 0)
    if found is None:
        raise Invalid("count_not_whole", field)
    if found > COUNT_MOST:
        raise _huge("count", field)
    return -found if sign == "-" else found


def words(text: str, most: int, field: str | None = None) -> str:
    """Clean a typed text of at most ``most`` code points; a longer one is refused, never cut.

    Raises Invalid('text_too_long', limit=…), or 'text_too_heavy' if only its emoji make it longer.
    """
    kept = clean_text(text)
    if len(kept) > most:
        raise Invalid(too_long(kept, most), field, limit=most)
    return kept


def _seen(kind: _Kind, text: str, field: str | None) -> str:
    """The visible text in ordinary characters: '１２。５０\u200b 元' → '12.50 元'."""
    ordinary = " ".join(visible(text).translate(_SAME).translate(_WIDE).split()).lower()
    plain = re.sub(r"(?<=[0-9])。(?=[0-9])", ".", ordinary)
    if len(plain) > LENGTH_MOST:
        raise _huge(kind, field) if plain.isdecimal() else Invalid(f"{kind}_unreadable", field)
    return plain


def _huge(kind: _Kind, field: str | None) -> Invalid:
    if kind == "amount":
        return Invalid("amount_huge", field, limit_fen=AMOUNT_MOST_FEN)
    return Invalid(f"{kind}_huge", field, limit=COUNT_MOST if kind == "count" else 100)


def _scaled(number: str, places: int) -> int | None:
    """A decimal number times ten to the places; None if it has more decimals than that."""
    whole, _, decimals = number.replace(",", "").partition(".")
    if len(decimals) > places:
        return None
    return int(whole + decimals.ljust(places, "0"))


def _spoken(plain: str) -> int | None:
    """Parse a spoken form into fen: '10块5', '10元5角3分', '50分'; None for other forms."""
    match = _BLOCK.fullmatch(plain) or _FEN_ONLY.fullmatch(plain) or _SPOKEN.fullmatch(plain)
    if match is None:
        return None
    parts = match.groupdict()
    if not parts.get("jiao") and not parts.get("fen"):
        return None
    return (
        int((parts.get("yuan") or "0").replace(",", "")) * 100
        + int(parts.get("jiao") or 0) * 10
        + int(parts.get("fen") or 0)
    )


def _refusal(kind: _Kind, plain: str, field: str | None) -> Invalid:
    """The error for an unreadable text; the first matching reason of ``_WHY`` is given."""
    core = _AROUND[kind].sub("", plain).strip()
    why = next((why for why, test in _WHY if test(plain, core)), "unreadable")
    return Invalid(f"{kind}_{why}", field)


def _has(pattern: re.Pattern[str]) -> Callable[[str, str], bool]:
    return lambda plain, core: pattern.search(plain) is not None


def _is_foreign_digit(c: str) -> bool:
    return not c.isascii() and unicodedata.category(c) in {"Nd", "Nl", "No"}


def _is_foreign_money(c: str) -> bool:
    return c != "¥" and unicodedata.category(c) == "Sc"


_WHY: tuple[tuple[str, Callable[[str, str], bool]], ...] = (
    ("empty", lambda plain, core: not core or core == "¥"),
    ("not_a_number", lambda plain, core: _NOT_A_NUMBER.fullmatch(core) is not None),
    ("currency", _has(_CURRENCY)),
    ("currency", lambda plain, core: any(_is_foreign_money(c) for c in plain)),
    ("words", _has(_SAID)),
    ("digits", lambda plain, core: any(_is_foreign_digit(c) for c in plain)),
    ("exponent", _has(_EXPONENT)),
    ("negative", lambda plain, core: plain.startswith("-") or core.startswith("-")),
    ("sign", lambda plain, core: "+" in core or "-" in core),
    ("unit", lambda plain, core: _UNITS.search(core) is not None),
    ("letters", lambda plain, core: any(c.isalpha() for c in core)),
    ("spaced", lambda plain, core: " " in core),
    ("points", lambda plain, core: core.count(".") > 1),
    ("point", lambda plain, core: core.startswith((".", "。")) or core.endswith((".", "。"))),
    ("commas", lambda plain, core: "," in core and not core.strip("0123456789,.")),
)
