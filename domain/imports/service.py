"""Keeps an uploaded sheet, and carries out its rows: one transaction a row, each row once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from domain import audit, outbox
from domain.imports.rules import Looked, Save
from kernel import clock
from kernel.errors import Conflict, DomainError, NotFound
from kernel.store import lock_row, savepoint
from kernel.text import shortened
from models import SheetImport, SheetImportRow

ROWS_MOST = 5_000
KEPT_FOR = timedelta(days=30)
CONFIRM_WITHIN = timedelta(hours=24)
AT_ONCE = 250


def keep_import(page: str, name: str, actor: str, rows: Sequence[Looked]) -> int:
    """Keep a sheet as it was looked at; nothing is carried out yet. Returns its id."""
    now = clock.now()
    kept = SheetImport.create(
        page=page, name=shortened(name, 60, 120), made_by=actor, made_at=now, state="looked",
        rows_total=len(rows), expires_at=now + KEPT_FOR,
    )  # fmt: skip
    values = [
        {
            "sheet": kept.id, "number": row.number, "cells": dict(row.cells),
            "shown": dict(row.verdict.shown), "state": row.verdict.state,
            "leader": row.leader, "why": row.verdict.why, "cell": row.verdict.cell,
            "facts": dict(row.verdict.facts),
        }
        for row in rows
    ]  # fmt: skip
    for at in range(0, len(values), AT_ONCE):
        SheetImportRow.insert_many(values[at : at + AT_ONCE]).execute()
    return int(kept.id)


def begin_import(import_id: int, actor: str) -> None:
    """Somebody confirms their sheet (确认导入): it is on record, and the worker will see to it.

    Raises NotFound for another's, Conflict('import_begun', 'import_old', 'import_nothing').
    """
    row = lock_row(SheetImport, import_id)
    if row is None or row.made_by != actor:
        raise NotFound("import_gone")
    if row.state != "looked":
        raise Conflict("import_begun")
    now = clock.now()
    if row.made_at < now - CONFIRM_WITHIN:
        raise Conflict("import_old")
    good = (SheetImportRow.sheet == import_id) & (SheetImportRow.state == "good")
    count = SheetImportRow.select().where(good).count()
    if not count:
        raise Conflict("import_nothing")
    _change(import_id, state="running", begun_at=now)
    facts = {"list": row.page, "file": row.name, "rows": count}
    audit.record("sheet.import", "import", import_id, after=facts, actor=actor)
    outbox.enqueue("import.run", {"import_id": import_id}, order_key=f"import:{import_id}")


def carry_out_row(row_id: int, save: Save) -> None:
    """Carry out one row by ``save``, and keep what came of it, in one transaction.

    A row that was carried out before is left alone, so two workers do no harm. If ``save``
    refuses, nothing of it stays, and the row keeps the reason. A row that leads others is carried
    out with them, and ``save`` gets the cells of all as ``rows``; they share what comes of it.
    """
    row = lock_row(SheetImportRow, row_id)
    if row is None or row.state != "good" or row.leader not in (0, row.number):
        return
    ids, shown = [row_id], row.shown
    if row.leader:
        led = _led_by(row)
        ids, shown = [each.id for each in led], shown | {"rows": [each.cells for each in led]}
    try:
        with savepoint():
            save(row.cells, shown)
    except DomainError as error:
        _change_rows(
            ids, state="refused", why=error.code, cell=error.field or "",
            facts={name: value for name, value in error.facts.items()
                   if isinstance(value, int | str)},
        )  # fmt: skip
    else:
        _change_rows(ids, state="done")


def finish_import(import_id: int) -> None:
    """All rows are carried out or refused."""
    waits = (SheetImport.id == import_id) & (SheetImport.state == "running")
    SheetImport.update(state="done", ended_at=clock.now()).where(waits).execute()


def stop_import(import_id: int, why: str) -> None:
    """The rest is not carried out: ``right_missing``."""
    _change(import_id, state="stopped", why=why, ended_at=clock.now())


def delete_expired_imports(limit: int = 20) -> int:
    """Delete sheets and their rows thirty days after the upload; returns how many sheets."""
    past = SheetImport.select(SheetImport.id).where(SheetImport.expires_at <= clock.now())
    ids = [row.id for row in past.order_by(SheetImport.expires_at).limit(limit)]
    if ids:
        SheetImportRow.delete().where(SheetImportRow.sheet.in_(ids)).execute()
        SheetImport.delete().where(SheetImport.id.in_(ids)).execute()
    return len(ids)


def _change(import_id: int, **values: object) -> None:
    SheetImport.update(**values).where(SheetImport.id == import_id).execute()


def _change_rows(ids: Sequence[int], **values: object) -> None:
    SheetImportRow.update(**values).where(SheetImportRow.id.in_(list(ids))).execute()


def _led_by(row: Any) -> list[Any]:
    mine = (SheetImportRow.sheet == row.sheet_id) & (SheetImportRow.leader == row.number)
    good = SheetImportRow.state == "good"
    return list(SheetImportRow.select().where(mine & good).order_by(SheetImportRow.number))
