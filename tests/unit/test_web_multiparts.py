"""Parsing of multipart forms that arrive in pieces of any size."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from kernel.web import multiparts
from kernel.web.bodies import BadBody
from kernel.web.multiparts import close_fields, read_multipart

BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
PHOTO = bytes(range(256)) * 40 + b"\r\n--" + BOUNDARY[:-1].encode() + b"\r\n"
FORM = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="text"\r\n\r\n五粮\r\n液\r\n'
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="text"\r\n\r\n\r\n'
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="none"; filename=""\r\n'
    "Content-Type: application/octet-stream\r\n\r\n\r\n"
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="photo"; filename="相片.jpg"\r\n'
    "Content-Type: image/jpeg\r\n\r\n"
).encode() + PHOTO + f"\r\n--{BOUNDARY}--\r\n".encode()  # fmt: skip


async def in_pieces(body: bytes, size: int) -> AsyncIterator[bytes]:
    """A body that arrives in pieces of this size."""
    for at in range(0, len(body), size):
        yield body[at : at + size]


@pytest.mark.parametrize("size", [1, 2, 7, 40, 41, 100, 1000, 100_000])
async def test_a_form_is_parsed_equally_in_pieces_of_any_size(size: int) -> None:
    found = await read_multipart(in_pieces(FORM, size), BOUNDARY)
    photo: Any = found["photo"]
    assert found.getall("text") == ["五粮\r\n液", ""]
    assert isinstance(photo, web.FileField)
    assert (photo.filename, photo.content_type) == ("相片.jpg", "image/jpeg")
    assert photo.file.read() == PHOTO
    assert set(found) == {"text", "photo"}
    close_fields(found)
    assert photo.file.closed


async def test_a_form_without_fields_is_empty() -> None:
    assert not await read_multipart(in_pieces(f"--{BOUNDARY}--\r\n".encode(), 9), BOUNDARY)


async def test_a_large_file_is_stored_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiparts, "IN_MEMORY", 1000)
    found = await read_multipart(in_pieces(FORM, 700), BOUNDARY)
    photo: Any = found["photo"]
    assert photo.file._rolled
    assert photo.file.read() == PHOTO
    close_fields(found)


@pytest.mark.parametrize("cut", range(0, len(FORM) - 4, 997))
async def test_a_form_that_ends_early_is_refused_and_its_files_are_closed(cut: int) -> None:
    with pytest.raises(BadBody, match="broken"):
        await read_multipart(in_pieces(FORM[:cut], 500), BOUNDARY)


async def test_text_fields_have_a_separate_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that accepts 96 MB of files must not accept 96 MB of text."""
    monkeypatch.setattr(multiparts, "TEXT_MOST", 5)
    with pytest.raises(BadBody, match="size"):
        await read_multipart(in_pieces(FORM, 500), BOUNDARY)
