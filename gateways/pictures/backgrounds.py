"""The backgrounds of posters: rice paper, cellar red, old gold.

Whoever changes a drawing must raise its version, which is part of every poster's cache key.
"""

from __future__ import annotations

import functools
import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter

WIDTH, HEIGHT = 750, 1334

Color = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Background:
    """A background with the text colours that are legible on it."""

    version: int
    ink: str
    ink_soft: str
    price: str
    mark: str
    seal: str
    seal_ink: str
    rule: str
    paint: Callable[[], Image.Image]


def ground(name: str) -> Image.Image:
    """A copy of a background, to be drawn on."""
    return _painted(name).copy()


@functools.cache
def _painted(name: str) -> Image.Image:
    return BACKGROUNDS[name].paint()


def _gradient(top: Color, bottom: Color) -> Image.Image:
    mask = Image.linear_gradient("L").resize((WIDTH, HEIGHT))
    size = (WIDTH, HEIGHT)
    return Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), mask)


def _grain(picture: Image.Image, seed: int, strength: float) -> Image.Image:
    """Add a paper grain; it is soft, so that it adds little to a JPEG's size."""
    size = (WIDTH // 2, HEIGHT // 2)
    noise = Image.frombytes("L", size, random.Random(seed).randbytes(size[0] * size[1]))  # noqa: S311
    soft = noise.filter(ImageFilter.GaussianBlur(1.4)).resize((WIDTH, HEIGHT))
    lifted = soft.point(lambda value: int(128 + (value - 128) * strength))
    return ImageChops.overlay(picture, Image.merge("RGB", (lifted,) * 3))


def _glow(picture: Image.Image, color: Color, center: tuple[int, int], radius: int) -> None:
    disc = ImageChops.invert(Image.radial_gradient("L")).resize((radius * 2, radius * 2))
    faded = disc.point(lambda value: int(max(0, value - 75) * 0.75))
    picture.paste(color, (center[0] - radius, center[1] - radius), faded)


def _hills(picture: Image.Image, color: Color, strengths: tuple[float, ...], base: int) -> None:
    """Draw ranges of hills, the nearest darkest."""
    for layer, strength in enumerate(strengths):
        edge = base + layer * 62
        shape = Image.new("L", (WIDTH * 2, 400), 0)
        pen = ImageDraw.Draw(shape)
        points = []
        for x in range(0, WIDTH * 2 + 8, 8):
            t = x / (WIDTH * 2)
            wave = math.sin(t * 5.1 + layer * 2.2) * 46 + math.sin(t * 12.7 + layer * 4) * 20
            points.append((x, 150 - wave - math.sin(t * 27 + layer) * 6))
        pen.polygon([*points, (WIDTH * 2, 400), (0, 400)], 255)
        fade = ImageChops.invert(Image.linear_gradient("L")).resize(shape.size)
        mask = ImageChops.multiply(shape, fade).resize((WIDTH, 200), Image.Resampling.LANCZOS)
        faint = mask.point([round(value * strength) for value in range(256)])
        picture.paste(color, (0, edge), faint)


def _waves(picture: Image.Image, color: Color, strength: float) -> None:
    """Draw faint waves as rows of arcs."""
    scale, radius = 2, 60
    mask = Image.new("L", (WIDTH * scale, HEIGHT * scale))
    pen = ImageDraw.Draw(mask)
    for row, y in enumerate(range(0, HEIGHT * scale + radius * 2, radius)):
        for x in range(-radius if row % 2 else 0, WIDTH * scale + radius * 2, radius * 2):
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), 0, 255, 2)
            for inner in (0.7, 0.4):
                size = int(radius * inner)
                pen.ellipse((x - size, y - size, x + size, y + size), None, 255, 2)
    small = mask.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    picture.paste(color, (0, 0), small.point(lambda value: int(value * strength)))


def _frame(picture: Image.Image, color: Color, strength: float) -> None:
    """Draw a double hairline frame with notched corners."""
    scale = 4
    mask = Image.new("L", (WIDTH * scale, HEIGHT * scale))
    pen = ImageDraw.Draw(mask)
    for inset, notch, line in ((18, 22, 5), (25, 22, 3)):
        left, top = inset * scale, inset * scale
        right, bottom = (WIDTH - inset) * scale, (HEIGHT - inset) * scale
        cut = notch * scale
        corners = [
            (left + cut, top), (right - cut, top), (right - cut, top + cut), (right, top + cut),
            (right, bottom - cut), (right - cut, bottom - cut), (right - cut, bottom),
            (left + cut, bottom), (left + cut, bottom - cut), (left, bottom - cut),
            (left, top + cut), (left + cut, top + cut), (left + cut, top),
        ]  # fmt: skip
        pen.line(corners, 255, line, joint="curve")
    small = mask.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    picture.paste(color, (0, 0), small.point(lambda value: int(value * strength)))


GOLD, CELLAR, PAPER = (200, 164, 92), (158, 27, 30), (251, 248, 243)


def _paper() -> Image.Image:
    picture = _grain(_gradient((253, 251, 247), (246, 239, 228)), 7, 0.22)
    _hills(picture, (126, 82, 66), (0.10, 0.13, 0.17), 930)
    _frame(picture, GOLD, 0.9)
    return picture


def _cellar() -> Image.Image:
    picture = _gradient((150, 24, 28), (96, 12, 18))
    _glow(picture, (196, 58, 50), (WIDTH // 2, 400), 620)
    _waves(picture, (255, 214, 150), 0.055)
    _frame(picture, (222, 188, 120), 0.85)
    return picture


def _gold() -> Image.Image:
    picture = _gradient((247, 237, 214), (222, 194, 138))
    _glow(picture, (255, 250, 238), (WIDTH // 2, 380), 640)
    picture = _grain(picture, 11, 0.16)
    _waves(picture, (150, 110, 44), 0.07)
    _frame(picture, CELLAR, 0.75)
    return picture


BACKGROUNDS = {
    "paper": Background(
        version=1,
        ink="#1F1A17",
        ink_soft="#5C534C",
        price="#C4161C",
        mark="#766C64",
        seal="#9E1B1E",
        seal_ink="#FBF8F3",
        rule="#C8A45C",
        paint=_paper,
    ),
    "cellar": Background(
        version=1,
        ink="#FFF6E6",
        ink_soft="#F0D9B5",
        price="#FFD98A",
        mark="#F0D9B5",
        seal="#E6C88C",
        seal_ink="#7E1418",
        rule="#DEBC78",
        paint=_cellar,
    ),
    "gold": Background(
        version=1,
        ink="#2A1B10",
        ink_soft="#5A4020",
        price="#9E1B1E",
        mark="#5A4020",
        seal="#9E1B1E",
        seal_ink="#FFF6E6",
        rule="#9E1B1E",
        paint=_gold,
    ),
}
