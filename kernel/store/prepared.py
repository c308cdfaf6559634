"""Queries whose SQL text is built once; building it takes many times as long as running it.

Only for hot paths (webhook, product page, shelf, checkout); elsewhere peewee's builder is used.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import count
from operator import itemgetter
from typing import Any

from peewee import BooleanField, CharField, Field, ForeignKeyField, IntegerField, Value

from kernel.fields import UtcField, to_micros
from kernel.store.base import Table, database

_EACH_LENGTH = 32
_BLOCKS = (100, 10)
_LISTS = (list, tuple)
_Shape = tuple[type, tuple[int | None, ...]]
_Piece = tuple[int | None, tuple[int, int] | None, Any]
_Convert = Callable[[Any], Any]
_Run = Callable[[Sequence[Any]], Any]


class _Slot:
    """Placeholder in a built query: the n-th parameter, or one element of it."""

    def __init__(self, number: int, part: int | None = None) -> None:
        self.number = number
        self.part = part


class _Text:
    """A query's SQL for one engine and one shape of its parameters."""

    def __init__(self, query: Any) -> None:
        self._sql, params = query.sql()
        self._pieces = _pieces(params)
        chosen = getattr(query, "_returning", None) or ()
        row = namedtuple("Row", [_name(column) for column in chosen])  # type: ignore[misc]
        self._make: _Convert = row._make
        self._convert = [
            (index, convert)
            for index, column in enumerate(chosen)
            if (convert := _converter(column)) is not None
        ]

    def run(self, values: Sequence[Any]) -> Any:
        """Execute with parameters; returns the cursor."""
        params: list[Any] = []
        for number, parts, constant in self._pieces:
            if number is None:
                params.append(constant)
            elif parts is None:
                params.append(_plain(values[number]))
            else:
                params += _several(values[number], *parts)
        return database.obj.execute_sql(self._sql, params)

    def runner(self, changes: Sequence[_Convert | None]) -> _Run:
        """A faster ``run`` for known types without lists; ``changes`` convert each value."""
        constants = tuple([constant for number, _, constant in self._pieces if number is None])
        later = count(len(changes))
        picked = [next(later) if number is None else number for number, _, _ in self._pieces]
        pick = _picker(picked)
        changing = [(n, change) for n, change in enumerate(changes) if change is not None]
        sql, is_as_given = self._sql, picked == list(range(len(changes)))

        def run_unchanged(values: Sequence[Any]) -> Any:
            return database.obj.execute_sql(sql, values)

        def run(values: Sequence[Any]) -> Any:
            filled = [*values, *constants]
            for n, change in changing:
                filled[n] = change(filled[n])
            return database.obj.execute_sql(sql, pick(filled))

        return run_unchanged if is_as_given and not constants and not changing else run

    def rows(self, found: list[Any]) -> list[Any]:
        """Rows as named tuples, converted by the query's fields."""
        if not found:
            return []  # pymysql gives an empty tuple
        if self._convert:
            found = [list(row) for row in found]
            for index, convert in self._convert:
                for cells in found:
                    if (cell := cells[index]) is not None:
                        cells[index] = convert(cell)
        make = self._make
        return [make(row) for row in found]


class Prepared:
    """A query with parameters: ``build(*slots)`` makes it with peewee, once per engine.

    A list parameter becomes a list of slots, for ``IN``. There is one SQL text per length up to
    32; a longer list repeats its last value up to the next multiple of 32. Values are passed to
    the database unchanged, instants as microseconds.
    """

    def __init__(self, build: Callable[..., Any]) -> None:
        self._build = build
        self._texts: dict[_Shape, _Text] = {}
        self._runners: dict[tuple[type, ...], tuple[_Text, _Run]] = {}

    def all(self, *values: Any) -> list[Any]:
        """All rows, as named tuples."""
        text, cursor = self._executed(values)
        return text.rows(cursor.fetchall())

    def first(self, *values: Any) -> Any:
        """The first row or None; for queries that find at most one."""
        found = self.all(*values)
        return found[0] if found else None

    def run(self, *values: Any) -> int:
        """Execute an UPDATE or DELETE; returns the number of rows."""
        return int(self._executed(values)[1].rowcount)

    def _executed(self, values: Sequence[Any]) -> tuple[_Text, Any]:
        types = (type(database.obj), *map(type, values))
        known = self._runners.get(types)
        if known is None:
            text = self._text(values)
            if any(issubclass(each, _LISTS) for each in types):
                return text, text.run(values)
            changes = [to_micros if issubclass(each, datetime) else None for each in types[1:]]
            known = self._runners[types] = (text, text.runner(changes))
        text, run = known
        return text, run(values)

    def _text(self, values: Sequence[Any]) -> _Text:
        lengths = tuple([_room(len(v)) if isinstance(v, _LISTS) else None for v in values])
        shape = (type(database.obj), lengths)
        known = self._texts.get(shape)
        if known is None:
            slots = [_slots(number, length) for number, length in enumerate(lengths)]
            known = self._texts[shape] = _Text(self._build(*slots))
        return known


def insert_row(model: type[Table], **values: Any) -> int:
    """Insert a row and return its id, as ``model.insert(…).execute()`` does; cached SQL."""
    cursor = send_insert(model, [values])
    return int(cursor.fetchone()[0] if cursor.description else cursor.lastrowid)


def insert_rows(model: type[Table], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows with the same columns by cached SQL, up to a hundred per statement.

    Rows go in blocks of 100 and 10 and a remainder, so that few SQL texts are kept.
    """
    start = 0
    while left := len(rows) - start:
        size = next((most for most in _BLOCKS if most <= left), left)
        send_insert(model, rows[start : start + size])
        start += size


_Change = Callable[[Any], Any] | None
_inserts: dict[
    tuple[type, type[Table], tuple[str, ...], int, _Change], tuple[_Text, list[Field]]
] = {}
_of_one: dict[tuple[Any, ...], _Run] = {}


def send_insert(model: type[Table], rows: Sequence[dict[str, Any]], change: _Change = None) -> Any:
    """For the store: insert rows with the same columns; returns the cursor.

    ``change`` transforms the INSERT query (``ON CONFLICT …``); its SQL is cached as well.
    """
    if len(rows) == 1:
        (row,) = rows
        key = (type(database.obj), model, change, *row, *map(type, row.values()))
        run = _of_one.get(key)
        if run is None:
            text, fields = _insert_text(model, rows, change)
            types = map(type, row.values())
            changes = [_stored(*each) for each in zip(fields, types, strict=True)]
            run = _of_one[key] = text.runner(changes)
        return run([*row.values()])
    text, fields = _insert_text(model, rows, change)
    pairs = [pair for row in rows for pair in zip(fields, row.values(), strict=True)]
    return text.run([field.db_value(value) for field, value in pairs])


def _insert_text(
    model: type[Table], rows: Sequence[dict[str, Any]], change: _Change
) -> tuple[_Text, list[Field]]:
    names = tuple(rows[0])
    shape = (type(database.obj), model, names, len(rows), change)
    known = _inserts.get(shape)
    if known is None:
        number = count()
        slots = [
            {name: Value(_Slot(next(number)), converter=False) for name in names} for _ in rows
        ]
        query = model.insert_many(slots) if len(rows) > 1 else model.insert(**slots[0])
        text = _Text(change(query) if change else query)
        known = _inserts[shape] = (text, [model._meta.combined[name] for name in names])
    return known


def _stored(field: Field, kind: type) -> _Convert | None:
    """How a field converts values of exactly this type; None if it leaves them unchanged."""
    end = field.rel_field if isinstance(field, ForeignKeyField) else field
    if isinstance(end, UtcField) and issubclass(kind, datetime):
        return to_micros
    is_kept = kind is type(None) or type(end).adapt is _KEEPS.get(kind)
    if is_kept and type(end).db_value is Field.db_value:
        return None
    write: _Convert = field.db_value
    return write


_KEEPS = {int: IntegerField.adapt, str: CharField.adapt, bool: BooleanField.adapt}
"""Conversions that return a value of their own type unchanged."""


def prepared(build: Callable[..., Any]) -> Prepared:
    """Decorate a function from parameters to a query; its SQL is built once."""
    return Prepared(build)


def _room(length: int) -> int:
    return length if length <= _EACH_LENGTH else -(-length // _EACH_LENGTH) * _EACH_LENGTH


def _slots(number: int, length: int | None) -> Any:
    if length is None:
        return Value(_Slot(number), converter=False)
    return [Value(_Slot(number, part), converter=False) for part in range(length)]


def _picker(numbers: Sequence[int]) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    if len(numbers) == 1:
        (only,) = numbers
        return lambda values: (values[only],)
    return itemgetter(*numbers) if numbers else lambda _: ()


def _pieces(params: Sequence[Any]) -> list[_Piece]:
    """A built query's parameters: constants, single slots, and runs of slots of one list."""
    pieces: list[_Piece] = []
    for param in params:
        if not isinstance(param, _Slot):
            pieces.append((None, None, param))
        elif param.part is None:
            pieces.append((param.number, None, None))
        else:
            number, parts, _ = pieces[-1] if pieces else (None, None, None)
            if number == param.number and parts is not None and parts[1] == param.part:
                pieces[-1] = (number, (parts[0], param.part + 1), None)
            else:
                pieces.append((param.number, (param.part, param.part + 1), None))
    return pieces


def _plain(value: Any) -> Any:
    return to_micros(value) if isinstance(value, datetime) else value


def _several(values: Sequence[Any], start: int, end: int) -> Sequence[Any]:
    """A slice of a list of values, padded with the last value."""
    if end > len(values):
        values = [*values, *([values[-1]] * (end - len(values)))]
    part = values[start:end]
    return [_plain(value) for value in part] if isinstance(values[0], datetime) else part


def _name(column: Any) -> str:
    return str(getattr(column, "_alias", None) or getattr(column, "column_name", None) or "value")


def _converter(column: Any) -> _Convert | None:
    """How a field converts its column's value; None if it leaves it unchanged."""
    node = column
    while hasattr(node, "node"):
        node = node.node
    if not isinstance(node, Field) or isinstance(node, ForeignKeyField):
        return None
    if type(node).python_value is Field.python_value and not isinstance(node, BooleanField):
        return None
    convert: _Convert = node.python_value
    return convert
