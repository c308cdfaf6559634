"""Decodes uploaded pictures: first frame, upright, in sRGB on white, of limited size.

The limits bound the memory of decoding and therefore depend on the format. A baseline JPEG (one
scan) can be decoded at a fraction of its size. The other formats need all pixels in memory.
"""

from __future__ import annotations

import functools
import io
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any

from PIL import (
    AvifImagePlugin,
    GifImagePlugin,
    Image,
    ImageCms,
    JpegImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

from gateways.pictures import jpeg
from kernel.errors import Invalid

MAX_PIXELS = 40_000_000
"""For PNG, WebP, GIF and AVIF, which need four bytes per pixel."""
MAX_PIXELS_PHONE = 52_000_000
"""For HEIC and JPEG of several scans: phones have sensors of 48 and 50 million pixels."""
MAX_PIXELS_DRAFT = 80_000_000
"""For JPEG of one scan; below Pillow's decompression-bomb limit."""
MAX_SIDE = 16_383  # WebP's limit
FORMATS = tuple(
    # naming the classes imports the decoders; a phone's MPO opens as JPEG
    plugin.format
    for plugin in (
        JpegImagePlugin.JpegImageFile,
        PngImagePlugin.PngImageFile,
        WebPImagePlugin.WebPImageFile,
        GifImagePlugin.GifImageFile,
        AvifImagePlugin.AvifImageFile,
    )
)

_HEIC_BRANDS = frozenset(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"heif")
)
_BAND_PIXELS = 2_000_000
_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = (5, 6, 7, 8)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A picture; ``is_cut``: the file was truncated, the lower part may be grey or coarse."""

    picture: Image.Image
    is_cut: bool = False


def decode(data: bytes, needed_width: int) -> Decoded:
    """Decode a file, at least ``needed_width`` pixels wide if the original is.

    Raises Invalid: ``picture_too_many_pixels``, ``picture_too_long``, ``picture_cut_off`` for a
    file of which much is missing, ``picture_heic`` for an unreadable HEIC file,
    ``picture_unreadable`` for every other fault.
    """
    is_heic = data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS
    try:
        return _decoded(data, needed_width, _heif() if is_heic else FORMATS)
    except Invalid:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise Invalid("picture_too_many_pixels", limit_pixels=MAX_PIXELS_DRAFT) from bomb
    except Exception as broken:  # a decoder may raise anything on hostile bytes
        raise Invalid("picture_heic" if is_heic else "picture_unreadable") from broken


@functools.cache
def _heif() -> tuple[str, ...]:
    """Load the HEIC decoder at the first such picture; it takes 5 MB."""
    import pi_heif

    pi_heif.register_heif_opener(
        thumbnails=False, depth_images=False, aux_images=False, decode_threads=1
    )
    return ("HEIF",)


def _decoded(data: bytes, needed_width: int, formats: tuple[Any, ...]) -> Decoded:
    is_cut = False
    with Image.open(io.BytesIO(data), formats=formats) as opened:
        most = MAX_PIXELS_PHONE if opened.format == "HEIF" else MAX_PIXELS
        if isinstance(opened, JpegImagePlugin.JpegImageFile):
            outline = jpeg.outline_of(data)
            if outline.scans > jpeg.SCANS_MOST:
                raise Invalid("picture_unreadable")
            most = MAX_PIXELS_PHONE if outline.is_layered else MAX_PIXELS_DRAFT
            is_cut = not outline.is_whole
        _check_size(opened.width, opened.height, most)
        if not is_cut:
            return Decoded(_normalised(opened, needed_width))
    if not jpeg.is_mostly_there(data, outline):
        raise Invalid("picture_cut_off")
    # With an end marker the decoder fills the missing part. Pillow's LOAD_TRUNCATED_IMAGES is
    # global to the process and would affect the files of other threads.
    with Image.open(io.BytesIO(data + jpeg.END), formats=("JPEG",)) as opened:
        return Decoded(_normalised(opened, needed_width), is_cut=True)


def _check_size(width: int, height: int, most: int) -> None:
    if width * height > most:
        raise Invalid("picture_too_many_pixels", limit_pixels=most)
    if max(width, height) > MAX_SIDE:
        raise Invalid("picture_too_long", limit_side=MAX_SIDE)


def _normalised(opened: Image.Image, needed_width: int) -> Image.Image:
    orientation = opened.getexif().get(_ORIENTATION)
    shown_width = opened.height if orientation in _SIDEWAYS else opened.width
    if shown_width > needed_width:
        # lets the JPEG decoder decode at a reduced size
        scale = needed_width / shown_width
        opened.draft("RGB", (round(opened.width * scale), round(opened.height * scale)))
    if opened.width * opened.height > MAX_PIXELS_PHONE:
        raise Invalid("picture_too_many_pixels", limit_pixels=MAX_PIXELS_PHONE)
    opened.load()
    profile = opened.info.get("icc_profile")
    shown_width = opened.height if orientation in _SIDEWAYS else opened.width
    small = _shrunk(opened, max(1, shown_width // needed_width))
    plain = _on_white(_in_srgb(small, profile))
    turn = _UPRIGHT.get(orientation or 0)
    return plain.transpose(turn) if turn is not None else plain


def _shrunk(picture: Image.Image, factor: int) -> Image.Image:
    """Shrink by a whole factor, in bands, so that no second copy of all pixels is made."""
    if factor == 1:
        return _reducible(picture)
    rows = factor * max(1, _BAND_PIXELS // (picture.width * factor))
    small: Image.Image | None = None
    for top in range(0, picture.height, rows):
        box = (0, top, picture.width, min(top + rows, picture.height))
        band = _reducible(picture.crop(box)).reduce(factor)
        if small is None:
            small = Image.new(band.mode, (band.width, -(-picture.height // factor)))
        small.paste(band, (0, top // factor))
    assert small is not None
    return small


def _reducible(picture: Image.Image) -> Image.Image:
    """Convert to a mode whose pixels can be averaged, with eight bits per channel."""
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    if picture.mode.startswith("I;16"):
        return picture.convert("I").point(lambda value: value / 256).convert("L")
    return picture if picture.mode in ("RGB", "L", "CMYK") else picture.convert("RGB")


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert to sRGB: phones save wide-gamut colours, which look pale without their profile."""
    if not profile or picture.mode == "L":
        return picture
    with suppress(ImageCms.PyCMSError, OSError):
        source: IO[bytes] = io.BytesIO(profile)
        srgb = ImageCms.createProfile("sRGB")
        mode = "RGB" if picture.mode == "CMYK" else picture.mode
        return ImageCms.profileToProfile(picture, source, srgb, outputMode=mode) or picture
    return picture


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode == "RGBA":
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture)
    return picture.convert("RGB")
