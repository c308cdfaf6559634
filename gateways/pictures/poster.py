"""Draws referral posters (推广海报), 750 × 1334 pixels.

The layer that all distributors of a product share (background, picture, title, price, footer) is
cached in memory. A poster adds the person, the QR code and its last day of validity.
"""

from __future__ import annotations

import functools
import hashlib
import io
import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import segno
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from domain.distribution.ports import PosterSpec
from gateways.pictures import text
from gateways.pictures.backgrounds import BACKGROUNDS, WIDTH, Background, ground
from gateways.pictures.store import PictureFiles
from gateways.pictures.text import Style
from kernel.errors import Invalid
from kernel.money import yuan

LAYOUT_VERSION = 1
QR_PROMPT = "长按识别二维码"
LIQUOR_WARNING = "过量饮酒有害健康 · 未满18周岁禁止购酒"
AD_MARK = "广告"
NAMELESS = "好友"

MARGIN = 48
PICTURE_BOXES = {
    "product": (MARGIN, 140, WIDTH - MARGIN, 696),
    "brand": (MARGIN, 140, WIDTH - MARGIN, 782),
}
TEXT_BOXES = {
    "product": (MARGIN + 6, 706, WIDTH - MARGIN - 6, 938),
    "brand": (MARGIN + 6, 792, WIDTH - MARGIN - 6, 942),
}
CARD_BOX = (MARGIN, 952, WIDTH - MARGIN, 1240)
QR_BOX = (474, 976, 674, 1176)  # the white card around it is the code's quiet zone
AVATAR_BOX = (74, 1046, 174, 1146)
NAME_LEFT, NAME_RIGHT = 194, 452

_LEAST_MODULE = 3  # pixels; smaller modules are unreadable after a chat's compression
_WORDS = {"product": "为您推荐这款好物", "brand": "邀您到店逛逛"}
_DISCS = ("#9E1B1E", "#7A5A1E", "#5B6B3A", "#3E5C76", "#6B4A6E", "#A0522D")
_JPEG = {"quality": 86, "subsampling": 0}  # chroma subsampling blurs red text


def content_key(spec: PosterSpec) -> str:
    """The cache key of a poster: a hash of everything that determines the drawing."""
    theme = BACKGROUNDS.get(spec.background)
    facts = asdict(spec) | {
        "valid_until": spec.valid_until.isoformat() if spec.valid_until else None,
        "layout": LAYOUT_VERSION,
        "ground": theme.version if theme else None,
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


class PosterArtist:
    """Draws posters from the pictures below the uploads folder; thread-safe."""

    def __init__(self, root: Path | str, *, bitmaps: int = 48) -> None:
        self._files = PictureFiles(root)
        self._bitmaps: OrderedDict[tuple[object, ...], Image.Image] = OrderedDict()
        self._limit = bitmaps
        self._lock = threading.Lock()
        self._mine = threading.local()

    def content_key(self, spec: PosterSpec) -> str:
        """See the module's ``content_key``."""
        return content_key(spec)

    def draw(self, spec: PosterSpec) -> bytes:
        """The poster as JPEG. Raises Invalid for an unknown background or a too long QR text."""
        if spec.background not in BACKGROUNDS:
            raise Invalid("poster_background_unknown", "background", got=spec.background)
        code = qr_bitmap(spec.qr_text, QR_BOX[2] - QR_BOX[0])
        shared = replace(spec, qr_text="", name="", avatar_id=None, valid_until=None)
        poster = self._canvas(self._kept(("base", shared), lambda: self._base(shared)))
        self._person(poster, spec)
        _code(poster, spec, code)
        out = io.BytesIO()
        poster.save(out, "JPEG", **_JPEG)
        return out.getvalue()

    def _canvas(self, base: Image.Image) -> Image.Image:
        """This thread's canvas with the base; reused, since allocating 4 MB takes longer."""
        canvas: Image.Image | None = getattr(self._mine, "canvas", None)
        if canvas is None:
            canvas = self._mine.canvas = Image.new("RGB", base.size)
        canvas.paste(base)
        return canvas

    def _kept(self, key: tuple[object, ...], make: Callable[[], Image.Image]) -> Image.Image:
        """A cached bitmap; two threads may draw a missing one at once, rather than wait."""
        with self._lock:
            if key in self._bitmaps:
                self._bitmaps.move_to_end(key)
                return self._bitmaps[key]
        made = make()
        with self._lock:
            self._bitmaps[key] = made
            while len(self._bitmaps) > self._limit:
                self._bitmaps.popitem(last=False)
        return made

    def _picture(self, picture_id: str | None, width: int, height: int) -> Image.Image | None:
        path = self._files.best(picture_id, width) if picture_id else None
        if path is None:
            return None
        with Image.open(path, formats=("JPEG",)) as opened:
            opened.draft("RGB", (width, height))  # decode no more pixels than are shown
            return _framed(opened.convert("RGB"), width, height)

    def _base(self, spec: PosterSpec) -> Image.Image:
        theme = BACKGROUNDS[spec.background]
        poster = ground(spec.background)
        self._header(poster, spec, theme)
        self._hero(poster, spec, theme)
        _words(poster, spec, theme)
        _panel(poster, CARD_BOX, 20)
        size = AVATAR_BOX[2] - AVATAR_BOX[0] + 6
        poster.paste("#E6D9BF", (AVATAR_BOX[0] - 3, AVATAR_BOX[1] - 3), _round(size))
        _footer(poster, spec, theme)
        return poster

    def _header(self, poster: Image.Image, spec: PosterSpec, theme: Background) -> None:
        top, size = 50, 72
        logo = self._picture(spec.logo_id, size, size)
        if logo:
            poster.paste(logo, (MARGIN, top), _rounded(size, size, 14))
        else:
            _seal(poster, spec.brand, theme, (MARGIN, top), size)
        mark_width = _ad_mark(poster, theme, WIDTH - MARGIN, top + 16)
        left, width = MARGIN + size + 20, WIDTH - 2 * MARGIN - size - 40 - mark_width
        name = Style("serif", 40, 0.7)
        brand = text.clean(spec.brand, "serif")
        if spec.kind == "product" and spec.slogan:
            _line(poster, brand, name, (left, top + 35), theme.ink, width)
            _line(poster, spec.slogan, Style("sans", 22), (left, top + 68), theme.ink_soft, width)
        else:
            _line(poster, brand, name, (left, top + 51), theme.ink, width)

    def _hero(self, poster: Image.Image, spec: PosterSpec, theme: Background) -> None:
        left, top, right, bottom = PICTURE_BOXES[spec.kind]
        width, height = right - left, bottom - top
        picture = self._picture(spec.picture_id, width, height)
        _panel(poster, PICTURE_BOXES[spec.kind], 16)
        if picture:
            poster.paste(picture, (left, top), _rounded(width, height, 16))
        else:
            _calligraphy(poster, spec)

    def _person(self, poster: Image.Image, spec: PosterSpec) -> None:
        name = text.clean(spec.name, "sans") or NAMELESS
        left, top, size = AVATAR_BOX[0], AVATAR_BOX[1], AVATAR_BOX[2] - AVATAR_BOX[0]
        poster.paste(self._avatar(spec.avatar_id, name, size), (left, top), _round(size))
        width, style = NAME_RIGHT - NAME_LEFT, Style("sans", 32, 0.4)
        lines = text.wrap(name, style, width, 2)
        y = top + size // 2 - 5 - 20 * (len(lines) - 1)
        for line in lines:
            text.write(poster, line, style, (NAME_LEFT, y), "#1F1A17")
            y += 42
        _line(poster, _WORDS[spec.kind], Style("sans", 25), (NAME_LEFT, y), "#5C534C", width)

    def _avatar(self, avatar_id: str | None, name: str, size: int) -> Image.Image:
        return self._picture(avatar_id, size, size) or _initial(name, size)


def _framed(picture: Image.Image, width: int, height: int) -> Image.Image:
    """Crop a picture to the frame; a much wider or taller one is shown whole on its own blur."""
    filled = ImageOps.fit(picture, (width, height), Image.Resampling.LANCZOS)
    if 0.62 < (picture.width * height) / (picture.height * width) < 1.62:
        return filled
    whole = ImageOps.contain(picture, (width, height), Image.Resampling.LANCZOS)
    filled = filled.filter(ImageFilter.GaussianBlur(36))
    filled.paste(whole, ((width - whole.width) // 2, (height - whole.height) // 2))
    return filled


def qr_bitmap(content: str, box: int) -> Image.Image:
    """A QR code (二维码) of whole-pixel modules, without quiet zone, as large as the box allows.

    Raises Invalid('poster_qr_unfit').
    """
    if not content.strip():
        raise Invalid("poster_qr_unfit", "qr_text")
    try:
        # evaluating all eight masks takes 5 ms and did not improve reading of blurred codes
        code = segno.make(content, error="m", micro=False, mask=1)
    except (segno.DataOverflowError, ValueError) as broken:
        raise Invalid("poster_qr_unfit", "qr_text") from broken
    rows = [bytes(row) for row in code.matrix]
    module = box // len(rows)
    if module < _LEAST_MODULE:
        raise Invalid("poster_qr_unfit", "qr_text", length=len(content))
    plain = Image.frombytes("L", (len(rows), len(rows)), b"".join(rows))
    black = plain.point([255, 0] + [0] * 254)
    return black.resize((len(rows) * module,) * 2, Image.Resampling.NEAREST)


def _code(poster: Image.Image, spec: PosterSpec, code: Image.Image) -> None:
    left, top, right, bottom = QR_BOX
    middle, shift = (left + right) // 2, 0 if spec.valid_until else 12
    y = (top + bottom - code.height) // 2 + shift
    poster.paste(code.convert("RGB"), (middle - code.width // 2, y))
    _centred(poster, QR_PROMPT, Style("sans", 22, 0.3), (middle, bottom + 30 + shift), "#1F1A17")
    if last := spec.valid_until:
        day = f"有效期至{last.year}年{last.month}月{last.day}日"
        _centred(poster, day, Style("sans", 18), (middle, bottom + 54), "#766C64")


def _words(poster: Image.Image, spec: PosterSpec, theme: Background) -> None:
    """Write title, subtitle and price, or the brand's motto, centred vertically in their box."""
    left, top, right, bottom = TEXT_BOXES[spec.kind]
    head = Style("serif", 42, 0.8)
    if spec.kind == "brand":
        motto = text.clean(spec.slogan or spec.title or spec.brand, "serif")
        _motto(poster, text.wrap(motto, head, right - left - 150, 2), theme)
        return
    lines = text.wrap(text.clean(spec.title or spec.brand, "serif"), head, right - left, 2)
    note = text.clean(spec.subtitle, "sans")
    has_price = spec.price_fen is not None
    total = len(lines) * 56 + (42 if note else 0) + (76 if has_price else 0)
    y = top + max(0, (bottom - top - total) // 2)
    for line in lines:
        _line(poster, line, head, (left, y + 42), theme.ink, right - left)
        y += 56
    if note:
        _line(poster, note, Style("sans", 26), (left, y + 28), theme.ink_soft, right - left)
        y += 42
    if has_price:
        _price(poster, spec, theme, (left, y + 62))


def _motto(poster: Image.Image, lines: list[str], theme: Background) -> None:
    """Write the brand's motto between two hairlines."""
    left, top, right, bottom = TEXT_BOXES["brand"]
    middle, style = (left + right) // 2, Style("serif", 42, 0.8)
    y = (top + bottom - 58 * len(lines)) // 2
    reach = round(max((text.length(line, style) for line in lines), default=0) / 2) + 24
    pen, level = ImageDraw.Draw(poster), (top + bottom) // 2
    for side in (-1, 1):
        near, far = middle + side * reach, middle + side * min(reach + 90, (right - left) // 2)
        pen.line((near, level, far, level), theme.rule, 2)
        pen.polygon(
            [(near, level - 5), (near + 5, level), (near, level + 5), (near - 5, level)],
            theme.rule,
        )
    for line in lines:
        _centred(poster, line, style, (middle, y + 43), theme.ink)
        y += 58


def _price(poster: Image.Image, spec: PosterSpec, theme: Background, at: tuple[int, int]) -> None:
    sign, digits, note = Style("sans", 38, 0.6), Style("sans", 64, 1.0), Style("sans", 26)
    amount = yuan(spec.price_fen or 0).removesuffix(".00")
    x, y = at
    for words, style in (("¥", sign), (amount, digits), (spec.price_suffix, note)):
        _line(poster, words, style, (x, y), theme.price, WIDTH - MARGIN - x)
        x += round(text.length(words, style)) + 6


def _footer(poster: Image.Image, spec: PosterSpec, theme: Background) -> None:
    width = WIDTH - 2 * MARGIN
    style = Style("sans", 21)
    seller = "销售方：" + text.clean(spec.seller, "sans")
    second = LIQUOR_WARNING if spec.liquor else ""
    y = 1272 if second else 1286
    fitted = text.shrink(seller, style, width, 13)
    _centred(poster, text.cut(seller, fitted, width), fitted, (WIDTH // 2, y), theme.ink_soft)
    if second:
        _centred(poster, second, Style("sans", 22, 0.3), (WIDTH // 2, y + 31), theme.ink)


def _calligraphy(poster: Image.Image, spec: PosterSpec) -> None:
    """Write the brand's name from top to bottom, in place of a missing picture."""
    left, top, right, bottom = PICTURE_BOXES[spec.kind]
    red = Image.new("RGB", (right - left, bottom - top), "#9E1B1E")
    shade = Image.linear_gradient("L").resize(red.size).point(lambda value: value // 3)
    red.paste("#5E0C12", (0, 0), shade)
    poster.paste(red, (left, top), _rounded(red.width, red.height, 16))
    name = text.clean(spec.brand, "serif").replace(" ", "")[:6] or "·"
    size = min(150, (bottom - top - 120) // len(name))
    style = Style("serif", size - 12, size / 60)
    middle = (left + right) // 2
    y = (top + bottom - size * len(name)) // 2
    for char in name:
        _centred(poster, char, style, (middle, y + round(size * 0.84)), "#F3DDAE")
        y += size


def _ad_mark(poster: Image.Image, theme: Background, right: int, top: int) -> int:
    style = Style("sans", 22)
    width = round(text.length(AD_MARK, style)) + 20
    ImageDraw.Draw(poster).rounded_rectangle(
        (right - width, top, right, top + 36), 6, outline=theme.mark, width=1
    )
    _line(poster, AD_MARK, style, (right - width + 10, top + 26), theme.mark, width)
    return width


def _seal(
    poster: Image.Image, brand: str, theme: Background, at: tuple[int, int], size: int
) -> None:
    poster.paste(theme.seal, at, _rounded(size, size, 12))
    char = (text.clean(brand, "serif") or "·")[0]
    style = Style("serif", round(size * 0.66), 0.8)
    _centred(poster, char, style, (at[0] + size // 2, at[1] + round(size * 0.74)), theme.seal_ink)


def _initial(name: str, size: int) -> Image.Image:
    color = _DISCS[hashlib.sha256(name.encode()).digest()[0] % len(_DISCS)]
    disc = Image.new("RGB", (size, size), color)
    _centred(disc, name[0].upper(), Style("sans", 48, 0.6), (size // 2, 67), "#FFFFFF")
    return disc


def _line(
    poster: Image.Image, words: str, style: Style, at: tuple[int, int], color: str, width: float
) -> None:
    fitted = text.cut(text.clean(words, style.face), style, width)
    if fitted:
        drawn = text.ink(fitted, style)
        poster.paste(color, (at[0] + drawn.left, at[1] + drawn.top), drawn.mask)


def _centred(
    poster: Image.Image, words: str, style: Style, at: tuple[int, int], color: str
) -> None:
    drawn = text.ink(words, style)
    left = at[0] - round(drawn.advance / 2) + drawn.left
    poster.paste(color, (left, at[1] + drawn.top), drawn.mask)


def _panel(poster: Image.Image, box: tuple[int, int, int, int], radius: int) -> None:
    """Draw a white card with a soft shadow."""
    left, top, right, bottom = box
    width, height, reach = right - left, bottom - top, 24
    shadow = Image.new("L", (width + 2 * reach, height + 2 * reach))
    shadow.paste(64, (reach, reach), _rounded(width, height, radius))
    soft = shadow.filter(ImageFilter.GaussianBlur(9))
    poster.paste("#2A160C", (left - reach, top - reach + 6), soft)
    poster.paste("#FFFFFF", (left, top), _rounded(width, height, radius))


@functools.lru_cache(maxsize=32)
def _rounded(width: int, height: int, radius: int) -> Image.Image:
    scale = 4
    mask = Image.new("L", (width * scale, height * scale))
    box = (0, 0, width * scale - 1, height * scale - 1)
    ImageDraw.Draw(mask).rounded_rectangle(box, radius * scale, 255)
    return mask.resize((width, height), Image.Resampling.LANCZOS)


def _round(size: int) -> Image.Image:
    return _rounded(size, size, size // 2)
