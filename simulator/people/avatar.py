"""Draws a picture for a person without one: a coloured mosaic, always the same for a seed."""

from __future__ import annotations

import hashlib
import io

from PIL import Image

CELLS, CELL_PX = 5, 26


def draw(seed: str) -> bytes:
    """A symmetric 5 × 5 mosaic as PNG."""
    digest = hashlib.sha256(seed.encode()).digest()
    colour = (60 + digest[0] % 140, 60 + digest[1] % 140, 60 + digest[2] % 140)
    small = Image.new("RGB", (CELLS, CELLS), (240, 240, 240))
    for y in range(CELLS):
        for x in range(3):
            if digest[3 + y * 3 + x] & 1:
                small.putpixel((x, y), colour)
                small.putpixel((CELLS - 1 - x, y), colour)
    out = io.BytesIO()
    size = CELLS * CELL_PX
    small.resize((size, size), Image.Resampling.NEAREST).save(out, "PNG")
    return out.getvalue()
