"""Column shorthands that keep the table files readable."""

from __future__ import annotations

from typing import Any

from peewee import CharField, ForeignKeyField

from kernel.fields import BpField, FenField, JsonField, UtcField
from kernel.store import Table


def ref(model: Any, *, null: bool = False, unique: bool = False, index: bool = True) -> Any:
    """A foreign key that is read as ``.name_id`` and never loads the other row implicitly."""
    return ForeignKeyField(
        model,
        null=null,
        unique=unique,
        index=index,
        lazy_load=False,
        backref="+",
        on_delete="RESTRICT",
    )


def state(default: str | None = None, length: int = 20) -> Any:
    """A state's name; the domain's ``rules.py`` has its transitions."""
    return CharField(max_length=length, index=True, default=default)


def word(
    length: int, *, null: bool = False, unique: bool = False, index: bool = False,
    default: Any = None,
) -> Any:  # fmt: skip
    """A short text of at most ``length`` characters."""
    make: Any = CharField
    return make(max_length=length, null=null, unique=unique, index=index, default=default)


__all__ = ["BpField", "FenField", "JsonField", "Table", "UtcField", "ref", "state", "word"]
