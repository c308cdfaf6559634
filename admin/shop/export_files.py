"""A long list that was asked for as a file: the worker makes it, and who asked fetches it."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from admin.guard import staff_of
from admin.kit.exporting import BATCH, TooManyRows, fill
from admin.kit.lists import ListSpec
from admin.kit.page import MENU, Page, Section
from admin.web import actor, id_of, read
from domain import exports, staff
from domain.exports import XLSX_ROWS, ExportRequest
from domain.exports.ports import ExportFiles
from domain.outbox import Handler, Job
from kernel.errors import Forbidden, NotFound
from kernel.store import Store
from kernel.web.files import download_headers


@dataclass(frozen=True)
class Named:
    """Somebody who is not there: a file's asker, with the rights that they hold now."""

    rights: frozenset[str]

    def may(self, right: str) -> bool:
        """True if a role of this person holds the right."""
        return right in self.rights


async def download(request: web.Request, files: ExportFiles) -> web.StreamResponse:
    """A finished file for who asked for it, if they still may see the list and export it.

    Raises NotFound for another's file and for one that has gone, Forbidden without the rights.
    """
    export_id = id_of(request)
    found, name = await read(request, exports.own_export, export_id, actor(request))
    page, _ = _listed(request.config_dict[MENU], found.asked.page)
    for right in (page.right, exports.RIGHT):
        if not staff_of(request).may(right):
            raise Forbidden("right_missing", right=right)
    path = files.path(name)
    if path is None:
        raise NotFound("export_gone")
    return web.FileResponse(path, headers=_headers(found.asked))


def _headers(asked: ExportRequest) -> dict[str, str]:
    return download_headers(asked.page, asked.title, asked.kind)


def _listed(menu: Sequence[Section], key: str) -> tuple[Page, ListSpec[Any]]:
    """The page and the list of a key. Raises NotFound if a release took it away."""
    for section in menu:
        for page in section.pages:
            for part in page.parts:
                if isinstance(part, ListSpec) and part.has_file and part.address(page) == key:
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
    begun = await store.write(exports.begin_export, export_id)
    if begun is None:
        return
    asked, who = begun
    page, spec = _listed(menu, asked.page)
    rights = await store.read(staff.rights_held, who)
    if not {page.right, exports.RIGHT} <= rights:
        await store.write(exports.fail_export, export_id, "right_missing")
        return
    wanted = spec.wanted(Named(rights), who, lambda name: str(asked.query.get(name, "")))

    async def told(count: int) -> None:
        if count % (BATCH * 4) == 0:
            await store.write(exports.record_progress, export_id, count)

    most = XLSX_ROWS if asked.kind == "xlsx" else sys.maxsize
    with tempfile.TemporaryDirectory(prefix="fenmall-export-") as folder:
        path = Path(folder) / "list"
        try:
            count = await fill(store, spec.source(page), wanted, asked, path, most=most, told=told)
        except TooManyRows:
            await store.write(exports.fail_export, export_id, "too_many_rows")
            return
        size = path.stat().st_size
        name = await files.take_in(path)
    await store.write(exports.finish_export, export_id, name, count, size)
