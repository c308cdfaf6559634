"""Keyset pagination: a page of rows and the cursor of the next page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from aiohttp import web

from kernel.web.forms import query_param

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list; ``next_cursor`` is None on the last."""

    items: Sequence[T]
    next_cursor: int | None = None


def cut(items: Sequence[T], size: int, key: Callable[[T], int] | None = None) -> Page[T]:
    """A page from up to ``size + 1`` fetched items; the extra one shows that there are more."""
    if len(items) <= size:
        return Page(items)
    kept = items[:size]
    take: Callable[[Any], int] = key or (lambda item: int(item.id))
    return Page(kept, take(kept[-1]))


def cursor_of(request: web.Request, name: str = "before") -> int | None:
    """The cursor in a request's query; None for the first page or a malformed one."""
    return cursor_from(query_param(request, name))


def cursor_from(text: str, *, signed: bool = False) -> int | None:
    """A cursor as an address carries it; None for the first page or nonsense.

    The value by which a list is sorted may be ``signed``.
    """
    digits = text.removeprefix("-") if signed else text
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 19 else None
