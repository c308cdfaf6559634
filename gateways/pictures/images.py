"""Uploaded pictures: decoded under strict limits, stripped, and re-encoded for the web.

Nothing of the uploaded file is ever served: what people see was drawn anew from its pixels, so
that no metadata, script or second file rides along.
"""

from __future__ import annotations

import hashlib
import io
from contextlib import suppress
from pathlib import Path
from typing import IO

from PIL import (
    GifImagePlugin,
    Image,
    ImageCms,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

from gateways.pictures.store import PictureFiles, write_atomic
from kernel.errors import Invalid
from kernel.pictures import StoredPicture

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
MAX_SIDE = 16_383  # what WebP can hold
WIDTHS = (375, 750, 1125)
FORMATS = tuple(
    # named by their classes, so that the decoders are loaded; an MPO of a phone opens as JPEG
    plugin.format
    for plugin in (
        JpegImagePlugin.JpegImageFile,
        PngImagePlugin.PngImageFile,
        WebPImagePlugin.WebPImageFile,
        GifImagePlugin.GifImageFile,
    )
)

_RECIPE = b"picture-1\0"  # part of the id: another recipe must not reuse addresses cached forever
_ORIENTATION = 0x0112
_SIDEWAYS = (5, 6, 7, 8)


class ImageStore:
    """Takes in uploaded pictures (商品图) and keeps their web sizes below the uploads root."""

    def __init__(self, root: Path | str) -> None:
        self.files = PictureFiles(root)

    def save(self, data: bytes) -> StoredPicture:
        """A picture is kept as WebP and JPEG in up to three widths, never enlarged."""
        if len(data) > MAX_BYTES:
            raise Invalid("picture_too_large", limit_bytes=MAX_BYTES)
        picture = decode(data)
        picture_id = hashlib.sha256(_RECIPE + data).hexdigest()
        widths = _widths(picture.width)
        largest = _fit(picture, widths[-1])
        for width in widths:
            self._write(picture_id, width, _fit(largest, width))
        return StoredPicture(
            id=picture_id,
            width=largest.width,
            height=largest.height,
            color=dominant_color(largest),
            widths=widths,
        )

    def _write(self, picture_id: str, width: int, picture: Image.Image) -> None:
        webp = self.files.path(picture_id, width, "webp")
        jpeg = self.files.path(picture_id, width, "jpg")
        if not webp.exists():
            write_atomic(webp, _encoded(picture, "WEBP", quality=75, method=4))
        if not jpeg.exists():
            options = {"quality": 82, "optimize": True, "progressive": True}
            write_atomic(jpeg, _encoded(picture, "JPEG", **options))


def decode(data: bytes) -> Image.Image:
    """The first frame, upright, in sRGB on white; anything odd about the file refuses it."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            _check_size(opened.width, opened.height)
            return _normalised(opened)
    except Invalid:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise Invalid("picture_too_many_pixels", limit_pixels=MAX_PIXELS) from bomb
    except Exception as broken:  # a decoder may raise anything on hostile bytes
        raise Invalid("picture_unreadable") from broken


def dominant_color(picture: Image.Image) -> str:
    """The colour that fills most of a picture, shown while it loads."""
    small = picture.resize((32, 32), Image.Resampling.BOX).quantize(6)
    counts = small.histogram()
    index = counts.index(max(counts))
    palette = small.getpalette() or [255, 255, 255]
    red, green, blue = palette[index * 3 : index * 3 + 3]
    return f"#{red:02X}{green:02X}{blue:02X}"


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise Invalid("picture_too_many_pixels", limit_pixels=MAX_PIXELS)
    if max(width, height) > MAX_SIDE:
        raise Invalid("picture_too_long", limit_side=MAX_SIDE)


def _normalised(opened: Image.Image) -> Image.Image:
    sideways = opened.getexif().get(_ORIENTATION) in _SIDEWAYS
    shown_width = opened.height if sideways else opened.width
    if shown_width > 2 * WIDTHS[-1]:
        # a JPEG decoder can skip what a smaller picture doesn't need
        scale = 2 * WIDTHS[-1] / shown_width
        opened.draft("RGB", (round(opened.width * scale), round(opened.height * scale)))
    opened.load()
    profile = opened.info.get("icc_profile")
    upright = ImageOps.exif_transpose(opened)
    return _in_srgb(_on_white(upright), profile if opened.mode == "RGB" else None)


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.has_transparency_data:
        clear = picture.convert("RGBA")
        white = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(white, clear).convert("RGB")
    if picture.mode.startswith("I;16"):
        return picture.convert("I").point(lambda value: value / 256).convert("L").convert("RGB")
    return picture.convert("RGB")


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Phones save in wide colour; without its profile such a picture would look pale."""
    if profile:
        with suppress(ImageCms.PyCMSError, OSError):
            source: IO[bytes] = io.BytesIO(profile)
            srgb = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(picture, source, srgb, outputMode="RGB")
            return converted or picture
    return picture


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
    clean.info = {}  # neither EXIF nor ICC nor comment may travel on
    out = io.BytesIO()
    clean.save(out, kind, **options)
    return out.getvalue()
