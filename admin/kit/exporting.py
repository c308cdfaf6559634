"""Answers a list as a file: a short one at once, a long one by the worker, with its progress."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, runtime_checkable
from urllib.parse import quote

from aiohttp import web

from admin.guard import staff_of
from admin.kit.columns import Column, file_columns
from admin.kit.page import MENU, Page, Section
from admin.kit.sheets import KINDS, sheet
from admin.kit.wanted import Wanted, Who
from admin.web import actor, done, id_of, read, write
from domain import exports, staff
from domain.exports import AT_ONCE_ROWS, XLSX_ROWS, Asked
from domain.exports.ports import ExportFiles
from domain.outbox import Handler, Job
from kernel import clock
from kernel.errors import Forbidden, NotFound
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
        ...

    @property
    def key(self) -> Callable[[Any], int]:
        """A row's place."""
        ...

    @property
    def columns(self) -> Sequence[Column[Any]]:
        """What a row shows."""
        ...

    @property
    def has_file(self) -> bool:
        """Whether there is a file of it."""
        ...

    def address(self, page: Page) -> str:
        """Where it stands below /admin/."""
        ...

    def title(self, page: Page) -> str:
        """What it is called."""
        ...

    def wanted(self, who: Who, actor: str, said: Callable[[str], str]) -> Wanted:
        """What an address, a form or a row asks of it."""
        ...


@dataclass(frozen=True)
class Named:
    """Somebody who is not there: a file's asker, with the rights that they hold now."""

    rights: frozenset[str]

    def may(self, right: str) -> bool:
        """True if a role of this person holds the right."""
        return right in self.rights


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
    asked = Asked(spec.address(page), spec.title(page), kind, _query(wanted))
    await write(request, exports.put_on_record, asked, actor(request))
    store = request.config_dict[STORE]
    try:
        return await _at_once(store, spec, wanted, asked)
    except TooManyRows:
        await write(request, exports.ask, asked, actor(request))
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
    store: Store, spec: Exported, wanted: Wanted, asked: Asked
) -> web.StreamResponse:
    with tempfile.TemporaryDirectory(prefix="fenmall-export-") as folder:
        path = Path(folder) / "list"
        await fill(store, spec, wanted, asked, path, most=AT_ONCE_ROWS)
        body = await asyncio.to_thread(path.read_bytes)
    return web.Response(body=body, headers=file_headers(asked))


async def fill(
    store: Store, spec: Exported, wanted: Wanted, asked: Asked, path: Path,
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


def file_headers(asked: Asked) -> dict[str, str]:
    """A file that is kept by nobody on its way, with a name in Chinese (RFC 6266)."""
    name = f"{asked.title}-{clock.business_day(clock.now())}.{asked.kind}"
    plain = f"{asked.page.replace('/', '-')}.{asked.kind}"
    return {
        "Content-Type": KINDS[asked.kind],
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}",
        "Cache-Control": "no-store, private",
        "X-Content-Type-Options": "nosniff",
    }


async def download(request: web.Request, files: ExportFiles) -> web.StreamResponse:
    """A finished file for who asked for it, if they still may see the list and export it.

    Raises NotFound for another's file and for one that has gone, Forbidden without the rights.
    """
    export_id = id_of(request)
    found, name = await read(request, exports.own_file, export_id, actor(request))
    page, _ = _listed(request.config_dict[MENU], found.asked.page)
    for right in (page.right, exports.RIGHT):
        if not staff_of(request).may(right):
            raise Forbidden("right_missing", right=right)
    path = files.path(name)
    if path is None:
        raise NotFound("export_gone")
    return web.FileResponse(path, headers=file_headers(found.asked))


def _listed(menu: Sequence[Section], key: str) -> tuple[Page, Exported]:
    """The page and the list of a key. Raises NotFound if a release took it away."""
    for section in menu:
        for page in section.pages:
            for part in page.parts:
                if isinstance(part, Exported) and part.has_file and part.address(page) == key:
                    return page, part
    raise NotFound("export_gone")


def handlers(
    store: Store, files: ExportFiles, menu: Callable[[], Sequence[Section]]
) -> Mapping[str, Handler]:
    """What the worker does about exports; it loads the menu when there is a file to make."""

    async def make(payload: dict[str, Any], _: Job) -> None:
        await make_file(store, files, menu(), payload["export_id"])

    return {"export.make": make}


async def make_file(
    store: Store, files: ExportFiles, menu: Sequence[Section], export_id: int
) -> None:
    """Make a file that was asked for; again after a crash, from its beginning."""
    begun = await store.write(exports.begin, export_id)
    if begun is None:
        return
    asked, who = begun
    page, spec = _listed(menu, asked.page)
    rights = await store.read(staff.rights_held, who)
    if not {page.right, exports.RIGHT} <= rights:
        await store.write(exports.fail, export_id, "right_missing")
        return
    wanted = spec.wanted(Named(rights), who, lambda name: str(asked.query.get(name, "")))

    async def told(count: int) -> None:
        if count % (BATCH * 4) == 0:
            await store.write(exports.progress, export_id, count)

    most = XLSX_ROWS if asked.kind == "xlsx" else sys.maxsize
    with tempfile.TemporaryDirectory(prefix="fenmall-export-") as folder:
        path = Path(folder) / "list"
        try:
            count = await fill(store, spec, wanted, asked, path, most=most, told=told)
        except TooManyRows:
            await store.write(exports.fail, export_id, "too_many_rows")
            return
        size = path.stat().st_size
        name = await files.take_in(path)
    await store.write(exports.finish, export_id, name, count, size)
