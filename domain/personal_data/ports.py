"""What deletion and files need from outside: places of files, and what the chat remembers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol


class Files(Protocol):
    """Private files by name."""

    async def take_in(self, whole: Path) -> str:
        """Move a finished file here; answers its name."""
        ...

    async def remove(self, names: Iterable[str]) -> None:
        """These files go; what is gone already is no error."""
        ...


class Pictures(Protocol):
    """Pictures by digest, in all their sizes."""

    async def forget(self, picture_id: str) -> None:
        """Delete a picture's files."""
        ...


class Posters(Protocol):
    """Drawn posters."""

    async def forget(self, names: Iterable[str]) -> None:
        """Delete these posters' files."""
        ...


class ChatMemory(Protocol):
    """What the chat remembers of a person for a while."""

    async def forget(self, openids: Iterable[str]) -> None:
        """Forget these people."""
        ...


class Pages(Protocol):
    """Draws a member's data as a page that people read."""

    def files(self, data: dict[str, Any]) -> Mapping[str, str]:
        """The files of the page, by name: HTML and its style."""
        ...


@dataclass(frozen=True)
class Places:
    """Everywhere outside the database where a person may be."""

    pictures: Pictures
    documents: Files
    exports: Files
    posters: Posters
    chat: ChatMemory
