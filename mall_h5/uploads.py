"""Photos in a form: decoded in a thread, kept while the form is corrected, shown again."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from aiohttp import web

from domain import catalog
from kernel.errors import Invalid
from kernel.web.forms import Form, cookie_of
from kernel.web.keys import BODY_LIMIT, FLASH, SESSIONS
from mall_h5.texts import TEXTS
from mall_h5.web import Page, deps, read, write

MOST = 6
BODY_MOST = 48 * 1024 * 1024
_ID = re.compile(r"[0-9a-f]{64}")
_UPLOADS = "mall_upload"
H = TypeVar("H", bound=Callable[..., Any])


def takes_upload(handler: H) -> H:
    """Mark a handler whose form carries photos."""
    setattr(handler, _UPLOADS, True)
    return handler


@web.middleware
async def allow_uploads(request: web.Request, handler: Page) -> web.StreamResponse:
    """Allow larger bodies on marked handlers, for signed-in members only."""
    if getattr(request.match_info.handler, _UPLOADS, False):
        sessions = request.config_dict[SESSIONS]
        found = await sessions.find(cookie_of(request, sessions.cookie))
        if found is not None and found.member_id is not None:
            request[BODY_LIMIT] = BODY_MOST
    return await handler(request)


@dataclass(frozen=True, slots=True)
class Photos:
    """The photos of a form, the error of one that was refused, and a note for the member."""

    kept: list[Any]
    wrong: Invalid | None
    note: str

    def told(self, done: str) -> str:
        """The success message, followed by the note."""
        return f"{done}。{self.note}" if self.note else done


async def photos_of(
    request: web.Request, form: Form, name: str = "photos", alt: str = "买家照片"
) -> Photos:
    """The photos kept from an earlier submission and those uploaded now.

    Photos that were accepted stay in the form even if other fields are wrong. The note is shown if
    this request is answered with a page.
    """
    dropped = set(form.all("drop"))
    kept = [i for i in form.all("photo") if _ID.fullmatch(i) and i not in dropped]
    chosen = form.uploads(name)
    wrong, note = None, ""
    for upload in chosen:
        if len(kept) >= MOST:
            wrong = Invalid("too_many_pictures", name, limit=MOST)
            break
        try:
            stored = await deps(request).pictures.take(upload.file)
        except Invalid as error:
            wrong = Invalid(error.code, name, **error.facts)
            continue
        await write(request, catalog.save_picture, stored, alt)
        kept.append(stored.id)
        if stored.is_cut:
            note = request[FLASH] = f"“{upload.filename[:30]}”{TEXTS.text('picture_is_cut')}"
    found = await read(request, catalog.pictures, kept) if kept else {}
    photos = [found[i] for i in dict.fromkeys(kept) if i in found][:MOST]
    return Photos(photos, wrong, note)
