"""Lists as files (导出): who asked for which, how far each is, how long it lies."""

from domain.exports.erasing import PERSONAL
from domain.exports.service import (
    AT_ONCE_ROWS,
    RIGHT,
    XLSX_ROWS,
    ExportRequest,
    ExportView,
    begin_export,
    delete_expired,
    fail_export,
    finish_export,
    list_own,
    own_export,
    queue_export,
    record_export,
    record_progress,
)

__all__ = [
    "AT_ONCE_ROWS", "PERSONAL", "RIGHT", "XLSX_ROWS", "ExportRequest", "ExportView",
    "begin_export", "delete_expired", "fail_export", "finish_export", "list_own", "own_export",
    "queue_export", "record_export", "record_progress",
]  # fmt: skip
