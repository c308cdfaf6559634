"""Catalogues of texts: each face has a folder ``texts/zh_CN/<face>`` with a file per domain.

A key is a path through the tables: ``order.state.paid``. The files of a face are read once, at
first use. A text or a table that is asked for and missing raises MissingText; faces ask for theirs
while they are imported, so a missing one stops the start (docs/adr/0073-texts-in-catalogues.md).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

ROOT = Path(__file__).resolve().parents[1] / "texts" / "zh_CN"
R = TypeVar("R")


class MissingText(LookupError):
    """A catalogue lacks a text or a table, or holds something else under its key."""


class Badge(NamedTuple):
    """The name of a state and the tone of its badge."""

    name: str
    tone: str = ""


class Catalogue:
    """The texts of one face."""

    def __init__(self, face: str, root: Path = ROOT) -> None:
        self._folder = root / face
        self._asked: set[str] = set()

    def text(self, key: str) -> str:
        """One text. Raises MissingText."""
        found = self._at(key)
        if not isinstance(found, str):
            raise MissingText(f"{self._folder.name}: {key} is no text")
        return found

    def names(self, key: str) -> dict[str, str]:
        """The texts of a table by code; a code with dots is nested. Raises MissingText."""
        return dict(_flat(self._table(key)))

    def badges(self, key: str) -> dict[str, Badge]:
        """A table of states: a text, or a table of ``name`` and ``tone``. Raises MissingText."""
        rows = self._table(key).items()
        return {
            code: Badge(row) if isinstance(row, str) else _made(Badge, f"{key}.{code}", row)
            for code, row in rows
        }

    def records(self, key: str, kind: type[R]) -> dict[str, R]:
        """A table of tables, each made into a ``kind`` by its fields. Raises MissingText."""
        rows = self._table(key).items()
        return {code: _made(kind, f"{key}.{code}", row) for code, row in rows}

    @property
    def unread(self) -> frozenset[str]:
        """Keys of tables and single texts that nobody has asked for."""
        return frozenset(key for key in _keys(self._tables) if not self._is_asked(key))

    def _is_asked(self, key: str) -> bool:
        parts = key.split(".")
        return any(".".join(parts[:n]) in self._asked for n in range(1, len(parts) + 1))

    def _table(self, key: str) -> Mapping[str, Any]:
        found = self._at(key)
        if not isinstance(found, dict):
            raise MissingText(f"{self._folder.name}: {key} is no table")
        return found

    def _at(self, key: str) -> Any:
        found: Any = self._tables
        for part in key.split("."):
            if not isinstance(found, dict) or part not in found:
                raise MissingText(f"{self._folder.name}: {key}")
            found = found[part]
        self._asked.add(key)
        return found

    @cached_property
    def _tables(self) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for path in sorted(self._folder.glob("*.toml")):
            _merge(merged, tomllib.loads(path.read_text(encoding="utf-8")), path.name)
        return merged


@cache
def of(face: str) -> Catalogue:
    """The texts of a face, read once by each process."""
    return Catalogue(face)


def _merge(into: dict[str, Any], more: Mapping[str, Any], file: str, key: str = "") -> None:
    """Add a file's tables; a text that two files hold is an error."""
    for name, value in more.items():
        path = f"{key}.{name}" if key else name
        if isinstance(value, dict) and isinstance(into.setdefault(name, {}), dict):
            _merge(into[name], value, file, path)
        elif name in into:
            raise MissingText(f"{file}: {path} stands in another file, too")
        else:
            into[name] = value


def _flat(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def _keys(table: Mapping[str, Any]) -> Iterator[str]:
    return (key for key, _ in _flat(table))


def _made(kind: type[R], key: str, row: Any) -> R:
    try:
        return kind(**row)
    except TypeError as error:
        raise MissingText(f"{key}: {error}") from error
