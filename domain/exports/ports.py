"""What exports need from outside: a place for finished files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol


class ExportFiles(Protocol):
    """Keeps finished files where no address leads."""

    async def take_in(self, whole: Path) -> str:
        """Move a finished file here; answers its name, 32 hex digits that nobody can guess."""
        ...

    def path(self, name: str) -> Path | None:
        """Where a file lies, None if it is gone."""
        ...

    async def remove(self, names: Iterable[str]) -> None:
        """These files go; what is gone already is no error."""
        ...
