"""The columns of a list: each says what a row shows, on a page and in a file."""

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
    """A column: ``value`` of a row decides both the cell and the file's value.

    ``note`` is a second line of the cell. Without ``right`` everybody who sees the list sees the
    column. ``template`` draws a cell that is no plain value; it is given ``row``. A list can be
    sorted by a column whose ``sort`` names one that its query knows, with an index.
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
        """The class of its cells; a part without a title holds steps."""
        return "act" if self.kind == "part" and not self.title else CSS.get(self.kind, "")


@dataclass(frozen=True)
class Cell:
    """What stands in one cell of a page."""

    column: Column[Any]
    text: str
    note: str
    href: str
    badges: Sequence[Badge]


def text(title: str, value: Callable[[R], Any], **more: Any) -> Column[R]:
    """Words."""
    return Column(title, "text", value, **more)


def code(title: str, value: Callable[[R], Any], **more: Any) -> Column[R]:
    """A number that names something: an order's, a member's. Text in a file, whatever it is."""
    return Column(title, "code", value, **more)


def number(title: str, value: Callable[[R], int | None], **more: Any) -> Column[R]:
    """A count."""
    return Column(title, "number", value, **more)


def money(title: str, value: Callable[[R], int | None], **more: Any) -> Column[R]:
    """Fen, shown as ¥1,234.50 and kept in a file as yuan; None shows a dash."""
    return Column(title, "money", value, **more)


def when(title: str, value: Callable[[R], datetime | None], **more: Any) -> Column[R]:
    """An instant (UTC), shown in Shanghai's time to the minute."""
    return Column(title, "when", value, **more)


def day(title: str, value: Callable[[R], datetime | None], **more: Any) -> Column[R]:
    """The day of an instant (UTC) in Shanghai."""
    return Column(title, "day", value, **more)


def state(title: str, names: Tones, value: Callable[[R], str], **more: Any) -> Column[R]:
    """A state as a badge; ``badges`` adds further ones."""
    return Column(title, "state", value, names=names, **more)


def part(title: str, template: str, value: Callable[[R], Any], **more: Any) -> Column[R]:
    """A cell with a template of its own; ``value`` is what a file has instead."""
    return Column(title, "part", value, template=template, **more)


def act(value: Callable[[R], str]) -> Column[R]:
    """The link that says what can be done with the row; leads to the row's page."""
    return Column("", "act", value, in_file=False)


def cell_of(column: Column[R], row: R, href: str) -> Cell:
    """A row's cell. ``href`` is where it leads unless the column says otherwise."""
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
    """Those of a page that somebody may see."""
    return [c for c in columns if c.on_screen and (not c.right or who.may(c.right))]


def file_columns(columns: Sequence[Column[R]], who: Who) -> list[Column[R]]:
    """Those of a file that somebody may see. What a note shows has a column of its own there."""
    return [c for c in columns if c.in_file and (not c.right or who.may(c.right))]


def file_value(column: Column[R], row: R) -> Any:
    """What a file holds: text, a count, fen, or a naive instant in Shanghai's time."""
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
    """A row's value in the column that a list is sorted by, as a cursor holds it."""
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
