"""What may be said of a row before and after it is carried out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    """A row of the sheet that was looked at.

    ``leader`` is the number of the row with which it is carried out; 0 for a row on its own.
    """

    number: int
    cells: Mapping[str, str]
    verdict: Verdict
    leader: int = 0


Check = Callable[[Sequence[Mapping[str, str]]], Sequence[Verdict]]
Save = Callable[[Mapping[str, str], Mapping[str, Any]], None]
Group = Callable[[Sequence[Mapping[str, str]]], Sequence[str]]
"""A key for each row; rows with the same key are carried out together or not at all."""


def look_at(rows: Sequence[SheetRow], check: Check, group: Group | None = None) -> list[Looked]:
    """What is found about each row; one with an unreadable cell is wrong and not checked."""
    found = iter(check([row.texts for row in rows if not row.faults]))
    looked = [Looked(row.number, row.texts, _of_cells(row) or next(found)) for row in rows]
    return looked if group is None else _joined(looked, group([row.texts for row in rows]))


def _joined(looked: Sequence[Looked], keys: Sequence[str]) -> list[Looked]:
    """Rows that belong together: one that is wrong keeps the others back."""
    wrong: dict[str, int] = {}
    leaders: dict[str, int] = {}
    for row, key in zip(looked, keys, strict=True):
        if row.verdict.state == "wrong":
            wrong.setdefault(key, row.number)
        elif row.verdict.state == "good":
            leaders.setdefault(key, row.number)
    return [
        row if row.verdict.state != "good"
        else replace(row, verdict=Verdict("wrong", "others_wrong", facts={"row": wrong[key]}))
        if key in wrong
        else replace(row, leader=leaders[key])
        for row, key in zip(looked, keys, strict=True)
    ]  # fmt: skip


def _of_cells(row: SheetRow) -> Verdict | None:
    return next((Verdict("wrong", f"cell_{it}", name) for name, it in row.faults.items()), None)
