"""The columns of a list: each defines what is shown of a row, on a page and in a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from admin.kit.wanted import Who
from kernel import clock
from kernel.fields import to_micros
from kernel.money import yuan_grouped
from kernel.web.templates import day as day_of
from kernel.web.templates import when as when_of

R = TypeVar("R")
Kind = Literal["text", "code", "number", "money", "when", "day", "state", "part", "act"]
Tones = Mapping[str, tuple[str, str]]
Badge = tuple[str, str]  # its text, its tone
CSS = {"number": "n", "money": "n", "act": "act", "when": "whole", "day": "whole"}


@dataclass(frozen=True)
class Column(Generic[R]):
    """A column; ``value`` of a row gives both the cell on the page and the value in a file.

    ``note`` is a second line of the cell. Without ``right`` everybody who sees the list sees the
    column. ``template`` draws a cell that is not a plain value; it receives ``row``. ``sort`` is
    the name by which the query of the list sorts this column, with an index.
    """

    title: str
    kind: Kind
    value: Callable[[R], Any]
    note: Callable[[R], Any] | None = None
    href: Callable[[R], str] | None = None
    badges: Callable[[R], Sequence[Badge]] | None = None
    names: Tones | None = None
    template: str = ""
    right: str = ""
    on_screen: bool = True
    in_file: bool = True
    sort: str = ""

    @property
    def css(self) -> str:
        """The CSS class of the cells; a column of kind "part" without a title contains steps."""
        return "act" if self.kind == "part" and not self.title else CSS.get(self.kind, "")


@dataclass(frozen=True)
class Cell:
    """The content of one cell on a page."""

    column: Column[Any]
    text: str
    note: str
    href: str
    badges: Sequence[Badge]


def text(title: str, value: Callable[[R], Any], **more: Any) -> Column[R]:
    """A text column."""
    return Column(title, "text", value, **more)


def code(title: str, value: Callable[[R], Any], **more: Any) -> Column[R]:
    """A column of identifiers, such as order numbers; a file always stores them as text."""
    return Column(title, "code", value, **more)


def number(title: str, value: Callable[[R], int | None], **more: Any) -> Column[R]:
    """A column of counts."""
    return Column(title, "number", value, **more)


def money(title: str, value: Callable[[R], int | None], **more: Any) -> Column[R]:
    """A column of amounts in fen, shown as ¥1,234.50, in a file as yuan; None shows a dash."""
    return Column(title, "money", value, **more)


def when(title: str, value: Callable[[R], datetime | None], **more: Any) -> Column[R]:
    """A column of instants (UTC), shown in Shanghai time to the minute."""
    return Column(title, "when", value, **more)


def day(title: str, value: Callable[[R], datetime | None], **more: Any) -> Column[R]:
    """A column of instants (UTC), shown as days in Shanghai."""
    return Column(title, "day", value, **more)


def state(title: str, names: Tones, value: Callable[[R], str], **more: Any) -> Column[R]:
    """A column of states as badges; ``badges`` adds further ones."""
    return Column(title, "state", value, names=names, **more)


def part(title: str, template: str, value: Callable[[R], Any], **more: Any) -> Column[R]:
    """A column whose cells have a template; a file has ``value`` instead."""
    return Column(title, "part", value, template=template, **more)


def act(value: Callable[[R], str]) -> Column[R]:
    """A column with the link to the row's page; its text says what can be done there."""
    return Column("", "act", value, in_file=False)


def cell_of(column: Column[R], row: R, href: str) -> Cell:
    """A row's cell; it links to ``href`` unless the column has an ``href`` of its own."""
    value = column.value(row)
    badges = list(column.badges(row)) if column.badges else []
    shown = ""
    if column.kind == "state":
        badges.insert(0, (column.names or {}).get(value, (str(value), "")))
    elif column.kind != "part":
        shown = _shown(column.kind, value)
    note = column.note(row) if column.note else ""
    note = when_of(note) if isinstance(note, datetime) else str(note or "")
    return Cell(column, shown, note, column.href(row) if column.href else href, badges)


def screen_columns(columns: Sequence[Column[R]], who: Who) -> list[Column[R]]:
    """The columns of a page that this person may see."""
    return [c for c in columns if c.on_screen and (not c.right or who.may(c.right))]


def file_columns(columns: Sequence[Column[R]], who: Who) -> list[Column[R]]:
    """The columns of a file that this person may see; a note has a column of its own there."""
    return [c for c in columns if c.in_file and (not c.right or who.may(c.right))]


def file_value(column: Column[R], row: R) -> Any:
    """The value in a file: text, a count, fen, or a naive instant in Shanghai time."""
    value = column.value(row)
    if value is None:
        return ""
    match column.kind:
        case "money" | "number":
            return value
        case "when" | "day":
            local = value.astimezone(clock.SHANGHAI).replace(tzinfo=None)
            return local.date() if column.kind == "day" else local.replace(microsecond=0)
        case "state":
            return (column.names or {}).get(value, (str(value), ""))[0]
    return str(value)


def place_of(columns: Sequence[Column[R]], sort: str, row: R) -> int | None:
    """A row's value in the sorted column, as a cursor stores it."""
    value = next((column.value(row) for column in columns if column.sort == sort != ""), None)
    value = to_micros(value) if isinstance(value, datetime) else value
    return value if isinstance(value, int) else None


def _shown(kind: Kind, value: Any) -> str:
    if value is None or value == "":
        return "" if kind == "act" else "–"
    match kind:
        case "money":
            return f"¥{yuan_grouped(value)}"
        case "number":
            return f"{value:,}"
        case "when":
            return when_of(value)
        case "day":
            return day_of(value)
    return str(value)
