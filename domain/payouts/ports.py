"""The ports that payouts need beside WeChat Pay."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol


class DocumentFiles(Protocol):
    """Stores encrypted files without a public address."""

    async def put(self, sealed: bytes) -> str:
        """Store a file; returns its name of 32 random hex digits."""
        ...

    async def get(self, name: str) -> bytes | None:
        """A stored file, or None."""
        ...

    async def remove(self, names: Iterable[str]) -> None:
        """Delete these files; missing ones are ignored."""
        ...

    async def names(self, older_than_seconds: float) -> list[str]:
        """Names of files last written at least this many seconds ago, by the system's clock."""
        ...


class ServedPictures(Protocol):
    """The store of public pictures, in which licences were kept once."""

    async def largest(self, picture_id: str) -> bytes | None:
        """The widest JPEG of a picture, or None."""
        ...

    async def forget(self, picture_id: str) -> None:
        """Delete every size of a picture."""
        ...
