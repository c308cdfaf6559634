"""Reads a sheet that somebody filled in: finds its head, and each row's cells by heading."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kernel.errors import Invalid
from kernel.sheets.cells import HEAD_WITHIN, Cell, Grid
from kernel.sheets.delimited import cell_of_text, grid_of_text
from kernel.sheets.xlsx import grids_of_workbook
from kernel.text import clean_line

BYTES_MOST = 8 * 1024 * 1024
CELL_MOST = 500
_EXPONENT = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+?[0-9]{1,3}")
_ASIDE = re.compile(r"[（(【\[].*?[)）】\]]|[\s*＊:：]")
_PARTED = re.compile(r"[\s,，、;；|]+")
_OTHERS = (
    (b"%PDF", "sheet_kind"), (b"\xd0\xcf\x11\xe0", "sheet_xls"), (b"\x89PNG", "sheet_kind"),
    (b"\xff\xd8\xff", "sheet_kind"), (b"Rar!", "sheet_zip"), (b"7z\xbc\xaf", "sheet_zip"),
    (b"\x1f\x8b", "sheet_zip"),
)  # fmt: skip


@dataclass(frozen=True)
class Heading:
    """A column that a sheet should have: our title, and others by which people call it.

    A ``code`` (order's or parcel's number) has to be the text that was typed; of other columns a
    date or a decimal number is as good as a text. A sheet may lack columns that are not needed;
    their cells are empty then. A cell is cut after ``most`` characters.
    """

    name: str
    title: str
    also: tuple[str, ...] = ()
    is_code: bool = False
    is_needed: bool = True
    most: int = CELL_MOST

    @property
    def known(self) -> frozenset[str]:
        """The titles by which it is found."""
        return frozenset(_plain(each) for each in (self.title, *self.also))


@dataclass(frozen=True)
class SheetRow:
    """A row under the head: its number in the sheet, and its cells by heading, cleaned."""

    number: int
    cells: Mapping[str, Cell]

    @property
    def texts(self) -> dict[str, str]:
        """The cells' texts."""
        return {name: cell.text for name, cell in self.cells.items()}

    @property
    def faults(self) -> dict[str, str]:
        """What is wrong with cells, by heading."""
        return {name: cell.fault for name, cell in self.cells.items() if cell.fault}


def read_sheet(body: bytes, headings: Sequence[Heading], rows_most: int) -> list[SheetRow]:
    """The rows of an xlsx or of delimited text under the head that has all needed headings.

    Of several sheets the one with the head is read; two of them are refused, so that none is
    passed over in silence.

    Raises Invalid: sheet_too_large, sheet_empty, sheet_kind, sheet_xls, sheet_ods, sheet_xlsb,
    sheet_zip, sheet_html, sheet_locked, sheet_too_big, sheet_broken, sheet_encoding,
    sheet_several, sheet_headless, sheet_columns_missing, sheet_column_twice, sheet_head_merged,
    sheet_rowless, sheet_too_long.
    """
    if len(body) > BYTES_MOST:
        raise Invalid("sheet_too_large", "file", limit=BYTES_MOST // 2**20)
    grids = [grid for grid in _grids(body, rows_most) if grid.rows]
    headed = [grid for grid in grids if _has_head(grid, headings)]
    if len(headed) > 1:
        raise Invalid("sheet_several", "file", count=len(headed))
    if not grids:
        raise Invalid("sheet_empty", "file")
    return _rows((headed or grids)[0], headings, rows_most)


def read_lines(text: str, headings: Sequence[Heading], rows_most: int) -> list[SheetRow]:
    """Pasted lines (粘贴): cells of a spreadsheet with or without the head, or typed words.

    Without a head the cells stand in the order of ``headings``. Typed words are parted by spaces
    or commas; the first is the first cell, the last the last one. Raises Invalid as read_sheet.
    """
    try:
        return _pasted(text, headings, rows_most)
    except Invalid as error:
        raise Invalid(error.code, "lines", **error.facts) from None


def _pasted(text: str, headings: Sequence[Heading], rows_most: int) -> list[SheetRow]:
    lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        raise Invalid("sheet_empty", "lines")
    first = [_plain(part) for part in lines[0][1].split("\t")]
    if sum(part in each.known for part in first for each in headings) > 1:
        return _rows(grid_of_text(text.encode(), rows_most), headings, rows_most)
    rows = [(n, dict(enumerate(_parts(line, len(headings))))) for n, line in lines]
    return list(_below(Grid(rows), headings, dict(enumerate(headings)), rows_most))


def _parts(line: str, count: int) -> Iterator[Cell]:
    parts = line.split("\t")
    if len(parts) == 1:
        words = _PARTED.split(line.strip())
        head, middle, last = words[:1], words[1 : len(words) - 1], words[1:][-1:]
        parts = [*head, " ".join(middle), *last] if count == 3 else words
    return (cell_of_text(part) for part in parts[:count])


def _grids(body: bytes, rows_most: int) -> list[Grid]:
    if not body.strip():
        raise Invalid("sheet_empty", "file")
    if body.startswith(b"PK"):
        return grids_of_workbook(body, rows_most)
    for magic, code in _OTHERS:
        if body.startswith(magic):
            raise Invalid(code, "file")
    if body[:200].lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith((b"<html", b"<!doc", b"<?xml",
                                                                      b"<table")):  # fmt: skip
        raise Invalid("sheet_html", "file")
    return [grid_of_text(body, rows_most)]


def _rows(grid: Grid, headings: Sequence[Heading], rows_most: int) -> list[SheetRow]:
    at, places = _head(grid, headings)
    number, _ = grid.rows[at]
    for top, left, bottom, right in grid.merged:
        if top <= number <= bottom and left < right:
            for place in range(left, right + 1):
                if place in places:
                    raise Invalid("sheet_head_merged", "file", title=places[place].title)
    if grid.is_over(rows_most):
        raise Invalid("sheet_too_long", "file", limit=rows_most)
    below = Grid(grid.rows[at + 1 :], grid.merged)
    return list(_below(below, headings, places, rows_most))


def _has_head(grid: Grid, headings: Sequence[Heading]) -> bool:
    """True if one of the first rows has all headings."""
    titles = (
        {_plain(cell.text) for cell in cells.values()} for _, cells in grid.rows[:HEAD_WITHIN]
    )
    needed = [each for each in headings if each.is_needed]
    return any(all(each.known & found for each in needed) for found in titles)


def _head(grid: Grid, headings: Sequence[Heading]) -> tuple[int, dict[int, Heading]]:
    """Which row is the head, and which of its columns is which heading."""
    best: dict[int, Heading] = {}
    for at, (_, cells) in enumerate(grid.rows[:HEAD_WITHIN]):
        plain = {place: _plain(cell.text) for place, cell in cells.items()}
        found = {
            place: each for place, text in plain.items() for each in headings
            if text in each.known
        }  # fmt: skip
        names = [each.name for each in found.values()]
        for each in headings:
            if names.count(each.name) > 1 and len(set(names)) > 1:
                raise Invalid("sheet_column_twice", "file", title=each.title)
        if all(each.name in names for each in headings if each.is_needed):
            return at, found
        best = max(best, found, key=len)
    if not best:
        titles = "、".join(each.title for each in headings)
        raise Invalid("sheet_headless", "file", titles=titles)
    known = {each.name for each in best.values()}
    missing = "、".join(x.title for x in headings if x.is_needed and x.name not in known)
    raise Invalid("sheet_columns_missing", "file", titles=missing)


def _below(
    grid: Grid, headings: Sequence[Heading], places: Mapping[int, Heading], rows_most: int
) -> Iterator[SheetRow]:
    hidden = set(_hidden(grid, places))
    count = 0
    for number, cells in grid.rows:
        kept = {
            each.name: _cell(each, cells.get(place, Cell("")), (number, place) in hidden)
            for place, each in places.items()
        }
        kept = {each.name: kept.get(each.name, Cell("")) for each in headings}
        if not any(cell.text or cell.fault for cell in kept.values()):
            continue
        count += 1
        if count > rows_most:
            raise Invalid("sheet_too_long", "file", limit=rows_most)
        yield SheetRow(number, kept)
    if not count:
        raise Invalid("sheet_rowless", "file")


def _cell(heading: Heading, cell: Cell, is_hidden: bool) -> Cell:
    text = clean_line(cell.text[: heading.most * 4])[: heading.most]
    if is_hidden and not text:
        return Cell("", "merged")
    if heading.is_code and not cell.fault and _EXPONENT.fullmatch(text):
        return Cell(text, "exponent")
    is_odd = cell.fault in ("error", "formula", "exponent", "number_cut")
    return Cell(text, cell.fault if heading.is_code or is_odd else "")


def _hidden(grid: Grid, columns: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Places below the head that a merged cell of several rows hides."""
    wanted, known = set(columns), {number for number, _ in grid.rows}
    for top, left, bottom, right in grid.merged:
        places = [place for place in wanted if left <= place <= right]
        rows = [n for n in range(top, min(bottom, top + len(known) * 2) + 1) if n in known]
        yield from ((n, place) for n in rows for place in places if (n, place) != (top, left))


def _plain(title: str) -> str:
    """A title for comparing: '快递单号*（必填）' → '快递单号'."""
    return _ASIDE.sub("", clean_line(title[:80])).casefold()
