"""Examines a JPEG file: whether it is complete, how it is encoded, how much of it can be shown.

Only markers are parsed here; the decoder handles the pixels.
"""

from __future__ import annotations

import io
import re
from contextlib import suppress
from dataclasses import dataclass

from PIL import Image

END = b"\xff\xd9"
SCANS_MOST = 100
"""A usual progressive file has ten scans. Each takes a pass over the whole picture."""
MISSING_MOST = 0.2
"""The largest accepted part of a picture that is missing at the bottom."""
SCANS_LEAST = 6
"""In a usual progressive file the whole picture is visible once the sixth scan begins."""

_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # not a stuffed byte, a restart or a filler
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = frozenset((0xC2, 0xC6, 0xCA, 0xCE))
_BARE = frozenset((0x01, 0xD8))
_SCAN = 0xDA
_ONE_BLOCK_ROW = 4  # rows that the decoder holds back at a scale of 1/8


@dataclass(frozen=True, slots=True)
class Outline:
    """``is_whole``: the end marker is present. ``is_layered``: the picture has several scans."""

    is_whole: bool
    is_layered: bool
    scans: int


def outline_of(data: bytes) -> Outline:
    """Read the markers of a file's first picture, to its end marker or the file's end."""
    at, scans, components, is_layered = 2, 0, 0, False
    while (found := _MARKER.search(data, at)) is not None and scans <= SCANS_MOST:
        kind, at = data[found.end() - 1], found.end()
        if kind == END[1]:
            return Outline(True, is_layered, scans)
        if kind in _BARE:
            continue
        body = data[at : at + 8]
        if len(body) < 8:
            break
        if kind in _FRAMES:
            components, is_layered = body[7], kind in _PROGRESSIVE
        elif kind == _SCAN:
            scans += 1
            is_layered = is_layered or body[2] < components
        at += int.from_bytes(body[:2], "big")
    return Outline(False, is_layered, scans)


def is_mostly_there(data: bytes, outline: Outline) -> bool:
    """Whether a truncated file still shows nearly the whole picture."""
    if outline.is_layered:
        return outline.scans >= SCANS_LEAST
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as opened:
        opened.draft(None, (1, 1))  # scale 1/8 suffices to count rows
        with suppress(OSError):  # "image file is truncated": the decoded part is kept
            opened.load()
        seen = opened.im.getbbox() or (0, 0, 0, 0)
        missing = opened.height - seen[3] - _ONE_BLOCK_ROW
        return bool(missing <= opened.height * MISSING_MOST)
