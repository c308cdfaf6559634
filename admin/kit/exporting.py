"""Exports a list as a file: a short list at once, a long one through the worker."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from aiohttp import web

from admin.guard import staff_of
from admin.kit.columns import Column, file_columns, file_value
from admin.kit.wanted import Wanted
from admin.web import actor, done, write
from domain import exports
from domain.exports import AT_ONCE_ROWS, ExportRequest
from kernel import sheets
from kernel.errors import Forbidden
from kernel.sheets import KINDS
from kernel.store import Store
from kernel.web.files import download_headers
from kernel.web.forms import Form
from kernel.web.keys import STORE

BATCH = 500
OWN_FILES = "/admin/exports"


class Source(NamedTuple):
    """The parts of a list that an export needs: address below /admin/, columns, query."""

    key: str
    title: str
    right: str
    columns: Sequence[Column[Any]]
    query: Callable[[Wanted], Sequence[Any]]
    after: Callable[[Wanted, Any], Wanted]  # the same list after a row


async def answer(
    request: web.Request, source: Source, wanted: Wanted, form: Form
) -> web.StreamResponse:
    """Answer with the list as a file, or lead to the page of one's own files if it is long.

    The audit log gets its entry before the list is read. Raises Forbidden without the right.
    """
    kind = form.choice("format", tuple(KINDS))
    form.check()
    if not staff_of(request).may(source.right):
        raise Forbidden("right_missing", right=source.right)
    asked = ExportRequest(source.key, source.title, kind, wanted.said)
    await write(request, exports.record_export, asked, actor(request))
    store = request.config_dict[STORE]
    try:
        return await _at_once(store, source, wanted, asked)
    except TooManyRows:
        await write(request, exports.queue_export, asked, actor(request))
    return await done(request, "记录较多，正在后台生成文件，完成后可在这里下载", OWN_FILES)


async def batches(store: Store, source: Source, wanted: Wanted) -> AsyncIterator[Sequence[Any]]:
    """All rows of a list in batches; they are read without waiting for the writer."""
    wanted = replace(wanted.after(None), limit=BATCH)
    while True:
        rows = await store.report(source.query, wanted)
        if rows:
            yield rows
        if len(rows) < BATCH:
            return
        wanted = source.after(wanted, rows[-1])


async def _at_once(
    store: Store, source: Source, wanted: Wanted, asked: ExportRequest
) -> web.StreamResponse:
    with tempfile.TemporaryDirectory(prefix="fenmall-export-") as folder:
        path = Path(folder) / "list"
        await fill(store, source, wanted, asked, path, most=AT_ONCE_ROWS)
        body = await asyncio.to_thread(path.read_bytes)
    return web.Response(body=body, headers=download_headers(asked.page, asked.title, asked.kind))


async def fill(
    store: Store, source: Source, wanted: Wanted, asked: ExportRequest, path: Path,
    *, most: int, told: Callable[[int], Any] | None = None,
) -> int:  # fmt: skip
    """Write a list into a file; return its number of rows, told to ``told`` after each batch.

    Raises TooManyRows as soon as there are more than ``most``.
    """
    columns, count = file_columns(source.columns, wanted.who), 0
    heads = [sheets.Column(column.title, column.kind) for column in columns]
    made = await asyncio.to_thread(sheets.sheet, asked.kind, path, heads, asked.title)
    with made:
        async for rows in batches(store, source, wanted):
            count += len(rows)
            if count > most:
                raise TooManyRows
            values = ([file_value(column, row) for column in columns] for row in rows)
            await asyncio.to_thread(made.add, values)
            if told is not None:
                await told(count)
    return count


class TooManyRows(Exception):
    """The list has more rows than this kind of file, or a direct answer, may have."""
