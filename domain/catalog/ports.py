"""What the catalogue needs from outside."""

from __future__ import annotations

from typing import Protocol

from kernel.pictures import StoredPicture


class PictureStore(Protocol):
    """Takes in pictures that people upload (商品图)."""

    def save(self, data: bytes) -> StoredPicture:
        """Keep a picture in its web sizes, or raise ``Invalid`` and keep nothing.

        The same bytes always give the same id, so saving twice is harmless. Takes tens of
        milliseconds of CPU: call it through a thread.
        """
        ...
