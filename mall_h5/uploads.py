"""Photos in a form: taken in through a thread, kept over a page with mistakes, shown again."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from aiohttp import web

from domain import catalog
from kernel.errors import Invalid
from kernel.web.forms import Form, close_files
from kernel.web.keys import SESSIONS
from mall_h5.web import Page, deps, read, write

MOST = 6
BODY_MOST = 48 * 1024 * 1024
_ID = re.compile(r"[0-9a-f]{64}")
_UPLOADS = "mall_upload"


def takes_upload(handler: Page) -> Page:
    """Mark a page whose form carries photos."""
    setattr(handler, _UPLOADS, True)
    return handler


@web.middleware
async def allow_uploads(request: web.Request, handler: Page) -> web.StreamResponse:
    """Photos may be larger than other forms, for a member who is signed in."""
    if getattr(request.match_info.handler, _UPLOADS, False):
        sessions = request.config_dict[SESSIONS]
        found = await sessions.find(request.cookies.get(sessions.cookie, ""))
        if found is not None and found.member_id is not None:
            larger = request.clone(client_max_size=BODY_MOST)
            try:
                return await handler(larger)
            finally:
                await close_files(larger)
    return await handler(request)


async def photos_of(
    request: web.Request, form: Form, name: str = "photos", alt: str = "买家照片"
) -> tuple[list[Any], Invalid | None]:
    """The photos kept from before and those chosen now, and what was wrong with one of them.

    What could be taken in stays in the form, whatever else has to be mended.
    """
    dropped = set(form.all("drop"))
    kept = [i for i in form.all("photo") if _ID.fullmatch(i) and i not in dropped]
    chosen = form.uploads(name)
    wrong = None
    for upload in chosen:
        if len(kept) >= MOST:
            wrong = Invalid("too_many_pictures", name, limit=MOST)
            break
        try:
            data = await asyncio.to_thread(upload.file.read)
            stored = await asyncio.to_thread(deps(request).pictures.save, data)
        except Invalid as error:
            wrong = Invalid(error.code, name, **error.facts)
            continue
        await write(request, catalog.keep_picture, stored, alt)
        kept.append(stored.id)
    found = await read(request, catalog.pictures, kept) if kept else {}
    return [found[i] for i in dict.fromkeys(kept) if i in found][:MOST], wrong
