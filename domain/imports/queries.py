"""Reads of uploaded sheets; somebody sees only their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from domain.imports.rules import RowState
from kernel.errors import NotFound
from models import SheetImport, SheetImportRow


@dataclass(frozen=True)
class ImportView:
    """A sheet with its rows counted by state."""

    id: int
    page: str
    name: str
    made_by: str
    made_at: datetime
    state: str
    why: str
    total: int
    counts: Mapping[str, int]
    ended_at: datetime | None

    def count(self, *states: RowState) -> int:
        """How many rows are in these states."""
        return sum(self.counts.get(state, 0) for state in states)


@dataclass(frozen=True)
class ImportRow:
    """A row of a sheet, and what came of it."""

    id: int
    number: int
    cells: Mapping[str, str]
    shown: Mapping[str, Any]
    state: str
    why: str
    cell: str
    facts: Mapping[str, Any]


def own_import(import_id: int, page: str, actor: str) -> ImportView:
    """A sheet that somebody uploaded. Raises NotFound('import_gone'), for another's too."""
    mine = (SheetImport.id == import_id) & (SheetImport.made_by == actor)
    row = SheetImport.get_or_none(mine & (SheetImport.page == page))
    if row is None:
        raise NotFound("import_gone")
    return _view(row)


def running_import(import_id: int) -> tuple[str, str] | None:
    """The page of a confirmed sheet and who sent it; None if nothing is left to do."""
    row = SheetImport.get_or_none((SheetImport.id == import_id) & (SheetImport.state == "running"))
    return None if row is None else (row.page, row.made_by)


def list_own_imports(page: str, actor: str, limit: int = 10) -> list[ImportView]:
    """Somebody's last sheets for a page, newest first."""
    query = SheetImport.select().where((SheetImport.made_by == actor) & (SheetImport.page == page))
    return [_view(row) for row in query.order_by(SheetImport.id.desc()).limit(limit)]


def list_rows(
    import_id: int, states: Sequence[RowState], *, after: int = 0, limit: int = 100
) -> list[ImportRow]:
    """Rows in these states, in the order of the sheet, after a row's number."""
    chosen = (SheetImportRow.sheet == import_id) & SheetImportRow.state.in_(list(states))
    query = SheetImportRow.select().where(chosen & (SheetImportRow.number > after))
    return [
        ImportRow(r.id, r.number, r.cells, r.shown, r.state, r.why, r.cell, r.facts)
        for r in query.order_by(SheetImportRow.number).limit(limit)
    ]


def rows_to_do(import_id: int, limit: int = 50) -> list[int]:
    """The ids of rows that are still to be carried out, if the sheet was confirmed."""
    if SheetImport.get_by_id(import_id).state != "running":
        return []
    chosen = (SheetImportRow.sheet == import_id) & (SheetImportRow.state == "good")
    query = SheetImportRow.select(SheetImportRow.id).where(chosen)
    return [row.id for row in query.order_by(SheetImportRow.number).limit(limit)]


def _view(row: Any) -> ImportView:
    query: Any = (
        SheetImportRow.select(SheetImportRow.state, fn.COUNT(SheetImportRow.id))
        .where(SheetImportRow.sheet == row.id)
        .group_by(SheetImportRow.state)
        .tuples()
    )
    counts = {state: int(n) for state, n in query}
    return ImportView(
        row.id, row.page, row.name, row.made_by, row.made_at, row.state, row.why or "",
        row.rows_total, counts, row.ended_at,
    )  # fmt: skip
