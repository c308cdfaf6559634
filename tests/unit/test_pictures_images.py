"""The picture store: accepted pictures, refused pictures, and the files that it writes."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from gateways.pictures.images import ImageStore
from kernel.errors import Invalid
from kernel.pictures import UPLOAD_BYTES, StoredPicture, variants


def encoded(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def plain(width: int = 40, height: int = 30, color: str = "#9E1B1E") -> Image.Image:
    return Image.new("RGB", (width, height), color)


def files(root: Path) -> list[str]:
    return sorted(path.name for path in root.rglob("*") if path.is_file())


def png_claiming(width: int, height: int) -> bytes:
    """A valid PNG header with a body that is too short for the size in the header."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        crc = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc)

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 999)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def opened(root: Path, picture: StoredPicture, width: int, ext: str) -> Image.Image:
    path = root / picture.id[:2] / f"{picture.id}-{width}.{ext}"
    return Image.open(io.BytesIO(path.read_bytes()))


def test_large_picture_is_kept_in_three_widths_and_two_formats(tmp_path: Path) -> None:
    stored = ImageStore(tmp_path).save(encoded(plain(2400, 1600), "JPEG"))
    assert (stored.width, stored.height, stored.widths) == (1125, 750, (375, 750, 1125))
    names = [f"{stored.id}-{w}.{e}" for w in (375, 750, 1125) for e in ("jpg", "webp")]
    assert files(tmp_path) == sorted(names)
    assert opened(tmp_path, stored, 750, "jpg").format == "JPEG"
    assert opened(tmp_path, stored, 375, "webp").format == "WEBP"
    assert opened(tmp_path, stored, 375, "webp").size == (375, 250)


@pytest.mark.parametrize(
    ("width", "widths"),
    [
        (1, (1,)),
        (375, (375,)),
        (376, (375, 376)),
        (600, (375, 600)),
        (1124, (375, 750, 1124)),
        (1125, (375, 750, 1125)),
    ],
)
def test_small_pictures_are_not_enlarged(
    tmp_path: Path, width: int, widths: tuple[int, ...]
) -> None:
    stored = ImageStore(tmp_path).save(encoded(plain(width, 9)))
    assert (stored.width, stored.widths) == (width, widths)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_each_format_is_accepted(tmp_path: Path, kind: str) -> None:
    assert ImageStore(tmp_path).save(encoded(plain(), kind)).color[0] == "#"


def test_dominant_color_is_the_one_that_fills_most(tmp_path: Path) -> None:
    picture = plain(100, 100, "#FBF8F3")
    picture.paste("#9E1B1E", (0, 0, 100, 30))
    assert ImageStore(tmp_path).save(encoded(picture)).color == "#FBF8F3"


def test_an_animated_picture_is_stored_as_its_first_frame(tmp_path: Path) -> None:
    frames = [plain(20, 20, "#FF0000"), plain(20, 20, "#0000FF")]
    moving = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert ImageStore(tmp_path).save(moving).color == "#FF0000"


def test_orientation_is_applied_and_metadata_is_gone(tmp_path: Path) -> None:
    picture = plain(80, 40)
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Secret Camera"
    gps = exif.get_ifd(0x8825)
    gps[1] = "N"
    data = encoded(picture, "JPEG", exif=exif, comment=b"secret note")
    assert b"Secret Camera" in data
    stored = ImageStore(tmp_path).save(data)
    assert (stored.width, stored.height) == (40, 80)
    for path in tmp_path.rglob("*.*"):
        content = path.read_bytes()
        assert b"Secret" not in content
        assert b"secret" not in content
        assert b"Exif" not in content
        assert dict(Image.open(io.BytesIO(content)).getexif()) == {}


def test_sideways_photo_larger_than_needed_keeps_full_width(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 8
    stored = ImageStore(tmp_path).save(encoded(plain(4000, 3000), "JPEG", exif=exif))
    assert (stored.width, stored.height) == (1125, 1500)


def test_transparent_parts_become_white(tmp_path: Path) -> None:
    stored = ImageStore(tmp_path).save(encoded(Image.new("RGBA", (20, 20), (0, 0, 0, 0))))
    assert stored.color == "#FFFFFF"
    assert opened(tmp_path, stored, 20, "jpg").getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "I;16", "RGBA"])
def test_other_pixel_modes_are_accepted(tmp_path: Path, mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    source = Image.new(mode, (20, 10))
    assert ImageStore(tmp_path).save(encoded(source, kind)).widths == (20,)


def test_sixteen_bit_grey_keeps_its_brightness(tmp_path: Path) -> None:
    grey = Image.new("I;16", (20, 10), 0x8000)
    assert ImageStore(tmp_path).save(encoded(grey)).color == "#808080"


def test_wide_colour_is_converted_and_its_profile_dropped(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    stored = ImageStore(tmp_path).save(encoded(plain(30, 30), "PNG", icc_profile=profile))
    assert stored.color == "#9E1B1E"
    assert opened(tmp_path, stored, 30, "webp").info.get("icc_profile") is None


def test_broken_colour_profile_does_not_lose_the_picture(tmp_path: Path) -> None:
    data = encoded(plain(30, 30), "PNG", icc_profile=b"not a profile")
    assert ImageStore(tmp_path).save(data).color == "#9E1B1E"


JPEG = encoded(plain(300, 300), "JPEG")
SVG = (
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "picture_unreadable"),
        (b"\x89PNG\r\n\x1a\n", "picture_unreadable"),
        (SVG, "picture_unreadable"),
        (b"<html><body>photo.jpg</body></html>", "picture_unreadable"),
        (encoded(plain(), "BMP"), "picture_unreadable"),
        (encoded(plain(), "TIFF"), "picture_unreadable"),
        (JPEG[: len(JPEG) // 2], "picture_cut_off"),
        (JPEG[:40], "picture_unreadable"),
        (encoded(plain(300, 300))[:-40], "picture_unreadable"),
        (b"\0" * (UPLOAD_BYTES + 1), "picture_too_large"),
        (png_claiming(6400, 6400), "picture_too_many_pixels"),
        (png_claiming(10_000, 10_000), "picture_too_many_pixels"),
        (png_claiming(60_000, 60_000), "picture_too_many_pixels"),
        (png_claiming(100, 16_384), "picture_too_long"),
        (png_claiming(900, 900), "picture_unreadable"),
    ],
    ids=range(15),
)
def test_refused_pictures_leave_nothing_behind(tmp_path: Path, data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        ImageStore(tmp_path).save(data)
    assert refused.value.code == code
    assert files(tmp_path) == []


def test_same_bytes_give_the_same_id_and_are_written_once(tmp_path: Path) -> None:
    store = ImageStore(tmp_path)
    first = store.save(JPEG)
    stamps = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.*")}
    assert store.save(JPEG) == first
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.*")} == stamps
    assert len(first.id) == 64


def test_a_missing_file_of_a_picture_is_made_again(tmp_path: Path) -> None:
    store = ImageStore(tmp_path)
    stored = store.save(JPEG)
    lost = store.files.path(stored.id, 300, "webp")
    lost.unlink()
    store.save(JPEG)
    assert opened(tmp_path, stored, 300, "webp").size == (300, 300)


def test_view_offers_every_width() -> None:
    view = variants("ab12", 1125, 750, "#FBF8F3", [375, 750, 1125], "/uploads/", alt="陈酿")
    assert view.src == "/uploads/ab/ab12-750.jpg"
    assert view.srcset_webp == (
        "/uploads/ab/ab12-375.webp 375w, /uploads/ab/ab12-750.webp 750w, "
        "/uploads/ab/ab12-1125.webp 1125w"
    )
    assert view.srcset_jpeg.startswith("/uploads/ab/ab12-375.jpg 375w, ")
    assert (view.width, view.height, view.alt, view.color) == (1125, 750, "陈酿", "#FBF8F3")


def test_view_of_a_small_picture_uses_its_only_width() -> None:
    assert variants("ab12", 90, 90, "#000000", (90,), "/u").src == "/u/ab/ab12-90.jpg"
