"""Answers a list as a file: a short one at once, a long one by the worker, with its progress."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, runtime_checkable
from urllib.parse import quote

from aiohttp import web

from admin.guard import staff_of
from admin.kit.columns import Column, file_columns
from admin.kit.page import Page
from admin.kit.sheets import KINDS, sheet
from admin.kit.wanted import Wanted, Who
from admin.web import actor, done, write
from domain import exports
from domain.exports import AT_ONCE_ROWS, ExportRequest
from kernel import clock
from kernel.errors import Forbidden
from kernel.store import Store
from kernel.web.forms import Form
from kernel.web.keys import STORE

BATCH = 500
OWN_FILES = "/admin/exports"


@runtime_checkable
class Exported(Protocol):
    """What a file needs of a list."""

    @property
    def query(self) -> Callable[[Wanted], Sequence[Any]]:
        """Rows of a place in the list."""

    @property
    def key(self) -> Callable[[Any], int]:
        """A row's place."""

    @property
    def columns(self) -> Sequence[Column[Any]]:
        """What a row shows."""

    @property
    def has_file(self) -> bool:
        """Whether there is a file of it."""

    def address(self, page: Page) -> str:
        """Where it stands below /admin/."""

    def title(self, page: Page) -> str:
        """What it is called."""

    def wanted(self, who: Who, actor: str, said: Callable[[str], str]) -> Wanted:
        """What an address, a form or a row asks of it."""


async def answer(
    request: web.Request, page: Page, spec: Exported, wanted: Wanted, form: Form
) -> web.StreamResponse:
    """The list as a file, or the page of one's files if it is long. On record before it is read.

    Raises Forbidden for who may not see the list.
    """
    kind = form.choice("format", tuple(KINDS))
    form.check()
    if not staff_of(request).may(page.right):
        raise Forbidden("right_missing", right=page.right)
    asked = ExportRequest(spec.address(page), spec.title(page), kind, _query(wanted))
    await write(request, exports.record_export, asked, actor(request))
    store = request.config_dict[STORE]
    try:
        return await _at_once(store, spec, wanted, asked)
    except TooManyRows:
        await write(request, exports.queue_export, asked, actor(request))
    return await done(request, "记录较多，正在后台生成文件，完成后可在这里下载", OWN_FILES)


def _query(wanted: Wanted) -> dict[str, str]:
    said = {"view": wanted.view, **wanted.values}
    return {name: value for name, value in said.items() if value}


async def batches(store: Store, spec: Exported, wanted: Wanted) -> AsyncIterator[Sequence[Any]]:
    """All rows of a list from its beginning, a bounded number at a time, beside the writer."""
    wanted = replace(wanted, cursor=None, limit=BATCH)
    while True:
        rows = await store.report(spec.query, wanted)
        if rows:
            yield rows
        if len(rows) < BATCH:
            return
        wanted = replace(wanted, cursor=spec.key(rows[-1]))


async def _at_once(
    store: Store, spec: Exported, wanted: Wanted, asked: ExportRequest
) -> web.StreamResponse:
    with tempfile.TemporaryDirectory(prefix="fenmall-export-") as folder:
        path = Path(folder) / "list"
        await fill(store, spec, wanted, asked, path, most=AT_ONCE_ROWS)
        body = await asyncio.to_thread(path.read_bytes)
    return web.Response(body=body, headers=file_headers(asked))


async def fill(
    store: Store, spec: Exported, wanted: Wanted, asked: ExportRequest, path: Path,
    *, most: int, told: Callable[[int], Any] | None = None,
) -> int:  # fmt: skip
    """Write a list into a file; returns the number of rows. ``told`` is called with those so far.

    Raises TooManyRows as soon as there are more than ``most``.
    """
    columns, count = file_columns(spec.columns, wanted.who), 0
    made = await asyncio.to_thread(sheet, asked.kind, path, columns, asked.title)
    with made:
        async for rows in batches(store, spec, wanted):
            count += len(rows)
            if count > most:
                raise TooManyRows
            await asyncio.to_thread(made.add, rows)
            if told is not None:
                await told(count)
    return count


class TooManyRows(Exception):
    """The list is longer than this kind of file, or an answer at once, may be."""


def file_headers(asked: ExportRequest) -> dict[str, str]:
    """A file that is kept by nobody on its way, with a name in Chinese (RFC 6266)."""
    name = f"{asked.title}-{clock.business_day(clock.now())}.{asked.kind}"
    plain = f"{asked.page.replace('/', '-')}.{asked.kind}"
    return {
        "Content-Type": KINDS[asked.kind],
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}",
        "Cache-Control": "no-store, private",
        "X-Content-Type-Options": "nosniff",
    }
