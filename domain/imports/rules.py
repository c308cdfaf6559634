"""What may be said of a row before and after it is carried out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from kernel.sheets import SheetRow

RowState = Literal["good", "wrong", "known", "double", "blank", "done", "refused"]
ROW_STATES: tuple[RowState, ...] = get_args(RowState)
State = Literal["looked", "running", "done", "stopped"]
STATES: tuple[State, ...] = get_args(State)
TO_MEND: tuple[RowState, ...] = ("wrong", "refused")
"""Rows that go back to whoever sent them, with the reason."""


@dataclass(frozen=True)
class Verdict:
    """What a look at a row finds (核对结果).

    ``good``: it can be carried out. ``wrong``: it can't, ``why`` is the code and ``cell`` its
    heading. ``known``: it was carried out before. ``double``: the same stands further up.
    ``blank``: it was not filled in. ``shown`` is what the preview tells of a good row.
    """

    state: RowState
    why: str = ""
    cell: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    shown: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Looked:
    """A row of the sheet that was looked at."""

    number: int
    cells: Mapping[str, str]
    verdict: Verdict


Check = Callable[[Sequence[Mapping[str, str]]], Sequence[Verdict]]
Save = Callable[[Mapping[str, str], Mapping[str, Any]], None]


def look_at(rows: Sequence[SheetRow], check: Check) -> list[Looked]:
    """What is found about each row; one with an unreadable cell is wrong and not checked."""
    found = iter(check([row.texts for row in rows if not row.faults]))
    return [Looked(row.number, row.texts, _of_cells(row) or next(found)) for row in rows]


def _of_cells(row: SheetRow) -> Verdict | None:
    return next((Verdict("wrong", f"cell_{it}", name) for name, it in row.faults.items()), None)
