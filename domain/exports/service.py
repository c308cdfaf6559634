"""Keeps account of exported lists: an audit line first, then a file that somebody may fetch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from domain import audit, outbox
from kernel import clock
from kernel.errors import NotFound
from models import ExportFile

RIGHT = "lists.export"
AT_ONCE_ROWS = 5_000
"""A list of at most so many rows is answered at once; a longer one is made by the worker."""

XLSX_ROWS = 100_000
"""A longer list is a CSV: spreadsheets open it, and nobody waits for a workbook of that size."""

KEPT_FOR = timedelta(hours=24)
LOOKED_BACK = 10


@dataclass(frozen=True)
class ExportRequest:
    """A list that was asked for as a file: its page's key, the view and the filters."""

    page: str
    title: str
    kind: str  # xlsx or csv
    query: Mapping[str, str]


State = Literal["waiting", "making", "ready", "failed"]
Shown = Literal["waiting", "making", "ready", "failed", "expired"]
Why = Literal["too_many_rows", "right_missing"]
"""Why a file was not made; an unforeseen error has no code."""


@dataclass(frozen=True)
class ExportView:
    """A file as its owner's page shows it."""

    id: int
    asked: ExportRequest
    asked_at: datetime
    state: Shown
    rows: int
    bytes: int
    why: str
    expires_at: datetime


def record_export(asked: ExportRequest, actor: str) -> None:
    """An export is on record before the first row is read (操作日志)."""
    facts = {"list": asked.page, "format": asked.kind, **asked.query}
    audit.record("list.export", "export", asked.page, after=facts, actor=actor)


def queue_export(asked: ExportRequest, actor: str) -> int:
    """Queue a file for the worker; returns its id. The caller has written the audit line.

    The same list that is still being made for the same person is not made twice.
    """
    now = clock.now()
    for each in list_own(actor, limit=LOOKED_BACK):
        if each.state in ("waiting", "making") and each.asked == asked:
            return each.id
    row = ExportFile.create(
        page=asked.page, title=asked.title, kind=asked.kind, query=dict(asked.query),
        asked_by=actor, asked_at=now, state="waiting", expires_at=now + KEPT_FOR,
    )  # fmt: skip
    outbox.enqueue("export.make", {"export_id": row.id}, order_key=f"export:{actor}")
    return int(row.id)


def begin_export(export_id: int) -> tuple[ExportRequest, str] | None:
    """The worker begins a file, or begins it again after a crash; None if nobody waits for it."""
    row = ExportFile.get_or_none(ExportFile.id == export_id)
    if row is None or row.state in ("ready", "failed") or row.expires_at <= clock.now():
        return None
    _change(export_id, state="making", rows_done=0)
    return _asked(row), row.asked_by


def record_progress(export_id: int, rows: int) -> None:
    """So many rows are written."""
    _change(export_id, rows_done=rows)


def finish_export(export_id: int, file: str, rows: int, size: int) -> None:
    """The file is whole. ``file`` is its private name, ``size`` its bytes."""
    now = clock.now()
    _change(
        export_id, state="ready", file=file, rows_done=rows, bytes=size, made_at=now,
        expires_at=now + KEPT_FOR,
    )  # fmt: skip


def fail_export(export_id: int, why: Why) -> None:
    """The file can't be made: ``too_many_rows`` or ``right_missing``."""
    _change(export_id, state="failed", why=why)


def list_own(actor: str, *, before_id: int | None = None, limit: int = 50) -> list[ExportView]:
    """Somebody's own files, newest first."""
    query = ExportFile.select().where(ExportFile.asked_by == actor)
    if before_id is not None:
        query = query.where(ExportFile.id < before_id)
    return [_view(row) for row in query.order_by(ExportFile.id.desc()).limit(limit)]


def own_export(export_id: int, actor: str) -> tuple[ExportView, str]:
    """A file that somebody asked for, and its private name.

    Raises NotFound for another's, for one that is not whole yet, and for one that has expired.
    """
    row = ExportFile.get_or_none((ExportFile.id == export_id) & (ExportFile.asked_by == actor))
    if row is None or (view := _view(row)).state != "ready":
        raise NotFound("export_gone")
    return view, row.file


def delete_expired(limit: int = 200) -> list[str]:
    """Rows past their time go; answers the private names of their files, which go with them."""
    past = ExportFile.expires_at <= clock.now() - KEPT_FOR
    rows = list(ExportFile.select().where(past).order_by(ExportFile.expires_at).limit(limit))
    if rows:
        ExportFile.delete().where(ExportFile.id.in_([row.id for row in rows])).execute()
    return [row.file for row in rows if row.file]


def _change(export_id: int, **values: object) -> None:
    ExportFile.update(**values).where(ExportFile.id == export_id).execute()


def _asked(row: ExportFile) -> ExportRequest:
    return ExportRequest(row.page, row.title, row.kind, row.query)


def _view(row: ExportFile) -> ExportView:
    is_over = row.expires_at <= clock.now() and row.state != "failed"
    return ExportView(
        row.id, _asked(row), row.asked_at, "expired" if is_over else row.state, row.rows_done,
        row.bytes, row.why or "", row.expires_at,
    )  # fmt: skip
