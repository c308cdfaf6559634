"""Sections and pages of the menu: one place says address, title, right, badge and routes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from domain.overview import Todo


class Part(Protocol):
    """A piece of a page that answers requests."""

    def routes(self, page: Page) -> Iterable[web.AbstractRouteDef]:
        """The routes below ``/admin``, each with the right that it asks for."""


@dataclass(frozen=True)
class Plain:
    """Handlers as they are, for what is neither a list nor a form."""

    table: web.RouteTableDef

    def routes(self, page: Page) -> Iterable[web.AbstractRouteDef]:
        """The table's own routes."""
        return self.table


@dataclass(frozen=True)
class Page:
    """A line of the menu (菜单项). ``key`` is its address below ``/admin/``.

    Without ``right`` there is no link. ``also`` are further addresses that belong to it, so that
    the menu shows where one is. ``todo`` is what waits for a person there.
    """

    key: str
    title: str
    right: str
    parts: tuple[Part, ...] = ()
    also: tuple[str, ...] = ()
    todo: Callable[[Todo], int] | None = None

    @property
    def url(self) -> str:
        """The address of the page itself."""
        return f"/admin/{self.key}"

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """The routes of all its parts."""
        return (route for part in self.parts for route in part.routes(self))


@dataclass(frozen=True)
class Section:
    """A heading of the menu (菜单分组) with the icon beside it."""

    title: str
    icon: str
    pages: tuple[Page, ...]


MENU: web.AppKey[Sequence[Section]] = web.AppKey("menu")
"""The menu of the running application: pages draw it without importing all others."""
