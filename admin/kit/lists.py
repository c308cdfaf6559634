"""A list page (列表页), described by its query, columns, views, filters and export."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

from aiohttp import web
from yarl import URL

from admin.guard import requires, staff_of
from admin.kit import exporting
from admin.kit.columns import Column, cell_of, place_of, screen_columns
from admin.kit.page import Page
from admin.kit.wanted import PAGE_SIZE, Filter, View, Wanted, Who, wanted_of
from admin.web import actor, read
from admin.web import page as draw
from domain import exports
from kernel.store import UNSORTED, Sorting
from kernel.web.forms import query_param, read_form
from kernel.web.paging import cut

R = TypeVar("R")
Counts = Mapping[str, int]


class Tile(NamedTuple):
    """A figure above the list; ``is_due`` marks a figure for which somebody has to act."""

    label: str
    figure: str | int
    note: str = ""
    href: str = ""
    is_due: bool = False


@dataclass(frozen=True)
class Button:
    """A link beside the title, for people with ``right``."""

    label: str
    href: str
    right: str
    tone: str = ""  # or "primary", "danger"


@dataclass(frozen=True)
class Empty:
    """The text of an empty list, and a link to a next step."""

    title: str
    text: str = ""
    href: str = ""
    action: str = ""
    not_found: str = "换个条件试试。"


@dataclass(frozen=True)
class Beside:
    """The address and title of a second list that belongs to the same page."""

    path: str
    title: str


@dataclass(frozen=True)
class ListSpec(Generic[R]):
    """A list, newest first. ``query`` gives up to ``wanted.limit`` rows after ``wanted.cursor``.

    ``key`` of a row is the cursor. ``counts`` are shown beside the views, by their keys.
    ``tiles`` and ``more`` run in the same read as the query. ``more`` adds values for a
    ``template`` that extends admin/kit/list.html and replaces single blocks.
    """

    query: Callable[[Wanted], Sequence[R]]
    key: Callable[[R], int]
    columns: Sequence[Column[R]]
    unit: str
    note: str | Callable[[Wanted], str] = ""
    href: Callable[[R], str] | None = None
    views: Sequence[View] = ()
    counts: Callable[[Wanted], Counts] | None = None
    filters: Sequence[Filter] = ()
    tiles: Callable[[Wanted], Sequence[Tile]] | None = None
    buttons: Sequence[Button] = ()
    empty: Empty = Empty("没有记录")
    template: str = "admin/kit/list.html"
    more: Callable[[Wanted, Sequence[R]], Mapping[str, Any]] | None = None
    has_file: bool = False
    beside: Beside | None = None

    def routes(self, page: Page) -> Iterable[web.AbstractRouteDef]:
        """The routes of the page and of its file; the file needs the right to export."""

        @requires(page.right)
        async def index(request: web.Request) -> web.StreamResponse:
            """Show the list with the view, filters and order of the address."""
            return await _show(request, self, page)

        @requires(exports.RIGHT)
        async def file(request: web.Request) -> web.StreamResponse:
            """Export the list as a file."""
            form = await read_form(request)
            wanted = self.wanted(staff_of(request), actor(request), form.raw)
            return await exporting.answer(request, self.source(page), wanted, form)

        address = f"/{self.address(page)}"
        yield web.get(address, index)
        if self.has_file:
            yield web.post(f"{address}/file", file)

    def address(self, page: Page) -> str:
        """The list's address below /admin/."""
        return self.beside.path if self.beside else page.key

    def title(self, page: Page) -> str:
        """The list's title."""
        return self.beside.title if self.beside else page.title

    def wanted(self, who: Who, actor: str, said: Callable[[str], str]) -> Wanted:
        """The view, filters and order that an address or a form asks for."""
        sorts = {each.sort for each in screen_columns(self.columns, who) if each.sort}
        return wanted_of(who, actor, self.views, self.filters, sorts, said)

    def after(self, wanted: Wanted, row: R) -> Wanted:
        """The same list after a row."""
        return wanted.after(self.key(row), place_of(self.columns, wanted.sort.name, row))

    def source(self, page: Page) -> exporting.Source:
        """The parts of the list that an export needs."""
        return exporting.Source(
            self.address(page), self.title(page), page.right, self.columns, self.query, self.after
        )


def _find(spec: ListSpec[R], wanted: Wanted) -> dict[str, Any]:
    """All data of a page, in one read."""
    rows = spec.query(wanted)
    return {
        "rows": rows,
        "counts": spec.counts(wanted) if spec.counts else {},
        "tiles": spec.tiles(wanted) if spec.tiles else (),
        "note": spec.note(wanted) if callable(spec.note) else spec.note,
        **(spec.more(wanted, rows[:PAGE_SIZE]) if spec.more else {}),
    }


async def _show(request: web.Request, spec: ListSpec[R], page: Page) -> web.StreamResponse:
    who = staff_of(request)
    wanted = spec.wanted(who, actor(request), lambda name: query_param(request, name, most=200))
    found = await read(request, _find, spec, wanted)
    part = cut(found.pop("rows"), PAGE_SIZE, key=spec.key)
    columns = screen_columns(spec.columns, who)
    url = f"/admin/{spec.address(page)}"
    heads = [_head(url, wanted, each) for each in columns]
    view_of = partial(Wanted, who, wanted.actor, sort=wanted.after(None).sort)
    shown = [
        (row, [cell_of(c, row, _href(spec, row, n, c)) for n, c in enumerate(columns)])
        for row in part.items
    ]
    return await draw(
        request, spec.template, spec=spec, title=spec.title(page), wanted=wanted,
        heads=heads, sorts=[each for each in heads if each[1]], rows=shown, url=url,
        first=_address(url, wanted.after(None)) if wanted.cursor else "",
        next=_address(url, spec.after(wanted, part.items[-1])) if part.next_cursor else "",
        buttons=[b for b in spec.buttons if who.may(b.right)],
        may_export=spec.has_file and who.may(exports.RIGHT),
        view_url=_address(url, view_of(wanted.view)),
        view_urls=[(_address(url, view_of(each.key)), each) for each in spec.views],
        **found,
    )  # fmt: skip


def _href(spec: ListSpec[R], row: R, place: int, column: Column[R]) -> str:
    """The link of a cell: the first cell and the action column link to the row's page."""
    is_link = place == 0 or column.kind == "act"
    return spec.href(row) if spec.href and is_link else ""


def _head(url: str, wanted: Wanted, column: Column[R]) -> tuple[Column[R], str, str]:
    """A column with the link that sorts by it, and its present order for ``aria-sort``."""
    if not column.sort:
        return column, "", ""
    is_by, is_rising = wanted.sort.name == column.sort, wanted.sort.is_rising
    then = UNSORTED if is_by and is_rising else Sorting(column.sort, is_by)
    state = ("ascending" if is_rising else "descending") if is_by else "none"
    return column, _address(url, replace(wanted.after(None), sort=then)), state


def _address(url: str, wanted: Wanted) -> str:
    """The address of the list with this view, these filters, this order and this cursor."""
    query = wanted.said
    if wanted.cursor:
        query["before"] = str(wanted.cursor)
        query |= {} if wanted.sort.value is None else {"at": str(wanted.sort.value)}
    return str(URL(url).with_query(query)) if query else url
