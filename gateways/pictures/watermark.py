"""A text across a picture (水印), so that a published licence can't pass for the original."""

from __future__ import annotations

import io

from PIL import Image

from gateways.pictures.decoding import decode
from gateways.pictures.encoding import READABLE_WIDTH
from gateways.pictures.text import Style, clean, ink

ANGLE = 24
COLOR = "#7A5A1E"
STRENGTH = 0.30
"""How much of the colour covers the picture where a letter stands."""


def marked(data: bytes, text: str) -> bytes:
    """An upload as JPEG with a text repeated across it. Raises what ``decode`` raises."""
    picture = decode(data, READABLE_WIDTH).picture.convert("RGB")
    if picture.width > READABLE_WIDTH:
        height = max(1, round(picture.height * READABLE_WIDTH / picture.width))
        picture = picture.resize((READABLE_WIDTH, height), Image.Resampling.LANCZOS)
    mask = _tiled(picture.size, text)
    picture.paste(COLOR, (0, 0), mask.point(lambda value: round(value * STRENGTH)))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88, optimize=True)
    return out.getvalue()


def _tiled(size: tuple[int, int], text: str) -> Image.Image:
    """The text in slanting rows over an area, as a mask."""
    letters = max(14, round(max(size) / 28))
    line = ink(clean(text, "sans"), Style("sans", letters)).mask
    side = round((size[0] ** 2 + size[1] ** 2) ** 0.5) + 2 * line.width
    rows = Image.new("L", (side, side))
    across, down = line.width + 2 * letters, 4 * letters
    for row, top in enumerate(range(0, side, down)):
        start = -(row % 2) * across // 2
        for left in range(start, side, across):
            rows.paste(line, (left, top))
    turned = rows.rotate(ANGLE)
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    return turned.crop((left, top, left + size[0], top + size[1]))
