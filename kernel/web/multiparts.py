"""Parses forms with files (``multipart/form-data``) while they arrive.

The parser is fed piece by piece, so that a malformed body is refused at the point of the error.
Files are written to temporary files. Texts stay in memory and have a limit of their own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy, MultiDict
from multipart import MultipartError, MultipartSegment, PushMultipartParser

from kernel.web.bodies import BadBody

FIELDS_MOST = 1000
HEADERS_MOST = 8
HEADER_BYTES = 4096
BOUNDARY_MOST = 70  # RFC 2046
TEXT_MOST = 1024 * 1024
IN_MEMORY = 1024 * 1024
PLAIN = {"", "7bit", "8bit", "binary"}
CHARSETS = {None, "", "utf-8", "utf8", "us-ascii"}


async def read_multipart(
    pieces: AsyncIterator[bytes], boundary: str
) -> MultiDict[str | web.FileField]:
    """Parse the fields of a form. The caller closes its files. Raises BadBody."""
    if not 0 < len(boundary) <= BOUNDARY_MOST:
        raise BadBody("broken")
    fields = _Fields()
    try:
        parser = PushMultipartParser(
            boundary,
            max_header_size=HEADER_BYTES,
            max_header_count=HEADERS_MOST,
            max_segment_count=FIELDS_MOST,
        )
        async for piece in _begun(pieces, f"--{boundary}".encode()):
            for event in parser.parse(piece):
                await fields.take(event)
        parser.close()
    except (MultipartError, ValueError) as error:
        fields.close()
        raise BadBody("broken") from error
    except BaseException:
        fields.close()
        raise
    return fields.done


async def _begun(pieces: AsyncIterator[bytes], start: bytes) -> AsyncIterator[bytes]:
    """Yield the pieces if the body begins with its first boundary, as every browser's does.

    Raises BadBody otherwise.
    """
    held = b""
    async for piece in pieces:
        held += piece
        if not held.startswith(start[: len(held)]):
            raise BadBody("broken")
        if len(held) >= len(start):
            yield held
            break
    async for piece in pieces:
        yield piece


class _Fields:
    """The fields received so far, and the one being received."""

    def __init__(self) -> None:
        self.done: MultiDict[str | web.FileField] = MultiDict()
        self._part: MultipartSegment | None = None
        self._text = bytearray()
        self._room = TEXT_MOST
        self._file: IO[bytes] | None = None

    async def take(self, event: Any) -> None:
        """Handle a parser event: a field's head, a piece of its content, or its end (None)."""
        if isinstance(event, MultipartSegment):
            self._begin(event)
        elif event is None:
            await self._end()
        elif self._file is not None:
            await _write(self._file, event)
        else:
            self._room -= len(event)
            if self._room < 0:
                raise BadBody("size")
            self._text += event

    def _begin(self, part: MultipartSegment) -> None:
        kind = part.content_type or ""
        encoding = (part.header("Content-Transfer-Encoding") or "").strip().lower()
        if not part.name or kind.startswith("multipart/") or encoding not in PLAIN:
            raise BadBody("broken")
        self._part, self._text = part, bytearray()
        if part.filename:
            self._file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed with the request

    async def _end(self) -> None:
        part, self._part = self._part, None
        file, self._file = self._file, None
        if part is None:
            raise BadBody("broken")
        if file is not None:
            await asyncio.to_thread(file.seek, 0)
            self.done.add(part.name or "", _file_field(part, file))
        elif part.filename is None:
            if (part.charset or "").lower() not in CHARSETS:
                raise BadBody("broken")
            self.done.add(part.name or "", self._text.decode())

    def close(self) -> None:
        """Close all files."""
        close_fields(self.done)
        if self._file is not None:
            self._file.close()


async def _write(file: IO[bytes], data: bytes) -> None:
    """Append to a file; in a thread once it is too large for memory and written to disk."""
    if file.tell() + len(data) <= IN_MEMORY:
        file.write(data)
    else:
        await asyncio.to_thread(file.write, data)


def _file_field(part: MultipartSegment, file: IO[bytes]) -> web.FileField:
    headers = CIMultiDictProxy(CIMultiDict(part.headerlist))
    kind = part.content_type or "application/octet-stream"
    return web.FileField(part.name or "", part.filename or "", file, kind, headers)


def close_fields(fields: MultiDict[Any]) -> None:
    """Close the files of a form."""
    for value in fields.values():
        if isinstance(value, web.FileField):
            value.file.close()
