"""Draws the demo shop's gift box, sets, cups and banners."""

from __future__ import annotations

import random

from demo_art_bottles import (
    CELADON,
    RED_LACQUER,
    SQUARE,
    WHITE_GLAZE,
    porcelain_bottle,
    small_bottle,
    upright_label,
)
from demo_art_kit import (
    DEEP,
    GOLD,
    INK,
    PAPER,
    RED,
    Body,
    Color,
    S,
    border,
    column,
    font,
    glass,
    hills,
    liquid,
    moon,
    place,
    reduced,
    rounded_foot,
    seal,
    studio,
    vertical,
    write,
)
from PIL import Image, ImageChops, ImageDraw, ImageFilter

BANNER = (1125, 560)
GOLD_LEAF: list[Color] = [(232, 204, 146), (206, 168, 98), (164, 124, 58)]


def box(
    size: tuple[int, int], left: float, foot: float, wide: float, tall: float, words: str = "年份"
) -> Image.Image:
    """A standing gift box in red cloth with gold foil, seen from slightly above."""
    out = Image.new("RGBA", (size[0] * S, size[1] * S))
    face = vertical(
        (round(wide * S), round(tall * S)), [(172, 30, 33), (152, 24, 28), (118, 14, 20)]
    )
    face = face.convert("RGBA")
    grit = random.Random(4).randbytes(face.width * face.height)
    weave = Image.frombytes("L", face.size, grit).point(lambda value: 122 + value // 20)
    face = ImageChops.overlay(face.convert("RGB"), Image.merge("RGB", [weave] * 3)).convert("RGBA")
    side = Image.linear_gradient("L").rotate(90).resize(face.size).point(lambda v: v // 4)
    face.paste((60, 4, 8, 255), (0, 0), side)
    border(face, 18, (222, 188, 120), 2)
    border(face, 25, (222, 188, 120), 0.8)
    hills_at = Image.new("RGBA", face.size)
    hills(hills_at, tall * 0.74, (236, 200, 130), (0.5, 0.4), 3)
    face = Image.alpha_composite(face, hills_at)
    column(face, words, (wide / 2, tall * 0.34), wide * 0.2, (240, 212, 150), 1.2)
    write(face, "山泉坊 · 礼盒", (wide / 2, tall * 0.62), wide * 0.05, (236, 206, 146), 0.3)
    seal(face, (wide / 2, tall * 0.11), wide * 0.085, "泉", (222, 186, 116))
    out.paste(face, (round(left * S), round((foot - tall) * S)))
    top = foot - tall
    lid = [(left + 20, top - 26), (left + wide - 20, top - 26), (left + wide, top), (left, top)]
    pen = ImageDraw.Draw(out)
    pen.polygon([(x * S, y * S) for x, y in lid], (196, 52, 48, 255))
    pen.line([(left * S, top * S), ((left + wide) * S, top * S)], (226, 120, 100, 255), S)
    lip = (foot - tall * 0.2) * S
    pen.line([(left * S, lip), ((left + wide) * S, lip)], (70, 6, 12, 200), 2 * S)
    pen.line([(left * S, lip + 2 * S), ((left + wide) * S, lip + 2 * S)], (206, 80, 70, 130), S)
    return out


def lacquer_bottle(size: tuple[int, int], cx: float, foot: float, k: float) -> Image.Image:
    """The red bottle of the gift box."""
    label = upright_label("年份", "53度 · 500ml", 150 * k * 0.95, 262 * k, (244, 224, 180), DEEP)
    return porcelain_bottle(size, cx, foot, k, RED_LACQUER, label, GOLD_LEAF)


def gift_box() -> Image.Image:
    wall = ((236, 218, 196), (246, 234, 216), (251, 244, 232))
    scene = studio(SQUARE, wall, ((230, 210, 186), (247, 236, 220)), 830)
    moon(scene, 690, 380, 290, (206, 150, 100), 0.32)
    scene = place(scene, box(SQUARE, 96, 890, 500, 650), 880, 0.1)
    for cx, foot in ((700, 946), (930, 968)):
        scene = place(scene, lacquer_bottle(SQUARE, cx, foot, 0.74), foot + 2)
    return reduced(scene)


def tasting() -> Image.Image:
    scene = studio(SQUARE, horizon=800)
    moon(scene, 562, 400, 300, (214, 170, 130), 0.3)
    hills(scene, 600, (150, 104, 84), (0.10, 0.14), 7)
    scene = place(scene, _tray(), 960, 0.12)
    white = [(255, 253, 249), (250, 246, 239), (240, 233, 223)]
    for x, glaze, words, ink, cap in (
        (292, white, "清", RED, RED_LACQUER),
        (562, RED_LACQUER, "醇", DEEP, GOLD_LEAF),
        (832, CELADON, "和", (40, 84, 70), RED_LACQUER),
    ):
        bottle = small_bottle(x, 868, 1.46, glaze, words, ink, cap)
        scene = place(scene, bottle, 880, 0.0)
    return reduced(scene)


def _tray() -> Image.Image:
    """A long walnut tray."""
    rng, grain = random.Random(5), Image.new("RGB", (960 * S, 110 * S), (122, 82, 52))
    pen = ImageDraw.Draw(grain)
    for _ in range(260):
        y, x, long = rng.uniform(0, 110), rng.uniform(-200, 960), rng.uniform(120, 700)
        tone = rng.choice([(98, 62, 38), (142, 98, 64), (110, 72, 44), (84, 52, 32)])
        pen.line([(x * S, y * S), ((x + long) * S, (y + rng.uniform(-3, 3)) * S)], tone, S)
    grain = grain.filter(ImageFilter.GaussianBlur(1.6))
    top = grain.resize((960 * S, 66 * S)).point(lambda value: min(255, int(value * 1.32)))
    out, mask = Image.new("RGBA", (SQUARE[0] * S, SQUARE[1] * S)), Image.new("L", top.size)
    ImageDraw.Draw(mask).polygon([(34 * S, 0), (926 * S, 0), (960 * S, 66 * S), (0, 66 * S)], 255)
    out.paste(top, (82 * S, 850 * S), mask)
    front, shape = grain.resize((960 * S, 44 * S)), Image.new("L", (960 * S, 44 * S))
    ImageDraw.Draw(shape).rounded_rectangle((0, -20 * S, 960 * S - 1, 44 * S - 1), 14 * S, 255)
    out.paste(front.point(lambda value: int(value * 0.82)), (82 * S, 916 * S), shape)
    ImageDraw.Draw(out).line([(82 * S, 916 * S), (1042 * S, 916 * S)], (206, 160, 116, 200), S)
    return out


def cup(
    size: tuple[int, int], cx: float, foot: float, k: float, glaze: list[Color], inside: Color
) -> Image.Image:
    """A cup, seen from slightly above."""
    shape = [(0, 112), (14, 111), (70, 100), (120, 78), (150, 54), (160, 49), (178, 52)]
    top = foot - 178 * k
    body = Body(size, cx, rounded_foot([(top + y * k, r * k) for y, r in shape], 8 * k), glaze)
    body.band(top + 150 * k, top + 153 * k, GOLD, 7 * k)
    out, r, rise = body.lit(), 112 * k, 25 * k
    over = Image.new("RGBA", out.size)
    pen = ImageDraw.Draw(over)
    rim = [(cx - r) * S, (top - rise) * S, (cx + r) * S, (top + rise) * S]
    pen.ellipse(rim, (*glaze[0], 255))
    hollow = Image.new("L", out.size)
    inner = [rim[0] + 7 * k * S, rim[1] + 4 * k * S, rim[2] - 7 * k * S, rim[3] - 3 * k * S]
    ImageDraw.Draw(hollow).ellipse(inner, 255)
    dark: Color = (inside[0] * 6 // 10, inside[1] * 6 // 10, inside[2] * 6 // 10)
    depth = vertical((out.width, round(2 * rise * S)), [dark, inside, inside])
    well = Image.new("RGB", out.size)
    well.paste(depth, (0, round((top - rise) * S)))
    over.paste(well, (0, 0), hollow)
    pen.arc(rim, 200, 300, (255, 255, 255, 210), round(3 * k * S))
    pen.arc(inner, 20, 160, (255, 255, 255, 120), round(2 * k * S))
    return Image.alpha_composite(out, over)


def cups() -> Image.Image:
    scene = studio(SQUARE, horizon=720)
    moon(scene, 560, 420, 300, (190, 200, 186), 0.34)
    hills(scene, 560, (120, 110, 96), (0.10, 0.14), 9)
    for cx, foot, k, glaze, inside in (
        (700, 800, 1.35, CELADON, (206, 222, 208)),
        (390, 850, 1.5, WHITE_GLAZE, (240, 234, 224)),
        (760, 960, 1.62, RED_LACQUER, (246, 238, 226)),
    ):
        scene = place(scene, cup(SQUARE, cx, foot, k, glaze, inside), foot + 6)
    return reduced(scene)


def decanter() -> Image.Image:
    wall = ((214, 220, 218), (232, 235, 232), (246, 246, 242))
    scene = studio(SQUARE, wall, ((208, 212, 208), (240, 240, 236)), 800)
    moon(scene, 500, 400, 300, (168, 186, 186), 0.4)
    shape = [(0, 74), (8, 72), (30, 54), (90, 48), (200, 62), (300, 112), (400, 160), (470, 170),
             (530, 156), (556, 140), (560, 140)]  # fmt: skip
    outer = [(390 + y, r) for y, r in shape]
    inner = [(y, r - 9) for y, r in outer if 680 <= y < 945] + [(938, 134)]
    clear = [(236, 240, 238), (222, 230, 228), (236, 240, 238)]
    vessel = liquid(SQUARE, 430, rounded_foot(inner, 8), clear, 0.62)
    vessel = Image.alpha_composite(
        vessel, glass(SQUARE, 430, rounded_foot(outer, 12), (120, 142, 142))
    )
    scene = place(scene, vessel, 962, 0.22)
    for cx, foot in ((730, 900), (880, 968), (690, 1000)):
        scene = place(scene, _glass_cup(cx, foot), foot + 6, 0.2)
    art = Image.new("RGBA", scene.size)
    seal(art, (430, 860), 46)
    art.putalpha(art.getchannel("A").point(lambda value: int(value * 0.92)))
    return reduced(Image.alpha_composite(scene, art))


def _glass_cup(cx: float, foot: float) -> Image.Image:
    shape = [(0, 62), (10, 62), (70, 56), (110, 49), (136, 44), (142, 44)]
    outer = rounded_foot([(foot - 142 + y, r) for y, r in shape], 5)
    inner = rounded_foot([(foot - 104, 54), (foot - 72, 49), (foot - 24, 41), (foot - 20, 41)], 5)
    wine = liquid(SQUARE, cx, inner, [(232, 238, 236), (214, 224, 222)], 0.7)
    out = Image.alpha_composite(wine, glass(SQUARE, cx, outer, (120, 142, 142)))
    rim = ((cx - 62) * S, (foot - 152) * S, (cx + 62) * S, (foot - 132) * S)
    ImageDraw.Draw(out).ellipse(rim, outline=(255, 255, 255, 210), width=3)
    return out


def _headline(
    scene: Image.Image, lines: tuple[str, str], note: str, ink: Color, soft: Color
) -> None:
    """Write two large lines and a small one at the left of a banner."""
    pen = ImageDraw.Draw(scene)
    for i, line in enumerate(lines):
        at = (86 * S, (178 + i * 92) * S)
        pen.text(at, line, ink, font(66), anchor="lm", stroke_width=1.6)
    pen.line([(88 * S, 336 * S), (150 * S, 336 * S)], (*GOLD, 255), 3 * S)
    pen.text((86 * S, 378 * S), note, soft, font(27, "sans"), anchor="lm")


def brand() -> Image.Image:
    """A picture of several goods, for posters of the brand."""
    scene = studio(SQUARE, horizon=880)
    moon(scene, 640, 400, 320, (222, 178, 120), 0.42)
    hills(scene, 620, (140, 92, 74), (0.14, 0.18, 0.22), 1)
    label = upright_label("陈酿", "52度 · 500ml", 118, 210, RED, PAPER)
    bottle = porcelain_bottle(SQUARE, 640, 950, 0.92, WHITE_GLAZE, label, RED_LACQUER)
    scene = place(scene, lacquer_bottle(SQUARE, 380, 930, 0.74), 932)
    scene = place(scene, bottle, 952)
    for cx, foot, k in ((880, 965, 0.72), (500, 1000, 0.78)):
        scene = place(scene, cup(SQUARE, cx, foot, k, WHITE_GLAZE, (240, 234, 224)), foot + 4)
    return reduced(scene)


def banner_spring() -> Image.Image:
    scene = studio(BANNER, horizon=470)
    moon(scene, 850, 210, 180, (222, 178, 120), 0.42)
    hills(scene, 300, (140, 92, 74), (0.14, 0.18, 0.24), 1)
    label = upright_label("陈酿", "52度 · 500ml", 92, 164, RED, PAPER)
    bottle = porcelain_bottle(BANNER, 850, 500, 0.62, WHITE_GLAZE, label, RED_LACQUER)
    scene = place(scene, bottle, 502)
    for cx, foot, k in ((990, 508, 0.42), (700, 520, 0.46)):
        scene = place(scene, cup(BANNER, cx, foot, k, WHITE_GLAZE, (240, 234, 224)), foot + 2)
    _headline(scene, ("一泓山泉", "一坛慢酿"), "山泉坊 · 粮食酿造，瓶瓶可查真", INK, (92, 83, 76))
    return reduced(scene)


def banner_gift() -> Image.Image:
    wall = ((110, 14, 20), (140, 22, 27), (166, 36, 36))
    scene = studio(BANNER, wall, ((112, 14, 20), (86, 9, 14)), 450)
    shade = Image.new("RGBA", scene.size, (96, 10, 16, 150))
    scene = Image.alpha_composite(scene, shade)
    moon(scene, 800, 210, 190, (236, 190, 110), 0.4)
    hills(scene, 330, (236, 180, 100), (0.10, 0.14), 6)
    scene = place(scene, box(BANNER, 640, 488, 264, 330), 488, 0.1)
    for cx, foot in ((890, 506), (1006, 518)):
        scene = place(scene, lacquer_bottle(BANNER, cx, foot, 0.44), foot + 2)
    _headline(
        scene, ("年份礼盒", "一盒双瓶"), "山泉坊 · 500ml × 2", (252, 232, 190), (236, 206, 150)
    )
    return reduced(scene)
