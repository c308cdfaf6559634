"""The page of one thing (详情页): everything about it in one read, and its steps beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from admin import as_shown
from admin.guard import requires
from admin.kit.page import Page
from admin.kit.steps import Ask, ask_of
from admin.web import page as draw
from admin.web import read


@dataclass(frozen=True)
class DetailSpec:
    """A GET below /admin/ that draws ``template`` with what ``load`` reads about a thing.

    ``carries`` names for the template what its forms carry of the thing as it is shown, by the
    subject of admin/as_shown.py, so that a step is refused if it has changed meanwhile.
    """

    path: str
    right: str
    template: str
    load: Callable[[Ask], Mapping[str, Any]]
    carries: Mapping[str, str] = field(default_factory=dict)

    def routes(self, page: Page) -> Iterable[web.AbstractRouteDef]:
        """The one address of the page."""

        @requires(self.right)
        async def detail(request: web.Request) -> web.StreamResponse:
            """One thing, with what may be done about it."""
            found = await read(request, self._found, ask_of(request))
            return await draw(request, self.template, **found)

        yield web.get(self.path, detail)

    def _found(self, ask: Ask) -> dict[str, Any]:
        found = dict(self.load(ask))
        for name, subject in self.carries.items():
            found[name] = as_shown.shown_facts_in_query(subject, [ask.id])
        return found
