"""Sheets for tests: workbooks as XlsxWriter makes them, and ones that were tampered with."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import xlsxwriter

HEAD = ("订单号", "快递公司", "快递单号")


def workbook(
    rows: Sequence[Sequence[Any]], *, head: Sequence[str] = HEAD,
    more: Callable[[Any, Any], None] | None = None,
) -> bytes:  # fmt: skip
    """A workbook with a head and rows; ``more`` is given the book and its sheet."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"strings_to_formulas": False})
    sheet = book.add_worksheet("发货")
    for at, row in enumerate([head, *rows]):
        sheet.write_row(at, 0, row)
    if more is not None:
        more(book, sheet)
    book.close()
    return out.getvalue()


def text_file(
    rows: Sequence[Sequence[str]], encoding: str = "utf-8-sig", mark: str = ",",
    head: Sequence[str] = HEAD,
) -> bytes:  # fmt: skip
    """A delimited text."""
    out = io.StringIO()
    csv.writer(out, delimiter=mark).writerows([head, *rows])
    return out.getvalue().encode(encoding)


def changed(body: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook with one of its parts changed, or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
        if part not in old.namelist():
            new.writestr(part, change(b""))
    return out.getvalue()


def archive(**parts: bytes) -> bytes:
    """A zip with these parts; ``__`` stands for a slash, ``_`` for a dot."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", 8) as made:
        for name, body in parts.items():
            made.writestr(name.replace("__", "/").replace("_", "."), body)
    return out.getvalue()
