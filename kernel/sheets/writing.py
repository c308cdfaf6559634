"""Rows as a file, written as they come: xlsx by XlsxWriter, or CSV as spreadsheets read it."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from kernel.money import yuan

FORMULA = ("=", "+", "-", "@", "\t", "\r")
LONG_NUMBER = 12
"""A spreadsheet turns a number of so many digits in a CSV into 1.2E+15."""

KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}
_WIDTHS = {"code": 22, "money": 12, "number": 10, "when": 20, "day": 12, "state": 12}


class Column(NamedTuple):
    """A column of a file: its title, and its kind (text, code, money, number, when, day)."""

    title: str
    kind: str = "text"


class Sheet(AbstractContextManager[Any], Protocol):
    """A file that takes rows; whole once it was left without an error."""

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        """Write rows: of each column text, a count, fen, a day, or a naive local time."""


def sheet(kind: str, path: Path, columns: Sequence[Column], title: str) -> Sheet:
    """The writer of a kind: xlsx or csv."""
    return Workbook(path, columns, title) if kind == "xlsx" else Csv(path, columns)


def harmless(text: str) -> str:
    """Text that a spreadsheet takes for text: what begins like a formula gets an apostrophe.

    https://owasp.org/www-community/attacks/CSV_Injection
    """
    return f"'{text}" if text.startswith(FORMULA) else text


class Csv:
    """UTF-8 with a byte order mark, so that Excel reads it as such; times and sums as text."""

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow([column.title for column in columns])

    def __enter__(self) -> Csv:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        """Write rows."""
        for row in rows:
            self._writer.writerow(map(_plain, self._columns, row))


class Workbook:
    """One sheet in constant memory: text stays text, sums are numbers, times are times."""

    def __init__(self, path: Path, columns: Sequence[Column], title: str) -> None:
        import xlsxwriter  # 8 MB that only a file needs

        options = {
            "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
            "strings_to_numbers": False, "default_date_format": "yyyy-mm-dd hh:mm",
        }  # fmt: skip
        self._columns = columns
        self._book = xlsxwriter.Workbook(str(path), options)
        self._sheet = self._book.add_worksheet(title[:31])
        self._money = self._book.add_format({"num_format": "#,##0.00"})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        text = self._book.add_format({"num_format": "@"})
        head = self._book.add_format({"bold": True, "bottom": 1})
        self._sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            shape = text if column.kind == "code" else None  # what is typed there stays text
            self._sheet.set_column(place, place, _WIDTHS.get(column.kind, 24), shape)
            self._sheet.write_string(0, place, column.title, head)
        self._text = text
        self._next = 1

    def __enter__(self) -> Workbook:
        return self

    def __exit__(self, *_: object) -> None:
        self._book.close()

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        """Write rows."""
        for row in rows:
            for place, (column, value) in enumerate(zip(self._columns, row, strict=True)):
                self._write(place, column, value)
            self._next += 1

    def _write(self, place: int, column: Column, value: Any) -> None:
        match value:
            case "":
                pass
            case int() if column.kind == "money":
                self._sheet.write_number(self._next, place, value / 100, self._money)
            case bool():
                self._sheet.write_string(self._next, place, str(value))
            case int():
                self._sheet.write_number(self._next, place, value)
            case datetime():
                self._sheet.write_datetime(self._next, place, value)
            case date():
                self._sheet.write_datetime(self._next, place, value, self._day)
            case _:
                shape = self._text if column.kind == "code" else None
                self._sheet.write_string(self._next, place, str(value), shape)


def _plain(column: Column, value: Any) -> str:
    match value:
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M:%S")
        case int() if column.kind == "money":
            return yuan(value)
        case int():
            return str(value)
    text = harmless(str(value))
    return f"\t{text}" if text.isdigit() and len(text) >= LONG_NUMBER else text


def whole_file(
    kind: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]], title: str
) -> bytes:
    """A short file at once."""
    with tempfile.TemporaryDirectory(prefix="fenmall-sheet-") as folder:
        path = Path(folder) / "sheet"
        with sheet(kind, path, columns, title) as made:
            made.add(rows)
        return path.read_bytes()
