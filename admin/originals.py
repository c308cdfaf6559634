"""A text of a person's in full, with the phones that a page hides (查看原文)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from aiohttp import web

from admin.guard import requires
from admin.kit.details import DetailSpec
from admin.kit.page import Page
from admin.kit.steps import Ask, ask_of
from admin.web import page as draw
from admin.web import read, write


@dataclass(frozen=True)
class OriginalSpec:
    """A POST below a page of one thing that draws it once with a text in full.

    ``opens`` is a verb that records the look and returns what a person wrote, with the phones
    that the page hides. The template knows it as ``original``.
    """

    detail: DetailSpec
    right: str
    opens: Callable[[Ask], str]

    def routes(self, page: Page) -> Iterable[web.AbstractRouteDef]:
        """The one address."""

        @requires(self.right)
        async def original(request: web.Request) -> web.StreamResponse:
            """The page with the text in full, which no browser may keep."""
            ask = ask_of(request)
            text = await write(request, self.opens, ask)
            found = await read(request, self.detail.found, ask)
            response = await draw(request, self.detail.template, original=text, **found)
            response.headers["Cache-Control"] = "no-store"
            return response

        yield web.post(f"{self.detail.path}/original", original)
