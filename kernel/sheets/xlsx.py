"""The visible sheets of a workbook (xlsx), read as a stream and without trust.

Our own reader, because a library hides what has to be told: #N/A and formulas without a result
come out of it as empty cells, long numbers rounded, and one long text in a million cells as a
million texts in memory (ADR 0077). Names of elements are compared without their namespaces, as
programs use the transitional and the strict ones.
"""

from __future__ import annotations

import contextlib
import io
import lzma
import posixpath
import re
import struct
import zipfile
import zlib
from typing import Any
from xml.parsers import expat

from kernel.errors import Invalid
from kernel.sheets.cells import Cell, Grid, number_cell

UNPACKED_MOST = 48 * 1024 * 1024
PARTS_MOST = 1000
_PIECE = 64 * 1024
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_DATE_FORMATS = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
_DATE_LETTERS = re.compile(r"[ymdhs年月日]", re.IGNORECASE)
_NOT_IN_FORMAT = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, expat.ExpatError, EOFError,
    LookupError, ValueError, NotImplementedError, RuntimeError, OSError,
)  # fmt: skip
Attributes = dict[str, str]


def grids_of_workbook(body: bytes, rows_most: int) -> list[Grid]:
    """The cells of each visible sheet, up to as many rows as may be read.

    Raises Invalid('sheet_broken', 'sheet_too_big', 'sheet_locked', 'sheet_ods', 'sheet_xlsb',
    'sheet_zip').
    """
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            _check(archive)
            return _sheets(archive, rows_most)
    except _BROKEN:
        raise Invalid("sheet_broken", "file") from None


def _check(archive: zipfile.ZipFile) -> None:
    """Refuse other kinds of files and bombs; ``zipfile`` reads no more than a part declares."""
    names = set(archive.namelist())
    if "xl/workbook.bin" in names:
        raise Invalid("sheet_xlsb", "file")
    if "xl/workbook.xml" not in names:
        raise Invalid("sheet_ods" if "content.xml" in names else "sheet_zip", "file")
    parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise Invalid("sheet_locked", "file")
    if len(parts) > PARTS_MOST or sum(part.file_size for part in parts) > UNPACKED_MOST:
        raise Invalid("sheet_too_big", "file")


def _sheets(archive: zipfile.ZipFile, rows_most: int) -> list[Grid]:
    book, links = _Workbook(), _Links()
    _parse(archive, "xl/workbook.xml", book)
    _parse(archive, "xl/_rels/workbook.xml.rels", links)
    names = set(archive.namelist())
    strings, styles = _Strings(), _Styles()
    for kind, reader in (("sharedStrings", strings), ("styles", styles)):
        if (place := links.by_kind.get(kind)) in names:
            _parse(archive, place, reader)
    # each part once: a thousand sheets may name the same one
    targets = dict.fromkeys(links.by_id[link] for link in book.sheets if link in links.by_id)
    if not targets:
        raise ValueError("no sheet to see")
    return [
        _grid(archive, target, _SheetCells(strings.found, styles.dates, rows_most))
        for target in targets
    ]


def _grid(archive: zipfile.ZipFile, target: str, cells: _SheetCells) -> Grid:
    with contextlib.suppress(_Enough):
        _parse(archive, target, cells)
    cells.grid.merged = tuple(cells.merged)
    return cells.grid


class _Enough(Exception):
    """Enough rows were read."""


class _Reader:
    """Takes the elements of one part; ``text`` gathers what stands in ``gathers``."""

    gathers: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self.text: list[str] = []
        self._within = 0

    def begin(self, name: str, at: Attributes) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def on_start(self, name: str, at: Attributes) -> None:
        """Called by the parser."""
        local = name.rpartition(" ")[2]
        self._within += local in self.gathers
        self.begin(local, {key.rpartition(" ")[2]: value for key, value in at.items()})

    def on_end(self, name: str) -> None:
        """Called by the parser."""
        local = name.rpartition(" ")[2]
        self._within -= local in self.gathers
        self.end(local)

    def on_text(self, text: str) -> None:
        """Called by the parser."""
        if self._within:
            self.text.append(text)

    def taken(self) -> str:
        """What was gathered since the last call."""
        text = "".join(self.text)
        self.text.clear()
        return text


def _parse(archive: zipfile.ZipFile, part: str, reader: _Reader) -> None:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = reader.on_start
    parser.EndElementHandler = reader.on_end
    parser.CharacterDataHandler = reader.on_text
    with archive.open(part) as stream:
        while piece := stream.read(_PIECE):
            parser.Parse(piece, False)
    parser.Parse(b"", True)


def _refuse(*_: Any) -> None:
    raise ValueError("a workbook has no DOCTYPE")


class _Workbook(_Reader):
    """The links of the visible sheets, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[str] = []

    def begin(self, name: str, at: Attributes) -> None:
        if name == "sheet" and at.get("state", "visible") == "visible":
            self.sheets.append(at.get("id", ""))


class _Links(_Reader):
    """Where the parts lie."""

    def __init__(self) -> None:
        super().__init__()
        self.by_id: dict[str, str] = {}
        self.by_kind: dict[str, str] = {}

    def begin(self, name: str, at: Attributes) -> None:
        if name == "Relationship" and at.get("TargetMode") != "External":
            place = posixpath.normpath(posixpath.join("/xl", at["Target"])).lstrip("/")
            kind = at.get("Type", "").rpartition("/")[2]
            self.by_kind[kind] = place
            if kind == "worksheet":
                self.by_id[at["Id"]] = place


class _Strings(_Reader):
    """The shared texts; phonetic readings (rPh) are no part of them."""

    gathers = frozenset({"t"})

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._aside = 0

    def begin(self, name: str, at: Attributes) -> None:
        self._aside += name == "rPh"

    def on_text(self, text: str) -> None:
        if not self._aside:
            super().on_text(text)

    def end(self, name: str) -> None:
        self._aside -= name == "rPh"
        if name == "si":
            self.found.append(_unescaped(self.taken()))


class _Styles(_Reader):
    """Which styles show a number as a date."""

    def __init__(self) -> None:
        super().__init__()
        self.dates: set[int] = set()
        self._own: set[int] = set()
        self._count = -1

    def begin(self, name: str, at: Attributes) -> None:
        if name == "numFmt":
            shown = _NOT_IN_FORMAT.sub("", at.get("formatCode", ""))
            if _DATE_LETTERS.search(shown):
                self._own.add(int(at["numFmtId"]))
        elif name == "cellXfs":
            self._count = 0
        elif name == "xf" and self._count >= 0:
            number = int(at.get("numFmtId", "0"))
            if number in self._own or number in _DATE_FORMATS:
                self.dates.add(self._count)
            self._count += 1

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._count = -1


class _SheetCells(_Reader):
    """The cells of a sheet; texts are shared, however many cells show one."""

    gathers = frozenset({"v", "t"})

    def __init__(self, strings: list[str], dates: set[int], rows_most: int) -> None:
        super().__init__()
        self.grid = Grid()
        self.merged: list[tuple[int, int, int, int]] = []
        self._strings, self._dates, self._most = strings, dates, rows_most
        self._row, self._column = 0, -1
        self._cells: dict[int, Cell] = {}
        self._at: Attributes = {}
        self._has_formula = False

    def begin(self, name: str, at: Attributes) -> None:
        if name == "row":
            self._row = int(at.get("r") or self._row + 1)
            self._column, self._cells = -1, {}
        elif name == "c":
            self._column = _place(at["r"])[1] if "r" in at else self._column + 1
            self._at, self._has_formula = at, False
            self.text.clear()
        elif name == "f":
            self._has_formula = True
        elif name == "mergeCell" and len(self.merged) <= self._most:
            first, _, last = at["ref"].partition(":")
            self.merged.append((*_place(first), *_place(last or first)))

    def end(self, name: str) -> None:
        if name == "c":
            cell = self._cell(self.taken())
            if cell.text.strip() or cell.fault:
                self._cells[self._column] = cell
        elif name == "row" and self._cells:
            self.grid.rows.append((self._row, self._cells))
            if self.grid.is_over(self._most):
                raise _Enough

    def _cell(self, raw: str) -> Cell:
        kind = self._at.get("t", "n")
        if kind == "e":
            return Cell(raw, "error")
        if not raw:
            return Cell("", "formula" if self._has_formula and kind != "str" else "")
        match kind:
            case "s":
                return Cell(self._strings[int(raw)])
            case "b":
                return Cell("TRUE" if raw.strip() == "1" else "FALSE", "flag")
            case "d":
                return Cell(raw, "date")
            case "n":
                return self._number(raw)
        return Cell(_unescaped(raw))

    def _number(self, raw: str) -> Cell:
        is_date = int(self._at.get("s", "0")) in self._dates
        return Cell(raw, "date") if is_date else number_cell(raw)


def _place(ref: str) -> tuple[int, int]:
    """'C7' → (7, 2)."""
    found = _PLACE.fullmatch(ref.replace("$", ""))
    if found is None:
        raise ValueError(ref)
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column - 1


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
