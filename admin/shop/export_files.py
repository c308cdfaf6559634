"""Export files of long lists: the worker makes them, and the person who asked downloads them."""

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
    """The person who asked for a file, with their present rights; they needn't be signed in."""

    rights: frozenset[str]

    def may(self, right: str) -> bool:
        """True if a role of this person holds the right."""
        return right in self.rights


async def download(request: web.Request, files: ExportFiles) -> web.StreamResponse:
    """Send a finished file to the person who asked, if they still may see and export the list.

    Raises NotFound for another person's or a deleted file, Forbidden without the rights.
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
    """The page and the list of a key. Raises NotFound if a later release removed it."""
    for section in menu:
        for page in section.pages:
            for part in page.parts:
                if isinstance(part, ListSpec) and part.has_file and part.address(page) == key:
                    return page, part
    raise NotFound("export_gone")


def handlers(
    store: Store, files: ExportFiles, menu: Callable[[], Sequence[Section]]
) -> Mapping[str, Handler]:
    """The worker's handlers for exports; ``menu`` is called only when there is a file to make."""

    async def make(payload: dict[str, Any], _: Job) -> None:
        await make_file(store, files, menu(), payload["export_id"])

    return {"export.make": make}


async def make_file(
    store: Store, files: ExportFiles, menu: Sequence[Section], export_id: int
) -> None:
    """Make a requested file; after a crash it is made again from the beginning."""
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
