"""Spreadsheets that people send and get (表格): xlsx and delimited text, read and written.

What is read is hostile until proven otherwise: sizes are bounded before anything is unpacked, and
a cell that is not what its reader sees is marked and never guessed.
"""

from kernel.sheets.cells import Cell, Grid
from kernel.sheets.reading import (
    BYTES_MOST,
    Heading,
    SheetRow,
    read_lines,
    read_sheet,
)
from kernel.sheets.writing import KINDS, Column, Sheet, harmless, sheet, whole_file

__all__ = [
    "BYTES_MOST", "KINDS", "Cell", "Column", "Grid", "Heading", "Sheet", "SheetRow", "harmless",
    "read_lines", "read_sheet", "sheet", "whole_file",
]  # fmt: skip
