"""Pictures as an attacker sends them: what is served was drawn anew, or nothing is."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import aiohttp
import pytest
from PIL import Image

from kernel.pictures import UPLOAD_BYTES
from models import Picture, ProductPicture
from tests.security.town import MEMBER, STAFF, Person, Town

SCRIPT = b"<script>alert(document.cookie)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>x</script></svg>'


def picture(kind: str = "JPEG", **options: Any) -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "#9E1B1E").save(out, kind, **options)
    return out.getvalue()


def photo_with_a_place() -> bytes:
    """A phone's photo: where and when it was taken, by whom, and a comment."""
    exif = Image.Exif()
    exif[0x010F], exif[0x8298], exif[0x9286] = "PhoneMaker", "小王", "13800138000"
    place = exif.get_ifd(0x8825)
    place[1], place[2] = "N", (28.0, 52.0, 17.0)
    place[3], place[4] = "E", (105.0, 26.0, 32.0)
    return picture(exif=exif, comment=b"SECRET-COMMENT")


def bomb(width: int, height: int) -> bytes:
    """A PNG of some kilobytes that claims, and holds, very many pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        whole = name + data
        return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * (((width + 7) // 8 + 1) * height), 9)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", rows), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def polyglot() -> bytes:
    """A right JPEG that is a page and a ZIP as well."""
    return picture(comment=SCRIPT) + b"PK\x03\x04" + SCRIPT + b"<?php system($_GET[0]); ?>"


REFUSED: tuple[tuple[str, str, bytes], ...] = (
    ("drawing.svg", "image/svg+xml", SVG),
    ("photo.jpg", "image/jpeg", SVG),
    ("photo.jpg", "image/jpeg", b"<html>" + SCRIPT),
    ("photo.jpg", "image/jpeg", b"GIF89a/*" + SCRIPT + b"*/=1;"),
    ("photo.jpg", "image/jpeg", b"\xff\xd8\xff\xe0" + SCRIPT),
    ("photo.jpg", "image/jpeg", b""),
    ("photo.png", "image/png", b"\x89PNG\r\n\x1a\n"),
    ("photo.jpg", "image/jpeg", picture("TIFF")),
    ("photo.eps", "application/postscript", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"),
    ("photo.jpg", "image/jpeg", b"%PDF-1.7 " + SCRIPT),
    ("photo.ico", "image/x-icon", b"\x00\x00\x01\x00\x01\x00" + b"\x00" * 40),
    ("bomb.png", "image/png", bomb(20_000, 20_000)),
    ("long.png", "image/png", bomb(16_384, 1)),
    ("large.jpg", "image/jpeg", picture() + b"\0" * UPLOAD_BYTES),
)  # fmt: skip
TAKEN: tuple[tuple[str, str, bytes], ...] = (
    ("photo.jpg", "image/jpeg", polyglot()),
    ("photo.jpg", "image/jpeg", photo_with_a_place()),
    ("shell.php", "application/x-php", picture()),
    ("../../../etc/cron.d/x.html", "text/html", picture("PNG")),
    ("a.svg\u202egpj.exe", "image/svg+xml", picture("WEBP")),
)


async def upload(town: Town, path: str, who: Person, field: str, files: Any, **values: str) -> Any:
    """A form with files; answers status and page."""
    cookie = STAFF if path.startswith("/admin") else MEMBER
    form = aiohttp.FormData()
    form.add_field("_csrf", who.token_cookie[cookie])
    for name, value in values.items():
        form.add_field(name, value)
    for filename, kind, data in files:
        form.add_field(field, io.BytesIO(data), filename=filename, content_type=kind)
    return await town.ask("POST", path, who, data=form)


def kept() -> tuple[int, int]:
    """Pictures, and pictures of products."""
    return Picture.select().count(), ProductPicture.select().count()


async def test_what_is_no_picture_is_refused_and_leaves_nothing(town: Town) -> None:
    owner, store = town.people["owner"], town.runtime.store
    path = f"/admin/products/{town.shop.product_id}/pictures"
    before = await store.read(kept)
    for one in REFUSED:
        got = await upload(town, path, owner, "pictures", [one])
        assert got.status == 303, one[0]
        said = (await town.ask("GET", "/admin/me", owner)).text
        assert "未完成" in said, one[:2]
    assert await store.read(kept) == before
    assert [p for p in town.runtime.uploads.rglob("*") if p.is_file()] == []


async def test_a_picture_is_drawn_anew_and_nothing_rides_along(town: Town) -> None:
    owner, store = town.people["owner"], town.runtime.store
    path = f"/admin/products/{town.shop.product_id}/pictures"
    before = await store.read(kept)
    for one in TAKEN:
        assert (await upload(town, path, owner, "pictures", [one])).status == 303
    assert (await store.read(kept))[1] == before[1] + len(TAKEN)
    files = [p for p in town.runtime.uploads.rglob("*") if p.is_file()]
    assert len(files) == 2 * len(TAKEN)
    for file in files:
        assert file.suffix in {".jpg", ".webp"}
        assert file.is_relative_to(town.runtime.picture_root)
        data = file.read_bytes()
        for word in (b"script", b"php", b"PK\x03\x04", b"SECRET", b"PhoneMaker", b"138001"):
            assert word not in data, (file.name, word)
        with Image.open(io.BytesIO(data)) as opened:
            assert dict(opened.getexif()) == {}
            assert opened.getexif().get_ifd(0x8825) == {}
            assert not {"comment", "icc_profile", "exif", "xmp"} & set(opened.info)
        served = "/uploads/" + str(file.relative_to(town.runtime.picture_root))
        got = await town.ask("GET", served, town.visitor())
        assert got.status == 200
        kind = {".jpg": "image/jpeg", ".webp": "image/webp"}[file.suffix]
        assert got.headers["Content-Type"] == kind
        assert got.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_buyer_s_photos_go_through_the_same(town: Town) -> None:
    buyer, shipped = town.people["buyer"], town.shop.shipped
    values = {"order": shipped.order_no, "line": str(await town.shipped_line()), "do": "sum"}
    before = await town.runtime.store.read(kept)
    for one in REFUSED[:8]:
        got = await upload(town, "/m/aftersales/new", buyer, "photos", [one], **values)
        assert got.status == 200, one[0]
    assert await town.runtime.store.read(kept) == before
    await town.runtime.redis.flushall()
    got = await upload(town, "/m/aftersales/new", buyer, "photos", [TAKEN[1]], **values)
    assert got.status == 200
    assert (await town.runtime.store.read(kept))[0] == before[0] + 1


async def test_more_photos_than_a_case_takes_are_not_decoded(town: Town) -> None:
    buyer, shipped = town.people["buyer"], town.shop.shipped
    values = {"order": shipped.order_no, "line": str(await town.shipped_line()), "do": "sum"}
    many = [(f"{n}.jpg", "image/jpeg", picture(quality=20 + n)) for n in range(30)]
    before = await town.runtime.store.read(kept)
    await upload(town, "/m/aftersales/new", buyer, "photos", many, **values)
    assert (await town.runtime.store.read(kept))[0] == before[0] + 6


@pytest.mark.parametrize(
    "path", ["/m/me/profile", "/m/aftersales/new", "/admin/products/1/pictures"]
)
async def test_a_large_upload_without_a_session_is_not_read(town: Town, path: str) -> None:
    """Only a form that takes photos, from a browser with a session, may be large."""
    files = [("x.jpg", "image/jpeg", b"\0" * 3_000_000)]
    form = aiohttp.FormData()
    for filename, kind, data in files:
        form.add_field("photos", io.BytesIO(data), filename=filename, content_type=kind)
    invented = {MEMBER: "m" * 43, STAFF: "s" * 43}
    got = await town.ask("POST", path, Person("new", invented), data=form)
    assert got.status == 413
