"""A document among the fields of a form: a picture or a PDF, stored where no address leads.

The field ``file`` holds the stored file's name and type, such as ``<32 hex digits>.pdf``; it stays
in the form when another field is wrong. ``file_file`` is a new one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import wraps
from typing import IO, Any

from aiohttp import web

from admin.deps import deps_of
from admin.guard import Page as Handler
from admin.guard import requires
from admin.kit.forms import FormSpec
from admin.kit.page import Page
from admin.web import takes_upload
from kernel.errors import DomainError, Invalid
from kernel.web.files import private_file
from kernel.web.forms import Form, read_form, replace_file

NAME = "file"
PDF_BYTES = 10 * 1024 * 1024
TYPES = {"jpg": "image/jpeg", "pdf": "application/pdf"}
_STORED = re.compile(r"([0-9a-f]{32})\.(jpg|pdf)")


@dataclass(frozen=True)
class WithDocument:
    """A form one of whose fields is a document."""

    form: FormSpec[Any]

    def routes(self, page: Page) -> Iterable[web.AbstractRouteDef]:
        """The address of the form."""
        for each in self.form.routes(page):
            assert isinstance(each, web.RouteDef)
            guarded = requires(self.form.right, fresh=self.form.fresh)
            yield web.post(each.path, takes_upload(guarded(_storing(each.handler))))


def _storing(handler: Any) -> Handler:
    @wraps(handler)
    async def take(request: web.Request) -> web.StreamResponse:
        file = (await read_form(request)).upload(f"{NAME}_file")
        if file is not None:
            try:
                replace_file(request, NAME, await _store(request, file.file))
            except DomainError as error:
                replace_file(request, NAME, error)
        taken: web.StreamResponse = await handler(request)
        return taken

    return take


async def _store(request: web.Request, file: IO[bytes]) -> str:
    """Store a document; a picture is drawn anew. Raises Invalid for what is neither."""
    deps, data = deps_of(request), file.read(PDF_BYTES + 1)
    if data.startswith(b"%PDF-"):
        if len(data) > PDF_BYTES:
            raise Invalid("evidence_file_too_large", NAME, limit_bytes=PDF_BYTES)
        if b"%%EOF" not in data[-2048:]:
            raise Invalid("evidence_file_broken", NAME)
        return f"{await deps.evidence.put(data)}.pdf"
    file.seek(0)
    try:
        drawn = await deps.pictures.redraw(file)
    except Invalid as error:
        raise Invalid(error.code, NAME, **error.facts) from error
    return f"{await deps.evidence.put(drawn.jpeg)}.jpg"


def document_of(form: Form) -> str:
    """The stored document that a form holds; "" if there is none."""
    found = form.raw(NAME)
    if found and not _STORED.fullmatch(found):
        form.fail(NAME, "evidence_file_missing")
        return ""
    return found


async def show_document(request: web.Request, stored: str) -> web.Response:
    """A stored document: a picture is shown, a PDF is saved as a file. 404 if there is none."""
    match = _STORED.fullmatch(stored)
    data = await deps_of(request).evidence.get(match[1]) if match else None
    if match is None or data is None:
        raise web.HTTPNotFound
    answer = private_file(data, TYPES[match[2]])
    answer.headers["X-Content-Type-Options"] = "nosniff"
    if match[2] == "pdf":
        answer.headers["Content-Disposition"] = 'attachment; filename="evidence.pdf"'
    return answer
