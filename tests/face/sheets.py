"""Uploads and downloads of sheets on the merchant's pages."""

from __future__ import annotations

import io
from typing import Any

import aiohttp
from python_calamine import CalamineWorkbook

from kernel.web.browsers import Browser
from tests.face.desk import Desk


async def send_sheet(
    desk: Desk, page: str, body: bytes | None = None, name: str = "发货.xlsx", **fields: str
) -> tuple[int, str]:
    """Upload a file; answers the status and where it leads, or the page."""
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("_csrf", Browser.csrf_of(desk.cookie))
    for key, value in fields.items():
        form.add_field(key, value)
    if body is not None:
        form.add_field(
            "file", io.BytesIO(body), filename=name, content_type="application/octet-stream"
        )
    answer = await desk.client.post(
        page, data=form, headers=desk._headers(), allow_redirects=False
    )
    return answer.status, answer.headers.get("Location") or await answer.text()


async def fetch(desk: Desk, path: str, **values: Any) -> tuple[int, list[list[Any]]]:
    """A file as a spreadsheet reads it."""
    data = {"_csrf": Browser.csrf_of(desk.cookie), **values}
    answer = await desk.client.post(
        path, data=data, headers=desk._headers(), allow_redirects=False
    )
    body = await answer.read()
    if answer.status != 200:
        return answer.status, []
    return 200, CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()
