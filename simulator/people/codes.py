"""Reads the QR codes in a picture, as a long press on a poster does on a phone."""

from __future__ import annotations

import io

import zxingcpp
from PIL import Image, UnidentifiedImageError

MAX_SIDE = 2400
QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


def read_codes(data: bytes) -> list[str]:
    """The texts of all QR codes in a picture, each once; [] if it isn't a picture."""
    try:
        with Image.open(io.BytesIO(data)) as opened:
            picture = opened.convert("RGBA")
    except (UnidentifiedImageError, OSError):
        return []
    white = Image.new("RGBA", picture.size, "white")
    grey = Image.alpha_composite(white, picture).convert("L")
    grey.thumbnail((MAX_SIDE, MAX_SIDE))
    found = zxingcpp.read_barcodes(grey, formats=QR)
    return list(dict.fromkeys(each.text for each in found))
