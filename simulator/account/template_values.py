"""模板参数: the limits that WeChat publishes for the values of templates, by kind.

A key without its number is the kind: `thing1` is a `thing`, `amount01` an `amount`. Template
messages and subscription notices share one table.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Sequence

HAN = r"\u3007\u3400-\u4dbf\u4e00-\u9fff"
MOST_UNTYPED = 200
_CLOCK = r"([01]?\d|2[0-3]):([0-5]\d)(:[0-5]\d)?"
_DAY = re.compile(
    r"(?P<y1>\d{4})年(?P<m1>\d{1,2})月(?P<d1>\d{1,2})日"
    r"|(?P<y2>\d{4})年(?P<m2>\d{1,2})月"
    r"|(?P<m3>\d{1,2})月(?P<d3>\d{1,2})日"
    r"|(?P<y4>\d{4})(?P<by>[-/.])(?P<m4>\d{1,2})((?P=by)(?P<d4>\d{1,2}))?"
    r"|(?P<m5>\d{1,2})[-/.](?P<d5>\d{1,2})"
)


def fits(kind: str, value: str, choices: Sequence[str] = ()) -> bool:
    """True if the value is allowed for this kind (参数值限制)."""
    if not value.strip() or any(_is_control(sign) for sign in value):
        return False
    if choices and value not in choices:
        return False
    check = KINDS.get(kind)
    return len(value) <= MOST_UNTYPED if check is None else check(value)


def kind_of(key: str) -> str:
    """`character_string12` → `character_string`."""
    return key.rstrip("0123456789")


def _is_control(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cc", "Zl", "Zp")


def _is_symbol(sign: str) -> bool:
    """A common symbol (符号): no letter, digit or Chinese character, inside the basic plane."""
    return unicodedata.category(sign)[0] in "PS" and ord(sign) < 0x10000


def _shaped(pattern: str) -> Callable[[str], bool]:
    found = re.compile(pattern)
    return lambda value: found.fullmatch(value) is not None


def _short(limit: int) -> Callable[[str], bool]:
    return lambda value: len(value) <= limit


def _symbol(value: str) -> bool:
    return len(value) <= 5 and all(_is_symbol(sign) for sign in value)


def _character_string(value: str) -> bool:
    """At most 32 letters, digits and symbols; no Chinese."""
    return len(value) <= 32 and all(
        re.fullmatch("[A-Za-z0-9 ]", sign) or _is_symbol(sign) for sign in value
    )


def _name(value: str) -> bool:
    """Ten characters if one of them is Chinese, else twenty letters and symbols; no digits."""
    limit = 10 if re.search(f"[{HAN}]", value) else 20
    return len(value) <= limit and all(
        re.fullmatch(f"[A-Za-z {HAN}]", sign) or _is_symbol(sign) for sign in value
    )


def _amount(value: str) -> bool:
    """Up to ten digits with decimals; a currency sign before or 元 after does not count."""
    if unicodedata.category(value[0]) == "Sc":
        value = value[1:]
    return re.fullmatch(r"[0-9]{1,10}(\.[0-9]{1,2})?元?", value) is not None


def _time(value: str) -> bool:
    """A time in 24 hours, with or without a date before it; a span is two joined by ~."""
    return _span(value, lambda part: _moment(part, needs_clock=True))


def _date(value: str) -> bool:
    """A date, with or without a time after it; a span is two joined by ~."""
    return _span(value, lambda part: _moment(part, needs_clock=False))


def _span(value: str, check: Callable[[str], bool]) -> bool:
    parts = value.split("~")
    return len(parts) <= 2 and all(check(part.strip()) for part in parts)


def _moment(text: str, *, needs_clock: bool) -> bool:
    day, clock = _split(text)
    if clock and not re.fullmatch(_CLOCK, clock, re.ASCII):
        return False
    if needs_clock:
        return bool(clock) and (not day or _is_day(day))
    return _is_day(day)


def _split(text: str) -> tuple[str, str]:
    """The date and the time of day; `15:01` alone has no date."""
    first, _, rest = text.partition(" ")
    if ":" in first:
        return ("", text) if not rest else (text, "")
    return first, rest.strip()


def _is_day(text: str) -> bool:
    found = _DAY.fullmatch(text) if re.fullmatch(r"[0-9年月日/.-]+", text) else None
    if found is None:
        return False
    parts = {name[0]: int(v) for name, v in found.groupdict().items() if v and name != "by"}
    try:
        dt.date(parts.get("y", 2000), parts.get("m", 1), parts.get("d", 1))
    except ValueError:
        return False
    return True


KINDS: dict[str, Callable[[str], bool]] = {
    "thing": _short(20),
    "short_thing": _short(5),
    "const": _short(20),
    "enum": _short(20),
    "number": _shaped(r"(?=.{1,32}$)[0-9]+(\.[0-9]+)?"),
    "letter": _shaped(r"[A-Za-z]{1,32}"),
    "symbol": _symbol,
    "character_string": _character_string,
    "time": _time,
    "date": _date,
    "amount": _amount,
    "phone_number": _shaped(r"[0-9+\-*#() ]{1,17}"),
    "car_number": _shaped(f"(?=.{{1,8}}$)[A-Za-z0-9{HAN}][A-Za-z0-9]*[A-Za-z0-9{HAN}]?"),
    "name": _name,
    "phrase": _shaped(f"[{HAN}]{{1,5}}"),
}
