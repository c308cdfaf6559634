"""A sheet that somebody fills in and sends back (导入): looked at, confirmed, carried out."""

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
from domain.imports import TO_MEND, Check, RowState, Save
from kernel import sheets
from kernel.errors import Invalid
from kernel.sheets import Heading, SheetRow
from kernel.text import clean_line
from kernel.web.files import download_headers
from kernel.web.forms import Form, read_form
from kernel.web.keys import STORE

AT_ONCE_ROWS = 100
"""So many rows are carried out before the answer; more are left to the worker."""

GROUPS: Sequence[tuple[RowState, ...]] = (TO_MEND, ("good", "done"), ("double", "known"))
SHOWN_MOST = 200
NONE: Mapping[str, str] = {}
WHY = sheets.Column("原因")


@dataclass(frozen=True)
class ImportSpec:
    """A page below /admin/ that takes a sheet with ``headings``, or pasted lines.

    ``columns`` and ``start`` make the sheet to fill in: rows after a key, of ticked ids or of all.
    ``check`` looks at rows and changes nothing. ``save`` runs one verb for one row, given what the
    preview showed of it; its refusal stays with the row. ``verb`` names that (发货), ``above``
    the page that it belongs to. ``also`` are further columns of the
    preview, out of what a verdict shows: (name, title).
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

    def routes(self, _: Page) -> Iterable[web.AbstractRouteDef]:
        """The page, the sheet to fill in, what was sent with its confirmation, what to mend."""
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
        """The forms with what was wrong, and what was sent before."""
        mine = await read(request, imports.list_own_imports, self.path, actor(request))
        return await draw(
            request, "admin/kit/import.html", status=422 if errors else 200, spec=self, mine=mine,
            errors=errors, lines=lines, rows_most=imports.ROWS_MOST,
        )  # fmt: skip

    async def _take(self, request: web.Request) -> web.StreamResponse:
        """Look at what was sent; a sheet that makes no sense as a whole is refused."""
        form = await read_form(request)
        try:
            rows = await asyncio.to_thread(_read, form, self.headings)
        except Invalid as error:
            said = {error.field or "": TEXTS.of(error)}
            return await self._page(request, said, form.pasted("lines"))
        looked = await report(request, imports.look_at, rows, self.check)
        name = clean_line(sent.filename) if (sent := form.upload("file")) else ""
        kept = await write(request, imports.keep_import, self.path, name, actor(request), looked)
        raise web.HTTPSeeOther(f"/admin/{self.path}/{kept}")

    async def _one(self, request: web.Request) -> web.StreamResponse:
        """What was sent, row by row: as it was looked at, on its way, or as it came out."""
        found = await read(request, self._load, id_of(request), actor(request))
        return await draw(request, "admin/kit/import_rows.html", spec=self, **found)

    def _load(self, import_id: int, who: str) -> dict[str, Any]:
        one = imports.own_import(import_id, self.path, who)
        rows = [imports.list_rows(one.id, each, limit=SHOWN_MOST) for each in GROUPS]
        counts = [one.count(*each) for each in GROUPS]
        return {"one": one, "rows": rows, "counts": counts, "shown_most": SHOWN_MOST}

    async def _run(self, request: web.Request) -> web.StreamResponse:
        """Carry out the rows that make sense; a second tap changes nothing."""
        import_id, who = id_of(request), actor(request)
        url = f"/admin/{self.path}/{import_id}"
        one = await read(request, imports.own_import, import_id, self.path, who)
        await try_step(request, url, imports.begin_import, import_id, who)
        if one.count("good") > AT_ONCE_ROWS:
            return await done(request, "正在后台处理，可以离开本页", url)
        await imports.carry_out_import(request.config_dict[STORE], import_id, self.save)
        raise web.HTTPSeeOther(url)

    async def _sheet(self, request: web.Request) -> web.StreamResponse:
        """The sheet to fill in, read a bounded number of rows at a time."""
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
        """The rows that were not carried out, with the reason, to be mended and sent again."""
        one = await read(request, imports.own_import, id_of(request), self.path, actor(request))
        rows = await read(request, imports.list_rows, one.id, TO_MEND, limit=imports.ROWS_MOST)
        columns = [sheets.Column(h.title, "code" if h.is_code else "text") for h in self.headings]
        values = [[*(r.cells.get(h.name, "") for h in self.headings), why_of_row(r)] for r in rows]
        return await self._file([*columns, WHY], values, f"{self.title}-待修改")

    async def _file(
        self, columns: Sequence[sheets.Column], rows: Sequence[Any], title: str
    ) -> web.Response:
        """A workbook: what is typed into its columns of numbers stays text."""
        body = await asyncio.to_thread(sheets.whole_file, "xlsx", columns, rows, title)
        return web.Response(body=body, headers=download_headers(self.path, title, "xlsx"))


def _read(form: Form, headings: Sequence[Heading]) -> list[SheetRow]:
    sent = form.upload("file")
    if sent is None:
        return sheets.read_lines(form.pasted("lines"), headings, imports.ROWS_MOST)
    body = sent.file.read(sheets.BYTES_MOST + 1)
    return sheets.read_sheet(body, headings, imports.ROWS_MOST)
