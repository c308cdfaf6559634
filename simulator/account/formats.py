"""Detects a file's type by its content, among the media types that WeChat takes (媒体类型)."""

from __future__ import annotations

import io

from PIL import Image, UnidentifiedImageError

MB = 1024 * 1024
SIZES = {"image": 10 * MB, "voice": 2 * MB, "video": 10 * MB, "thumb": 64 * 1024}
VOICE_SECONDS_MAX = 60
TYPES = {
    "image": {"image/jpeg", "image/png", "image/gif"},
    "voice": {"audio/amr", "audio/mpeg"},
    "video": {"video/mp4"},
    "thumb": {"image/jpeg"},
    "picture": {"image/jpeg", "image/png"},  # for articles (uploadimg)
}
_PICTURES = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif"}
AMR_HEAD = b"#!AMR\n"
AMR_FRAME_S = 0.02
# bytes of a frame after its header byte, by the mode in bits 3-6 of the header (RFC 4867)
_AMR_SIZES = (12, 13, 15, 17, 19, 20, 26, 31, 5, 0, 0, 0, 0, 0, 0, 0)
_MP3_KBIT = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)


def type_of(data: bytes) -> str:
    """The content type by the first bytes; a picture must be readable. "" for no known type."""
    if data.startswith(AMR_HEAD):
        return "audio/amr"
    if data[4:8] == b"ftyp":
        return "video/mp4"
    if data.startswith(b"ID3") or (len(data) > 3 and data[0] == 0xFF and data[1] & 0xE6 == 0xE2):
        return "audio/mpeg"
    try:
        with Image.open(io.BytesIO(data)) as picture:
            picture.verify()
            return _PICTURES.get(picture.format or "", "")
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError):
        return ""


def voice_seconds(data: bytes) -> float:
    """The length of a voice message: AMR by its frames, MP3 by the bit rate of its first frame."""
    return _amr_seconds(data) if data.startswith(AMR_HEAD) else _mp3_seconds(data)


def _amr_seconds(data: bytes) -> float:
    at, frames = len(AMR_HEAD), 0
    while at < len(data):
        at += 1 + _AMR_SIZES[(data[at] >> 3) & 0x0F]
        frames += 1
    return frames * AMR_FRAME_S


def _mp3_seconds(data: bytes) -> float:
    """MPEG 1 layer III; an ID3 block before the first frame is skipped."""
    start = 0
    if data.startswith(b"ID3") and len(data) > 10:
        size = 0
        for part in data[6:10]:
            size = size << 7 | part & 0x7F
        start = 10 + size
    at = data.find(b"\xff", start)
    if at < 0 or at + 2 >= len(data):
        return 0.0
    kbit = _MP3_KBIT[data[at + 2] >> 4]
    return (len(data) - at) * 8 / (kbit * 1000) if kbit else 0.0
