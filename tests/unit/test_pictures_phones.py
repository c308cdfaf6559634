"""Photos from phones and their apps: large, cut off, HEIC, wide colour."""

from __future__ import annotations

import base64
import io
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PIL import Image, ImageCms, ImageFile

from gateways.pictures import decoding, jpeg
from gateways.pictures.decoding import decode
from gateways.pictures.images import ImageStore
from kernel.errors import Invalid
from tests.unit.test_pictures_images import encoded, files, plain, png_claiming

NEEDED = 2250
# 64 by 32 pixels in dark red, the left quarter green, rotated by 90 degrees; its EXIF block has a
# maker and a place.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAchtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAA"
    "AAAAAAAAAAAAADRpbG9jAAAAAERAAAIAAQAAAAAB7AABAAAAAAAAAHUAAgAAAAACYQABAAAAAAAAAFoAAAA4aWlu"
    "ZgAAAAAAAgAAABVpbmZlAgAAAAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAAB"
    "B2lwcnAAAADmaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMA"
    "AAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkA"
    "AAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAAEAAAAABAAAAIAAAAAEAAAAA"
    "AAAAAv///+AAAAACAAAAEHBpeGkAAAAAAwgICAAAAAlpcm90AwAAABlpcG1hAAAAAAAAAAEAAQaBAgMFhIYAAAAa"
    "aXJlZgAAAAAAAAAOY2RzYwACAAEAAQAAANdtZGF0AAAAcSgBrxOA5TORf/9u8T/4yEP+I9DV/+ITyO5Ci/L7GpQd"
    "+J3/ys9ePY3y3Mvber9a6Xeldk9w+pM2SOzpcFGKTUM7d2clDggIwWswo7HJ6aqT9Pxfl4Eko+MvGWoZ6uuReW9s"
    "3nEaHOJtT1nhBj1oOuuAAAAABkV4aWYAAE1NACoAAAAIAAMBDwACAAAACwAAADIBEgADAAAAAQAGAACIJQAEAAAA"
    "AQAAAD4AAAAAUGhvbmVNYWtlcgAAAAEAAQACAAAAAk4AAAAAAAAA"
)


def lively(width: int, height: int) -> Image.Image:
    """A picture of noise, whose rows differ as in a photo, without black pixels."""
    return Image.effect_noise((width, height), 60).point(lambda v: max(v, 9)).convert("RGB")


def refusal(data: bytes) -> str:
    with pytest.raises(Invalid) as refused:
        decode(data, NEEDED)
    return str(refused.value.code)


def wide_gamut() -> bytes:
    """A colour profile made from that of sRGB, with another red and green."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = int.from_bytes(profile[128:132], "big")
    for entry in range(132, 132 + 12 * count, 12):
        if bytes(profile[entry : entry + 4]) in (b"rXYZ", b"gXYZ"):
            at = int.from_bytes(profile[entry + 4 : entry + 8], "big") + 8
            value = int.from_bytes(profile[at : at + 4], "big")
            profile[at : at + 4] = int(value * 1.15).to_bytes(4, "big")
    return bytes(profile)


@pytest.mark.parametrize("size", [(8064, 6048), (8160, 6144)], ids=["48 MP", "50 MP"])
@pytest.mark.parametrize("options", [{}, {"progressive": True}], ids=["plain", "progressive"])
def test_a_photo_of_48_or_50_megapixels_is_accepted(
    tmp_path: Path, size: tuple[int, int], options: dict[str, bool]
) -> None:
    data = encoded(Image.new("RGB", size, "#9E1B1E"), "JPEG", quality=30, **options)
    stored = ImageStore(tmp_path).save(data)
    assert (stored.width, stored.widths, stored.is_cut) == (1125, (375, 750, 1125), False)


def test_a_large_jpeg_is_read_at_a_fraction_of_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encoded(Image.new("RGB", (8160, 6144)), "JPEG", quality=20)
    loaded: list[int] = []
    usual = ImageFile.ImageFile.load

    def load(self: ImageFile.ImageFile) -> object:
        loaded.append(self.size[0] * self.size[1])
        return usual(self)

    monkeypatch.setattr(ImageFile.ImageFile, "load", load)
    decode(data, NEEDED)
    assert loaded
    assert max(loaded) < 13_000_000


MEASURE = """
import resource, sys
from pathlib import Path
from gateways.pictures.images import ImageStore
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
ImageStore(sys.argv[2]).save(Path(sys.argv[1]).read_bytes())
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize(
    ("kind", "mode", "most_mb"), [("JPEG", "RGB", 200), ("PNG", "RGBA", 330)], ids=["jpeg", "png"]
)
def test_memory_stays_bounded(tmp_path: Path, kind: str, mode: str, most_mb: int) -> None:
    size = (8160, 6144) if kind == "JPEG" else (6300, 6300)
    path = tmp_path / "big"
    path.write_bytes(encoded(Image.new(mode, size, "#9E1B1E"), kind))
    command = [sys.executable, "-c", MEASURE, str(path), str(tmp_path / "out")]
    got = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(got.stdout) < most_mb * 1024


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (png_claiming(7000, 7000), "picture_too_many_pixels"),
        (encoded(Image.new("1", (16_000, 5_100)), "JPEG", quality=5), "picture_too_many_pixels"),
        (
            encoded(Image.new("1", (8_000, 7_000)), "JPEG", quality=5, progressive=True),
            "picture_too_many_pixels",
        ),
        (encoded(Image.new("1", (7_000, 6_000)), "GIF"), "picture_too_many_pixels"),
    ],
    ids=["png", "jpeg", "progressive", "gif"],
)
def test_a_decompression_bomb_is_refused_before_it_is_decoded(
    monkeypatch: pytest.MonkeyPatch, data: bytes, code: str
) -> None:
    def load(self: ImageFile.ImageFile) -> object:
        raise AssertionError("decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", load)
    assert refusal(data) == code


def test_a_jpeg_of_thousands_of_scans_is_refused_before_it_is_decoded() -> None:
    data = encoded(lively(64, 64), "JPEG", progressive=True)
    start = data.rindex(b"\xff\xda")
    scan = data[start : data.rindex(jpeg.END)]
    assert refusal(data[:start] + scan * 200 + jpeg.END) == "picture_unreadable"


@pytest.mark.parametrize("lacking", [1, 2, 9, 300])
@pytest.mark.parametrize("options", [{}, {"progressive": True}], ids=["plain", "progressive"])
def test_a_jpeg_without_its_last_bytes_is_accepted_with_a_warning(
    tmp_path: Path, lacking: int, options: dict[str, bool]
) -> None:
    data = encoded(lively(640, 480), "JPEG", quality=80, **options)
    stored = ImageStore(tmp_path).save(data[:-lacking])
    assert (stored.is_cut, stored.width, stored.height) == (True, 640, 480)
    assert not ImageStore(tmp_path).save(data).is_cut


def test_a_tiny_jpeg_without_two_bytes_is_accepted_with_a_warning(tmp_path: Path) -> None:
    assert ImageStore(tmp_path).save(encoded(plain(), "JPEG")[:-2]).is_cut


@pytest.mark.parametrize("share", [0.5, 0.3])
@pytest.mark.parametrize("options", [{}, {"progressive": True}], ids=["plain", "progressive"])
def test_a_jpeg_with_a_large_missing_part_is_refused(
    tmp_path: Path, share: float, options: dict[str, bool]
) -> None:
    data = encoded(lively(640, 480), "JPEG", quality=80, **options)
    if options:
        share = share / 5  # the first of its ten scans contains the whole picture in low quality
    with pytest.raises(Invalid) as refused:
        ImageStore(tmp_path).save(data[: int(len(data) * share)])
    assert refused.value.code == "picture_cut_off"
    assert files(tmp_path) == []


def test_accepting_a_cut_photo_does_not_accept_a_broken_one_read_at_the_same_time() -> None:
    """Pillow's switch for truncated files is global, so that it would affect other threads."""
    cut = encoded(lively(900, 900), "JPEG")[:-2]
    broken = encoded(lively(300, 300))[:-40]
    wrong: list[object] = []

    def read_cut() -> None:
        for _ in range(8):
            isn_t_cut = not decode(cut, NEEDED).is_cut
            wrong.extend(["cut"] * (isn_t_cut or ImageFile.LOAD_TRUNCATED_IMAGES))

    def read_broken() -> None:
        for _ in range(20):
            try:
                wrong.append(decode(broken, NEEDED))
            except Invalid:
                continue

    threads = [threading.Thread(target=each) for each in (read_cut, read_broken, read_cut)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert wrong == []


def test_a_heic_of_an_iphone_is_stored_upright_without_its_place(tmp_path: Path) -> None:
    assert b"PhoneMaker" in HEIC
    stored = ImageStore(tmp_path).save(HEIC)
    assert (stored.width, stored.height) == (32, 64)
    assert stored.color.startswith("#9")
    for path in tmp_path.rglob("*.*"):
        assert b"PhoneMaker" not in path.read_bytes()


@pytest.mark.parametrize("data", [HEIC[:-200], HEIC[:60], HEIC[:12]])
def test_an_unreadable_heic_has_an_error_of_its_own(data: bytes) -> None:
    assert refusal(data) == "picture_heic"


def test_a_heic_with_too_many_pixels_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MAX_PIXELS_PHONE", 64 * 32 - 1)
    assert refusal(HEIC) == "picture_too_many_pixels"


def test_the_heic_decoder_is_not_imported_at_start() -> None:
    asks = (
        "import sys; from gateways.pictures.images import ImageStore; "
        "assert not any('heif' in name.lower() for name in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_avif_is_accepted(tmp_path: Path) -> None:
    assert ImageStore(tmp_path).save(encoded(plain(64, 48), "AVIF")).widths == (64,)


@pytest.mark.parametrize("kind", ["WEBP", "AVIF"])
def test_other_animated_pictures_are_stored_as_their_first_frame(
    tmp_path: Path, kind: str
) -> None:
    frames = [plain(32, 32, "#FF0000"), plain(32, 32, "#0000FF")]
    moving = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=90)
    color = ImageStore(tmp_path).save(moving).color
    assert color.startswith("#F")
    assert color.endswith(("00", "01", "02", "03"))


@pytest.mark.parametrize("lacking", [0, 2])
def test_a_file_of_two_pictures_is_stored_as_its_first(tmp_path: Path, lacking: int) -> None:
    """In an MPO of an iPhone or a Samsung the second picture is a depth map or a thumbnail."""
    first, second = plain(80, 40), plain(20, 10, "#0000FF")
    data = encoded(first, "MPO", save_all=True, append_images=[second])
    stored = ImageStore(tmp_path).save(data[: len(data) - lacking])
    assert (stored.width, stored.height, stored.is_cut) == (80, 40, False)


def test_a_photo_followed_by_a_video_is_complete(tmp_path: Path) -> None:
    """A motion photo has a video after the picture, with bytes that may look like scans."""
    film = b"\0\0\0\x18ftypmp42" + b"\xff\xda\0\x02" * 400
    assert not ImageStore(tmp_path).save(encoded(plain(), "JPEG") + film).is_cut


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_rotated_upright(orientation: int) -> None:
    upright = plain(48, 32, "#FFFFFF")
    upright.paste("#FF0000", (0, 0, 16, 16))
    back = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = upright if back is None else upright.transpose(back)
    shown = decode(encoded(stored, "JPEG", quality=95, exif=exif), NEEDED).picture
    assert shown.size == (48, 32)
    red, green, _ = shown.getpixel((4, 4))
    assert red > 200
    assert green < 60


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "RGBA", "RGB"])
def test_a_wide_picture_of_any_mode_is_reduced_in_bands(mode: str) -> None:
    """It is reduced by half; the bands leave no seam and lose no row."""
    ramp = Image.linear_gradient("L").resize((4600, 1500))
    source = ramp.convert(mode)
    shown = decode(encoded(source), NEEDED).picture
    assert shown.size == (2300, 750)
    if mode not in {"1", "P", "I;16"}:
        rows = [shown.getpixel((9, y))[0] for y in range(0, 750, 10)]
        assert rows == sorted(rows)
        assert rows[-1] > 250


def test_sixteen_bit_grey_keeps_its_brightness_in_bands() -> None:
    shown = decode(encoded(Image.new("I;16", (4600, 40), 0x8000)), NEEDED).picture
    assert shown.getpixel((2299, 19)) == (128, 128, 128)


def test_a_transparent_palette_colour_becomes_white() -> None:
    picture = Image.new("P", (4600, 40), 0)
    picture.putpalette([0, 0, 0, 255, 0, 0])
    shown = decode(encoded(picture, "PNG", transparency=0), NEEDED).picture
    assert shown.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_wide_colour_is_converted_to_srgb(mode: str) -> None:
    picture = Image.new(mode, (20, 10), "#A05050")
    kept = decode(encoded(picture), NEEDED).picture.getpixel((3, 3))
    shown = decode(encoded(picture, icc_profile=wide_gamut()), NEEDED).picture.getpixel((3, 3))
    assert kept == (0xA0, 0x50, 0x50)
    assert shown[0] > kept[0] + 3


def test_cmyk_pictures_are_converted() -> None:
    data = encoded(Image.new("CMYK", (20, 10), (0, 255, 255, 0)), "JPEG")
    red, green, blue = decode(data, NEEDED).picture.getpixel((3, 3))
    assert red > 200
    assert max(green, blue) < 60


async def test_uploads_are_decoded_one_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio

    store, now, most = ImageStore(tmp_path), 0, 0
    usual = store.save

    def save(data: bytes) -> object:
        nonlocal now, most
        now += 1
        most = max(most, now)
        try:
            return usual(data)
        finally:
            now -= 1

    monkeypatch.setattr(store, "save", save)
    data = [encoded(plain(600, 400 + n), "PNG") for n in range(6)]
    await asyncio.gather(*(store.take(io.BytesIO(each)) for each in data))
    assert most == 1
