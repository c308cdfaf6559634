"""The page of one thing (详情页): its facts in one read, with the steps for it."""

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
    """A GET below /admin/ that renders ``template`` with what ``load`` reads about a thing.

    ``carries`` maps names in the template to subjects of admin/as_shown.py. The template's forms
    carry the shown facts of that subject, so that a step is refused if they have changed.
    """

    path: str
    right: str
    template: str
    load: Callable[[Ask], Mapping[str, Any]]
    carries: Mapping[str, str] = field(default_factory=dict)

    def routes(self, page: Page) -> Iterable[web.AbstractRouteDef]:
        """The route of the page."""

        @requires(self.right)
        async def detail(request: web.Request) -> web.StreamResponse:
            """Show the thing with the steps that may be taken."""
            found = await read(request, self.found, ask_of(request))
            return await draw(request, self.template, **found)

        yield web.get(self.path, detail)

    def found(self, ask: Ask) -> dict[str, Any]:
        """What the template shows; a query."""
        shown = as_shown.shown_facts_in_query
        carried = {name: shown(subject, [ask.id]) for name, subject in self.carries.items()}
        return dict(self.load(ask)) | carried
