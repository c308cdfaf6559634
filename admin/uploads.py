"""A picture among the fields of a form: it is stored first, and stays when another field is wrong.

The field ``picture`` holds the id of the picture, ``picture_file`` a new one, and a tick in
``picture_gone`` takes it away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from aiohttp import web

from admin.deps import deps_of
from admin.guard import Page as Handler
from admin.guard import requires
from admin.kit.forms import FormSpec
from admin.kit.page import Page
from admin.picture_fields import NAME
from admin.web import takes_upload, write
from domain import catalog
from kernel.errors import DomainError, Invalid
from kernel.web.forms import read_form, replace_file


@dataclass(frozen=True)
class WithPicture:
    """A form some of whose fields are pictures; ``mark`` gives a text to draw across them."""

    form: FormSpec[Any]
    names: tuple[str, ...] = (NAME,)
    mark: Callable[[], str] | None = None

    def routes(self, page: Page) -> Iterable[web.AbstractRouteDef]:
        """The address of the form."""
        for each in self.form.routes(page):
            assert isinstance(each, web.RouteDef)
            guarded = requires(self.form.right, fresh=self.form.fresh)
            yield web.post(each.path, takes_upload(guarded(self._storing(each.handler))))

    def _storing(self, handler: Any) -> Handler:
        @wraps(handler)
        async def take(request: web.Request) -> web.StreamResponse:
            form = await read_form(request)
            for name in self.names:
                file = form.upload(f"{name}_file")
                if file is not None:
                    await self._store(request, name, file)
            taken: web.StreamResponse = await handler(request)
            return taken

        return take

    async def _store(self, request: web.Request, name: str, file: web.FileField) -> None:
        """Store a picture; one that was cut off is shown once before it is kept."""
        pictures = deps_of(request).pictures
        try:
            stored = await (
                pictures.take_marked(file.file, self.mark())
                if self.mark
                else pictures.take(file.file)
            )
            await write(request, catalog.save_picture, stored)
        except DomainError as error:
            replace_file(request, name, error)
            return
        replace_file(request, name, stored.id)
        replace_file(request, f"{name}_gone", "")
        if stored.is_cut:
            replace_file(request, name, Invalid("picture_is_cut", name))
