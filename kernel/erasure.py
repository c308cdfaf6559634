"""What becomes of a person's rows when they are deleted (注销), declared by each package.

``docs/algorithms/deletion.md`` has the meaning; ``domain/personal_data`` carries it out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any, Literal

from peewee import fn

from kernel.fields import JsonField

Ground = Literal["transactions", "tax", "accounting", "proof", "tree"]
"""Why something stays."""

HIDDEN = "***"
SHORT_MARK = 5
"""A mark of so few characters may be a word of somebody else's text."""

_CHUNK = 500


@dataclass(frozen=True)
class Person:
    """A person who is deleted: the member's id, openids, marks, and targets in the logs.

    ``marks`` are texts by which the person is recognised. ``subjects`` are ids and numbers, as
    text, under which logs speak of the person and their orders.
    """

    member_id: int
    openids: tuple[str, ...] = ()
    marks: tuple[str, ...] = field(default=(), repr=False)
    subjects: tuple[tuple[str, str], ...] = ()

    @property
    def long_marks(self) -> tuple[str, ...]:
        """Marks that are nobody else's words, the longest first."""
        return tuple(each for each in self.ordered_marks if len(each) > SHORT_MARK)

    @property
    def ordered_marks(self) -> tuple[str, ...]:
        """All marks, the longest first, so that no rest of one is left."""
        return tuple(sorted({each for each in self.marks if each}, key=len, reverse=True))


Mine = Callable[[Person], Any]
"""The condition on a table by which a row is the person's."""


@dataclass(frozen=True)
class Drop:
    """The person's rows are deleted."""

    table: Any
    mine: Mine

    @property
    def columns(self) -> frozenset[str]:
        """All columns: the row goes."""
        return frozenset(self.table._meta.fields)

    def run(self, who: Person) -> int:
        """Delete the rows; returns how many."""
        return int(self.table.delete().where(self.mine(who)).execute())

    def left(self, who: Person) -> int:
        """How many rows are left."""
        return int(self.table.select().where(self.mine(who)).count())


@dataclass(frozen=True)
class Blank:
    """Columns of the person's rows get a fixed value."""

    table: Any
    mine: Mine
    values: Mapping[str, Any]

    @property
    def columns(self) -> frozenset[str]:
        """The emptied columns."""
        return frozenset(self.values)

    def run(self, who: Person) -> int:
        """Empty the columns; returns how many rows were not empty."""
        rows = self.table.update(**self.values).where(self.mine(who) & self._is_full())
        return int(rows.execute())

    def left(self, who: Person) -> int:
        """How many rows still have a value."""
        return int(self.table.select().where(self.mine(who) & self._is_full()).count())

    def _is_full(self) -> Any:
        columns = [(getattr(self.table, name), value) for name, value in self.values.items()]
        return reduce(or_, (column.is_null(False) if value is None
                            else column != value for column, value in columns))  # fmt: skip


@dataclass(frozen=True)
class Mask:
    """The person's marks inside texts and JSON are replaced, in rows of whoever.

    ``about`` tells rows about the person, in which short marks are replaced, too.
    """

    table: Any
    names: tuple[str, ...]
    about: Mine | None = None

    @property
    def columns(self) -> frozenset[str]:
        """The columns that are searched."""
        return frozenset(self.names)

    def run(self, who: Person) -> int:
        """Replace the marks; returns how many rows had any."""
        done = self._masked(self._with(who.long_marks), who.long_marks) if who.long_marks else 0
        if self.about is not None and who.ordered_marks:
            done += self._masked(self.about(who), who.ordered_marks)
        return done

    def left(self, who: Person) -> int:
        """How many rows still have a long mark; 0 without marks, which are gone later."""
        return len(self._ids(self._with(who.long_marks))) if who.long_marks else 0

    def _with(self, marks: Iterable[str]) -> Any:
        """The condition that a column has one of the marks, large or small letters alike."""
        columns = [getattr(self.table, name) for name in self.names]
        return reduce(or_, (fn.LOWER(column).contains(_as_stored(column, mark).lower())
                            for column in columns for mark in marks))  # fmt: skip

    def _ids(self, chosen: Any) -> list[int]:
        return [row.id for row in self.table.select(self.table.id).where(chosen)]

    def _masked(self, chosen: Any, marks: tuple[str, ...]) -> int:
        ids, done = self._ids(chosen), 0
        for at in range(0, len(ids), _CHUNK):
            for row in self.table.select().where(self.table.id.in_(ids[at : at + _CHUNK])):
                before = {name: getattr(row, name) for name in self.names}
                after = {name: without(value, marks) for name, value in before.items()}
                if after != before:
                    self.table.update(**after).where(self.table.id == row.id).execute()
                    done += 1
        return done


@dataclass(frozen=True)
class Kept:
    """Columns that stay, and the ground."""

    table: Any
    names: tuple[str, ...]
    ground: Ground

    @property
    def columns(self) -> frozenset[str]:
        """The columns that stay."""
        return frozenset(self.names)


@dataclass(frozen=True)
class Traces:
    """What a package knows of a person that others must find: marks, log targets, files."""

    marks: tuple[str, ...] = field(default=(), repr=False)
    subjects: tuple[tuple[str, str], ...] = ()
    pictures: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    posters: tuple[str, ...] = ()
    exports: tuple[str, ...] = ()

    def __add__(self, other: Traces) -> Traces:
        """Both."""
        return Traces(
            self.marks + other.marks, self.subjects + other.subjects,
            self.pictures + other.pictures, self.documents + other.documents,
            self.posters + other.posters, self.exports + other.exports,
        )  # fmt: skip


def no_traces(_: int) -> Traces:
    """Nothing that others must find."""
    return Traces()


def nothing_first(_: Person) -> None:
    """Nothing is done before the rows go."""


@dataclass(frozen=True)
class Personal:
    """A package's declaration. ``first`` runs before its rows go, in the same transaction."""

    package: str
    rows: tuple[Drop | Blank, ...] = ()
    masks: tuple[Mask, ...] = ()
    kept: tuple[Kept, ...] = ()
    traces: Callable[[int], Traces] = no_traces
    first: Callable[[Person], None] = nothing_first


def without(value: Any, marks: Iterable[str]) -> Any:
    """A text or JSON value with these marks replaced; the keys of objects stay."""
    if isinstance(value, str):
        for mark in marks:
            value = value.replace(mark, HIDDEN)
        return value
    if isinstance(value, list):
        return [without(each, marks) for each in value]
    if isinstance(value, dict):
        return {key: without(each, marks) for key, each in value.items()}
    return value


def _as_stored(column: Any, mark: str) -> str:
    """A mark as it stands in a column: inside JSON, quotes and backslashes are escaped."""
    return json.dumps(mark, ensure_ascii=False)[1:-1] if isinstance(column, JsonField) else mark
