"""Parses the text of a bill (账单): records, columns, totals.

WeChat puts a backtick before each value and neither quotes nor escapes anything. A value with a
line break or ``,``` in it therefore looks like several values. Such a record is set aside for a
person, and the rest is read. The bill's totals, which cover all records, check the result.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Generic, TypeVar

from domain.payments.ports import SetAside, Unreadable

Row = Mapping[str, str]
T = TypeVar("T")
RAW_MOST = 2000
FEW = 4
"""From this many records on, a bill is refused as a whole if most of them are unreadable."""

_START = re.compile(r"`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,`")
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,8})?", re.ASCII)


class BadBill(ValueError):
    """A bill, or one record of it, that can't be read although the bill's hash is right.

    ``facts`` are figures and short pieces of the bill.
    """

    def __init__(self, code: Unreadable, **facts: int | str) -> None:
        super().__init__(code, facts)
        self.code: Unreadable = code
        self.facts = facts


@dataclass(frozen=True)
class Layout(Generic[T]):
    """The layout of a kind of bill.

    ``count``: the total that counts the records; ``key``: what identifies a record.
    """

    name: str
    needed: tuple[str, ...]
    count: str
    read: Callable[[Row], T]
    key: Callable[[T], object]


@dataclass(frozen=True)
class Table(Generic[T]):
    """The records read, the records set aside, and the totals by name."""

    lines: tuple[T, ...]
    aside: tuple[SetAside, ...]
    totals: Row


@dataclass(frozen=True)
class _Record:
    number: int
    """The number of its first line in the file, from 1."""
    lines: tuple[str, ...]


def read_table(text: str, layout: Layout[T]) -> Table[T]:
    """Read a bill. Raises BadBill if it is malformed or its count does not agree."""
    lines = text.replace("\r\n", "\n").split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    if len(lines) < 3:
        raise BadBill("no_totals")
    head = _names(lines[0])
    if missing := [name for name in layout.needed if name not in head]:
        raise BadBill("no_column", column=missing[0])
    totals = _row(_names(lines[-2]), lines[-1])
    said = get(totals, layout.count)
    if not (said.isascii() and said.isdigit()):
        raise BadBill("count_unreadable", total=layout.count, said=said[:20])
    return _counted(lines[1:-2], head, int(said), layout, totals)


def _counted(
    body: Sequence[str], head: Sequence[str], said: int, layout: Layout[T], totals: Row
) -> Table[T]:
    """Split the body into records so that their count is right.

    First a record begins where a line begins with a time; if the count is wrong, by columns.
    """
    found = 0
    for records in (_by_start(body), _by_columns(body, len(head))):
        lines, aside = _read(records, head, layout)
        found = len(lines) + len(aside)
        twice = sum(each.reason == "duplicate" for each in aside)
        if found - twice <= said <= found:
            if found >= FEW and len(aside) * 2 > found:
                first = aside[0]
                raise BadBill("most_unreadable", unread=len(aside), records=found, line=first.line)
            return Table(tuple(lines), tuple(aside), totals)
    raise BadBill("count_differs", total=layout.count, stated=said, found=found)


def _read(
    records: Sequence[_Record], head: Sequence[str], layout: Layout[T]
) -> tuple[list[T], list[SetAside]]:
    lines: list[T] = []
    aside: list[SetAside] = []
    seen: set[object] = set()
    for record in records:
        try:
            line = layout.read(_only_row(head, record))
            if (key := layout.key(line)) in seen:
                raise BadBill("duplicate")
            seen.add(key)
            lines.append(line)
        except BadBill as error:
            raw = "\n".join(record.lines)[:RAW_MOST]
            aside.append(SetAside(layout.name, record.number, raw, error.code, error.facts))
    return lines, aside


def _by_start(body: Sequence[str]) -> list[_Record]:
    """Split where a line begins with a time; other lines belong to the record before."""
    records: list[list[str]] = []
    numbers: list[int] = []
    for number, line in enumerate(body, 2):
        if _START.match(line) or not records:
            records.append([line])
            numbers.append(number)
        else:
            records[-1].append(line)
    return [_Record(n, tuple(each)) for n, each in zip(numbers, records, strict=True)]


def _by_columns(body: Sequence[str], columns: int) -> list[_Record]:
    """Split when a record has all its columns, for values with a time after a line break."""
    records: list[_Record] = []
    left: list[str] = []
    start = 2
    for number, line in enumerate(body, 2):
        if not left and records and not line.startswith("`"):
            last = records.pop()
            records.append(_Record(last.number, (*last.lines, line)))
            continue
        if not left:
            start = number
        left.append(line)
        if "\n".join(left).count(",`") >= columns - 1:
            records.append(_Record(start, tuple(left)))
            left = []
    return [*records, _Record(start, tuple(left))] if left else records


def _only_row(head: Sequence[str], record: _Record) -> Row:
    if len(record.lines) > 1:
        raise BadBill("line_break")
    return _row(head, record.lines[0])


def _names(line: str) -> list[str]:
    """Column names without their unit: 收支金额(元) is 收支金额."""
    names = [name.strip().strip("`") for name in line.removeprefix("\ufeff").split(",")]
    return [name.partition("(")[0].partition("（")[0] for name in names]


def _row(head: Sequence[str], line: str) -> Row:
    if not line.startswith("`"):
        raise BadBill("no_backtick")
    values = [value.strip() for value in line[1:].split(",`")]
    if len(values) != len(head):
        raise BadBill("columns", found=len(values), expected=len(head))
    return dict(zip(head, values, strict=True))


def get(row: Row, name: str) -> str:
    """A value of a required column. Raises BadBill."""
    if name not in row:
        raise BadBill("no_column", column=name)
    return row[name]


def optional(row: Row, name: str) -> str:
    """A value; '' if the column is missing or holds ``0`` or ``/``, which mean none."""
    value = row.get(name, "")
    return "" if value in ("0", "/") else value


def to_fen(text: str) -> int:
    """Yuan with decimals as fen, rounded half up: a bill's fees have five decimals."""
    if not _NUMBER.fullmatch(text):
        raise BadBill("amount_unreadable", said=text[:20])
    return int((Decimal(text) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def exact(row: Row, name: str) -> int:
    """An amount in whole fen. Raises BadBill for a fraction of a fen."""
    text = get(row, name)
    fen = to_fen(text)
    if Decimal(text) * 100 != fen:
        raise BadBill("amount_unreadable", said=text[:20])
    return fen


def agree_fen(table: Table[T], name: str, found: int) -> None:
    """Check a total against the sum of the lines. Raises BadBill.

    With records set aside the total may be larger, because it covers them, but not smaller.
    """
    if name not in table.totals:
        return
    said = exact(table.totals, name)
    if said != found and (not table.aside or said < found):
        raise BadBill("total_differs", total=name, said_fen=said, found_fen=found)
