"""Posters contain the required texts for any names, and their codes can be scanned."""

from __future__ import annotations

import asyncio
import dataclasses
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image, ImageChops

from domain.distribution.ports import PosterSpec
from gateways.pictures import poster as drawing
from gateways.pictures import text
from gateways.pictures.backgrounds import BACKGROUNDS
from gateways.pictures.images import ImageStore
from gateways.pictures.poster import CARD_BOX, QR_BOX, TEXT_BOXES, PosterArtist, content_key
from gateways.pictures.poster_cache import PosterCache
from gateways.pictures.text import Style
from kernel.errors import Invalid

SCENE = "http://weixin.qq.com/q/02AbCdEfGhIjKlMnOpQrStUv1A"
LINK = "https://mall.example.com/r/AbCdEf12"
SPEC = PosterSpec(
    kind="product",
    qr_text=SCENE,
    name="小林",
    brand="山泉坊",
    seller="山泉坊酒业有限公司",
    slogan="一泓山泉，一坛慢酿",
    title="山泉坊·陈酿52度 500ml",
    subtitle="浓香型白酒",
    price_fen=29800,
    valid_until=date(2026, 3, 31),
)
LONG = "奔跑在春天里的长名字" * 9
EXTREME = dataclasses.replace(
    SPEC,
    name="👨‍👩‍👧 " + LONG,
    brand=LONG,
    seller=LONG,
    slogan=LONG,
    title=LONG + "Supercalifragilisticexpialidocious" * 3,
    subtitle=LONG,
    price_fen=99_999_999_99,
    price_suffix="起",
)


@pytest.fixture(scope="module")
def artist(tmp_path_factory: pytest.TempPathFactory) -> PosterArtist:
    return PosterArtist(tmp_path_factory.mktemp("uploads"))


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def differs(left: bytes, right: bytes) -> tuple[int, int, int, int] | None:
    """The box in which two posters differ by more than JPEG artefacts; None if nowhere."""
    change = ImageChops.difference(opened(left), opened(right)).convert("L")
    return change.point(lambda value: 255 if value > 48 else 0).getbbox()


@pytest.mark.parametrize("background", sorted(BACKGROUNDS))
@pytest.mark.parametrize("kind", ["brand", "product"])
@pytest.mark.parametrize("content", [SCENE, LINK, "https://mall.example.com/?x=" + "y" * 150])
def test_the_code_can_be_scanned_also_after_compression_by_a_chat(
    artist: PosterArtist, background: str, kind: str, content: str
) -> None:
    spec = dataclasses.replace(SPEC, kind=kind, background=background, qr_text=content)  # type: ignore[arg-type]
    picture = opened(artist.draw(spec))
    assert picture.size == (750, 1334)
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [content]
    again = io.BytesIO()
    picture.save(again, "JPEG", quality=50)
    assert [found.text for found in zxingcpp.read_barcodes(opened(again.getvalue()))] == [content]


@pytest.mark.parametrize("content", ["", "y" * 5000, "y" * 700])
def test_a_code_with_too_small_modules_is_refused(artist: PosterArtist, content: str) -> None:
    with pytest.raises(Invalid) as refused:
        artist.draw(dataclasses.replace(SPEC, qr_text=content))
    assert refused.value.code == "poster_qr_unfit"


def test_unknown_background_is_refused(artist: PosterArtist) -> None:
    with pytest.raises(Invalid) as refused:
        artist.draw(dataclasses.replace(SPEC, background="neon"))
    assert refused.value.code == "poster_background_unknown"


def lines_drawn(
    artist: PosterArtist, spec: PosterSpec, monkeypatch: pytest.MonkeyPatch
) -> list[tuple[str, tuple[int, int, int, int]]]:
    """The lines of text on a poster, each with the box of its drawn pixels."""
    drawn: list[tuple[str, tuple[int, int, int, int]]] = []
    real = Image.Image.paste
    inks: dict[int, str] = {}
    real_ink, real_write = text.ink, text.write

    def noted(words: str, style: Style) -> text.Ink:
        made = real_ink(words, style)
        inks[id(made.mask)] = words
        return made

    def written(picture: Image.Image, words: str, *rest: Any) -> None:
        before = len(drawn)
        real_write(picture, words, *rest)
        lefts, tops, rights, bottoms = zip(*(box for _, box in drawn[before:]), strict=True)
        drawn[before:] = [(words, (min(lefts), min(tops), max(rights), max(bottoms)))]

    def paste(self: Image.Image, what: object, at: Any = None, mask: object = None) -> None:
        if isinstance(mask, Image.Image) and id(mask) in inks and self.size == (750, 1334):
            tight = mask.getbbox() or (0, 0, 0, 0)
            x, y = at
            box = (x + tight[0], y + tight[1], x + tight[2], y + tight[3])
            drawn.append((inks[id(mask)], box))
        real(self, what, at, mask)  # type: ignore[arg-type]

    fresh = PosterArtist(artist._files.root)
    with monkeypatch.context() as patch:
        patch.setattr(text, "ink", noted)
        patch.setattr(text, "write", written)
        patch.setattr(Image.Image, "paste", paste)
        fresh.draw(spec)
    return drawn


def overlap(left: tuple[int, int, int, int], right: tuple[int, int, int, int]) -> bool:
    return left[0] < right[2] and right[0] < left[2] and left[1] < right[3] and right[1] < left[3]


@pytest.mark.parametrize("kind", ["brand", "product"])
@pytest.mark.parametrize("spec", [SPEC, EXTREME], ids=["usual", "extreme"])
def test_no_line_crosses_the_edge_or_another_line(
    artist: PosterArtist, monkeypatch: pytest.MonkeyPatch, kind: str, spec: PosterSpec
) -> None:
    spec = dataclasses.replace(spec, kind=kind)  # type: ignore[arg-type]
    drawn = lines_drawn(artist, spec, monkeypatch)
    assert len(drawn) >= 8
    for number, (words, box) in enumerate(drawn):
        assert box[0] >= 40, words
        assert box[2] <= 710, words
        assert box[3] <= 1312, words
        for other, other_box in drawn[number + 1 :]:
            assert not overlap(box, other_box), (words, other)
        assert not overlap(box, QR_BOX), words
        if TEXT_BOXES[spec.kind][1] < box[1] < CARD_BOX[1]:
            assert box[3] <= CARD_BOX[1], words


@pytest.mark.parametrize("kind", ["brand", "product"])
def test_every_poster_contains_the_required_texts(
    artist: PosterArtist, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    spec = dataclasses.replace(SPEC, kind=kind)  # type: ignore[arg-type]
    words = [line for line, _ in lines_drawn(artist, spec, monkeypatch)]
    for needed in (
        "广告",
        "销售方：山泉坊酒业有限公司",
        "过量饮酒有害健康 · 未满18周岁禁止购酒",
        "长按识别二维码",
        "有效期至2026年3月31日",
        "小林",
        "山泉坊",
    ):
        assert needed in words
    assert ("298" in words) is (kind == "product")


def test_goods_other_than_liquor_have_no_liquor_warning(
    artist: PosterArtist, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = dataclasses.replace(SPEC, liquor=False, valid_until=None, price_fen=6650)
    words = [line for line, _ in lines_drawn(artist, spec, monkeypatch)]
    assert "66.50" in words
    assert not [line for line in words if "饮酒" in line or "有效期" in line]


def test_a_long_legal_name_is_shown_completely(
    artist: PosterArtist, monkeypatch: pytest.MonkeyPatch
) -> None:
    seller = "某某省某某市某某县山泉坊白酒酿造与销售集团股份有限责任公司第一分公司"
    spec = dataclasses.replace(SPEC, seller=seller)
    words = [line for line, _ in lines_drawn(artist, spec, monkeypatch)]
    assert "销售方：" + seller in words


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("小林", "小林"),
        ("🌸小林🌸", "小林"),
        ("👨‍👩‍👧", ""),
        ("1️⃣号店", "1号店"),
        ("𝓛𝓸𝓿𝓮", "Love"),
        ("  a \t\n b  ", "a b"),
        ("Z̴̢a̷l̶g̵o̴", "Zalgo"),
        ("é", "é"),
        ("\u202eevil\u200b", "evil"),
        ("Ａ", "Ａ"),
        ("\U000f0000\ue000\uffff", ""),
        ("สวัสดี", ""),
        ("𠮷野家", "·野家"),
        ("阿慧🍶的酒柜", "阿慧的酒柜"),
        ("🌸·阿慧·🌸", "阿慧"),
        ("阿慧（🍶）", "阿慧"),
        ("阿慧 · 🍶 · 酒柜", "阿慧 · 酒柜"),
        ("🇨🇳小店~👍🏽~", "小店"),
        ("·阿慧·", "·阿慧·"),
    ],
)
@pytest.mark.parametrize("face", ["sans", "serif"])
def test_only_characters_of_the_font_are_drawn(raw: str, shown: str, face: str) -> None:
    assert text.clean(raw, face) == shown


def test_a_name_of_emoji_only_is_replaced(
    artist: PosterArtist, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = dataclasses.replace(SPEC, name="👍👍")
    assert drawing.NAMELESS in [line for line, _ in lines_drawn(artist, spec, monkeypatch)]


def test_the_length_of_a_spaced_line_is_the_sum_of_its_characters() -> None:
    style = Style("sans", 32, 0.4)
    for words in ("阿慧的酒柜", "AVATo. Wy小·林", "fi ffl Té", "To 01/7"):
        assert text.length(words, style) == sum(text.length(char, style) for char in words)


def test_a_poster_is_independent_of_the_one_drawn_before(artist: PosterArtist) -> None:
    alone = PosterArtist(artist._files.root).draw(SPEC)
    other = dataclasses.replace(
        SPEC, name="一个很长很长的名字很长", qr_text="http://w/q/" + "长" * 40
    )
    assert artist.draw(other) != alone
    assert artist.draw(SPEC) == alone


def test_wrapping_keeps_words_and_starts_no_line_with_punctuation() -> None:
    style = Style("sans", 40)
    assert text.wrap("一二三四五六，七八", style, 240, 2) == ["一二三四五", "六，七八"]
    assert text.wrap("山泉坊 Autumn 礼盒", style, 250, 3)[1].startswith("Autumn")
    assert text.wrap("", style, 240, 2) == []
    for line in text.wrap("很长" * 90 + "y" * 90, style, 240, 4):
        assert text.length(line, style) <= 240


def test_the_key_depends_on_every_field() -> None:
    changes: dict[str, object] = {
        "kind": "brand",
        "qr_text": LINK,
        "name": "小王",
        "brand": "别家",
        "seller": "别家公司",
        "slogan": "x",
        "title": "x",
        "subtitle": "x",
        "price_fen": 1,
        "price_suffix": "起",
        "picture_id": "a" * 64,
        "avatar_id": "a" * 64,
        "logo_id": "a" * 64,
        "valid_until": None,
        "liquor": False,
        "background": "cellar",
    }
    assert set(changes) == {field.name for field in dataclasses.fields(PosterSpec)}
    keys = {content_key(dataclasses.replace(SPEC, **{k: v})) for k, v in changes.items()}  # type: ignore[arg-type]
    assert len(keys | {content_key(SPEC)}) == len(changes) + 1
    assert content_key(SPEC) == content_key(dataclasses.replace(SPEC))


def test_the_key_depends_on_the_version_of_the_background(monkeypatch: pytest.MonkeyPatch) -> None:
    before = content_key(SPEC)
    raised = dataclasses.replace(BACKGROUNDS["paper"], version=99)
    monkeypatch.setitem(BACKGROUNDS, "paper", raised)
    assert content_key(SPEC) != before


def test_posters_of_two_people_for_one_product_differ_in_the_card_only(
    artist: PosterArtist,
) -> None:
    first = artist.draw(SPEC)
    second = artist.draw(dataclasses.replace(SPEC, name="阿慧", qr_text=LINK))
    box = differs(first, second)
    assert box is not None
    assert box[0] >= CARD_BOX[0]
    assert box[1] >= CARD_BOX[1]
    assert box[2] <= CARD_BOX[2]
    assert box[3] <= CARD_BOX[3]
    assert artist.draw(SPEC) == first


@pytest.mark.parametrize("size", [(600, 600), (1200, 300), (200, 1400)])
def test_pictures_of_any_shape_are_shown(tmp_path: Path, size: tuple[int, int]) -> None:
    out = io.BytesIO()
    Image.new("RGB", size, "#00A000").save(out, "PNG")
    stored = ImageStore(tmp_path).save(out.getvalue())
    spec = dataclasses.replace(SPEC, picture_id=stored.id, avatar_id=stored.id)
    picture = opened(PosterArtist(tmp_path).draw(spec))
    for spot in ((375, 420), (124, 1096)):
        red, green, blue = picture.getpixel(spot)  # type: ignore[misc]
        assert green > 130
        assert max(red, blue) < 60


def test_a_poster_is_drawn_without_missing_pictures(artist: PosterArtist) -> None:
    gone = dataclasses.replace(SPEC, picture_id="f" * 64, avatar_id="f" * 64, logo_id="f" * 64)
    assert differs(artist.draw(gone), artist.draw(SPEC)) is None


def test_posters_drawn_by_many_threads_are_the_same(artist: PosterArtist) -> None:
    specs = [dataclasses.replace(SPEC, name=f"会员{number}") for number in range(6)]
    alone = [artist.draw(spec) for spec in specs]
    shared = PosterArtist(artist._files.root, bitmaps=1)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(shared.draw, specs * 2)) == alone * 2


async def test_a_poster_requested_twice_at_once_is_drawn_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[PosterSpec] = []
    real = PosterArtist.draw

    def counted(self: PosterArtist, spec: PosterSpec) -> bytes:
        drawn.append(spec)
        return real(self, spec)

    monkeypatch.setattr(PosterArtist, "draw", counted)
    desk = PosterCache(tmp_path / "uploads", tmp_path / "posters")
    first, second = await asyncio.gather(desk.paint(SPEC), desk.paint(SPEC))
    assert first == second
    assert await desk.paint(SPEC) == first
    later = PosterCache(tmp_path / "uploads", tmp_path / "posters")
    assert await later.paint(SPEC) == first
    assert drawn == [SPEC]


async def test_a_cancelled_request_does_not_stop_the_drawing_for_others(tmp_path: Path) -> None:
    desk = PosterCache(tmp_path / "uploads", tmp_path / "posters")
    impatient = asyncio.create_task(desk.paint(SPEC))
    await asyncio.sleep(0)
    patient = asyncio.create_task(desk.paint(SPEC))
    await asyncio.sleep(0)
    impatient.cancel()
    assert opened(await patient).size == (750, 1334)
    with pytest.raises(asyncio.CancelledError):
        await impatient


async def test_a_refused_poster_is_not_cached(tmp_path: Path) -> None:
    desk = PosterCache(tmp_path / "uploads", tmp_path / "posters")
    for _ in range(2):
        with pytest.raises(Invalid):
            await desk.paint(dataclasses.replace(SPEC, qr_text="y" * 5000))
    assert not (tmp_path / "posters").exists()
