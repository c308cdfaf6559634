"""What the catalogue needs from outside."""

from __future__ import annotations

from typing import IO, Protocol

from kernel.pictures import Redrawn, StoredPicture


class PictureStore(Protocol):
    """Takes in pictures that people upload (商品图)."""

    async def take(self, file: IO[bytes]) -> StoredPicture:
        """Keep an uploaded picture in its web sizes, or raise ``Invalid`` and keep nothing.

        The same bytes always give the same id, so taking it twice is harmless. One is decoded at
        a time, in a thread: a phone's large photo takes a second of CPU.
        """
        ...

    async def redraw(self, file: IO[bytes]) -> Redrawn:
        """An upload drawn anew as one JPEG, kept nowhere; raises as ``take``."""
        ...
