"""Reading what a person typed: bounded, collected, and never a server error.

A ``Form`` remembers every mistake by field, so that a page can show all of them at once and keep
what was typed.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from kernel.errors import DomainError, Invalid
from kernel.money import parse_yuan

BODY_SECONDS = 120  # for six photos over a bad line
_KEY = re.compile(r"[0-9A-Za-z_-]{8,64}")
_INT = re.compile(r"[+-]?[0-9]{1,18}")


class Typed(dict[str, str]):
    """What was typed by field; a field that was not sent is empty, so that a page can be shown."""

    def __missing__(self, name: str) -> str:
        return ""

    def __or__(self, more: Any) -> Any:
        return Typed(super().__or__(more))


class Form:
    """The fields of a submitted form, with the mistakes found so far."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self.errors: dict[str, DomainError] = {}

    def raw(self, name: str) -> str:
        """A field as typed; empty if it is missing or a file."""
        value = self._values.get(name, "")
        return value if isinstance(value, str) else ""

    def all(self, name: str) -> list[str]:
        """Every value of a repeated field."""
        getall = getattr(self._values, "getall", None)
        found = getall(name, []) if getall else [self._values.get(name, "")]
        return [v for v in found if isinstance(v, str) and v]

    def text(self, name: str, *, most: int, required: bool = True) -> str:
        """A text of at most so many characters, trimmed, without control characters."""
        value = "".join(c for c in self.raw(name).strip() if c >= " " or c in "\n\t")
        if required and not value:
            self.fail(name, "field_missing")
        if len(value) > most:
            self.fail(name, "text_too_long", limit=most)
            value = value[:most]
        return value

    def integer(self, name: str, *, least: int, most: int, default: int | None = None) -> int:
        """A whole number within bounds."""
        text = self.raw(name).strip()
        if not text and default is not None:
            return default
        if not text:
            self.fail(name, "field_missing")
            return least
        if not _INT.fullmatch(text):
            self.fail(name, "number_unreadable")
            return least
        value = int(text)
        if not least <= value <= most:
            self.fail(name, "number_out_of_range", least=least, most=most)
            return least
        return value

    def ids(self, name: str, most: int = 100) -> list[int]:
        """The numbers of ticked rows; whatever is no row's number is left out."""
        found = [int(v) for v in self.all(name) if v.isascii() and v.isdigit() and len(v) < 19]
        return found[:most]

    def fen(self, name: str, *, least: int = 0, most: int = 100_000_000) -> int:
        """An amount typed in yuan, as fen within bounds."""
        try:
            value = parse_yuan(self.raw(name), name)
        except Invalid as error:
            self.errors.setdefault(name, error)
            return least
        if not least <= value <= most:
            self.fail(name, "amount_out_of_range", least_fen=least, most_fen=most)
            return least
        return value

    def choice(self, name: str, options: Any, default: str | None = None) -> str:
        """One of several values."""
        value = self.raw(name) or (default or "")
        if value not in options:
            self.fail(name, "choice_unknown")
            return default or next(iter(options))
        return value

    def flag(self, name: str) -> bool:
        """A ticked box."""
        return self.raw(name) not in {"", "0", "off", "false"}

    def idem_key(self) -> str:
        """The one-time key that the page put into the form (``_idem``)."""
        value = self.raw("_idem")
        if not _KEY.fullmatch(value):
            self.fail("_idem", "form_expired")
        return value

    def upload(self, name: str) -> web.FileField | None:
        """A file, if one was chosen."""
        value = self._values.get(name)
        return value if isinstance(value, web.FileField) and value.filename else None

    def uploads(self, name: str) -> list[web.FileField]:
        """The files chosen in a field that takes several."""
        getall = getattr(self._values, "getall", None)
        found = getall(name, []) if getall else [self._values.get(name)]
        return [v for v in found if isinstance(v, web.FileField) and v.filename]

    def fail(self, name: str, code: str, **facts: Any) -> None:
        """Note a mistake; the first one of a field stays."""
        self.errors.setdefault(name, Invalid(code, name, **facts))

    def check(self) -> None:
        """Raise the first mistake, if any."""
        for error in self.errors.values():
            raise error

    @property
    def is_valid(self) -> bool:
        """True if nothing was wrong so far."""
        return not self.errors

    @property
    def values(self) -> Typed:
        """What was typed, to fill the form again."""
        return Typed((k, v) for k, v in self._values.items() if isinstance(v, str))


async def read_form(request: web.Request) -> Form:
    """The submitted form of a request."""
    return Form(await fields_of(request))


async def fields_of(request: web.Request) -> Mapping[str, Any]:
    """What a browser posted. What no browser sends is a bad request, not a fault of ours."""
    if (request.charset or "utf-8").lower() not in {"utf-8", "utf8"}:
        raise web.HTTPUnsupportedMediaType
    try:
        async with asyncio.timeout(BODY_SECONDS):
            found = await request.post()
        for name, value in found.items():
            _check_text(name)
            if isinstance(value, str):
                _check_text(value)
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except (ValueError, LookupError, AssertionError) as error:  # aiohttp's own, on nonsense
        raise web.HTTPBadRequest from error
    return found


async def close_files(request: web.Request) -> None:
    """Close what a cloned request took in: aiohttp closes the files of its own request only."""
    with contextlib.suppress(web.HTTPException, ValueError):
        for each in (await request.post()).values():
            if isinstance(each, web.FileField):
                each.file.close()


def _check_text(text: str) -> None:
    """No database's text holds a NUL or half a character, and nobody types one."""
    text.encode()
    if "\0" in text:
        raise ValueError("NUL")
