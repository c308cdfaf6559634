"""Reads submitted forms: values are bounded, and bad input never is a server error.

A ``Form`` collects the first mistake of each field, so that a page can show all of them at once
and keep what was typed.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, TypeVar
from urllib.parse import SplitResult, unquote, urlsplit

from aiohttp import hdrs, web
from aiohttp.helpers import parse_mimetype
from multidict import MultiDict

from kernel import typed
from kernel.errors import DomainError, Invalid
from kernel.text import clean_line, clean_text, fits, fold_digits, shortened, too_long
from kernel.web.bodies import BadBody, pieces_of, read_body
from kernel.web.keys import BODY_LIMIT, FIELDS, MISTAKES, PUBLICS
from kernel.web.multiparts import FIELDS_MOST, close_fields, read_multipart

S = TypeVar("S", bound=str)
BODY_SECONDS = 120  # enough for six photos over a slow line
BODY_MOST = 1024 * 1024
"""The size limit of a form in bytes; a page that takes files sets ``BODY_LIMIT``."""

ANSWERS: dict[str, type[web.HTTPException]] = {
    "slow": web.HTTPRequestTimeout,
    "broken": web.HTTPBadRequest,
    "kind": web.HTTPUnsupportedMediaType,
}
_KEY = re.compile(r"[0-9A-Za-z_-]{8,64}")
_INT = re.compile(r"[+-]?[0-9]{1,18}")
_PARTED = re.compile(r"[\s,，、;；]+")


class Typed(dict[str, str]):
    """Typed texts by field; a field that was not sent reads as empty."""

    def __missing__(self, name: str) -> str:
        return ""

    def __or__(self, more: Any) -> Any:
        return Typed(super().__or__(more))


class Form:
    """The fields of a submitted form, with the mistakes found so far."""

    def __init__(
        self, values: Mapping[str, Any], publics: dict[str, tuple[str, bool]] | None = None
    ) -> None:
        self._values = values
        self._publics = {} if publics is None else publics
        self.errors: dict[str, DomainError] = {}

    def raw(self, name: str) -> str:
        """A field's text, cleaned (``clean_text``); empty if it is missing or a file."""
        return clean_text(self.secret(name))

    def secret(self, name: str) -> str:
        """A field's text unchanged, for passwords; never for anything that is shown."""
        value = self._values.get(name, "")
        return value if isinstance(value, str) else ""

    def pasted(self, name: str) -> str:
        """Lines pasted from a spreadsheet, tabs and all; whoever reads their cells cleans them."""
        return self.secret(name)

    def names(self, start: str) -> list[str]:
        """The names of text fields that begin with ``start``, each once."""
        found = [clean_line(name) for name, value in self._values.items()
                 if isinstance(value, str) and name.startswith(start)]  # fmt: skip
        return list(dict.fromkeys(found))

    def all(self, name: str) -> list[str]:
        """Every value of a repeated field."""
        getall = getattr(self._values, "getall", None)
        found = getall(name, []) if getall else [self._values.get(name, "")]
        return [text for v in found if isinstance(v, str) and (text := clean_text(v))]

    def text(self, name: str, *, most: int, required: bool = True, room: int | None = None) -> str:
        """One line of at most ``most`` graphemes.

        ``room`` is the column's size in code points, if that is more than ``most``.
        """
        return self._fitting(name, clean_line(self.secret(name)), most, required, room)

    def prose(
        self, name: str, *, most: int, required: bool = True, room: int | None = None
    ) -> str:
        """A text of several lines, with the limits of ``text``."""
        return self._fitting(name, self.raw(name), most, required, room)

    def public(
        self, name: str, *, most: int, required: bool = True, room: int | None = None
    ) -> str:
        """One line that others will read, with the limits of ``text``."""
        return self.publish(name, self.text(name, most=most, required=required, room=room))

    def public_prose(
        self, name: str, *, most: int, required: bool = True, room: int | None = None
    ) -> str:
        """A text of several lines that others will read."""
        return self.publish(name, self.prose(name, most=most, required=required, room=room))

    def publish(self, name: str, text: str, *, is_name: bool = False) -> str:
        """Note that others will read a text; no verb runs before the face has judged it."""
        self._publics[name] = (text, is_name)
        return text

    def _fitting(self, name: str, value: str, most: int, required: bool, room: int | None) -> str:
        if required and not value:
            self.fail(name, "field_missing")
        if fits(value, most, room or most):
            return value
        self.fail(name, too_long(value, most), limit=most)
        return shortened(value, most, room or most)

    def integer(self, name: str, *, least: int, most: int, default: int | None = None) -> int:
        """A number that the page put into the form: an id, a version, a count of rows."""
        text = fold_digits(self.secret(name))
        if not text and default is not None:
            return default
        if not text:
            self.fail(name, "field_missing")
            return least
        if not _INT.fullmatch(text):
            self.fail(name, "number_unreadable")
            return least
        return self._within(name, int(text), least, most)

    def count(self, name: str, *, least: int, most: int, default: int | None = None) -> int:
        """A whole number typed by a person, within bounds; may have a sign if ``least < 0``.

        ``default`` is used if the form lacks the field; an empty field is a mistake.
        """
        if default is not None and name not in self._values:
            return default
        try:
            value = typed.count(self.raw(name), name, signed=least < 0)
        except Invalid as error:
            self.errors.setdefault(name, error)
            return least
        return self._within(name, value, least, most)

    def ids(self, name: str, most: int = 100) -> list[int]:
        """The ids of ticked rows, at most ``most``; other values are ignored."""
        found = [int(v) for v in self.all(name) if v.isascii() and v.isdigit() and len(v) < 19]
        if len(found) > most:
            self.fail(name, "too_many_rows", limit=most)
        return found[:most]

    def counts(self, name: str, *, most: int) -> list[int]:
        """A typed list of whole numbers, without duplicates; separated by spaces or commas."""
        found: list[int] = []
        for word in _PARTED.split(self.raw(name)):
            if not word:
                continue
            try:
                found.append(typed.count(word, name))
            except Invalid as error:
                self.errors.setdefault(name, error)
        if len(found) > most:
            self.fail(name, "too_many_rows", limit=most)
        return list(dict.fromkeys(found))

    def fen(self, name: str, *, least: int = 0, most: int = 100_000_000) -> int:
        """An amount typed in yuan, as fen, within bounds."""
        try:
            value = typed.amount(self.raw(name), name)
        except Invalid as error:
            self.errors.setdefault(name, error)
            return least
        if not least <= value <= most:
            self.fail(name, "amount_out_of_range", least_fen=least, most_fen=most)
            return least
        return value

    def rate(self, name: str, *, most: int = typed.RATE_MOST_BP) -> int:
        """A percentage typed by a person, as basis points up to ``most``."""
        try:
            value = typed.rate(self.raw(name), name)
        except Invalid as error:
            self.errors.setdefault(name, error)
            return 0
        if value > most:
            self.fail(name, "rate_out_of_range", most=f"{most // 100}")
            return 0
        return value

    def _within(self, name: str, value: int, least: int, most: int) -> int:
        if least <= value <= most:
            return value
        self.fail(name, "number_out_of_range", least=least, most=most)
        return least

    def choice(self, name: str, options: Iterable[S], default: S | None = None) -> S:
        """One of several options."""
        known = list(options)
        value = self.raw(name) or default
        for option in known:
            if option == value:
                return option
        self.fail(name, "choice_unknown")
        return default or known[0]

    def day(self, name: str) -> date | None:
        """A day as the browser's field sends it (2026-11-30); None if it is empty or no day."""
        text = self.raw(name).strip()
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self.fail(name, "date_bad")
            return None

    def flag(self, name: str) -> bool:
        """Whether a box is ticked."""
        return self.raw(name) not in {"", "0", "off", "false"}

    def idem_key(self) -> str:
        """The idempotency key that the page put into the form (``_idem``)."""
        value = self.raw("_idem")
        if not _KEY.fullmatch(value):
            self.fail("_idem", "form_expired")
        return value

    def upload(self, name: str) -> web.FileField | None:
        """The chosen file of a field, or None."""
        value = self._values.get(name)
        return value if isinstance(value, web.FileField) and value.filename else None

    @property
    def has_files(self) -> bool:
        """True if a file was chosen in any field."""
        return any(isinstance(v, web.FileField) and v.filename for v in self._values.values())

    def uploads(self, name: str) -> list[web.FileField]:
        """The files chosen in a field that takes several."""
        getall = getattr(self._values, "getall", None)
        found = getall(name, []) if getall else [self._values.get(name)]
        return [v for v in found if isinstance(v, web.FileField) and v.filename]

    def fail(self, name: str, code: str, **facts: Any) -> None:
        """Record a mistake; a field keeps its first one."""
        self.errors.setdefault(name, Invalid(code, name, **facts))

    def check(self) -> None:
        """Raise the first mistake, if any."""
        for error in self.errors.values():
            raise error

    @property
    def is_valid(self) -> bool:
        """True if no mistake was recorded so far."""
        return not self.errors

    @property
    def values(self) -> Typed:
        """The typed texts, to fill the form again."""
        pairs = ((k, v) for k, v in self._values.items() if isinstance(v, str))
        return Typed((clean_line(k), clean_text(v)) for k, v in pairs)


def query_param(request: web.Request, name: str, *, most: int = 64, default: str = "") -> str:
    """A query parameter as one clean line, cut to ``most`` characters."""
    return shortened(clean_line(request.query.get(name, default)), most, most)


def one_of(value: str, options: Iterable[S], default: S) -> S:
    """The value if it is one of the options, else the default."""
    return next((option for option in options if option == value), default)


def cookie_of(request: web.Request, name: str) -> str:
    """A cookie's value; '' if it is missing or not printable ASCII, as all of ours are."""
    value = request.cookies.get(name, "")
    return value if value.isascii() and value.isprintable() else ""


def referer_of(request: web.Request) -> SplitResult:
    """The parsed ``Referer``; an empty URL if it is missing or malformed."""
    said = request.headers.get("Referer", "")
    with contextlib.suppress(ValueError):
        return urlsplit(said if said.isascii() and said.isprintable() else "")
    return urlsplit("")


def agent_of(request: web.Request) -> str:
    """The ``User-Agent`` as one clean line of at most 200 characters."""
    return shortened(clean_line(request.headers.get("User-Agent", "")), 200, 200)


async def read_form(request: web.Request) -> Form:
    """The submitted form of a request."""
    form = Form(await fields_of(request), publics_of(request))
    form.errors.update(request.get(MISTAKES, {}))
    return form


def replace_file(request: web.Request, name: str, value: str | DomainError) -> None:
    """Put a text into the field of a form whose file was taken, or what is wrong with the file."""
    if isinstance(value, DomainError):
        request[MISTAKES] = request.get(MISTAKES, {}) | {name: value}
    else:
        request[FIELDS][name] = value


def publics_of(request: web.Request) -> dict[str, tuple[str, bool]]:
    """The texts of a request that others will read and that nobody judged yet, by field."""
    if PUBLICS not in request:
        request[PUBLICS] = {}
    return request[PUBLICS]


async def fields_of(request: web.Request) -> Mapping[str, Any]:
    """The posted fields; read once and kept on the request.

    Raises the HTTP responses 400, 408, 413 and 415.
    """
    if FIELDS in request:
        known: MultiDict[Any] = request[FIELDS]
        return known
    most = request.get(BODY_LIMIT, BODY_MOST)
    try:
        fields = await _read_fields(request, most)
    except BadBody as bad:
        if bad.reason == "size":
            raise web.HTTPRequestEntityTooLarge(most) from bad
        raise ANSWERS[bad.reason] from bad
    request[FIELDS] = fields
    return fields


async def _read_fields(request: web.Request, most: int) -> MultiDict[Any]:
    if not request.body_exists:
        return MultiDict()
    if (request.charset or "utf-8").lower() not in {"utf-8", "utf8"}:
        raise BadBody("kind")
    if request.content_type == "multipart/form-data":
        pieces = pieces_of(request, most=most, seconds=BODY_SECONDS)
        boundary = parse_mimetype(request.headers[hdrs.CONTENT_TYPE]).parameters.get("boundary")
        fields = await read_multipart(pieces, boundary or "")
        _check_fields(fields)
        return fields
    if request.content_type != "application/x-www-form-urlencoded":
        raise BadBody("kind")
    body = await read_body(request, most=min(most, BODY_MOST), seconds=BODY_SECONDS)
    try:
        return MultiDict(_pairs_of(body.rstrip(b"\r\n").decode()))
    except ValueError as error:
        raise BadBody("broken") from error


def _pairs_of(text: str) -> list[tuple[str, str]]:
    """The fields of a form as browsers send it, read as ``parse_qsl`` does, in a third of it.

    Most names and many values have nothing to decode. Raises ValueError for too many fields, for
    bytes that are not UTF-8, and for NUL; what is decoded from UTF-8 has no lone surrogates.
    """
    parts = text.split("&")
    if len(parts) > FIELDS_MOST or "%00" in text or "\0" in text:
        raise ValueError("too many fields, or NUL")
    found = []
    for part in filter(None, parts):
        name, _, value = part.partition("=")
        found.append((_decoded(name), _decoded(value)))
    return found


def _decoded(text: str) -> str:
    if "+" in text:
        text = text.replace("+", " ")
    return unquote(text, errors="strict") if "%" in text else text


def close_files(request: web.Request) -> None:
    """Close the files of a request's form; called at the end of the request."""
    if (fields := request.get(FIELDS)) is not None:
        close_fields(fields)


def _check_fields(fields: MultiDict[Any]) -> None:
    """Refuse NUL and lone surrogates: databases can't store them, and people can't type them."""
    try:
        for name, value in fields.items():
            _check_text(name)
            _check_text(value.filename if isinstance(value, web.FileField) else value)
    except ValueError as error:
        close_fields(fields)
        raise BadBody("broken") from error


def _check_text(text: str) -> None:
    text.encode()
    if "\0" in text:
        raise ValueError("NUL")
