"""Keyed hashes by which people are found by their whole name or phone number (ADR 0091).

A column ``name_hash`` or ``phone_hash`` stands beside the encrypted or public text. It finds equal
values only: no part of a name, no range of numbers. Spellings that people can't tell apart have
one hash: width, spaces, invisible characters, China's prefix, traditional and look-alike letters.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kernel.crypto import vault
from kernel.lookalikes import skeleton
from kernel.text import bare, phone_of

_NAME, _PHONE = "person.name", "person.phone"
Hashes = dict[str, str | None]


def name_hash(name: str | None) -> str | None:
    """The hash of a person's whole name; None without a name."""
    plain = _plain_name(name or "")
    return vault().blind(_NAME, plain) if plain else None


def phone_hash(phone: str | None) -> str | None:
    """The hash of a whole phone number; None without one."""
    plain = phone_of(phone or "")
    return vault().blind(_PHONE, plain) if plain else None


def is_name(column: Any, name: str) -> Any:
    """The condition that a ``name_hash`` is that of this name."""
    plain = _plain_name(name)
    return column.in_(vault().blinds(_NAME, plain) if plain else ())


def is_phone(column: Any, phone: str) -> Any:
    """The condition that a ``phone_hash`` is that of this number."""
    plain = phone_of(phone)
    return column.in_(vault().blinds(_PHONE, plain) if plain else ())


def rehash(
    table: Any, hashes_of: Callable[[Any], Hashes], after_id: int, limit: int
) -> tuple[int, int, int]:
    """Make the hashes of the next rows anew, after the secret was changed (轮换).

    ``hashes_of`` gives a row's hashes by column. Returns the last row looked at (0 if none was
    left), how many were looked at, and how many had other hashes. A row that is written meanwhile
    keeps what was written.
    """
    rows = list(table.select().where(table.id > after_id).order_by(table.id).limit(limit))
    done = 0
    for row in rows:
        after = hashes_of(row)
        before = {name: getattr(row, name) for name in after}
        if after != before:
            same = table.id == row.id
            for name, value in before.items():
                column = getattr(table, name)
                same &= column.is_null() if value is None else column == value
            done += table.update(**after).where(same).execute()
    return (int(rows[-1].id) if rows else 0), len(rows), done


def _plain_name(name: str) -> str:
    """A name's skeleton; of a name without letters, such as an emoji, its comparable form."""
    return skeleton(name) or "".join(bare(name).split())
