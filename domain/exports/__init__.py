"""Lists as files (导出): who asked for which, how far each is, how long it lies."""

from domain.exports.service import (
    AT_ONCE_ROWS,
    RIGHT,
    XLSX_ROWS,
    Asked,
    ExportView,
    ask,
    begin,
    fail,
    finish,
    list_own,
    own_file,
    progress,
    put_on_record,
    sweep,
)

__all__ = [
    "AT_ONCE_ROWS", "RIGHT", "XLSX_ROWS", "Asked", "ExportView", "ask", "begin", "fail",
    "finish", "list_own", "own_file", "progress", "put_on_record",
    "sweep",
]  # fmt: skip
