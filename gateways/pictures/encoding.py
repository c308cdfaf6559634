"""Encodes a picture for the web: WebP and JPEG in up to three widths, without metadata."""

from __future__ import annotations

import hashlib
import io

from PIL import Image

from gateways.pictures.decoding import decode
from gateways.pictures.store import WIDTHS, PictureFiles, write_atomic
from kernel.pictures import Redrawn, StoredPicture

READABLE_WIDTH = 1600  # small print of a document stays legible

_RECIPE = b"picture-2\0"  # part of the id: a changed encoding needs new URLs, as they are cached


def keep(data: bytes, files: PictureFiles) -> StoredPicture:
    """Write all sizes of an upload. Raises what ``decode`` raises; then nothing is written."""
    decoded = decode(data, 2 * WIDTHS[-1])
    picture = decoded.picture
    picture_id = hashlib.sha256(_RECIPE + data).hexdigest()
    widths = _widths(picture.width)
    largest = _fit(picture, widths[-1])
    for width in widths:
        _write(files, picture_id, width, _fit(largest, width))
    return StoredPicture(
        id=picture_id,
        width=largest.width,
        height=largest.height,
        color=dominant_color(largest),
        widths=widths,
        is_cut=decoded.is_cut,
    )


def redraw(data: bytes) -> Redrawn:
    """Re-encode an upload as one JPEG without storing it. Raises what ``decode`` raises."""
    decoded = decode(data, 2 * WIDTHS[-1])
    picture = _fit(decoded.picture, min(decoded.picture.width, READABLE_WIDTH))
    return Redrawn(_encoded(picture, "JPEG", quality=85, optimize=True), decoded.is_cut)


def dominant_color(picture: Image.Image) -> str:
    """A picture's most frequent colour (``#RRGGBB``), shown while it loads."""
    small = picture.resize((32, 32), Image.Resampling.BOX).quantize(6)
    counts = small.histogram()
    index = counts.index(max(counts))
    palette = small.getpalette() or [255, 255, 255]
    red, green, blue = palette[index * 3 : index * 3 + 3]
    return f"#{red:02X}{green:02X}{blue:02X}"


def _widths(width: int) -> tuple[int, ...]:
    smaller = tuple(each for each in WIDTHS if each < width)
    return (*smaller, min(width, WIDTHS[-1])) if width < WIDTHS[-1] else WIDTHS


def _fit(picture: Image.Image, width: int) -> Image.Image:
    if picture.width == width:
        return picture
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)


def _encoded(picture: Image.Image, kind: str, **options: int) -> bytes:
    clean = picture.copy()
    clean.info = {}  # drops EXIF, ICC profile and comments
    out = io.BytesIO()
    clean.save(out, kind, **options)
    return out.getvalue()


def _write(files: PictureFiles, picture_id: str, width: int, picture: Image.Image) -> None:
    webp = files.path(picture_id, width, "webp")
    jpeg = files.path(picture_id, width, "jpg")
    if not webp.exists():
        write_atomic(webp, _encoded(picture, "WEBP", quality=75, method=4))
    if not jpeg.exists():
        options = {"quality": 82, "optimize": True, "progressive": True}
        write_atomic(jpeg, _encoded(picture, "JPEG", **options))
