"""Uploaded sheets (导入): each row is looked at, shown, and carried out once. See ADR 0077."""

from domain.imports.erasing import PERSONAL
from domain.imports.flows import carry_out_import
from domain.imports.queries import (
    ImportRow,
    ImportView,
    list_own_imports,
    list_rows,
    own_import,
    running_import,
)
from domain.imports.rules import (
    ROW_STATES,
    STATES,
    TO_MEND,
    Check,
    Group,
    Looked,
    RowState,
    Save,
    Verdict,
    look_at,
)
from domain.imports.service import (
    ROWS_MOST,
    begin_import,
    delete_expired_imports,
    keep_import,
    stop_import,
)

__all__ = [
    "PERSONAL", "ROWS_MOST", "ROW_STATES", "STATES", "TO_MEND", "Check", "Group", "ImportRow",
    "ImportView", "Looked", "RowState", "Save", "Verdict", "begin_import", "carry_out_import",
    "delete_expired_imports", "keep_import", "list_own_imports", "list_rows", "look_at",
    "own_import", "running_import", "stop_import",
]  # fmt: skip
