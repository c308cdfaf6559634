"""Why a bill or a line of it could not be read is a code with facts; it was a sentence."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from peewee import BigAutoField, CharField, IntegerField, Model, TextField

from kernel.migrate import add_columns

SHAPES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("columns", r"columns (\d+)/(\d+)", ("found", "expected")),
    ("amount_unreadable", r"amount '(.*)'", ("said",)),
    ("no_column", r"no column (.*)", ("column",)),
    ("no_time", r"no time in (.*)", ("column",)),
    ("no_totals", r"no totals", ()),
    ("no_direction", r"neither income nor expense '(.*)'", ("said",)),
    ("count_differs", r"(.*): (\d+) in the totals, (\d+) in the lines",
     ("total", "stated", "found")),
    ("total_differs", r"(.*): (-?\d+) fen in the totals, (-?\d+) fen in the lines",
     ("total", "said_fen", "found_fen")),
    ("count_unreadable", r"(.*): '(.*)' in the totals", ("total", "said")),
)  # fmt: skip
FIGURES = {"found", "expected", "stated", "said_fen", "found_fen"}
SAME = ("duplicate", "line_break", "no_backtick", "no_totals")


class BillAside(Model):
    id = BigAutoField()
    line = IntegerField()
    digest = CharField(max_length=64)
    content = TextField()
    reason = CharField(max_length=100)
    facts = TextField(null=True)

    class Meta:
        table_name = "bill_aside"


def up(_: Any, db: Any) -> None:
    """Applied again after breaking off, it takes what has no facts yet."""
    add_columns(db, BillAside, "facts")
    with db.bind_ctx([BillAside], bind_refs=False, bind_backrefs=False), db.atomic():
        odd = BillAside.facts.is_null() & BillAside.reason.not_in(SAME)
        for row in list(BillAside.select().where(odd)):
            code, facts = coded(row.reason)
            values: dict[str, Any] = {"reason": code, "facts": _text(facts) if facts else None}
            if row.line == 0:  # a whole bill is known again by its digest
                values["digest"] = _digest(row.content, code, facts)
            BillAside.update(**values).where(BillAside.id == row.id).execute()


def coded(reason: str) -> tuple[str, dict[str, Any]]:
    """The code and the facts of a former sentence."""
    for code, shape, names in SHAPES:
        found = re.fullmatch(shape, reason, re.DOTALL)
        if found is not None:
            said = zip(names, found.groups(), strict=True)
            return code, {n: int(value) if n in FIGURES else value for n, value in said}
    return "said_before", {"said": reason}


def _digest(content: str, code: str, facts: dict[str, Any]) -> str:
    why = json.dumps([code, facts], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(f"0\n{content}\n{why}".encode()).hexdigest()


def _text(facts: dict[str, Any]) -> str:
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
