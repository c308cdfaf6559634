"""Uploaded pictures: decoded within strict limits and re-encoded for the web.

The uploaded bytes are never served. Pictures are re-encoded from their pixels, which removes
metadata, scripts and appended files. Pillow is imported with the first picture.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

from gateways.pictures.store import WIDTHS, PictureFiles
from kernel.errors import Invalid
from kernel.pictures import UPLOAD_BYTES, Redrawn, StoredPicture


class ImageStore:
    """Stores uploaded pictures (商品图) in their web sizes below the uploads folder."""

    def __init__(self, root: Path | str) -> None:
        self.files = PictureFiles(root)
        # one at a time: decoding a large picture takes a few hundred megabytes
        self._worker = ThreadPoolExecutor(1, "picture")

    async def take(self, file: IO[bytes]) -> StoredPicture:
        """Store an upload; one at a time per process. Raises what ``save`` raises."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._worker, self._read_and_save, file)

    async def take_marked(self, file: IO[bytes], mark: str) -> StoredPicture:
        """Store an upload with a text across it; without it nothing is kept (水印)."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._worker, self._read_and_mark, file, mark)

    async def redraw(self, file: IO[bytes]) -> Redrawn:
        """Re-encode an upload as one JPEG without storing it. Raises what ``save`` raises."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._worker, _read_and_redraw, file)

    async def largest(self, picture_id: str) -> bytes | None:
        """The widest JPEG of a picture; None if there is none."""
        path = await asyncio.to_thread(self.files.best, picture_id, WIDTHS[-1])
        return None if path is None else await asyncio.to_thread(path.read_bytes)

    async def forget(self, picture_id: str) -> None:
        """Delete every version of a picture."""
        for path in await asyncio.to_thread(self.files.versions, picture_id):
            path.unlink(missing_ok=True)

    def _read_and_save(self, file: IO[bytes]) -> StoredPicture:
        return self.save(file.read(UPLOAD_BYTES + 1))

    def _read_and_mark(self, file: IO[bytes], mark: str) -> StoredPicture:
        from gateways.pictures.watermark import marked

        return self.save(marked(_checked(file.read(UPLOAD_BYTES + 1)), mark))

    def save(self, data: bytes) -> StoredPicture:
        """Store a picture as WebP and JPEG in up to three widths, never enlarged.

        Raises Invalid: ``picture_too_large`` and what ``decode`` raises; then nothing is stored.
        """
        from gateways.pictures.encoding import keep

        return keep(_checked(data), self.files)


def _checked(data: bytes) -> bytes:
    if len(data) > UPLOAD_BYTES:
        raise Invalid("picture_too_large", limit_bytes=UPLOAD_BYTES)
    return data


def _read_and_redraw(file: IO[bytes]) -> Redrawn:
    from gateways.pictures.encoding import redraw

    return redraw(_checked(file.read(UPLOAD_BYTES + 1)))
