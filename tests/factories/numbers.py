"""Numbers in what the factories make: they begin anew with each emptied database.

A test therefore makes the same titles and numbers whatever ran before it on the same worker.
"""

from __future__ import annotations

from collections import Counter

_given: Counter[str] = Counter()


def next_number(kind: str) -> int:
    """The next number of a kind, from 1."""
    _given[kind] += 1
    return _given[kind]


def begin_anew() -> None:
    """Begin at 1 again; called when a database was emptied."""
    _given.clear()


def given() -> dict[str, int]:
    """How far each kind was counted; kept beside rows that are inserted again later."""
    return dict(_given)


def go_on_from(counts: dict[str, int]) -> None:
    """Count on from kept counts, because the rows that they belong to were inserted again."""
    begin_anew()
    _given.update(counts)
