"""Sections and pages of the menu: each page has its address, title, right, badge and routes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from domain.overview import Todo


class Part(Protocol):
    """A part of a page that has routes."""

    def routes(self, page: Page) -> Iterable[web.AbstractRouteDef]:
        """The routes below ``/admin``, each with the right that it needs."""


@dataclass(frozen=True)
class Plain:
    """Ordinary handlers, for pages that no spec of the kit describes."""

    table: web.RouteTableDef

    def routes(self, page: Page) -> Iterable[web.AbstractRouteDef]:
        """The routes of the table."""
        return self.table


@dataclass(frozen=True)
class Page:
    """A line of the menu (菜单项). ``key`` is its address below ``/admin/``.

    A person without ``right`` sees no link. ``also`` are further addresses for which the menu
    marks this page as open. ``todo`` counts what waits for a person there.
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
        """The routes of all parts of the page."""
        return (route for part in self.parts for route in part.routes(self))


@dataclass(frozen=True)
class Section:
    """A heading of the menu (菜单分组) with its icon and pages."""

    title: str
    icon: str
    pages: tuple[Page, ...]


MENU: web.AppKey[Sequence[Section]] = web.AppKey("menu")
"""The menu of the running application, so that a page needn't import all other pages."""
