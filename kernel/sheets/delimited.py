"""Delimited text: CSV in UTF-8 or GB18030, as Excel in China writes it, and Unicode text."""

from __future__ import annotations

import csv
import io
import re

from kernel.errors import Invalid
from kernel.sheets.cells import Cell, Grid

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_QUOTED = re.compile(r'="([^"]*)"')
_MARKS = "\t,;|"
_HEAD = 20


def grid_of_text(body: bytes, rows_most: int) -> Grid:
    """The cells of a text. Raises Invalid('sheet_encoding', 'sheet_broken')."""
    text = _decoded(body)
    mark = _mark_of(text)
    grid = Grid()
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=mark), 1):
            cells = {at: cell_of_text(each) for at, each in enumerate(row) if each.strip()}
            if cells:
                grid.rows.append((number, cells))
            if grid.is_over(rows_most):
                break
    except csv.Error:
        raise Invalid("sheet_broken", "file") from None
    return grid


def cell_of_text(text: str) -> Cell:
    """A field: ``="0123"`` is a way to keep digits as text, any other formula has no result."""
    plain = text.strip()
    if found := _QUOTED.fullmatch(plain):
        return Cell(found[1])
    if plain.startswith("="):
        return Cell(plain, "formula")
    if plain.startswith("#") and plain.rstrip("!?").isupper() and plain[1:2].isalpha():
        return Cell(plain, "error")
    return Cell(plain.removeprefix("'"))


def _decoded(body: bytes) -> str:
    named = [encoding for bom, encoding in _BOMS if body.startswith(bom)]
    for encoding in named or ("utf-8", "gb18030"):
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Invalid("sheet_encoding", "file")


def _mark_of(text: str) -> str:
    """The separator: of the usual ones the one that stands most often in the first lines."""
    head = "\n".join(text.splitlines()[:_HEAD])
    return max(_MARKS, key=lambda mark: (head.count(mark), mark == ","))
