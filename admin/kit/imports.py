"""An uploaded sheet (导入): it is checked, confirmed, and carried out row by row."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from admin.guard import requires
from admin.kit.page import Page
from admin.kit.steps import ID, Ask, ask_of
from admin.texts import TEXTS
from admin.web import actor, done, id_of, read, report, takes_upload, try_step, write
from admin.web import page as draw
from admin.words import why_of_row
from domain import exports, imports
from domain.exports import ExportRequest
from domain.imports import TO_MEND, Check, Group, RowState, Save
from kernel import sheets
from kernel.errors import Invalid
from kernel.sheets import Heading, SheetRow
from kernel.text import clean_line
from kernel.web.files import download_headers
from kernel.web.forms import Form, read_form
from kernel.web.keys import STORE

AT_ONCE_ROWS = 100
"""A sheet with more rows is carried out by the worker, a shorter one before the answer."""

GROUPS: Sequence[tuple[RowState, ...]] = (TO_MEND, ("good", "done"), ("double", "known"))
SHOWN_MOST = 200
NONE: Mapping[str, str] = {}
WHY = sheets.Column("原因")


@dataclass(frozen=True)
class ImportSpec:
    """A page below /admin/ that accepts a sheet with ``headings``, or pasted lines.

    ``columns`` and ``start`` make the sheet to fill in: rows after a key, of ticked ids or of all.
    ``check`` checks rows and changes nothing. ``save`` runs one verb for one row and receives
    what the preview showed of the row; a refusal is stored with the row. Rows of one ``group``
    are carried out together. ``verb`` is the name of the action (发货), ``above`` the title of the
    page above. ``also`` are columns of the preview from the verdicts of ``check``: (name, title).
    """

    path: str
    title: str
    above: str
    verb: str
    unit: str
    example: str
    right: str
    headings: Sequence[Heading]
    columns: Callable[[Ask], Sequence[sheets.Column]]
    start: Callable[[Ask, Sequence[int], int], Sequence[tuple[int, Sequence[Any]]]]
    check: Check
    save: Save
    also: Sequence[tuple[str, str]] = ()
    group: Group | None = None

    def routes(self, _: Page) -> Iterable[web.AbstractRouteDef]:
        """Routes of the page, the sheet to fill in, the upload, its preview and failed rows."""
        guarded, one = requires(self.right), rf"/{self.path}/{ID}"
        yield web.get(f"/{self.path}", guarded(self._page))
        yield web.post(f"/{self.path}", takes_upload(guarded(self._take)))
        yield web.post(f"/{self.path}/file", guarded(self._sheet))
        yield web.get(one, guarded(self._one))
        yield web.post(f"{one}/run", guarded(self._run))
        yield web.post(f"{one}/file", guarded(self._to_mend))

    async def _page(
        self, request: web.Request, errors: Mapping[str, str] = NONE, lines: str = ""
    ) -> web.StreamResponse:
        """Show the upload form with its errors, and the person's earlier uploads."""
        mine = await read(request, imports.list_own_imports, self.path, actor(request))
        return await draw(
            request, "admin/kit/import.html", status=422 if errors else 200, spec=self, mine=mine,
            errors=errors, lines=lines, rows_most=imports.ROWS_MOST,
        )  # fmt: skip

    async def _take(self, request: web.Request) -> web.StreamResponse:
        """Check an upload and keep it for confirmation; an unreadable sheet is refused."""
        form = await read_form(request)
        try:
            rows = await asyncio.to_thread(_read, form, self.headings)
        except Invalid as error:
            said = {error.field or "": TEXTS.of(error)}
            return await self._page(request, said, form.pasted("lines"))
        looked = await report(request, imports.look_at, rows, self.check, self.group)
        name = clean_line(sent.filename) if (sent := form.upload("file")) else ""
        kept = await write(request, imports.keep_import, self.path, name, actor(request), looked)
        raise web.HTTPSeeOther(f"/admin/{self.path}/{kept}")

    async def _one(self, request: web.Request) -> web.StreamResponse:
        """Show an upload row by row: preview, progress, or results."""
        found = await read(request, self._load, id_of(request), actor(request))
        return await draw(request, "admin/kit/import_rows.html", spec=self, **found)

    def _load(self, import_id: int, who: str) -> dict[str, Any]:
        one = imports.own_import(import_id, self.path, who)
        rows = [imports.list_rows(one.id, each, limit=SHOWN_MOST) for each in GROUPS]
        counts = [one.count(*each) for each in GROUPS]
        return {"one": one, "rows": rows, "counts": counts, "shown_most": SHOWN_MOST}

    async def _run(self, request: web.Request) -> web.StreamResponse:
        """Carry out the valid rows; a second tap changes nothing."""
        import_id, who = id_of(request), actor(request)
        url = f"/admin/{self.path}/{import_id}"
        one = await read(request, imports.own_import, import_id, self.path, who)
        await try_step(request, url, imports.begin_import, import_id, who)
        if one.count("good") > AT_ONCE_ROWS:
            return await done(request, "正在后台处理，可以离开本页", url)
        await imports.carry_out_import(request.config_dict[STORE], import_id, self.save)
        raise web.HTTPSeeOther(url)

    async def _sheet(self, request: web.Request) -> web.StreamResponse:
        """Send the sheet to fill in; its rows are read in batches."""
        form, ask = await read_form(request), ask_of(request)
        ids, after = form.ids("ids"), 0
        rows: list[Sequence[Any]] = []
        form.check()
        asked = ExportRequest(self.path, self.title, "xlsx", {})
        await write(request, exports.record_export, asked, actor(request))
        while (found := await write(request, self.start, ask, ids, after)) and (
            len(rows) < imports.ROWS_MOST
        ):
            rows += [values for _, values in found if values]
            after = found[-1][0]
        return await self._file(self.columns(ask), rows[: imports.ROWS_MOST], self.title)

    async def _to_mend(self, request: web.Request) -> web.StreamResponse:
        """Send a sheet of the rows that were not carried out, each with its reason."""
        one = await read(request, imports.own_import, id_of(request), self.path, actor(request))
        rows = await read(request, imports.list_rows, one.id, TO_MEND, limit=imports.ROWS_MOST)
        columns = [sheets.Column(h.title, "code" if h.is_code else "text") for h in self.headings]
        values = [[*(r.cells.get(h.name, "") for h in self.headings), why_of_row(r)] for r in rows]
        return await self._file([*columns, WHY], values, f"{self.title}-待修改")

    async def _file(
        self, columns: Sequence[sheets.Column], rows: Sequence[Any], title: str
    ) -> web.Response:
        """A workbook, because its columns of numbers keep typed digits as text."""
        body = await asyncio.to_thread(sheets.whole_file, "xlsx", columns, rows, title)
        return web.Response(body=body, headers=download_headers(self.path, title, "xlsx"))


def _read(form: Form, headings: Sequence[Heading]) -> list[SheetRow]:
    sent = form.upload("file")
    if sent is None:
        return sheets.read_lines(form.pasted("lines"), headings, imports.ROWS_MOST)
    return sheets.read_sheet(sent.file.read(sheets.BYTES_MOST + 1), headings, imports.ROWS_MOST)
