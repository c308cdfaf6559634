"""Draws the brand's logo and the avatars of the demo's people."""

from __future__ import annotations

import math

from demo_art_kit import GOLD, PAPER, RED, S, blossoms, hills, reduced, vertical, write
from PIL import Image, ImageDraw

SIDE = 256


def _field(*colors: tuple[int, int, int]) -> Image.Image:
    return vertical((SIDE * S, SIDE * S), colors).convert("RGBA")


def logo() -> Image.Image:
    """The logo: the character 泉 over ripples, in a gold frame."""
    side = 512
    art = vertical((side * S, side * S), [(172, 32, 34), RED, (128, 16, 22)]).convert("RGBA")
    pen = ImageDraw.Draw(art)
    for inset, line in ((26, 3), (36, 1.4)):
        box = (inset * S, inset * S, (side - inset) * S, (side - inset) * S)
        pen.rounded_rectangle(box, 34 * S, outline=(*GOLD, 255), width=round(line * S))
    write(art, "泉", (side / 2, 226), 250, PAPER, 3)
    for i, reach in enumerate((120, 88, 56)):
        y = 398 + i * 20
        points = [
            ((side / 2 + x) * S, (y + math.sin(x / 17 + i) * 4) * S)
            for x in range(-reach, reach + 1, 2)
        ]
        pen.line(points, (226, 192, 124, 255), 4 * S, joint="curve")
    return reduced(art)


def pines() -> Image.Image:
    """小林's avatar: three pines before a hill."""
    art = _field((250, 222, 184), (252, 236, 210), (232, 240, 224))
    pen = ImageDraw.Draw(art)
    pen.ellipse((150 * S, 44 * S, 206 * S, 100 * S), (238, 134, 82, 255))
    hills(art, 150, (94, 132, 112), (0.5, 0.6), 2)
    for x, foot, k in ((78, 236, 1.2), (140, 246, 0.95), (192, 250, 0.72)):
        pen.rectangle(((x - 4 * k) * S, (foot - 30) * S, (x + 4 * k) * S, foot * S), (94, 66, 46))
        for i in range(3):
            y, half = foot - 22 - i * 38 * k, (46 - i * 11) * k
            tone = (38 + i * 14, 84 + i * 14, 66 + i * 10)
            tip = y - 62 * k
            pen.polygon([((x - half) * S, y * S), (x * S, tip * S), ((x + half) * S, y * S)], tone)
    return reduced(art)


def sail() -> Image.Image:
    """小王's avatar: a sailing boat."""
    art = _field((196, 222, 236), (222, 238, 242), (250, 240, 222))
    pen = ImageDraw.Draw(art)
    pen.ellipse((44 * S, 48 * S, 92 * S, 96 * S), (250, 214, 140, 255))
    hills(art, 138, (86, 122, 148), (0.42,), 4)
    for i, tone in enumerate(((92, 146, 174), (66, 122, 156), (46, 98, 136))):
        y = 166 + i * 32
        points = [(x * S, (y + math.sin(x / 24 + i * 2) * 5) * S) for x in range(0, SIDE + 4, 4)]
        if i == 1:
            pen.polygon(
                [(138 * S, 60 * S), (138 * S, 176 * S), (204 * S, 176 * S)], (252, 248, 240)
            )
            pen.polygon([(130 * S, 80 * S), (130 * S, 176 * S), (84 * S, 176 * S)], (226, 92, 72))
            pen.polygon(
                [(74 * S, 182 * S), (212 * S, 182 * S), (188 * S, 208 * S), (98 * S, 208 * S)],
                (112, 62, 44),
            )
        pen.polygon([*points, (SIDE * S, SIDE * S), (0, SIDE * S)], tone)
    return reduced(art)


def osmanthus() -> Image.Image:
    """阿慧's avatar: a sprig of osmanthus."""
    art = _field((246, 226, 214), (250, 236, 222), (248, 228, 206))
    pen = ImageDraw.Draw(art)
    stem = [(40, 214), (92, 172), (138, 122), (186, 66)]
    pen.line([(x * S, y * S) for x, y in stem], (110, 82, 54), 5 * S, joint="curve")
    for x, y, turn in (
        (84, 178, -2.3),
        (112, 150, 0.3),
        (150, 108, -2.5),
        (172, 84, 0.1),
        (62, 196, 0.5),
    ):
        tip = (x + math.cos(turn) * 74, y + math.sin(turn) * 74)
        side = (math.cos(turn + math.pi / 2) * 19, math.sin(turn + math.pi / 2) * 19)
        middle = ((x + tip[0]) / 2, (y + tip[1]) / 2)
        leaf = [(x, y), (middle[0] + side[0], middle[1] + side[1]), tip,
                (middle[0] - side[0], middle[1] - side[1])]  # fmt: skip
        pen.polygon([(px * S, py * S) for px, py in leaf], (86, 128, 92))
        pen.line([(x * S, y * S), (tip[0] * S, tip[1] * S)], (130, 164, 126), 2 * S)
    spots = [(104, 158, 15), (128, 140, 17), (146, 120, 14), (164, 100, 16), (120, 118, 13),
             (148, 146, 13), (88, 182, 13), (182, 72, 13)]  # fmt: skip
    blossoms(art, 9, [(float(x), float(y), float(r)) for x, y, r in spots])
    return reduced(art)


def teapot() -> Image.Image:
    """老周's avatar: a steaming clay teapot."""
    art = _field((214, 202, 184), (232, 222, 206), (238, 230, 216))
    pen = ImageDraw.Draw(art)
    pen.rectangle((0, 196 * S, SIDE * S, SIDE * S), (122, 88, 62))
    clay, light = (142, 74, 52), (176, 104, 78)
    pen.arc((160 * S, 112 * S, 226 * S, 186 * S), 250, 110, clay, 12 * S)
    pen.polygon([(82 * S, 140 * S), (34 * S, 112 * S), (28 * S, 122 * S), (84 * S, 180 * S)], clay)
    pen.ellipse((68 * S, 104 * S, 188 * S, 206 * S), clay)
    pen.ellipse((82 * S, 114 * S, 132 * S, 166 * S), light)
    pen.ellipse((78 * S, 108 * S, 178 * S, 200 * S), clay)
    pen.ellipse((92 * S, 118 * S, 118 * S, 142 * S), light)
    pen.ellipse((94 * S, 94 * S, 162 * S, 118 * S), (120, 60, 42))
    pen.ellipse((118 * S, 78 * S, 138 * S, 98 * S), (120, 60, 42))
    for x in (52, 128, 200):
        points = [((x + math.sin(y / 11) * 6) * S, y * S) for y in range(34, 72, 2)]
        pen.line(points, (250, 246, 238, 200), 4 * S, joint="curve")
    return reduced(art)
