"""The ports that the catalogue needs."""

from __future__ import annotations

from typing import IO, Protocol

from kernel.pictures import Redrawn, StoredPicture


class ForgetsPictures(Protocol):
    """Deletes the files of stored pictures."""

    async def forget(self, picture_id: str) -> None:
        """Delete every version of a picture; none is no error."""
        ...


class PictureStore(Protocol):
    """Stores uploaded pictures (商品图)."""

    async def take(self, file: IO[bytes]) -> StoredPicture:
        """Store an uploaded picture in its web sizes. Raises ``Invalid`` and stores nothing then.

        The same bytes always give the same id, so a repeated call is harmless. One picture is
        decoded at a time, in a thread, because a large photo takes a second of CPU.
        """
        ...

    async def take_marked(self, file: IO[bytes], mark: str) -> StoredPicture:
        """Store an uploaded picture with a text across it (水印). Raises as ``take``."""
        ...

    async def redraw(self, file: IO[bytes]) -> Redrawn:
        """Re-encode an upload as one JPEG without storing it. Raises ``Invalid``."""
        ...
