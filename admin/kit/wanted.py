"""The part of a list that is asked for: view, filters, order, cursor; for pages and files."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal, Protocol

from kernel import clock
from kernel.store import UNSORTED, Sorting
from kernel.text import clean_line, shortened
from kernel.web.paging import cursor_from

FilterKind = Literal["text", "choice", "day"]
PAGE_SIZE = 30
WORDS_MOST = 60


class Who(Protocol):
    """The person who asks for a list: signed in, or named by a row when a file is made later."""

    @property
    def rights(self) -> frozenset[str]:
        """All rights of this person."""

    def may(self, right: str) -> bool:
        """True if a role of this person holds the right."""


@dataclass(frozen=True)
class View:
    """A saved view (视图) of a list, chosen by ``?view=key``. The first is the default."""

    key: str
    label: str


@dataclass(frozen=True)
class Filter:
    """A field of the filter line. ``options`` belong to a choice: (value, label)."""

    name: str
    label: str
    kind: FilterKind = "text"
    options: Sequence[tuple[str, str]] = ()
    is_wide: bool = False

    def fault(self, value: str) -> str:
        """What is wrong with a value, in the words of the page; empty if nothing is."""
        if not value:
            return ""
        if self.kind == "day" and _day(value) is None:
            return f"“{self.label}”请填日期，如 2026-11-30"
        if self.kind == "choice" and value not in dict(self.options):
            return f"“{self.label}”没有“{value}”这个选项"
        return ""


@dataclass(frozen=True)
class Wanted:
    """The view, the valid filters, the order, and the cursor.

    ``cursor`` is the key of the last row seen; a sorted list also needs ``sort.value``.
    """

    who: Who
    actor: str  # as the audit log names them: staff:lisa
    view: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    cursor: int | None = None
    limit: int = PAGE_SIZE + 1
    faults: tuple[str, ...] = ()
    sort: Sorting = UNSORTED

    def text(self, name: str) -> str:
        """The text of a filter; empty if none was typed."""
        return self.values.get(name, "")

    def choice(self, name: str) -> str | None:
        """The chosen option of a filter; None for all."""
        return self.values.get(name) or None

    def since(self, name: str) -> datetime | None:
        """The first instant (UTC) of a typed day in Shanghai."""
        found = _day(self.text(name))
        return clock.day_start(found) if found else None

    def until(self, name: str) -> datetime | None:
        """The first instant (UTC) after a typed day in Shanghai."""
        found = _day(self.text(name))
        return clock.day_start(found + timedelta(days=1)) if found else None

    @property
    def said(self) -> dict[str, str]:
        """View, filters and order as fields of an address or a form, without empty ones."""
        sort = f"{'' if self.sort.is_rising else '-'}{self.sort.name}" if self.sort.name else ""
        said = {"view": self.view, **self.values, "sort": sort}
        return {name: value for name, value in said.items() if value}

    def after(self, key: int | None, value: int | None = None) -> Wanted:
        """The same list after a row, by the row's key and its value in the sorted column."""
        return replace(self, cursor=key, sort=replace(self.sort, value=value, after_id=key))

    @property
    def is_filtered(self) -> bool:
        """True if a filter has a value."""
        return any(self.values.values())


def wanted_of(
    who: Who,
    actor: str,
    views: Sequence[View],
    filters: Sequence[Filter],
    sorts: Collection[str],
    said: Callable[[str], str],
) -> Wanted:
    """Read view, filters, order and cursor; ``said`` returns a field's value, '' for none.

    An invalid filter value is left out and reported in ``faults``.
    """
    keys = [view.key for view in views]
    view = said("view") if said("view") in keys else next(iter(keys), "")
    values, faults = {}, []
    for each in filters:
        value = shortened(clean_line(said(each.name)), WORDS_MOST, WORDS_MOST)
        fault = each.fault(value)
        if fault:
            faults.append(fault)
        else:
            values[each.name] = value
    name, at = said("sort").removeprefix("-"), said("at")
    sort = Sorting(name, not said("sort").startswith("-")) if name in sorts else UNSORTED
    wanted = Wanted(who, actor, view, values, faults=tuple(faults), sort=sort)
    return wanted.after(cursor_from(said("before")), cursor_from(at, signed=True))


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None
