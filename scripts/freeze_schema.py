"""Writes migrations/0001_initial.py: all tables as they are now, frozen.

    python scripts/freeze_schema.py           write it
    python scripts/freeze_schema.py --check   fail if it no longer matches the tables

Until the first release the tables may change with one run of this. After it the file never
changes again, and each change is a migration of its own.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from peewee import SQL, BigAutoField, BooleanField, CharField, Field, ForeignKeyField, TextField

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "migrations" / "0001_initial.py"

HEAD = '''"""The tables of the first release (首次建表), frozen.

Written by scripts/freeze_schema.py; after the first release it never changes again. Defaults are
in the database too, so that an older program may insert while a newer one rolls out.
"""

from __future__ import annotations

from typing import Any

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    Check,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)

from kernel.migrate import create_tables


class Base(Model):
    """Every table counts up in a BIGINT."""

    id = BigAutoField()

    class Meta:
        legacy_table_names = False
'''

FOOT = '''

def up(migrator: Any, db: Any) -> None:
    """Create every table, those referred to first."""
    create_tables(db, TABLES)
'''


def frozen() -> str:
    """The migration's text for the tables as they are now."""
    sys.path.insert(0, str(ROOT))
    import models

    parts = [HEAD]
    parts += ["\n".join(_table(table)) + "\n" for table in models.TABLES]
    listed = "".join(f"    {table.__name__},\n" for table in models.TABLES)
    parts.append(f"\n\nTABLES = (\n{listed})\n")
    return "".join(parts) + FOOT


def _table(table: Any) -> list[str]:
    meta = table._meta
    lines = ["", "", f"class {table.__name__}(Base):"]
    for field in meta.sorted_fields:
        if not isinstance(field, BigAutoField):
            lines += _wrap(f"    {field.name} = ", _kind(field), _options(field))
    lines += ["", "    class Meta:", f'        table_name = "{meta.table_name}"']
    if meta.constraints:
        checks = "".join(f"            {_check(c)},\n" for c in meta.constraints)
        lines.append(f"        constraints = (\n{checks}        )")
    if meta.indexes:
        rows = "".join(f"            {_index(columns, u)},\n" for columns, u in meta.indexes)
        lines.append(f"        indexes = (\n{rows}        )")
    return lines


def _wrap(start: str, kind: str, options: list[str]) -> list[str]:
    line = f"{start}{kind}({', '.join(options)})"
    if len(line) <= 99:
        return [line]
    return [f"{start}{kind}(", *(f"        {option}," for option in options), "    )"]


def _kind(field: Field) -> str:
    """The column's plain peewee type: what the kernel's own types add is not in the database."""
    for cls in type(field).__mro__:
        if cls.__module__ == "peewee":
            return cls.__name__
    raise TypeError(field)


def _options(field: Field) -> list[str]:
    options: list[str] = []
    if isinstance(field, ForeignKeyField):
        options.append(field.rel_model.__name__)
        options.append(f'backref="+", on_delete="{field.on_delete}"')
        if not field.index:
            options.append("index=False")
    elif field.index and not field.unique:
        options.append("index=True")
    if isinstance(field, CharField):
        options.append(f"max_length={field.max_length}")
    if field.null:
        options.append("null=True")
    if field.unique:
        options.append("unique=True")
    constraints = [_check(c) for c in field.constraints or []]
    if (default := _default(field)) is not None:
        constraints.insert(0, f"SQL({_text(default)})")
    if constraints:
        options.append(f"constraints=[{', '.join(constraints)}]")
    return options


def _default(field: Field) -> str | None:
    """The DEFAULT clause of a column with a plain default."""
    value = field.default
    if value is None or callable(value):
        return None
    if isinstance(field, BooleanField):
        return f"DEFAULT {'TRUE' if value else 'FALSE'}"
    if isinstance(value, int):
        return f"DEFAULT {value}"
    if not isinstance(value, str) or "'" in value or "%" in value:
        raise TypeError(f"{field.name}: no DEFAULT for {value!r}")
    # MySQL takes defaults of texts as expressions only
    return f"DEFAULT ('{value}')" if isinstance(field, TextField) else f"DEFAULT '{value}'"


def _check(constraint: SQL) -> str:
    sql = constraint.sql
    if not (sql.startswith("CHECK (") and sql.endswith(")")):
        raise TypeError(sql)
    return f"Check({_text(sql[7:-1])})"


def _index(columns: tuple[str, ...], unique: bool) -> str:
    names = ", ".join(f'"{c}"' for c in columns)
    return f"(({names}{',' if len(columns) == 1 else ''}), {unique})"


def _text(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


if __name__ == "__main__":
    text = frozen()
    if "--check" in sys.argv:
        if not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text:
            sys.exit("migrations/0001_initial.py is behind: run python scripts/freeze_schema.py")
    else:
        TARGET.write_text(text, encoding="utf-8")
        print(f"written: {TARGET.relative_to(ROOT)}")
