"""The menu as shown to a person on a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from admin.kit.page import Page, Section
from domain.overview import Todo


@dataclass(frozen=True)
class NavPage:
    """A link of the menu; ``count`` is the number of things that wait there for a person."""

    title: str
    url: str
    is_here: bool
    count: int


@dataclass(frozen=True)
class NavSection:
    """A heading of the menu; it links to the first page below it that the person may see."""

    title: str
    icon: str
    is_open: bool
    pages: tuple[NavPage, ...]

    @property
    def url(self) -> str:
        """The address of the heading's link."""
        return self.pages[0].url

    @property
    def count(self) -> int:
        """The sum of its pages' counts."""
        return sum(page.count for page in self.pages)


def nav_of(
    menu: Sequence[Section], path: str, may: Callable[[str], bool], todo: Todo | None
) -> list[NavSection]:
    """The sections and pages that a person may see; the page of ``path`` is marked.

    Without ``todo`` all counts are 0, for error pages, which read no database.
    """
    here = page_at((page for section in menu for page in section.pages), path)
    found = []
    for section in menu:
        pages = tuple(
            NavPage(page.title, page.url, page is here, _count(page, todo))
            for page in section.pages
            if may(page.right)
        )
        if pages:
            found.append(NavSection(section.title, section.icon, here in section.pages, pages))
    return found


def _count(page: Page, todo: Todo | None) -> int:
    return page.todo(todo) if page.todo is not None and todo is not None else 0


def page_at(pages: Iterable[Page], path: str) -> Page | None:
    """The page with the longest address that is a prefix of the path."""
    fitting = [
        (len(key), n, page)
        for n, page in enumerate(pages)
        for key in (page.key, *page.also)
        if _is_below(path, f"/admin/{key}")
    ]
    return max(fitting, default=(0, 0, None), key=lambda each: each[:2])[2]


def _is_below(path: str, address: str) -> bool:
    if address == "/admin/":
        return path in ("/admin", "/admin/")
    return path == address or path.startswith(f"{address}/")
