"""What payouts need from outside, beside WeChat Pay."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol


class DocumentFiles(Protocol):
    """Keeps sealed files that no address leads to."""

    async def put(self, sealed: bytes) -> str:
        """Keep a file; answers its name, 32 hex digits that nobody can guess."""
        ...

    async def get(self, name: str) -> bytes | None:
        """A file as it was kept, None if there is none of that name."""
        ...

    async def remove(self, names: Iterable[str]) -> None:
        """These files go; what is gone already is no error."""
        ...

    async def names(self, older_than_seconds: float) -> list[str]:
        """The files that were last written so long ago, by the system's clock."""
        ...


class ServedPictures(Protocol):
    """The pictures that everybody may load, where licences once lay among them."""

    async def largest(self, picture_id: str) -> bytes | None:
        """The widest JPEG of a picture, None if there is none."""
        ...

    async def forget(self, picture_id: str) -> None:
        """Every version of a picture goes."""
        ...
