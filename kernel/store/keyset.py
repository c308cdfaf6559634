"""Pages of a list that is sorted by a column: each row on exactly one page, on every database.

Rows with the same value follow each other by their ids, and rows without a value come last in
both directions; databases differ in where they put NULL. Values are whole numbers: fen, counts,
ids, or instants in microseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Sorting:
    """By which column a list is sorted, and the last row that was seen: its value and its id.

    Without a name the list has its own order. ``after_id`` None is the first page.
    """

    name: str = ""
    is_rising: bool = False
    value: int | None = None
    after_id: int | None = None


UNSORTED = Sorting()
"""A list in its own order, newest first."""


def sorted_page(query: Any, field: Any, by: Sorting, key: Any, limit: int) -> list[Any]:
    """Up to ``limit`` rows of a query in the order of a field, after the place of ``by``.

    ``key`` is the table's id, which may be the field itself. Rows without a value are read by a
    query of their own, so that both use the field's index.
    """
    rows: list[Any] = []
    if field is key or by.after_id is None or by.value is not None:
        chosen = query if not field.null else query.where(field.is_null(False))
        rows = list(_ordered(_after(chosen, field, by, key), field, by, key).limit(limit))
    if field.null and len(rows) < limit:
        rest = query.where(field.is_null())
        if by.after_id is not None and by.value is None:
            rest = rest.where(key > by.after_id if by.is_rising else key < by.after_id)
        order = key.asc() if by.is_rising else key.desc()
        rows += list(rest.order_by(order).limit(limit - len(rows)))
    return rows


def _after(query: Any, field: Any, by: Sorting, key: Any) -> Any:
    """Rows past the place; the first condition lets every database begin there in the index."""
    if by.after_id is None:
        return query
    if field is key:
        return query.where(key > by.after_id if by.is_rising else key < by.after_id)
    if by.is_rising:
        return query.where((field >= by.value) & ((field > by.value) | (key > by.after_id)))
    return query.where((field <= by.value) & ((field < by.value) | (key < by.after_id)))


def _ordered(query: Any, field: Any, by: Sorting, key: Any) -> Any:
    fields = (field,) if field is key else (field, key)
    return query.order_by(*(each.asc() if by.is_rising else each.desc() for each in fields))
