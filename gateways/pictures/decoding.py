"""Uploaded pictures become pixels: the first frame, upright, in sRGB on white, bounded.

What is bounded is the memory that decoding takes, so the bound depends on the format. A JPEG of
one scan is read at a fraction of its size. The other formats hold all their pixels at once.
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
"""PNG, WebP, GIF, AVIF: four bytes a pixel, all at once."""
MAX_PIXELS_PHONE = 52_000_000
"""HEIC and JPEG of several scans: phones have sensors of 48 and 50 million pixels."""
MAX_PIXELS_DRAFT = 80_000_000
"""JPEG of one scan: below Pillow's own mark of a bomb."""
MAX_SIDE = 16_383  # what WebP can hold
FORMATS = tuple(
    # named by their classes, so that the decoders are loaded; an MPO of a phone opens as JPEG
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
    """``is_cut``: the end of the file was missing, the lower edge may be grey or coarse."""

    picture: Image.Image
    is_cut: bool = False


def decode(data: bytes, needed_width: int) -> Decoded:
    """The picture of a file, at least ``needed_width`` pixels wide if the file is.

    Raises Invalid: ``picture_too_many_pixels``, ``picture_too_long``, ``picture_cut_off`` for a
    file of which much is missing, ``picture_heic`` for a phone's format that could not be read,
    ``picture_unreadable`` for anything else that is odd about it.
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
    """HEIC's decoder takes 5 MB: it is loaded at the first such picture."""
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
    # With an end marker the decoder fills up what is missing. Pillow's own switch for this is
    # one for the whole process, so it would hold for the other threads' files, too.
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
        # a JPEG decoder can skip what a smaller picture doesn't need
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
    """By a whole factor, in bands: a second copy of all pixels is never made."""
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
    """In a mode whose pixels can be averaged, eight bits a channel."""
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    if picture.mode.startswith("I;16"):
        return picture.convert("I").point(lambda value: value / 256).convert("L")
    return picture if picture.mode in ("RGB", "L", "CMYK") else picture.convert("RGB")


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Phones save in wide colour; without its profile such a picture would look pale."""
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
